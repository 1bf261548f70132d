//! Handlers that add a connector: the form, its test and its submission.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::app::{App, test_runs};
use super::fields::Fields;
use super::pages::{self, Form};
use super::refusal::Refusal;
use super::reply::{Wants, json, see_other};
use super::setting_fields::{Fault, required, settings};
use crate::connectors::ConnectorKind;
use crate::error::ErrorKind;
use crate::json::AddAnswer;
use crate::queries::Tested;
use crate::registry::{self, Registration};

/// `GET /connectors/new`
pub(super) async fn form(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::of_query(query.as_deref());
    pages::form(&app.access, &Form::new(&fields)).into_response()
}

/// `POST /connectors/new`: the fields of the chosen type, for browsers without script. By POST because the input may
/// contain a key.
pub(super) async fn redraw(
    State(app): State<Arc<App>>,
    Extension(fields): Extension<Fields>,
) -> Response {
    pages::form(&app.access, &Form::new(&fields)).into_response()
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
            let error = fault.in_words_of_form();
            let page = pages::form(&app.access, &Form::new(&fields).with_error(&error));
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        (Err(fault), _) => Err(fault.error.into()),
    }
}

/// `POST /connectors/new/test`: tests what the form describes, and saves nothing.
pub(super) async fn test(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Refusal> {
    let typed = fields.clone();
    let described = app.off_thread(move |app| described(app, &typed)).await?;
    let form = Form::new(&fields);
    reply_tested(&app, &headers, described, form).await
}

/// Tests the connector that a form describes, and redraws the form with the result.
pub(super) async fn reply_tested(
    app: &Arc<App>,
    headers: &HeaderMap,
    described: Result<Registration, Fault>,
    form: Form<'_>,
) -> Result<Response, Refusal> {
    let wants = Wants::of(headers, Wants::Json);
    let registration = match described {
        Ok(registration) => registration,
        Err(fault) if wants == Wants::Page && fault.error.kind() == ErrorKind::Config => {
            let error = fault.in_words_of_form();
            let page = pages::form(&app.access, &form.with_error(&error));
            return Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
        Err(fault) => return Err(fault.error.into()),
    };
    let Tested { answer, failure } = test_runs::test_described(app, registration).await?;
    let status = match &failure {
        Some(error) => super::refusal::status_of(error),
        None if answer.success => StatusCode::OK,
        None => StatusCode::BAD_GATEWAY,
    };
    Ok(match wants {
        Wants::Json => json(status, &answer),
        Wants::Page => pages::form(&app.access, &form.with_test(&answer)).with_status(status),
    })
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

/// Registers the connector in a form; returns its name and the message to show.
fn enroll(app: &App, fields: &Fields) -> Result<(String, String), Fault> {
    let registration = described(app, fields)?;
    let kind = ConnectorKind::named(&registration.kind)?;
    let enrolled = app.registry()?.enroll(&registration);
    let message = enrolled.map_err(|error| Fault::of(kind, error))?;
    Ok((registration.name, message))
}

/// The connector that a form describes, under a name that is free. Its settings are well-formed, and not checked.
fn described(app: &App, fields: &Fields) -> Result<Registration, Fault> {
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
    Ok(registration)
}
