//! What the sales and stock readers must know of a product: how big its bottle is, and where it is from.

use std::sync::Arc;

use foldhash::HashMap;
use smol_str::SmolStr;

use super::Decimal;

/// What turns units of a product into bottles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Volume of one unit, in centilitres.
    pub format_cl: Option<Decimal>,
    /// Region or appellation: some bottle names differ by region.
    pub region: Option<String>,
}

/// The shapes of the known products of one source, by product key. Each line of a sale asks for one, so that they are
/// kept small and near: many products share a shape, and short keys lie where they are looked for.
pub type Catalog = HashMap<SmolStr, Arc<Shape>>;
