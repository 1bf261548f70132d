//! What is left of a customer in texts: rejected values, and messages of the history.

use rusqlite::{Connection, OptionalExtension, params};

use crate::canonical::{Table, text};
use crate::error::Result;
use crate::store::sqlite::inbox;

/// Digits at the end of a telephone number that are the same in every spelling of it.
const NATIONAL_DIGITS: usize = 9;

/// Replaces a message or a reason that held something of the customer.
const ERASED: &str = "Texte effacé : il citait un client effacé à sa demande";

/// The texts by which a customer is recognised, folded.
#[derive(Debug, Default)]
pub(super) struct Traces {
    pub(super) emails: Vec<String>,
    pub(super) phones: Vec<String>,
    /// The key and the address, which are nothing else in any text.
    plain: Vec<String>,
    /// Names, street and code, which may be words of a sentence: messages put values in quotes.
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
            traces.plain.extend(email.as_deref().map(text::fold));
            for name in [last, company, address].into_iter().flatten() {
                traces.quoted.push(text::fold(name));
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
        self.plain.push(text::fold(key));
        let code = key.split_once('-').map_or(key, |(_, code)| code);
        self.quoted.push(text::fold(code));
    }

    /// Whether the sentence `text` holds something of the customer.
    fn are_in(&self, text: &str) -> bool {
        let folded = text::fold(text);
        self.are_plainly_in(&folded) || self.quoted.iter().any(|name| is_cited(&folded, name))
    }

    /// Whether the value `text` of a cell holds something of the customer.
    fn are_in_value(&self, text: &str) -> bool {
        let folded = text::fold(text);
        self.are_plainly_in(&folded) || self.quoted.iter().any(|name| has_word(&folded, name))
    }

    fn are_plainly_in(&self, folded: &str) -> bool {
        if self.plain.iter().any(|word| has_word(folded, word)) {
            return true;
        }
        let digits = digits_of(folded);
        self.digits.iter().any(|number| digits.contains(number))
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
            let is_theirs = self.are_in_value(&text(2)?) || self.are_in(&text(3)?);
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

    /// Deletes the entries of the inbox and the corrections that hold something of the customer.
    pub(super) fn out_of_inbox(&self, db: &Connection, source: &str) -> Result<()> {
        inbox::erase(db, source, |texts, is_of_people| {
            let is_there = texts.iter().any(|text| self.places.contains(text));
            (is_of_people && is_there) || texts.iter().any(|text| self.are_in_value(text))
        })
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

/// Whether a sentence cites `name`: in quotes, or first in brackets.
fn is_cited(text: &str, name: &str) -> bool {
    let quotes = text.split('«').skip(1);
    let mut quotes = quotes.filter_map(|rest| rest.split('»').next());
    let brackets = text.split('(').skip(1);
    let mut brackets = brackets.filter_map(|rest| rest.split([',', ')']).next());
    quotes.any(|quote| has_word(quote, name)) || brackets.any(|first| first == name)
}

/// Whether `word` occurs in `text`, and is not part of a longer word.
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

    fn traces() -> Traces {
        let mut traces = Traces {
            plain: vec!["jean@example.fr".to_owned()],
            quoted: vec!["le par".to_owned(), "par".to_owned()],
            digits: vec!["388123456".to_owned()],
            ..Traces::default()
        };
        traces.add_key("isavigne-12");
        traces
    }

    #[test]
    fn a_customer_is_found_in_texts_in_any_spelling() {
        for text in [
            "1 adresse impossible (ligne 3 « Jean@Example.fr »)",
            "1 adresse impossible, Jean@Example.fr",
            "Nom « PÂR » est décodé deux fois",
            "n° 03.88.12.34.56",
            "isavigne-12 → isavigne-13 : 4",
            "pour un autre client (12, le 05/01/2025)",
        ] {
            assert!(traces().are_in(text), "{text}");
        }
        for value in ["12", "M. Par", "33388123456"] {
            assert!(traces().are_in_value(value), "{value}");
        }
    }

    #[test]
    fn other_sentences_are_left_alone() {
        for text in [
            "",
            "12 lignes, par exemple ligne 12 (clients.csv:12)",
            "« Parfait »",
            "isavigne-123",
            "djean@example.fr.org",
        ] {
            assert!(!traces().are_in(text), "{text}");
        }
    }
}
