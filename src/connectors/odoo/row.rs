//! A row as Odoo sends it. Its texts stay where they came: a first sync reads rows by the hundred thousand, and most
//! of what they say is looked at once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::failure::Failure;

/// Fields of an ordinary row: those of the widest model that is read, and room.
const USUAL_FIELDS: usize = 16;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Cell<'a> {
    Null,
    Flag(bool),
    Number(Number),
    Text(Cow<'a, str>),
    /// Another row: its number, and what it is called.
    Link(u64, Cow<'a, str>),
    List(Vec<Self>),
    /// No field that is read holds one.
    Object(Map<String, Value>),
}

/// A row, field by field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row<'a>(Vec<(Cow<'a, str>, Cell<'a>)>);

impl<'a> Row<'a> {
    /// What `field` holds, where the server sent it.
    pub(super) fn get(&self, field: &str) -> Option<&Cell<'a>> {
        let mut cells = self.0.iter();
        cells.find_map(|(name, cell)| (name == field).then_some(cell))
    }

    /// Its number.
    pub(super) fn id(&self) -> Result<u64, Failure> {
        let id = self.get("id").and_then(Cell::as_u64);
        id.ok_or(Failure::GARBLED)
    }
}

impl<'a> Cell<'a> {
    pub(super) fn as_list(&self) -> Option<&[Cell<'a>]> {
        match self {
            Self::List(cells) => Some(cells),
            _ => None,
        }
    }

    pub(super) fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// By name, in whatever order they came.
impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cells: BTreeMap<&str, &Cell<'_>> =
            self.0.iter().map(|(name, cell)| (&**name, cell)).collect();
        cells.serialize(serializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a row")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut cells = Vec::with_capacity(USUAL_FIELDS);
        while let Some(entry) = map.next_entry::<Name<'de>, Cell<'de>>()? {
            let (Name(name), cell) = entry;
            cells.push((name, cell));
        }
        Ok(Row(cells))
    }
}

/// The name of a field, borrowed unless it has to be unescaped: a bare `Cow` is always owned.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("what a field holds")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Cell::Flag(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cell::Number(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cell::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(number).map_or(Cell::Null, Cell::Number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut sequence: S) -> Result<Self::Value, S::Error> {
        let first = sequence.next_element()?;
        let second = sequence.next_element()?;
        let third = sequence.next_element()?;
        let mut cells = match (first, second, third) {
            (Some(Cell::Number(id)), Some(Cell::Text(label)), None) if id.is_u64() => {
                return Ok(Cell::Link(id.as_u64().unwrap_or_default(), label));
            }
            (first, second, third) => {
                let first = [first, second, third].into_iter().flatten();
                first.collect::<Vec<_>>()
            }
        };
        while let Some(cell) = sequence.next_element()? {
            cells.push(cell);
        }
        Ok(Cell::List(cells))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        let object = Map::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Cell::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = r#"{"name": "Ch\u00e2teau", "id": 7, "qty": 11.200000000000001, "active": false,
        "partner_id": [3, "Zoé"], "note": null, "json": {"a": [1]}}"#;

    #[test]
    fn texts_are_borrowed_unless_they_are_escaped() {
        let row: Row<'_> = serde_json::from_str(SENT).unwrap();
        assert!(matches!(
            row.get("name"),
            Some(Cell::Text(Cow::Owned(name))) if name == "Château"
        ));
        assert!(matches!(
            row.get("partner_id"),
            Some(Cell::Link(3, Cow::Borrowed("Zoé")))
        ));
        let lists: Row<'_> =
            serde_json::from_str(r#"{"a": [], "b": [1], "c": [1, 2, 3, 4], "d": [1, "x", 2]}"#)
                .unwrap();
        let lengths = ["a", "b", "c", "d"].map(|name| lists.get(name)?.as_list().map(<[_]>::len));
        assert_eq!(lengths, [Some(0), Some(1), Some(4), Some(3)]);
        assert_eq!(row.id().unwrap(), 7);
        assert_eq!(row.get("city"), None);
    }

    #[test]
    fn a_row_is_written_as_a_tree_would_be() {
        let row: Row<'_> = serde_json::from_str(SENT).unwrap();
        let tree: Value = serde_json::from_str(SENT).unwrap();
        assert_eq!(serde_json::to_string(&row).unwrap(), tree.to_string());
    }

    #[test]
    fn what_is_no_object_is_no_row() {
        assert!(serde_json::from_str::<Row<'_>>("[7]").is_err());
        let nameless: Row<'_> = serde_json::from_str(r#"{"id": "7"}"#).unwrap();
        assert!(nameless.id().is_err());
    }
}
