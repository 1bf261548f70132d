//! Advice about errors for a terminal: with the command or the flag.

use crate::connectors::ConnectorKind;
use crate::error::Advice;

/// The line for `advice`. `command`: a complete command line of arguments.
pub(super) fn line(advice: &Advice, command: impl Fn(&str) -> String) -> String {
    match advice {
        Advice::Register => format!(
            "Enregistrez-en un : {}",
            command("add NOM --type isavigne --path DOSSIER")
        ),
        Advice::FreeName(name) => {
            format!("{advice} : {}", command(&format!("remove {name}")))
        }
        Advice::PurgeLeftovers(name) => {
            format!("{advice} : {}", command(&format!("remove {name} --purge")))
        }
        Advice::ListRuns(name) => {
            format!(
                "Les numéros sont dans : {}",
                command(&format!("logs {name}"))
            )
        }
        Advice::ShowRejects(name) => format!(
            "Voyez-les toutes avec « {} », et corrigez-les à la source",
            command(&format!("logs {name} --rejects"))
        ),
        Advice::GiveSettings(kind, keys) => format!("À donner : {}", named(kind, keys)),
        Advice::AllowShrink => "Si c'est voulu, relancez avec --allow-shrink".to_owned(),
        Advice::SyncAllTables => {
            "Synchronisez sans --source : les autres tables seront lues".to_owned()
        }
        Advice::FullRefresh => format!(
            "Relancez « {} » : tout sera relu des sources",
            command("sync --all --full")
        ),
        Advice::ChooseCustomer(connector, key) => format!(
            "Désignez-en un, par exemple : {}",
            command(&format!("erase {} --connector {connector}", super::shell_word(key)))
        ),
        Advice::FewerAtOnce => "Relancez avec --jobs 1".to_owned(),
        Advice::WaitForSync => format!(
            "Attendez la fin de l'autre synchronisation ({}), puis recommencez",
            command("list")
        ),
        Advice::ChooseHome => "Choisissez un autre dossier avec --home".to_owned(),
        Advice::ChooseAddress(example) => format!("Par exemple --addr {example}"),
        Advice::SetToken => {
            "Tirez-en un : CRMRECO_SERVE_TOKEN=$(openssl rand -hex 32) crmreco serve …, et gardez-le pour entrer"
                .to_owned()
        }
        Advice::Text(text) => text.clone(),
    }
}

/// `message` and what to do about it, as one text.
pub(super) fn with_advice(
    message: &str,
    steps: &[Advice],
    command: impl Fn(&str) -> String,
) -> String {
    if steps.is_empty() {
        return message.to_owned();
    }
    let steps = steps.iter().map(|step| line(step, &command));
    let steps: Vec<String> = steps.collect();
    format!("{}. {}.", message.trim_end_matches('.'), steps.join(". "))
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
