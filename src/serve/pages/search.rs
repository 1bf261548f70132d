//! Search and filter of the connectors, as a form that needs no script.

use maud::{Markup, html};

use super::parts::label_of;
use crate::french;
use crate::json::{CONNECTOR_STATUSES, ConnectorAnswer};
use crate::serve::fields::Fields;
use crate::serve::refusal::Refusal;

/// A connector and its name.
type Named = (String, ConnectorAnswer);

/// Which connectors are shown.
#[derive(Debug, Default)]
pub(in crate::serve) struct Search {
    /// Text in the name, the type or the error.
    text: Option<String>,
    status: Option<&'static str>,
}

impl Search {
    /// The search in the fields of a query.
    pub(in crate::serve) fn of(fields: &Fields) -> Result<Self, Refusal> {
        let status = fields.get("status");
        let status = status.map(|asked| {
            let mut known = CONNECTOR_STATUSES.into_iter();
            known.find(|known| *known == asked).ok_or_else(|| {
                let known = CONNECTOR_STATUSES.join(", ");
                Refusal::bad_request(format!("« status » doit être l'un de : {known}"))
            })
        });
        Ok(Self {
            text: fields.get("q").map(str::to_owned),
            status: status.transpose()?,
        })
    }

    /// Whether all connectors are shown.
    pub(super) fn is_all(&self) -> bool {
        self.text.is_none() && self.status.is_none()
    }

    pub(super) fn finds(&self, (name, connector): &Named) -> bool {
        let error = connector.last_error.as_deref().unwrap_or_default();
        let has = |text: &String| {
            let text = text.to_lowercase();
            let places = [name, label_of(&connector.r#type), error];
            places
                .iter()
                .any(|place| place.to_lowercase().contains(&text))
        };
        self.text.as_ref().is_none_or(has)
            && self.status.is_none_or(|status| status == connector.status)
    }

    /// The address of this search, with the start of a further field.
    pub(super) fn path(&self) -> String {
        let path = String::from("/connectors?");
        let begin = path.len();
        let mut query = form_urlencoded::Serializer::for_suffix(path, begin);
        if let Some(text) = &self.text {
            query.append_pair("q", text);
        }
        if let Some(status) = self.status {
            query.append_pair("status", status);
        }
        let path = query.finish();
        if path.ends_with('?') {
            path
        } else {
            path + "&"
        }
    }
}

/// The form of `search` among `connectors`.
pub(super) fn search_form(search: &Search, connectors: &[Named]) -> Markup {
    let count = |status| {
        let alike = connectors.iter().filter(|(_, one)| one.status == status);
        alike.count()
    };
    html! {
        form.search role="search" action="/connectors" {
            label for="q" { "Chercher" }
            input #q type="search" name="q" value=[search.text.as_deref()] placeholder="nom, type ou erreur";
            label for="etat" { "État" }
            select #etat name="status" {
                option value="" { "Tous" }
                @for status in CONNECTOR_STATUSES {
                    option value=(status) selected[search.status == Some(status)] {
                        (french::connector_status(status).0) " (" (count(status)) ")"
                    }
                }
            }
            button { "Filtrer" }
            @if !search.is_all() { a.button href="/connectors" { "Tout montrer" } }
        }
    }
}
