//! The five canonical tables: their names for people, for machines and for SQL.

use serde::{Deserialize, Serialize};

/// One of the five tables every connector fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Table {
    /// Who buys.
    Customers,
    /// What is sold.
    Products,
    /// What was sold, line by line.
    SalesLines,
    /// What is left, by place.
    StockLevels,
    /// What was said to whom.
    ContactHistory,
}

impl Table {
    /// Every table, in the order in which they are loaded: what is referred to comes first.
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

    /// What French readers call its rows.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Customers => "Clients",
            Self::Products => "Produits",
            Self::SalesLines => "Ventes",
            Self::StockLevels => "Stock",
            Self::ContactHistory => "Contacts",
        }
    }

    /// The table called `name` in any of its spellings, case aside.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|table| name == table.option_name() || name == table.sql_name())
    }

    /// The table a report calls `name`.
    pub fn from_report_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|table| table.report_name() == name)
    }

    /// The column of its key, beside `source`.
    pub const fn key_column(self) -> &'static str {
        match self {
            Self::Customers => "customer_key",
            Self::Products => "product_key",
            Self::SalesLines => "sale_line_key",
            Self::StockLevels => "stock_key",
            Self::ContactHistory => "contact_key",
        }
    }

    /// The place of the column called `name` among [`Table::columns`].
    pub fn place(self, name: &str) -> Option<usize> {
        self.columns().iter().position(|column| *column == name)
    }

    /// The columns a source fills, the key first, in the order in which a record writes its cells.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Customers => super::customer::COLUMNS,
            Self::Products => super::product::COLUMNS,
            Self::SalesLines => super::sale::COLUMNS,
            Self::StockLevels => super::stock::COLUMNS,
            Self::ContactHistory => super::contact::COLUMNS,
        }
    }
}
