//! What is left of a customer in texts: rejected values, and messages of the history.

use rusqlite::{Connection, OptionalExtension, params};

use crate::canonical::{Table, text};
use crate::error::Result;

/// Shortest name by which a text is recognised.
const LEAST_NAME: usize = 3;

/// Digits at the end of a telephone number that are the same in every spelling of it.
const NATIONAL_DIGITS: usize = 9;

/// Replaces a message or a reason that held something of the customer.
const ERASED: &str = "Texte effacé : il citait un client effacé à sa demande";

/// The texts by which a customer is recognised.
#[derive(Debug, Default)]
pub(super) struct Traces {
    pub(super) emails: Vec<String>,
    pub(super) phones: Vec<String>,
    /// Names, address, key and code, folded.
    words: Vec<String>,
    /// A code of digits alone, which may also be a count or a line: folded, in quotes or at the start of a bracket.
    quoted: Vec<String>,
    /// The last digits of the telephone numbers.
    digits: Vec<String>,
    /// Where the rows of the customer were read: `clients.csv:3`.
    places: Vec<String>,
}

impl Traces {
    /// Those of the customer with `key`.
    pub(super) fn of(db: &Connection, source: &str, key: &str) -> Result<Self> {
        let mut traces = Self::default();
        traces.add_key(key);
        let row = db.query_row(
            "SELECT first_name, last_name, company_name, address, email, phone, mobile, source_ref FROM customers
             WHERE source = ?1 AND customer_key = ?2",
            [source, key],
            |row| (0..8).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Option<String>>>>(),
        );
        let Some(row) = row.optional()? else {
            return Ok(traces);
        };
        if let [_, last, company, address, email, phone, mobile, place] = row.as_slice() {
            traces.emails.extend(email.clone());
            traces.phones.extend(phone.iter().chain(mobile).cloned());
            traces.places.extend(place.clone());
            let emails = email.iter();
            for name in [last, company, address].into_iter().flatten().chain(emails) {
                let name = text::fold(name);
                if name.chars().count() >= LEAST_NAME {
                    traces.words.push(name);
                }
            }
        }
        traces.phones.dedup();
        let digits = traces.phones.iter().map(|phone| digits_of(phone));
        traces.digits = digits
            .filter_map(|digits| last_of(&digits).map(str::to_owned))
            .collect();
        Ok(traces)
    }

    fn add_key(&mut self, key: &str) {
        self.words.push(text::fold(key));
        let code = key.split_once('-').map_or(key, |(_, code)| code);
        let code = text::fold(code);
        if code.chars().all(|sign| sign.is_ascii_digit()) {
            self.quoted = vec![format!("« {code} »"), format!("({code},"), code];
        } else {
            self.words.push(code);
        }
    }

    /// Whether `text` holds something of the customer.
    fn are_in(&self, text: &str) -> bool {
        let folded = text::fold(text);
        let is_whole = self.quoted.last() == Some(&folded);
        is_whole
            || self.words.iter().any(|word| has_word(&folded, word))
            || self
                .quoted
                .iter()
                .take(2)
                .any(|quoted| folded.contains(quoted))
            || (!self.digits.is_empty() && {
                let digits = digits_of(text);
                self.digits.iter().any(|number| digits.contains(number))
            })
    }

    /// Deletes the rejects of rows that were the customer's, and blanks those of others that cite the customer. Returns
    /// how many of each.
    pub(super) fn out_of_rejects(&self, db: &Connection, source: &str) -> Result<(u64, u64)> {
        let mut select = db.prepare(
            "SELECT reject_id, table_name, coalesce(value, ''), reason, origin || ':' || position FROM rejects
             WHERE source = ?1",
        )?;
        let mut delete = db.prepare("DELETE FROM rejects WHERE reject_id = ?1")?;
        let blank = "UPDATE rejects SET value = NULL, reason = ?2 WHERE reject_id = ?1";
        let mut blank = db.prepare(blank)?;
        let (mut deleted, mut blanked) = (Vec::new(), Vec::new());
        let mut rows = select.query([source])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let text = |at| -> Result<String> { Ok(row.get(at)?) };
            let is_person = [Table::Customers, Table::ContactHistory]
                .map(Table::report_name)
                .contains(&text(1)?.as_str());
            let is_theirs = self.are_in(&text(2)?) || self.are_in(&text(3)?);
            if is_person && (is_theirs || self.places.contains(&text(4)?)) {
                deleted.push(id);
            } else if is_theirs {
                blanked.push(id);
            }
        }
        drop(rows);
        for id in &deleted {
            delete.execute([id])?;
        }
        for id in &blanked {
            blank.execute(params![id, ERASED])?;
        }
        Ok((deleted.len() as u64, blanked.len() as u64))
    }

    /// Replaces the messages that hold something of the customer; returns their number.
    pub(super) fn out_of_messages(&self, db: &Connection, source: &str) -> Result<u64> {
        let mut select = db.prepare(
            "SELECT run_id, ordinal, message FROM run_messages JOIN runs USING (run_id) WHERE source = ?1",
        )?;
        let mut theirs = Vec::new();
        let mut rows = select.query([source])?;
        while let Some(row) = rows.next()? {
            let message: String = row.get(2)?;
            if self.are_in(&message) {
                theirs.push((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
            }
        }
        drop(rows);
        let replace = "UPDATE run_messages SET message = ?3 WHERE run_id = ?1 AND ordinal = ?2";
        let mut replace = db.prepare(replace)?;
        for (run_id, ordinal) in &theirs {
            replace.execute(params![run_id, ordinal, ERASED])?;
        }
        Ok(theirs.len() as u64)
    }
}

/// Whether `word` stands in `text`, and is not part of a longer word.
fn has_word(text: &str, word: &str) -> bool {
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text
                .get(at + word.len()..)
                .and_then(|after| after.chars().next());
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn last_of(digits: &str) -> Option<&str> {
    digits.get(digits.len().checked_sub(NATIONAL_DIGITS)?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_found_in_texts_in_any_spelling() {
        let mut traces = Traces {
            words: vec!["lefevre".to_owned(), "jean@example.fr".to_owned()],
            digits: vec!["388123456".to_owned()],
            ..Traces::default()
        };
        traces.add_key("isavigne-C12");
        for text in [
            "1 adresse impossible (ligne 3 « Jean@Example.fr »)",
            "LEFÈVRE",
            "n° 03.88.12.34.56",
            "isavigne-C12 → isavigne-C13 : 4",
            "pour un autre client (C12, le 05/01/2025)",
        ] {
            assert!(traces.are_in(text), "{text}");
        }
        for text in ["", "12 lignes", "Lefèvres", "C123", "djean@example.fr.org"] {
            assert!(!traces.are_in(text), "{text}");
        }
    }

    #[test]
    fn a_code_of_digits_is_no_count() {
        let mut traces = Traces::default();
        traces.add_key("isavigne-12");
        for text in [
            "12",
            "« 12 »",
            "(12, le 05/01/2025)",
            "isavigne-12 (clients.csv:3)",
        ] {
            assert!(traces.are_in(text), "{text}");
        }
        for text in ["12 lignes", "ligne 12", "« 112 »"] {
            assert!(!traces.are_in(text), "{text}");
        }
    }
}
