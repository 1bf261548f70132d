//! What the readers of sales and stock need of a product: the volume of its bottle, and its region.

use std::sync::Arc;

use foldhash::HashMap;
use smol_str::SmolStr;

use super::Decimal;

/// What converts sales units of a product into bottles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Volume of one sales unit in centilitres.
    pub format_cl: Option<Decimal>,
    /// Region or appellation; the volume of a jéroboam depends on it.
    pub region: Option<String>,
}

/// The shapes of the known products of one source, by product key. Each sales line looks one up: keys are stored inline
/// and products share shapes, so that the map stays small.
pub type Catalog = HashMap<SmolStr, Arc<Shape>>;
