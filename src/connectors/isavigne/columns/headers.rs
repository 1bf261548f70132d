//! The known headers of each field of each table. One file per table.

mod contacts;
mod customers;
mod products;
mod sales;
mod stock;

use crate::canonical::Table;

macro_rules! fields {
    ($($variant:ident),+ $(,)?) => {
        /// A field that an export may contain. Several tables may share a field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in super::super) enum Field { $($variant),+ }

        impl Field {
            pub(super) const COUNT: usize = [$(Self::$variant),+].len();
        }
    };
}

fields! {
    Active, Address, Alcohol, Barcode, Body, Campaign, Category, Channel, City, CompanyName, ContactKey,
    Cost, Country, Currency, CustomerKey, Date, Discount, DocumentType, Email, EmailOptIn, EmailOptOut,
    FirstName, Flavors, Format, FormatLitres, GrapeVarieties, LastName, Lot, Margin, Mobile, Name, Notes,
    OrderRef, Phone, PhoneOptIn, PhoneOptOut, PriceUnit, PriceUnitExclTax, PriceUnitPlain, ProductKey,
    Quantity, QuantityBottles, Region, Reserved, ResidualSugar, Response, ResponseDetails, SaleLineKey, Series,
    SmsOptIn, SmsOptOut, Status, Subject, Suggested, Tannins, TaxAmount, TaxRate, TotalAcidity,
    TotalExclTax, Total, TotalPlain, Unit, Vintage, Warehouse, ZipCode,
}

/// A field of one table.
pub(super) struct Known {
    pub(super) field: Field,
    /// Its name in messages and in settings: the canonical column where there is one.
    pub(super) name: &'static str,
    /// Whether a file without it is refused.
    pub(super) is_required: bool,
    /// Its headers, most certain first.
    pub(super) headers: &'static [&'static str],
    /// Headers that may be of this field: the other columns decide, see [`super::meaning`].
    pub(super) weak: &'static [&'static str],
}

const fn required(field: Field, name: &'static str, headers: &'static [&'static str]) -> Known {
    Known {
        field,
        name,
        is_required: true,
        headers,
        weak: &[],
    }
}

const fn optional(field: Field, name: &'static str, headers: &'static [&'static str]) -> Known {
    Known {
        field,
        name,
        is_required: false,
        headers,
        weak: &[],
    }
}

impl Known {
    /// Adds headers that may be of this field.
    const fn or(self, weak: &'static [&'static str]) -> Self {
        Self { weak, ..self }
    }
}

const CUSTOMER_KEY: &[&str] = &[
    "code_client",
    "client_code",
    "num_client",
    "code_tiers",
    "n_client",
    "no_client",
    "numero_client",
    "numero_du_client",
    "code_du_client",
    "identifiant_client",
    "identifiant_du_client",
    "id_client",
    "client_id",
    "ref_client",
    "reference_client",
    "matricule_client",
    "num_tiers",
    "n_tiers",
    "numero_tiers",
    "id_tiers",
    "compte_client",
    "customer_id",
    "customer_code",
    "customer_key",
    "customer_number",
    "customer_no",
    "client_number",
];
/// Headers of company names, which serve as a name.
pub(super) const COMPANY_NAME: &[&str] = &[
    "raison_sociale",
    "societe",
    "nom_societe",
    "nom_de_la_societe",
    "entreprise",
    "company",
    "company_name",
    "billing_company",
];
const PRODUCT_KEY: &[&str] = &[
    "produit_key",
    "code_produit",
    "code_article",
    "ref_article",
    "reference_article",
    "reference_de_l_article",
    "ref_produit",
    "reference_produit",
    "reference_du_produit",
    "code_du_produit",
    "code_de_l_article",
    "n_article",
    "no_article",
    "num_article",
    "numero_article",
    "n_produit",
    "num_produit",
    "id_produit",
    "id_article",
    "identifiant_produit",
    "identifiant_article",
    "code_vin",
    "ref_vin",
    "ugs",
    "sku",
    "product_id",
    "product_code",
    "product_key",
    "product_sku",
    "item_code",
    "lineitem_sku",
];
const ACTIVE: &[&str] = &["actif", "active", "is_active"];
const UNIT: &[&str] = &[
    "unite",
    "conditionnement",
    "unite_de_vente",
    "unite_vente",
    "unit",
    "uom",
];

/// The fields of `table`.
pub(super) const fn known(table: Table) -> &'static [Known] {
    match table {
        Table::Customers => customers::FIELDS,
        Table::Products => products::FIELDS,
        Table::SalesLines => sales::FIELDS,
        Table::StockLevels => stock::FIELDS,
        Table::ContactHistory => contacts::FIELDS,
    }
}

/// Known headers of `table` whose columns no table stores.
pub(super) const fn ignored(table: Table) -> &'static [&'static str] {
    match table {
        Table::Customers => customers::IGNORED,
        _ => &[],
    }
}

impl Field {
    /// The field of `table` with the canonical name `name`.
    pub(in super::super) fn of_table(table: Table, name: &str) -> Option<Self> {
        let found = known(table).iter().find(|known| known.name == name);
        found.map(|known| known.field)
    }
}
