//! Layout of all pages.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::canonical::text::visible_lines;
use crate::french::with_no_break_spaces;
use crate::serve::access::{Access, FORGERY_FIELD, policy_with_style, random};
use crate::serve::assets::{ICON_PATH, SCRIPT_PATH, STYLE};
use crate::serve::refusal::Refusal;
use crate::serve::reply::with_type;

/// A page, and the nonce of its stylesheet.
#[derive(Debug)]
pub(in crate::serve) struct Page {
    html: String,
    nonce: Option<String>,
}

impl Page {
    /// The page titled `title`. `access`: `Some` for logged-in users.
    pub(super) fn new(title: &str, access: Option<&Access>, main: &Markup) -> Self {
        Self::with(title, access, None, main)
    }

    /// The page titled `title` that redirects browsers to `path` at once.
    pub(super) fn leading_to(path: &str, title: &str, main: &Markup) -> Self {
        Self::with(title, None, Some(path), main)
    }

    fn with(title: &str, access: Option<&Access>, next: Option<&str>, main: &Markup) -> Self {
        // Without randomness, the page has no stylesheet.
        let nonce = random().ok();
        let page = html! {
            (DOCTYPE)
            html lang="fr" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    @if let Some(next) = next {
                        meta http-equiv="refresh" content={ "0; url=" (next) };
                    }
                    title { (title) " · crmreco" }
                    link rel="icon" type="image/svg+xml" href=(*ICON_PATH);
                    @if let Some(nonce) = &nonce { style nonce=(nonce) { (PreEscaped(STYLE)) } }
                    @if access.is_some() { script src=(*SCRIPT_PATH) defer {} }
                }
                body {
                    a.skip href="#contenu" { "Aller au contenu" }
                    (banner(access))
                    main #contenu tabindex="-1" { (main) }
                    @if access.is_some() { (dialog()) }
                }
            }
        };
        Self {
            html: visible_lines(&page.into_string()).into_owned(),
            nonce,
        }
    }

    /// The response with this page.
    pub(in crate::serve) fn with_status(self, status: StatusCode) -> Response {
        let mut response = with_type(status, "text/html; charset=utf-8", self.html);
        let policy = self.nonce.as_deref().map(policy_with_style);
        let policy = policy.and_then(|policy| HeaderValue::from_str(&policy).ok());
        if let Some(policy) = policy {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        self.with_status(StatusCode::OK)
    }
}

fn banner(access: Option<&Access>) -> Markup {
    html! {
        header.banner {
            a.brand href="/connectors" {
                img src=(*ICON_PATH) alt="" width="28" height="28";
                span { "crmreco" }
            }
            @if let Some(access) = access.filter(|access| access.has_login()) {
                form method="post" action="/logout" {
                    (forgery_field(access))
                    button.quiet type="submit" { "Se déconnecter" }
                }
            }
        }
    }
}

/// The dialog in which the script shows the progress and the result of a test or a sync.
fn dialog() -> Markup {
    html! {
        dialog #dialogue aria-labelledby="resultat-titre" {
            div #dialogue-contenu aria-live="polite" {}
            form.close method="dialog" { button { "Fermer" } }
        }
    }
}

/// The hidden field with the CSRF token.
pub(super) fn forgery_field(access: &Access) -> Markup {
    html! { input type="hidden" name=(FORGERY_FIELD) value=(access.forgery_token()); }
}

/// The page of a refused request.
pub(in crate::serve) fn refusal(refusal: &Refusal) -> Page {
    let title = match refusal.status() {
        StatusCode::NOT_FOUND => "Introuvable",
        StatusCode::CONFLICT => "Déjà en cours",
        _ => "Impossible",
    };
    let main = html! {
        section #resultat {
            h1 #resultat-titre { (title) }
            div.alert.bad role="alert" {
                p { (with_no_break_spaces(refusal.message())) }
                @if let Some(advice) = refusal.advice() { p.advice { "→ " (with_no_break_spaces(&advice)) } }
            }
        }
        p { a href="/connectors" { "← Retour à la liste" } }
    };
    Page::new(title, None, &main)
}
