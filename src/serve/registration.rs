//! Handlers that add a connector: the form, and its submission.

use std::path::Path;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::advice;
use super::app::App;
use super::fields::Fields;
use super::pages::{self, FormError};
use super::refusal::Refusal;
use super::reply::{Wants, json, see_other};
use crate::connectors::Settings;
use crate::connectors::{ConnectorKind, Input};
use crate::error::{Error, ErrorKind};
use crate::json::AddAnswer;
use crate::registry::{self, Registration};

/// `GET /connectors/new`
pub(super) async fn form(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::of_query(query.as_deref());
    pages::form(&app.access, &fields, None).into_response()
}

/// `POST /connectors/new`: the fields of the chosen type, for browsers without script. By POST because the input may
/// contain a key.
pub(super) async fn redraw(
    State(app): State<Arc<App>>,
    Extension(fields): Extension<Fields>,
) -> Response {
    pages::form(&app.access, &fields, None).into_response()
}

/// `POST /connectors`
pub(super) async fn add(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Refusal> {
    let wants = Wants::of(&headers, Wants::Page);
    let typed = fields.clone();
    let added = app.off_thread(move |app| enroll(app, &typed)).await?;
    match (added, wants) {
        (Ok((name, _)), Wants::Page) => Ok(see_other(&format!("/connectors/{name}?enregistre=1"))),
        (Ok((name, message)), Wants::Json) => Ok(created(&app, name, message)),
        (Err(fault), Wants::Page) if fault.error.kind() == ErrorKind::Config => {
            let page = pages::form(&app.access, &fields, Some(&fault.in_words_of_form()));
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        (Err(fault), _) => Err(fault.error.into()),
    }
}

fn created(app: &App, connector_name: String, message: String) -> Response {
    let place = HeaderValue::from_str(&format!("/connectors/{connector_name}"));
    let answer = AddAnswer {
        success: true,
        message,
        connector_name,
        env_file: app.home.env_file().display().to_string(),
    };
    let mut response = json(StatusCode::CREATED, &answer);
    if let Ok(place) = place {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// Why a connector was not added, and the invalid field, if it is one field.
struct Fault {
    field: Option<String>,
    error: Error,
    kind: Option<&'static ConnectorKind>,
}

impl Fault {
    fn at(field: &str, error: Error) -> Self {
        Self {
            field: Some(field.to_owned()),
            error,
            kind: None,
        }
    }

    /// Replaces the key of a setting, which the library uses, by the label of its field.
    fn in_words_of_form(&self) -> FormError {
        let mut message = self.error.to_string();
        let mut field = self.field.clone();
        let settings = self.kind.map_or(&[][..], |kind| kind.settings);
        if let Some((key, predicate)) = self.error.setting()
            && let Some(spec) = settings.iter().find(|spec| spec.key == key)
            && let Some(own) = &spec.field
        {
            message = format!("{} {predicate}", own.label);
            field = Some(spec.field_name());
        }
        FormError {
            field,
            message,
            advice: advice::on_page(self.error.advice()),
        }
    }
}

/// An error without an invalid field.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            field: None,
            error,
            kind: None,
        }
    }
}

/// Registers the connector in a form; returns its name and the message to show.
fn enroll(app: &App, fields: &Fields) -> Result<(String, String), Fault> {
    let registry = app.registry()?;
    let name = required(fields, "connector_name", "Nom du connecteur")?;
    let check = registry::check_name(name);
    check.map_err(|error| Fault::at("connector_name", error))?;
    // In a browser, the advice to remove the other connector does not help.
    let is_free = registry.require_free(name);
    is_free.map_err(|error| Fault::at("connector_name", error.hint("Choisissez un autre nom")))?;
    let kind = required(fields, "connector_type", "Type de connecteur")?;
    let kind = ConnectorKind::named(kind).map_err(|error| Fault::at("connector_type", error))?;
    let registration = Registration {
        name: name.to_owned(),
        kind: kind.name.to_owned(),
        settings: settings(kind, fields)?,
    };
    let enrolled = registry.enroll(&registration);
    let message = enrolled.map_err(|error| Fault {
        field: None,
        error,
        kind: Some(kind),
    })?;
    Ok((registration.name, message))
}

/// The settings in a form. Fields of other types of connector are ignored.
fn settings(kind: &ConnectorKind, fields: &Fields) -> Result<Settings, Fault> {
    let mut settings = Settings::default();
    for spec in kind.settings {
        let Some(field) = &spec.field else { continue };
        let name = spec.field_name();
        let value = if spec.is_required {
            Some(required(fields, &name, field.label)?)
        } else {
            fields.get(&name).or(spec.default)
        };
        let Some(value) = value else { continue };
        if matches!(field.input, Input::Folder) && !Path::new(value).is_absolute() {
            let what = format!("{} « {value} » n'est pas un chemin absolu", field.label);
            let hint = format!("Donnez-le depuis la racine, comme {}", field.example);
            return Err(Fault::at(&name, Error::config(what).hint(hint)));
        }
        settings.insert(spec.key.to_owned(), value.to_owned());
    }
    Ok(settings)
}

fn required<'f>(fields: &'f Fields, name: &str, label: &str) -> Result<&'f str, Fault> {
    let missing = || Fault::at(name, Error::config(format!("Il manque : {label}")));
    fields.get(name).ok_or_else(missing)
}
