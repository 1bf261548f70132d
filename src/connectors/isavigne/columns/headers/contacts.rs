//! Headers of histories of contacts.

use super::{CUSTOMER_KEY, Field, Known, optional, required};

pub(super) const FIELDS: &[Known] = &[
    optional(
        Field::ContactKey,
        "contact_key",
        &[
            "id_contact",
            "contact_id",
            "n_contact",
            "num_contact",
            "numero_contact",
            "code_contact",
        ],
    ),
    required(Field::CustomerKey, "customer_key", CUSTOMER_KEY)
        .or(&["code", "client", "tiers", "customer"]),
    required(
        Field::Date,
        "date_contact",
        &[
            "date",
            "date_envoi",
            "date_d_envoi",
            "date_de_l_envoi",
            "date_contact",
            "date_de_contact",
            "date_du_contact",
            "contact_date",
            "sent_at",
            "sent_date",
        ],
    ),
    optional(
        Field::Channel,
        "channel",
        &[
            "canal",
            "type",
            "type_contact",
            "type_de_contact",
            "moyen",
            "media",
            "channel",
        ],
    ),
    optional(
        Field::Campaign,
        "campaign",
        &[
            "campagne",
            "nom_campagne",
            "nom_de_la_campagne",
            "campaign",
            "campaign_name",
        ],
    ),
    optional(Field::Subject, "subject", &["objet", "sujet", "subject"]),
    optional(Field::Status, "status", &["statut", "etat", "status"]),
    optional(
        Field::Suggested,
        "product_key_suggested",
        &["produit_suggere", "code_produit_suggere"],
    ),
    optional(Field::Response, "response", &["reponse", "response"]),
    optional(
        Field::ResponseDetails,
        "response_details",
        &["detail_reponse", "details_reponse"],
    ),
];
