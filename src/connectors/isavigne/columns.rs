//! Which column of an export is which field: the ONE table of known headers, and the mapping of a header
//! line through it.

use super::settings::Overrides;
use crate::canonical::{Table, text};
use crate::error::{Error, Result};

macro_rules! fields {
    ($($variant:ident),+ $(,)?) => {
        /// A field an export may fill. The same field may serve several tables.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field { $($variant),+ }

        impl Field {
            const COUNT: usize = [$(Self::$variant),+].len();
        }
    };
}

fields! {
    Active, Address, Alcohol, Barcode, Body, Campaign, Category, Channel, City, CompanyName, ContactKey,
    Cost, Country, CustomerKey, Date, DocumentType, Email, EmailOptOut, FirstName, Flavors, Format,
    GrapeVarieties, LastName, Margin, Mobile, Name, Notes, OrderRef, Phone, PhoneOptOut, PriceUnit,
    ProductKey, Quantity, Region, Reserved, ResidualSugar, Response, ResponseDetails, SaleLineKey,
    SmsOptOut, Status, Subject, Suggested, Tannins, TotalAcidity, TotalExclTax, Total, Unit, Vintage,
    Warehouse, ZipCode,
}

/// A field of one table: its canonical name, whether a file without it is refused, and the headers that
/// bear it, the surest first.
struct Known {
    field: Field,
    name: &'static str,
    is_required: bool,
    headers: &'static [&'static str],
}

const fn required(field: Field, name: &'static str, headers: &'static [&'static str]) -> Known {
    Known {
        field,
        name,
        is_required: true,
        headers,
    }
}

const fn optional(field: Field, name: &'static str, headers: &'static [&'static str]) -> Known {
    Known {
        field,
        name,
        is_required: false,
        headers,
    }
}

const CUSTOMER_KEY: &[&str] = &[
    "code_client",
    "client_code",
    "num_client",
    "code_tiers",
    "code",
    "n_client",
    "numero_client",
];
/// A firm's name will do for a name.
const COMPANY_NAME: &[&str] = &["raison_sociale", "societe"];
const PRODUCT_KEY: &[&str] = &[
    "produit_key",
    "code_produit",
    "code_article",
    "reference",
    "ref",
    "article",
    "n_article",
];
const ACTIVE: &[&str] = &["actif"];
const UNIT: &[&str] = &["unite", "conditionnement"];

const CUSTOMERS: &[Known] = &[
    required(Field::CustomerKey, "customer_key", CUSTOMER_KEY),
    optional(Field::FirstName, "first_name", &["prenom"]),
    required(
        Field::LastName,
        "last_name",
        &["nom", "nom_prenom", "nom_complet"],
    ),
    optional(Field::CompanyName, "company_name", COMPANY_NAME),
    optional(
        Field::Email,
        "email",
        &[
            "email",
            "e_mail",
            "mail",
            "courriel",
            "adresse_mail",
            "adresse_e_mail",
        ],
    ),
    optional(
        Field::Phone,
        "phone",
        &["telephone", "tel", "tel_fixe", "telephone_fixe", "fixe"],
    ),
    optional(
        Field::Mobile,
        "mobile",
        &[
            "mobile",
            "portable",
            "gsm",
            "tel_mobile",
            "tel_portable",
            "telephone_mobile",
            "telephone_portable",
        ],
    ),
    optional(Field::Address, "address", &["adresse", "adresse_1", "rue"]),
    optional(Field::ZipCode, "zip_code", &["code_postal", "cp"]),
    optional(Field::City, "city", &["ville", "localite", "commune"]),
    optional(Field::Country, "country", &["pays"]),
    optional(
        Field::EmailOptOut,
        "email_opt_out",
        &["desinscrit", "optout_email", "refus_email"],
    ),
    optional(
        Field::SmsOptOut,
        "sms_opt_out",
        &["optout_sms", "refus_sms"],
    ),
    optional(
        Field::PhoneOptOut,
        "phone_opt_out",
        &["optout_telephone", "refus_telephone", "refus_tel"],
    ),
    optional(Field::Active, "active", ACTIVE),
];

const PRODUCTS: &[Known] = &[
    required(Field::ProductKey, "product_key", PRODUCT_KEY),
    required(
        Field::Name,
        "name",
        &["nom", "designation", "libelle", "produit", "produit_label"],
    ),
    optional(
        Field::Category,
        "category",
        &[
            "couleur",
            "type_vin",
            "famille",
            "famille_crm",
            "sous_famille",
        ],
    ),
    optional(
        Field::PriceUnit,
        "list_price_eur",
        &["prix_ttc", "pu_ttc", "tarif", "prix"],
    ),
    optional(
        Field::Cost,
        "cost_price_eur",
        &["cout", "prix_revient", "pamp"],
    ),
    optional(
        Field::GrapeVarieties,
        "grape_varieties",
        &["cepages", "cepage"],
    ),
    optional(Field::Flavors, "flavors", &["aromes", "arome"]),
    optional(Field::Vintage, "vintage", &["millesime", "annee"]),
    optional(Field::Region, "region", &["region", "appellation"]),
    optional(Field::Alcohol, "alcohol_percent", &["degre", "tav"]),
    optional(
        Field::TotalAcidity,
        "total_acidity_g_l",
        &["acidite_totale", "acidite"],
    ),
    optional(
        Field::ResidualSugar,
        "residual_sugar_g_l",
        &["sucre_residuel", "sucres_residuels"],
    ),
    optional(Field::Body, "body", &["corps"]),
    optional(Field::Tannins, "tannins", &["tanins", "tannins"]),
    optional(
        Field::Format,
        "format_cl",
        &["contenance", "format", "volume"],
    ),
    optional(
        Field::Barcode,
        "barcode",
        &["code_barre", "code_barres", "ean", "gencod"],
    ),
    optional(Field::Active, "active", ACTIVE),
];

const SALES_LINES: &[Known] = &[
    optional(
        Field::SaleLineKey,
        "sale_line_key",
        &[
            "num_ligne",
            "id_ligne",
            "n_ligne",
            "no_ligne",
            "numero_ligne",
        ],
    ),
    optional(
        Field::OrderRef,
        "order_ref",
        &[
            "num_piece",
            "document_no",
            "num_facture",
            "n_piece",
            "no_piece",
            "numero_piece",
            "n_facture",
            "numero_facture",
            "n_document",
        ],
    ),
    optional(
        Field::DocumentType,
        "document_type",
        &["document_type", "type_document", "type_piece"],
    ),
    required(Field::CustomerKey, "customer_key", CUSTOMER_KEY),
    required(Field::ProductKey, "product_key", PRODUCT_KEY),
    required(
        Field::Date,
        "date_sale",
        &[
            "date",
            "date_vente",
            "date_facture",
            "date_livraison",
            "date_piece",
        ],
    ),
    required(
        Field::Quantity,
        "quantity_units",
        &["quantite", "qte", "qty_line"],
    ),
    optional(Field::Unit, "unit", UNIT),
    optional(
        Field::PriceUnit,
        "price_unit_eur",
        &[
            "prix_unitaire",
            "pu_ttc",
            "p_u_ttc",
            "prix_unitaire_ttc",
            "pu",
            "p_u",
        ],
    ),
    optional(
        Field::Total,
        "price_total_eur",
        &["montant_ttc", "mt_ttc", "total_ttc"],
    ),
    optional(
        Field::TotalExclTax,
        "price_total_excl_tax_eur",
        &["montant_ht", "mt_ht", "total_ht"],
    ),
    optional(Field::Cost, "cost_total_eur", &["cout_total"]),
    optional(Field::Margin, "margin", &["marge"]),
    optional(Field::Channel, "channel", &["canal", "mode_vente"]),
    optional(Field::Notes, "notes", &["commentaire"]),
];

const STOCK_LEVELS: &[Known] = &[
    required(Field::ProductKey, "product_key", PRODUCT_KEY),
    optional(
        Field::Warehouse,
        "warehouse",
        &["entrepot", "depot", "lieu", "cave"],
    ),
    required(
        Field::Quantity,
        "quantity_units",
        &["quantite", "qte", "stock"],
    ),
    optional(Field::Unit, "unit", UNIT),
    optional(
        Field::Reserved,
        "reserved_qty",
        &["reserve", "qte_reservee"],
    ),
    optional(Field::Date, "last_count_date", &["date_inventaire", "date"]),
];

const CONTACT_HISTORY: &[Known] = &[
    optional(Field::ContactKey, "contact_key", &["id_contact"]),
    required(Field::CustomerKey, "customer_key", CUSTOMER_KEY),
    required(Field::Date, "date_contact", &["date", "date_envoi"]),
    optional(Field::Channel, "channel", &["canal"]),
    optional(Field::Campaign, "campaign", &["campagne"]),
    optional(Field::Subject, "subject", &["objet", "sujet"]),
    optional(Field::Status, "status", &["statut"]),
    optional(
        Field::Suggested,
        "product_key_suggested",
        &["produit_suggere", "code_produit_suggere"],
    ),
    optional(Field::Response, "response", &["reponse"]),
    optional(
        Field::ResponseDetails,
        "response_details",
        &["detail_reponse", "details_reponse"],
    ),
];

/// The fields of `table`.
const fn known(table: Table) -> &'static [Known] {
    match table {
        Table::Customers => CUSTOMERS,
        Table::Products => PRODUCTS,
        Table::SalesLines => SALES_LINES,
        Table::StockLevels => STOCK_LEVELS,
        Table::ContactHistory => CONTACT_HISTORY,
    }
}

impl Field {
    /// The field of `table` with the canonical name `name`.
    pub(super) fn of_table(table: Table, name: &str) -> Option<Self> {
        let found = known(table).iter().find(|known| known.name == name);
        found.map(|known| known.field)
    }
}

/// A header line, understood.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    table: Table,
    /// Headers as written, to the last filled one.
    headers: Vec<String>,
    /// Columns by field, the surest first.
    by_field: [Vec<usize>; Field::COUNT],
    /// Headers nobody knows, and headers of a field that another column already fills.
    pub(super) unused: Vec<String>,
}

impl Columns {
    /// Understands `header` as one of `table`; an error names what is missing and what would do.
    pub(super) fn map(table: Table, header: &[String], overrides: &Overrides) -> Result<Self> {
        let filled = header.iter().rposition(|name| !name.trim().is_empty());
        let headers: Vec<String> = header
            .iter()
            .take(filled.map_or(0, |last| last + 1))
            .cloned()
            .collect();
        let keys: Vec<String> = headers.iter().map(|name| text::header_key(name)).collect();
        let mut columns = Self {
            table,
            headers,
            by_field: std::array::from_fn(|_| Vec::new()),
            unused: Vec::new(),
        };
        for known in known(table) {
            let found = columns_of(known, table, &keys, overrides);
            if let Some(slot) = columns.by_field.get_mut(known.field as usize) {
                *slot = found;
            }
        }
        columns.settle_single_name();
        columns.require(&keys, overrides)?;
        columns.list_unused();
        Ok(columns)
    }

    /// A firm's name alone is the name: of firms and persons alike.
    fn settle_single_name(&mut self) {
        if self.table == Table::Customers && !self.has(Field::LastName) {
            self.by_field
                .swap(Field::LastName as usize, Field::CompanyName as usize);
        }
    }

    fn require(&self, keys: &[String], overrides: &Overrides) -> Result<()> {
        let missing: Vec<&Known> = known(self.table)
            .iter()
            .filter(|known| known.is_required && !self.has(known.field))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let fields: Vec<String> = missing
            .iter()
            .map(|known| describe_missing(known, self.table, keys, &self.headers, overrides))
            .collect();
        let present: Vec<&str> = self.headers.iter().map(String::as_str).collect();
        Err(Error::data(format!(
            "colonne obligatoire absente — {}. En-têtes du fichier : {}",
            fields.join(" ; "),
            if present.is_empty() { "aucun".to_owned() } else { present.join(", ") }
        ))
        .hint(format!(
            "Ajoutez la colonne à l'export, ou dites laquelle c'est avec le réglage COLUMN__{}__{}=…",
            self.table.report_name(),
            missing.first().map_or("", |known| known.name).to_ascii_uppercase()
        )))
    }

    fn list_unused(&mut self) {
        let reads_all = self
            .by_field
            .get(Field::Category as usize)
            .cloned()
            .unwrap_or_default();
        let used: Vec<usize> = self
            .by_field
            .iter()
            .filter_map(|found| found.first().copied())
            .chain(reads_all)
            .collect();
        self.unused = self
            .headers
            .iter()
            .enumerate()
            .filter(|(at, _)| !used.contains(at))
            .map(|(at, name)| match name.trim() {
                "" => format!("colonne {} sans nom", at + 1),
                name => name.to_owned(),
            })
            .collect();
    }

    /// The table the header is one of.
    pub(super) fn table(&self) -> Table {
        self.table
    }

    /// How many cells a row must have.
    pub(super) fn width(&self) -> usize {
        self.headers.len()
    }

    /// The column that bears `field`.
    pub(super) fn of(&self, field: Field) -> Option<usize> {
        self.all(field).first().copied()
    }

    /// Every column that bears `field`, the surest first.
    pub(super) fn all(&self, field: Field) -> &[usize] {
        self.by_field.get(field as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether a column bears `field`.
    pub(super) fn has(&self, field: Field) -> bool {
        self.of(field).is_some()
    }

    /// The columns a row cannot do without.
    pub(super) fn required(&self) -> impl Iterator<Item = usize> {
        known(self.table)
            .iter()
            .filter(|known| known.is_required)
            .filter_map(|known| self.of(known.field))
    }

    /// The header of column `at`, as written.
    pub(super) fn header(&self, at: usize) -> &str {
        self.headers.get(at).map_or("", |name| name.trim())
    }

    /// How many columns are understood.
    pub(super) fn understood(&self) -> usize {
        self.headers.len() - self.unused.len()
    }
}

/// The columns that bear one field: the estate's own word, else every header of its list.
fn columns_of(known: &Known, table: Table, keys: &[String], overrides: &Overrides) -> Vec<usize> {
    let position = |header: &str| keys.iter().position(|key| key == header);
    match overrides.header(table, known.field) {
        Some(own) => position(own).into_iter().collect(),
        None => known
            .headers
            .iter()
            .filter_map(|header| position(header))
            .collect(),
    }
}

/// `customer_key (code_client, num_client…), le plus proche étant « Codde client »`.
fn describe_missing(
    known: &Known,
    table: Table,
    keys: &[String],
    headers: &[String],
    overrides: &Overrides,
) -> String {
    let own = overrides.header(table, known.field);
    let wanted: Vec<&str> = match &own {
        Some(own) => vec![own],
        None if known.field == Field::LastName => [known.headers, COMPANY_NAME].concat(),
        None => known.headers.to_vec(),
    };
    let likeness = |key: &str| {
        let likenesses = wanted.iter().map(|want| strsim::jaro_winkler(want, key));
        likenesses.fold(0.0, f64::max)
    };
    let closest = keys
        .iter()
        .zip(headers)
        .filter(|(key, _)| !key.is_empty())
        .max_by(|one, other| likeness(one.0).total_cmp(&likeness(other.0)));
    let closest = closest.map_or(String::new(), |(_, header)| {
        format!(", le plus proche : « {} »", header.trim())
    });
    format!(
        "{} (en-têtes admis : {}{closest})",
        known.name,
        wanted.join(", ")
    )
}
