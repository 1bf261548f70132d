//! Advice about errors for a page: with a link or the label of a field.

use crate::connectors::ConnectorKind;
use crate::error::Advice;

/// All of `steps` as one text.
pub(super) fn on_page(steps: &[Advice]) -> Option<String> {
    let steps: Vec<String> = steps.iter().map(sentence).collect();
    (!steps.is_empty()).then(|| steps.join(". "))
}

/// The sentence for `advice`.
fn sentence(advice: &Advice) -> String {
    match advice {
        Advice::Register => "Enregistrez-en un : /connectors/new".to_owned(),
        Advice::FreeName(_) => "Choisissez un autre nom".to_owned(),
        Advice::ListRuns(name) => format!("Les numéros sont dans : /connectors/{name}/logs"),
        Advice::ShowRejects(name) => {
            format!("Voyez toutes les lignes rejetées : /connectors/{name}/rejects")
        }
        Advice::PurgeLeftovers(name) => {
            format!(
                "Choisissez un autre nom, ou effacez ce qu'il a laissé : /connectors/{name}/remove"
            )
        }
        Advice::FullRefresh => {
            "Sur la page du connecteur, « Synchroniser autrement » puis « Tout relire »".to_owned()
        }
        Advice::GiveSettings(kind, keys) => format!("À remplir : {}", labels(kind, keys)),
        advice => advice.to_string(),
    }
}

/// The settings `keys` of connector type `kind`, by their labels in the form.
fn labels(kind: &str, keys: &[&str]) -> String {
    let specs = ConnectorKind::named(kind).map_or(&[][..], |kind| kind.settings);
    let labels = keys.iter().map(|key| {
        let spec = specs.iter().find(|spec| spec.key == *key);
        let field = spec.and_then(|spec| spec.field.as_ref());
        field.map_or(*key, |field| field.label)
    });
    labels.collect::<Vec<_>>().join(", ")
}
