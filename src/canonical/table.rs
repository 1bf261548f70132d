//! The five canonical tables and their names: for people, for reports, for SQL.

use serde::{Deserialize, Serialize};

use super::rows::Column;

/// One of the five tables that every connector fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Table {
    /// Customers and prospects.
    Customers,
    /// The product catalogue.
    Products,
    /// Lines of sales and returns.
    SalesLines,
    /// Stock by product and place.
    StockLevels,
    /// Messages to and from customers.
    ContactHistory,
}

impl Table {
    /// All tables, in loading order: a table comes after the tables that it refers to.
    pub const ALL: [Self; 5] = [
        Self::Customers,
        Self::Products,
        Self::SalesLines,
        Self::StockLevels,
        Self::ContactHistory,
    ];

    /// Its name in reports and JSON.
    pub const fn report_name(self) -> &'static str {
        match self {
            Self::Customers => "CUSTOMERS",
            Self::Products => "PRODUCTS",
            Self::SalesLines => "SALES_LINES",
            Self::StockLevels => "STOCK_LEVELS",
            Self::ContactHistory => "CONTACT_HISTORY",
        }
    }

    /// Its name on the command line (`--source`) and in `.env` (upper-case there).
    pub const fn option_name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Products => "products",
            Self::SalesLines => "sales_lines",
            Self::StockLevels => "stock_levels",
            Self::ContactHistory => "contact_history",
        }
    }

    /// Its name in the database.
    pub const fn sql_name(self) -> &'static str {
        match self {
            Self::Products => "product_catalog",
            other => other.option_name(),
        }
    }

    /// Its French name on pages and terminals.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Customers => "Clients",
            Self::Products => "Produits",
            Self::SalesLines => "Ventes",
            Self::StockLevels => "Stock",
            Self::ContactHistory => "Contacts",
        }
    }

    /// The table with this [option name](Self::option_name) or [SQL name](Self::sql_name), in any case.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|table| name == table.option_name() || name == table.sql_name())
    }

    /// The table with this [report name](Self::report_name).
    pub fn from_report_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|table| table.report_name() == name)
    }

    /// The column of its key; the primary key is (`source`, this column).
    pub const fn key_column(self) -> &'static str {
        match self.columns() {
            [key, ..] => key,
            [] => "",
        }
    }

    /// The columns that a source fills, the key first, in the order in which a record writes its cells.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Customers => super::customer::NAMES,
            Self::Products => super::product::NAMES,
            Self::SalesLines => super::sale::NAMES,
            Self::StockLevels => super::stock::NAMES,
            Self::ContactHistory => super::contact::NAMES,
        }
    }

    /// The columns that add up over rows, quantities and amounts; at most [`Table::MOST_SUMMED`].
    pub const fn summed(self) -> &'static [Column] {
        match self {
            Self::SalesLines => super::sale::SUMMED,
            Self::StockLevels => super::stock::SUMMED,
            Self::Customers | Self::Products | Self::ContactHistory => &[],
        }
    }

    /// The most columns that add up in any table.
    pub const MOST_SUMMED: usize = 4;

    /// The name of `column` in the database.
    pub fn column_name(self, column: Column) -> &'static str {
        self.columns()
            .get(column.position())
            .copied()
            .unwrap_or_default()
    }
}
