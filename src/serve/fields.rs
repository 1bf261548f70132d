//! Fields of a query, a form or a JSON object.

use jiff::Timestamp;
use serde_json::Value;

use super::refusal::Refusal;
use crate::canonical::Table;
use crate::sync::parse_since;

/// Names and values; blank values count as absent.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a form's body (`application/x-www-form-urlencoded`).
    pub(super) fn of_form(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// These fields.
    pub(super) fn of_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The fields of a request's query, if there is one.
    pub(super) fn of_query(query: Option<&str>) -> Self {
        Self::of_form(query.unwrap_or_default().as_bytes())
    }

    /// The fields of a JSON object.
    pub(super) fn of_json(text: &[u8]) -> Result<Self, Refusal> {
        let invalid = || Refusal::bad_request("Le corps de la requête n'est pas un objet JSON");
        let Ok(Value::Object(object)) = serde_json::from_slice(text) else {
            return Err(invalid());
        };
        let mut fields = Vec::with_capacity(object.len());
        for (name, value) in object {
            match value {
                Value::Null => {}
                Value::String(text) => fields.push((name, text)),
                Value::Bool(_) | Value::Number(_) => fields.push((name, value.to_string())),
                Value::Array(_) | Value::Object(_) => {
                    return Err(Refusal::bad_request(format!(
                        "« {name} » ne peut être ni une liste ni un objet"
                    )));
                }
            }
        }
        Ok(Self(fields))
    }

    /// The trimmed value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The value of `name` as it was typed, which may be blank.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The number in `name`; `default` without one.
    pub(super) fn number(&self, name: &str, default: u64, most: u64) -> Result<u64, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        let number = text.parse().ok().filter(|&number| number <= most);
        number.ok_or_else(|| {
            Refusal::bad_request(format!("« {name} » doit être un nombre de 0 à {most}"))
        })
    }

    /// The number of a run in `name`, if there is one.
    pub(super) fn run_id(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let run_id = self.number(name, 0, i64::MAX.unsigned_abs())?;
        Ok(i64::try_from(run_id).ok().filter(|&run_id| run_id > 0))
    }

    /// Whether `name` is asked for; absent: no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name) {
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true" | "on") => Ok(true),
            Some(_) => Err(Refusal::bad_request(format!(
                "« {name} » doit être true ou false"
            ))),
        }
    }

    /// The table in `name`, if there is one.
    pub(super) fn table(&self, name: &str) -> Result<Option<Table>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let table = Table::parse(text).map(Some);
        table.ok_or_else(|| {
            let known = Table::ALL.map(Table::option_name).join(", ");
            Refusal::bad_request(format!(
                "« {name} » ne désigne aucune table ; les tables : {known}"
            ))
        })
    }

    /// The time stamp in `name`, if there is one.
    pub(super) fn instant(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let instant = parse_since(text).map(Some);
        instant.ok_or_else(|| {
            Refusal::bad_request(format!(
                "« {name} » n'est pas un instant ; par exemple 2025-12-27T16:00:00"
            ))
        })
    }
}
