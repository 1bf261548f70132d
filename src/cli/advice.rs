//! Advice about errors for a terminal: with the command or the flag.

use crate::connectors::ConnectorKind;
use crate::error::Advice;

/// The line for `advice`.
pub(super) fn line(advice: &Advice) -> String {
    match advice {
        Advice::Register => {
            "Enregistrez-en un : crmreco add NOM --type isavigne --path DOSSIER".to_owned()
        }
        Advice::FreeName(name) => {
            format!("{advice} : crmreco remove {name}")
        }
        Advice::ListRuns(name) => format!("Les numéros sont dans : crmreco logs {name}"),
        Advice::ShowRejects(name) => format!(
            "Voyez-les toutes avec « crmreco logs {name} --rejects », et corrigez-les à la source"
        ),
        Advice::GiveSettings(kind, keys) => format!("À donner : {}", named(kind, keys)),
        Advice::AllowShrink => "Si c'est voulu, relancez avec --allow-shrink".to_owned(),
        Advice::SyncAllTables => {
            "Synchronisez sans --source : les autres tables seront lues".to_owned()
        }
        Advice::FullRefresh => {
            "Relancez « crmreco sync --full » : tout sera relu des sources".to_owned()
        }
        Advice::FewerAtOnce => "Relancez avec --jobs 1".to_owned(),
        Advice::WaitForSync => {
            "Attendez la fin de l'autre synchronisation (crmreco list), puis recommencez".to_owned()
        }
        Advice::ChooseHome => "Choisissez un autre dossier avec --home".to_owned(),
        Advice::ChooseAddress(example) => format!("Par exemple --addr {example}"),
        Advice::SetToken => {
            "Tirez-en un : CRMRECO_SERVE_TOKEN=$(openssl rand -hex 32) crmreco serve …, et gardez-le pour entrer"
                .to_owned()
        }
        Advice::Text(text) => text.clone(),
    }
}

/// The settings `keys` of connector type `kind`, with their flags.
fn named(kind: &str, keys: &[&str]) -> String {
    let specs = ConnectorKind::named(kind).map_or(&[][..], |kind| kind.settings);
    let named = keys.iter().map(|key| {
        let spec = specs.iter().find(|spec| spec.key == *key);
        spec.map_or_else(|| (*key).to_owned(), super::setting_flags::flag_of)
    });
    named.collect::<Vec<_>>().join(", ")
}
