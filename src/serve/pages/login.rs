//! The page where people type the token.

use maud::html;

use super::layout::{Page, forgery_field};
use crate::serve::access::Access;

/// The login page that leads to `next`.
pub(in crate::serve) fn login(access: &Access, next: &str, error: Option<&str>) -> Page {
    let main = html! {
        h1 { "Connexion" }
        form.panel.narrow method="post" action="/login" {
            (forgery_field(access))
            input type="hidden" name="next" value=(next);
            @if let Some(error) = error {
                div.alert.bad role="alert" { p #erreur { (error) } }
            }
            // Those who keep passwords file this one under a name.
            input type="text" name="username" value="crmreco" autocomplete="username" hidden;
            div.field {
                label for="token" { "Jeton" }
                input #token type="password" name="token" required autocomplete="current-password"
                    aria-describedby=[error.map(|_| "erreur")] aria-invalid=[error.map(|_| "true")];
                p.help { "Celui que la personne qui a lancé le serveur vous a donné (CRMRECO_SERVE_TOKEN)" }
            }
            div.buttons { button.primary type="submit" { "Entrer" } }
        }
    };
    Page::new("Connexion", None, &main)
}
