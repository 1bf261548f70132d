//! Layout of all pages.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::labels::said;
use crate::canonical::text::visible_lines;
use crate::serve::access::{Access, FORGERY_FIELD, policy_with_style, random};
use crate::serve::assets::{DETAILS_STYLE, ICON_PATH, SCRIPT_PATH, STYLE};
use crate::serve::refusal::Refusal;
use crate::serve::reply::with_type;

/// A page, and the nonce of its stylesheet.
#[derive(Debug)]
pub(in crate::serve) struct Page {
    html: String,
    nonce: Option<String>,
}

/// The pages that every page links to: address and label.
const NAVIGATION: [(&str, &str); 3] = [
    ("/connectors", "Sources"),
    ("/rejects", "Rejets"),
    ("/connectors/new", "Ajouter"),
];

/// What surrounds the main part of a page.
#[derive(Default)]
struct Frame<'a> {
    /// `Some` for logged-in users: the script and the logout button.
    access: Option<&'a Access>,
    /// Whether it has the navigation.
    is_inside: bool,
    /// The address of the page, if the navigation has it.
    here: &'a str,
    /// Where browsers are redirected at once.
    next: Option<&'a str>,
}

impl Page {
    /// The page titled `title` for logged-in users.
    pub(super) fn new(title: &str, access: &Access, main: &Markup) -> Self {
        Self::at("", title, access, main)
    }

    /// The page of address `here` in the navigation.
    pub(super) fn at(here: &str, title: &str, access: &Access, main: &Markup) -> Self {
        let frame = Frame {
            access: Some(access),
            is_inside: true,
            here,
            next: None,
        };
        Self::with(title, &frame, main)
    }

    /// The page titled `title` for those who may not have logged in.
    pub(super) fn outside(title: &str, main: &Markup) -> Self {
        Self::with(title, &Frame::default(), main)
    }

    /// The page titled `title` that redirects browsers to `path` at once.
    pub(super) fn leading_to(path: &str, title: &str, main: &Markup) -> Self {
        let frame = Frame {
            next: Some(path),
            ..Frame::default()
        };
        Self::with(title, &frame, main)
    }

    fn with(title: &str, frame: &Frame<'_>, main: &Markup) -> Self {
        // Without randomness, the page has no stylesheet.
        let nonce = random().ok();
        let page = html! {
            (DOCTYPE)
            html lang="fr" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    @if let Some(next) = frame.next {
                        meta http-equiv="refresh" content={ "0; url=" (next) };
                    }
                    title { (title) " · crmreco" }
                    link rel="icon" type="image/svg+xml" href=(*ICON_PATH);
                    @if let Some(nonce) = &nonce {
                        style nonce=(nonce) {
                            (PreEscaped(STYLE))
                            @if frame.here != "/connectors" { (PreEscaped(DETAILS_STYLE)) }
                        }
                    }
                    @if frame.access.is_some() { script src=(*SCRIPT_PATH) defer {} }
                }
                body {
                    a.skip href="#contenu" { "Aller au contenu" }
                    (banner(frame))
                    main #contenu tabindex="-1" { (main) }
                    @if frame.access.is_some() { (dialog()) }
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

fn banner(frame: &Frame<'_>) -> Markup {
    html! {
        header.banner {
            a.brand href="/connectors" {
                img src=(*ICON_PATH) alt="" width="28" height="28";
                span { "crmreco" }
            }
            @if frame.is_inside {
                nav aria-label="Principale" {
                    @for (path, label) in NAVIGATION {
                        a href=(path) aria-current=[(path == frame.here).then_some("page")] { (label) }
                    }
                }
            }
            @if let Some(access) = frame.access.filter(|access| access.has_login()) {
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
                p { (said(refusal.message())) }
                @if let Some(advice) = refusal.advice() { p.advice { "→ " (said(&advice)) } }
            }
        }
        p { a href="/connectors" { "← Retour à la liste" } }
    };
    let frame = Frame {
        is_inside: true,
        ..Frame::default()
    };
    Page::with(title, &frame, &main)
}
