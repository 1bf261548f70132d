//! What was written to customers (`mailing.trace`), where Email Marketing is installed: one row a message and
//! recipient.

use std::collections::BTreeMap;

use serde_json::json;

use super::{KEY_PREFIX, LeftOut, ModelReader, Part, Refusal, Scene, set_key};
use crate::canonical::contact::Contact;
use crate::connectors::Sink;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::Model;
use crate::connectors::odoo::record::Record;
use crate::connectors::odoo::references::{Basis, names};
use crate::connectors::remarks::Remarks;

const TRACE: Model = Model {
    name: "mailing.trace",
    application: "Marketing par e-mail",
    required: &[
        ("res_id", "customer_key"),
        ("trace_status", "status"),
        ("trace_type", "channel"),
    ],
    optional: &[
        "campaign_id",
        "create_date",
        "links_click_datetime",
        "mass_mailing_id",
        "sent_datetime",
    ],
    probed: &["model"],
};

const MAILING: Model = Model {
    name: "mailing.mailing",
    application: "Marketing par e-mail",
    required: &[("subject", "subject")],
    optional: &[],
    probed: &[],
};

/// Where a message has got, in Odoo's words and in ours. What never left is no contact: `outgoing`, `process`,
/// `error`, `cancel`. Since Odoo 17 a message without bounce goes from `pending` to `sent`.
const STATUSES: &[(&str, &str)] = &[
    ("pending", "sent"),
    ("sent", "sent"),
    ("open", "opened"),
    ("reply", "replied"),
    ("bounce", "bounced"),
];

const CHANNELS: &[(&str, &str)] = &[("mail", "email"), ("sms", "sms")];

pub(in super::super) struct Contacts {
    subjects: BTreeMap<u64, String>,
    customer_key: String,
    remarks: Remarks,
}

impl Contacts {
    pub(in super::super) const MODEL: &'static Model = &TRACE;

    pub(in super::super) fn new() -> Self {
        Self {
            subjects: BTreeMap::new(),
            customer_key: String::new(),
            remarks: Remarks::on_records(),
        }
    }

    fn sent() -> Domain {
        let left: Vec<&str> = STATUSES.iter().map(|(status, _)| *status).collect();
        Domain::all().and("trace_status", "in", json!(left))
    }
}

/// A reply counts more than a click, a click more than an opening.
fn status(record: Record<'_>) -> Result<Option<&'static str>, Refusal> {
    let status = coded(&record.required_text("trace_status")?, STATUSES);
    let has_clicked = record.text("links_click_datetime")?.is_some();
    Ok(match status {
        Some("sent" | "opened") if has_clicked => Some("clicked"),
        status => status,
    })
}

fn coded(written: &str, codes: &[(&str, &'static str)]) -> Option<&'static str> {
    let mut codes = codes.iter();
    codes
        .find(|(word, _)| *word == written)
        .map(|&(_, code)| code)
}

impl ModelReader for Contacts {
    fn model(&self) -> &'static Model {
        Self::MODEL
    }

    fn domain(&self, _scene: &Scene<'_>) -> Domain {
        Self::sent().and("model", "=", "res.partner")
    }

    fn parts(&self) -> Vec<Part> {
        vec![
            Part {
                path: "mass_mailing_id",
                model: MAILING.name,
            },
            Part {
                path: "campaign_id",
                model: "utm.campaign",
            },
        ]
    }

    fn left_out(&self, _scene: &Scene<'_>) -> Vec<LeftOut> {
        vec![LeftOut {
            domain: Self::sent().and("model", "!=", "res.partner"),
            sum: None,
            one: "envoi à une adresse qui n'est pas une fiche contact (liste de diffusion), laissé de côté",
            several: "envois à des adresses qui ne sont pas des fiches contact (listes de diffusion), laissés de côté",
        }]
    }

    fn prepare(&mut self, scene: &Scene<'_>, _basis: &mut Basis) -> Result<(), Failure> {
        self.subjects = names(scene.session, &MAILING, "subject")?;
        Ok(())
    }

    fn read_row(
        &mut self,
        scene: &Scene<'_>,
        record: Record<'_>,
        (id, key): (u64, &str),
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        set_key(&mut self.customer_key, KEY_PREFIX, record.id_in("res_id")?);
        let zone = &scene.session.time_zone;
        let date = match record.day("sent_datetime", zone)? {
            Some(sent) => sent,
            None => record.required_day("create_date", zone)?,
        };
        let mailing = record.link("mass_mailing_id")?;
        let subject = mailing
            .as_ref()
            .and_then(|mailing| self.subjects.get(&mailing.id));
        let campaign = record
            .link("campaign_id")?
            .or(mailing)
            .map(|campaign| campaign.label());
        sink.row(
            id,
            &Contact {
                contact_key: key,
                customer_key: &self.customer_key,
                date_contact: date,
                channel: coded(&record.required_text("trace_type")?, CHANNELS),
                campaign: campaign.as_deref(),
                subject: subject.map(String::as_str),
                status: status(record)?,
                product_key_suggested: None,
                response: None,
                response_details: None,
            },
        )?;
        Ok(())
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}
