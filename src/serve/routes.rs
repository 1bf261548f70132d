//! Every path there is.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::access::{self, login};
use super::app::App;
use super::app::events;
use super::reply::see_other;
use super::{acting, adding, assets, consulting};

/// The routes, behind their guard.
pub(super) fn all(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(async || see_other("/connectors")))
        .route("/connectors", get(consulting::list).post(adding::add))
        .route("/connectors/new", get(adding::form).post(adding::redraw))
        .route("/connectors/{name}", get(consulting::show))
        .route("/connectors/{name}/logs", get(consulting::logs))
        .route("/connectors/{name}/rejects", get(consulting::rejects))
        .route("/connectors/{name}/test", post(acting::test))
        .route("/connectors/{name}/sync", post(acting::sync))
        .route("/connectors/api/status", get(consulting::status))
        .route("/connectors/api/metrics", get(consulting::metrics))
        .route("/connectors/api/events", get(events::events))
        .route("/healthz", get(consulting::health))
        .route(login::PATH, get(login::page).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/assets/{hash}/{name}", get(assets::asset))
        .layer(from_fn_with_state(Arc::clone(&app), access::guard))
        .with_state(app)
}
