//! Errors about a header line with a missing or an ambiguous column.

use super::headers::{COMPANY_NAME, Field, Known, known};
use super::listed;
use super::meaning::Doubt;
use super::names::Name;
use super::overrides::Overrides;
use crate::canonical::{Table, text};
use crate::error::Error;

/// Most characters of a header line, or of one header, in a message.
pub(in super::super) const MOST_HEADER_CHARS: usize = 40;

/// A header line, for messages.
pub(super) struct Written<'a> {
    pub(super) table: Table,
    pub(super) headers: &'a [String],
    pub(super) names: &'a [Name],
}

impl Written<'_> {
    /// The error when `fields` have no column.
    pub(super) fn lacks(&self, fields: &[&Known], overrides: &Overrides) -> Error {
        let described: Vec<String> = fields
            .iter()
            .map(|known| self.describe(known, overrides))
            .collect();
        let present: Vec<String> = self.filled().map(|(_, header)| short(header)).collect();
        let present = match present.as_slice() {
            [] => "aucun de connu".to_owned(),
            present => listed(present),
        };
        Error::data(format!(
            "colonne obligatoire absente — {}. En-têtes du fichier : {present}",
            described.join(" ; "),
        ))
        .hint(format!(
            "Ajoutez la colonne à l'export, ou dites laquelle c'est avec le réglage {}=…",
            setting(self.table, fields.first().map_or("", |known| known.name))
        ))
    }

    /// The error when several columns could be one field.
    pub(super) fn doubts(&self, doubt: &Doubt) -> Error {
        let columns = doubt.columns.iter().filter_map(|&at| self.headers.get(at));
        let columns: Vec<String> = columns
            .map(|header| format!("« {} »", short(header)))
            .collect();
        let fields = known(self.table).iter();
        let name = fields
            .filter(|known| known.field == doubt.field)
            .map(|known| known.name)
            .next()
            .unwrap_or_default();
        let what = match doubt.field {
            Field::CustomerKey => "le code du client",
            _ => "l'article",
        };
        Error::data(format!(
            "{} peuvent chacune être {what} ({name}) : rien dans l'en-tête ne permet de trancher",
            columns.join(" et ")
        ))
        .hint(format!(
            "Dites laquelle c'est avec le réglage {}=…",
            setting(self.table, name)
        ))
    }

    /// `customer_key (en-têtes admis : code_client, num_client…, le plus proche : « Codde client »)`.
    fn describe(&self, known: &Known, overrides: &Overrides) -> String {
        let own = overrides.header(self.table, known.field);
        let wanted: Vec<&str> = match own {
            Some(own) => vec![own],
            None if known.field == Field::LastName => {
                let first = known.headers.iter().take(3);
                let rest = known.headers.iter().skip(3);
                first.chain(COMPANY_NAME).chain(rest).copied().collect()
            }
            None => known.headers.iter().chain(known.weak).copied().collect(),
        };
        let likeness = |name: &Name| {
            let likenesses = wanted.iter().map(|want| name.likeness(want));
            likenesses.fold(0.0, f64::max)
        };
        let closest = self
            .filled()
            .max_by(|one, other| likeness(one.0).total_cmp(&likeness(other.0)));
        let closest = closest.map_or(String::new(), |(_, header)| {
            format!(", le plus proche : « {} »", short(header))
        });
        let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        format!(
            "{} (en-têtes admis : {}{closest})",
            known.name,
            listed(&wanted)
        )
    }

    fn filled(&self) -> impl Iterator<Item = (&Name, &str)> {
        let pairs = self.names.iter().zip(self.headers);
        pairs
            .map(|(name, header)| (name, header.trim()))
            .filter(|(name, header)| !name.is_empty() || !header.is_empty())
    }
}

fn short(header: &str) -> String {
    text::excerpt(header.trim(), MOST_HEADER_CHARS)
}

fn setting(table: Table, field: &str) -> String {
    format!(
        "COLUMN__{}__{}",
        table.report_name(),
        field.to_ascii_uppercase()
    )
}
