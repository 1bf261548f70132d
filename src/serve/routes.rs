//! All paths.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::access::{self, login};
use super::app::App;
use super::app::events;
use super::reply::see_other;
use super::{actions, assets, changes, inbox, queries, registration, reject_file};

/// All routes, behind the access checks.
pub(super) fn all(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(async || see_other("/connectors")))
        .route("/connectors", get(queries::list).post(registration::add))
        .route(
            "/connectors/new",
            get(registration::form).post(registration::redraw),
        )
        .route("/connectors/new/test", post(registration::test))
        .route("/connectors/{name}", get(queries::show))
        .route(
            "/connectors/{name}/edit",
            get(changes::form).post(changes::change),
        )
        .route("/connectors/{name}/edit/test", post(changes::test))
        .route(
            "/connectors/{name}/remove",
            get(changes::ask).post(changes::remove),
        )
        .route("/connectors/{name}/logs", get(queries::logs))
        .route("/connectors/{name}/receipt", get(queries::receipt))
        .route("/connectors/{name}/rejects", get(queries::rejects))
        .route("/connectors/{name}/rejects.csv", get(reject_file::rejects))
        .route("/connectors/{name}/test", post(actions::test))
        .route("/connectors/{name}/sync", post(actions::sync))
        .route("/connectors/{name}/stop", post(actions::stop))
        .route("/connectors/api/sync-all", post(actions::sync_all))
        .route("/connectors/api/status", get(queries::status))
        .route("/connectors/api/metrics", get(queries::metrics))
        .route("/connectors/api/events", get(events::events))
        .route("/rejects", get(inbox::list))
        .route("/rejects/{name}/fix", post(inbox::fix_value))
        .route("/rejects/{name}/undo", post(inbox::undo))
        .route("/rejects/{name}/{id}", get(inbox::show))
        .route("/rejects/{name}/{id}/fix", post(inbox::fix))
        .route("/rejects/{name}/{id}/ignore", post(inbox::ignore))
        .route("/healthz", get(queries::health))
        .route(login::PATH, get(login::page).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/assets/{hash}/{name}", get(assets::asset))
        .layer(from_fn_with_state(Arc::clone(&app), access::guard))
        .with_state(app)
}
