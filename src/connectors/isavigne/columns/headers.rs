//! The ONE table of known headers: which of them bear which field of which table.

use crate::canonical::Table;

macro_rules! fields {
    ($($variant:ident),+ $(,)?) => {
        /// A field an export may fill. The same field may serve several tables.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in super::super) enum Field { $($variant),+ }

        impl Field {
            pub(super) const COUNT: usize = [$(Self::$variant),+].len();
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
pub(super) struct Known {
    pub(super) field: Field,
    pub(super) name: &'static str,
    pub(super) is_required: bool,
    pub(super) headers: &'static [&'static str],
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
pub(super) const COMPANY_NAME: &[&str] = &["raison_sociale", "societe"];
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
pub(super) const fn known(table: Table) -> &'static [Known] {
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
    pub(in super::super) fn of_table(table: Table, name: &str) -> Option<Self> {
        let found = known(table).iter().find(|known| known.name == name);
        found.map(|known| known.field)
    }
}
