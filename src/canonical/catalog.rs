//! What the sales and stock readers must know of a product: how big its bottle is, and where it is from.

use foldhash::HashMap;

use super::Decimal;

/// What turns units of a product into bottles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// Volume of one unit, in centilitres.
    pub format_cl: Option<Decimal>,
    /// Region or appellation: some bottle names differ by region.
    pub region: Option<String>,
}

/// The shapes of the known products of one source, by product key.
pub type Catalog = HashMap<String, Shape>;
