//! `*contact*` and `*campagne*` files.

use xxhash_rust::xxh3::xxh3_64;

use super::{RowReader, set_key};
use crate::canonical::contact::Contact;
use crate::canonical::rows::{ColumnSet, Partial};
use crate::canonical::text;
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};
use crate::tally::Tally;

/// Canonical channels, and what exports call them (folded).
const CHANNELS: &[(&str, &[&str])] = &[
    (
        "email",
        &[
            "email",
            "e-mail",
            "mail",
            "courriel",
            "emailing",
            "newsletter",
        ],
    ),
    ("sms", &["sms", "texto"]),
    ("phone", &["telephone", "tel", "appel", "phone"]),
    (
        "website",
        &[
            "site",
            "site web",
            "site internet",
            "web",
            "internet",
            "website",
        ],
    ),
    (
        "direct",
        &["direct", "visite", "salon", "caveau", "courrier"],
    ),
];

/// Canonical statuses, and what exports call them (folded).
const STATUSES: &[(&str, &[&str])] = &[
    ("sent", &["sent", "envoye", "envoyee", "envoi"]),
    ("delivered", &["delivered", "delivre", "remis", "recu"]),
    ("opened", &["opened", "ouvert", "lu"]),
    ("clicked", &["clicked", "clique", "clic"]),
    ("replied", &["replied", "repondu", "reponse"]),
    (
        "bounced",
        &["bounced", "bounce", "rebond", "erreur", "npai", "rejete"],
    ),
    ("unsubscribed", &["unsubscribed", "desinscrit", "desabonne"]),
];

/// The canonical columns and the fields that feed them.
const FED: &[(&str, &[Field])] = &[
    ("channel", &[Field::Channel]),
    ("campaign", &[Field::Campaign]),
    ("subject", &[Field::Subject]),
    ("status", &[Field::Status]),
    ("product_key_suggested", &[Field::Suggested]),
    ("response", &[Field::Response]),
    ("response_details", &[Field::ResponseDetails]),
];

pub(super) struct Contacts {
    /// Columns of which the file says nothing.
    absent: ColumnSet,
    /// Contacts met so far, by content: the rank of those without a number of their own.
    ranks: Tally,
    key: String,
    customer_key: String,
}

impl Contacts {
    pub(super) fn new(columns: &Columns) -> Self {
        Self {
            absent: columns.absent(FED),
            ranks: Tally::default(),
            key: String::new(),
            customer_key: String::new(),
        }
    }
}

impl RowReader for Contacts {
    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let code = cells.required_code(Field::CustomerKey)?;
        set_key(&mut self.customer_key, &[&code]);
        let date = cells.required_date(Field::Date)?;
        let channel = coded(cells, Field::Channel, CHANNELS, line, remarks);
        let status = coded(cells, Field::Status, STATUSES, line, remarks);
        let campaign = cells.text(Field::Campaign);
        let subject = cells.text(Field::Subject);
        if let Some(number) = cells.code(Field::ContactKey)? {
            set_key(&mut self.key, &[&number]);
        } else {
            // The status is left out: a message that is opened later is the same message.
            let content = [
                code.as_ref(),
                &date.to_string(),
                channel.unwrap_or_default(),
                campaign.as_deref().unwrap_or_default(),
                subject.as_deref().unwrap_or_default(),
            ];
            let hash = xxh3_64(content.join("\0").as_bytes());
            let rank = self.ranks.count(hash)?;
            set_key(&mut self.key, &[&format!("{hash:016x}-r{rank}")]);
        }
        sink.row(
            line,
            &Partial {
                record: &Contact {
                    contact_key: &self.key,
                    customer_key: &self.customer_key,
                    date_contact: date,
                    channel,
                    campaign: campaign.as_deref(),
                    subject: subject.as_deref(),
                    status,
                    product_key_suggested: cells.code(Field::Suggested)?.as_deref(),
                    response: cells.text(Field::Response).as_deref(),
                    response_details: cells.text(Field::ResponseDetails).as_deref(),
                },
                absent: self.absent,
                fixed: ColumnSet::NONE,
            },
        )?;
        Ok(())
    }
}

/// The canonical code for what the cell says; a word nobody knows is left out, and said.
fn coded(
    cells: &Cells<'_>,
    field: Field,
    codes: &[(&'static str, &[&str])],
    line: u64,
    remarks: &mut Remarks,
) -> Option<&'static str> {
    let written = cells.text(field)?;
    let folded = text::fold(&written);
    let found = codes
        .iter()
        .find(|(_, words)| words.contains(&folded.as_str()));
    if found.is_none() {
        remarks.add(Remark::UnknownCode, line, &written);
    }
    found.map(|&(code, _)| code)
}
