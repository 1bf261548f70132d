//! Handlers that change or remove a connector, and delete what a removed one left.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::fields::Fields;
use super::pages::{self, Form, Removal};
use super::refusal::Refusal;
use super::registration::reply_tested;
use super::reply::{Wants, json, see_other};
use super::setting_fields::{Fault, changed, changes, fields_of};
use crate::connectors::ConnectorKind;
use crate::error::{ErrorKind, Result};
use crate::json::AddAnswer;
use crate::registry::{Registration, Registry};
use crate::store::{Lock, Store};
use crate::sync::finish_renames;

type Reply = std::result::Result<Response, Refusal>;

/// A registered connector, its type, and remarks on its change.
type Known = (Registration, &'static ConnectorKind, Vec<String>);

/// `GET /connectors/<name>/edit`
pub(super) async fn form(State(app): State<Arc<App>>, Path(name): Path<String>) -> Reply {
    let (registration, kind, remarks) = known(&app, name).await?;
    let fields = fields_of(kind, &registration.settings);
    let form = Form::of_change(&fields, &registration.name, kind, &remarks);
    Ok(pages::form(&app.access, &form).into_response())
}

/// `POST /connectors/<name>/edit`
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Page);
    let (registration, kind, remarks) = known(&app, name).await?;
    let (old, typed) = (registration.clone(), fields.clone());
    let done = app
        .off_thread(move |app| write(app, &old, kind, &typed))
        .await?;
    let name = registration.name;
    match (done, wants) {
        (Ok(()), Wants::Page) => Ok(see_other(&format!("/connectors/{name}?modifie=1"))),
        (Ok(()), Wants::Json) => Ok(said(&app, format!("Connecteur '{name}' modifié"), name)),
        (Err(fault), Wants::Page) if fault.error.kind() == ErrorKind::Config => {
            let error = fault.in_words_of_form();
            let form = Form::of_change(&fields, &name, kind, &remarks).with_error(&error);
            let page = pages::form(&app.access, &form);
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        (Err(fault), _) => Err(fault.error.into()),
    }
}

/// `POST /connectors/<name>/edit/test`: tests the changed settings, and saves nothing.
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let (registration, kind, remarks) = known(&app, name).await?;
    let name = registration.name.clone();
    let described = changes(kind, &registration.settings, &fields);
    let described = described.map(|changes| Registration {
        settings: changed(&registration.settings, &changes),
        ..registration
    });
    let form = Form::of_change(&fields, &name, kind, &remarks);
    reply_tested(&app, &headers, described, form).await
}

/// `GET /connectors/<name>/remove`: asks whether to remove it, and whether its rows are deleted.
pub(super) async fn ask(State(app): State<Arc<App>>, Path(name): Path<String>) -> Reply {
    let asked = name.clone();
    let is_registered = app
        .off_thread(move |app| registered(app, &asked).map(|registry| registry.get(&asked).is_ok()))
        .await?
        .map_err(|error| Refusal::about_one(&error))?;
    let removal = Removal {
        name: &name,
        is_registered,
    };
    Ok(pages::removal(&app.access, &removal).into_response())
}

/// `POST /connectors/<name>/remove`: with `purge`, deletes its rows and its history.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Extension(fields): Extension<Fields>,
) -> Reply {
    let wants = Wants::of(&headers, Wants::Page);
    let purges = fields.flag("purge")?;
    let asked = name.clone();
    let message = app
        .off_thread(move |app| forget(app, &asked, purges))
        .await?
        .map_err(|error| Refusal::about_one(&error))?;
    Ok(match wants {
        Wants::Page => see_other(&format!("/connectors?retire={name}")),
        Wants::Json => said(&app, message, name),
    })
}

fn said(app: &App, message: String, connector_name: String) -> Response {
    let answer = AddAnswer {
        success: true,
        message,
        connector_name,
        env_file: app.home.env_file().display().to_string(),
    };
    json(StatusCode::OK, &answer)
}

async fn known(app: &Arc<App>, name: String) -> std::result::Result<Known, Refusal> {
    let found = app.off_thread(move |app| -> Result<Known> {
        let registry = app.registry()?;
        let registration = registry.get(&name)?.clone();
        let kind = ConnectorKind::named(&registration.kind).map_err(|error| error.at(&name))?;
        let variables = registry.in_environment(&name).into_iter();
        let remarks = variables.map(|variable| {
            format!(
                "La variable d'environnement {variable} l'emporte sur ce qui est enregistré ici"
            )
        });
        Ok((registration, kind, remarks.collect()))
    });
    found.await?.map_err(|error| Refusal::about_one(&error))
}

fn write(
    app: &App,
    old: &Registration,
    kind: &'static ConnectorKind,
    fields: &Fields,
) -> std::result::Result<(), Fault> {
    let changes = changes(kind, &old.settings, fields)?;
    let written = app.registry()?.change(&old.name, &changes);
    written.map_err(|error| Fault::of(kind, error))?;
    Ok(())
}

/// The registered connectors, if `name` is one of them or left rows or history.
fn registered(app: &App, name: &str) -> Result<Registry> {
    let registry = app.registry()?;
    if let Err(unknown) = registry.get(name)
        && !Store::open_to_read(&app.home)?.knows(name)?
    {
        return Err(unknown);
    }
    Ok(registry)
}

/// Removes connector `name`, or deletes what a removed one left; returns the message to show.
fn forget(app: &App, name: &str, purges: bool) -> Result<String> {
    let registry = registered(app, name)?;
    let is_registered = registry.get(name).is_ok();
    // Rows that still have an old name would be forgotten.
    finish_renames(&app.home, &registry)?;
    let lock = Lock::take(&app.home, name)?;
    if purges && Store::exists(&app.home) {
        // First: if it fails, the connector must still exist for another attempt.
        Store::open_waiting(&app.home, &[&lock], || Ok(()))?.purge(name)?;
    }
    if is_registered {
        registry.remove(name)?;
    }
    if app.registry()?.get(name).is_err() {
        lock.remove(&app.home, name);
    }
    Ok(match (is_registered, purges) {
        (true, true) => format!("Connecteur '{name}' retiré, avec ses lignes et son historique"),
        (true, false) => {
            format!("Connecteur '{name}' retiré ; ses lignes et son historique restent en base")
        }
        (false, true) => format!("Lignes et historique de '{name}' effacés"),
        (false, false) => format!("'{name}' est déjà retiré : rien n'a été changé"),
    })
}
