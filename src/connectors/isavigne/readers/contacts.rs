//! `*contact*` and `*campagne*` files.

use xxhash_rust::xxh3::xxh3_64;

use super::{RowReader, set_key};
use crate::canonical::contact::{COLUMN, Contact};
use crate::canonical::rows::{Column, ColumnSet, Partial};
use crate::canonical::text;
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};
use crate::tally::Tally;

/// Canonical channels, and their names in exports (folded).
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

/// Canonical statuses, and their names in exports (folded).
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
const FED: &[(Column, &[Field])] = &[
    (COLUMN.channel, &[Field::Channel]),
    (COLUMN.campaign, &[Field::Campaign]),
    (COLUMN.subject, &[Field::Subject]),
    (COLUMN.status, &[Field::Status]),
    (COLUMN.product_key_suggested, &[Field::Suggested]),
    (COLUMN.response, &[Field::Response]),
    (COLUMN.response_details, &[Field::ResponseDetails]),
];

/// Number of rows with known words after which unknown ones stand out.
const MOST_USUAL: u64 = 10;

/// Unknown words stand out if there is at most one in this many rows.
const ROWS_PER_ODD: u64 = 100;

pub(super) struct Contacts {
    /// Whether unknown words of the channel, and of the status, stand out because nearly all others are known.
    odd: [Option<bool>; 2],
    /// Columns that the file lacks.
    absent: ColumnSet,
    /// Contacts so far, by content: gives a rank to those without a number.
    ranks: Tally,
    key: String,
    customer_key: String,
}

impl Contacts {
    pub(super) fn new(columns: &Columns) -> Self {
        Self {
            odd: [None; 2],
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
    ) -> Result<(), Box<Refusal>> {
        let code = cells.required_code(Field::CustomerKey)?;
        set_key(&mut self.customer_key, &[&code]);
        let date = cells.required_date(Field::Date)?;
        let [odd_channel, odd_status] = &mut self.odd;
        let channel = coded(cells, Field::Channel, CHANNELS, odd_channel, line, remarks)?;
        let status = coded(cells, Field::Status, STATUSES, odd_status, line, remarks)?;
        let campaign = cells.text(Field::Campaign);
        let subject = cells.text(Field::Subject);
        if let Some(number) = cells.code(Field::ContactKey)? {
            set_key(&mut self.key, &[&number]);
        } else {
            // Without the status: a message that is opened later is the same message.
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

/// The canonical code of the cell. An unknown word is left out with a remark; where nearly all others are known, it
/// belongs to another column.
fn coded(
    cells: &Cells<'_>,
    field: Field,
    codes: &[(&'static str, &[&str])],
    stands_out: &mut Option<bool>,
    line: u64,
    remarks: &mut Remarks,
) -> Result<Option<&'static str>, Box<Refusal>> {
    let Some(written) = cells.text(field) else {
        return Ok(None);
    };
    let found = code_of(&written, codes);
    if found.is_none() {
        let is_odd = match *stands_out {
            Some(known) => known,
            None => *stands_out.insert(stand_out(cells, field, codes)?),
        };
        if is_odd {
            return Err(cells.refuse(
                field,
                "est un mot inconnu dans une colonne où presque tous sont connus : cellules décalées ?",
            ));
        }
        remarks.add(Remark::UnknownCode, line, &written);
    }
    Ok(found)
}

fn code_of(written: &str, codes: &[(&'static str, &[&str])]) -> Option<&'static str> {
    let folded = text::fold(written);
    let mut codes = codes.iter();
    let found = codes.find(|(_, words)| words.contains(&folded.as_str()));
    found.map(|&(code, _)| code)
}

/// Whether nearly all words in the column of `field` are known.
fn stand_out(
    cells: &Cells<'_>,
    field: Field,
    codes: &[(&'static str, &[&str])],
) -> Result<bool, Box<Refusal>> {
    let (mut known, mut unknown) = (0_u64, 0_u64);
    cells.each_row(|row| {
        if let Some(written) = row.text(field) {
            let count = match code_of(&written, codes) {
                Some(_) => &mut known,
                None => &mut unknown,
            };
            *count += 1;
        }
    })?;
    Ok(known >= MOST_USUAL && unknown <= 1 + known / ROWS_PER_ODD)
}
