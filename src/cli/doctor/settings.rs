//! The file with the settings.

use super::Check;
use crate::cli::{Context, shell_path};
use crate::env_file::EnvFile;
use crate::error::Error;
use crate::home;
use crate::registry::Registry;

const NAMES: (&str, &str) = ("settings", "Réglages");
const RENAMES: (&str, &str) = ("renames", "Renommage");

pub(super) fn checks(context: &Context<'_>, registry: &Registry) -> Vec<Check> {
    let mut checks = vec![file(context, registry)];
    for (new, old) in registry.renames() {
        let detail = format!("« {old} » → « {new} » n'est pas fini");
        checks
            .push(Check::warn(RENAMES, detail).mended_by(context.command(&format!("sync {new}"))));
    }
    checks
}

fn file(context: &Context<'_>, registry: &Registry) -> Check {
    let path = context.home.env_file();
    let shown = path.display();
    if let Err(error) = registry.require_any() {
        let add = context.command("add NOM --type isavigne --path DOSSIER");
        return Check::fail(NAMES, error.to_string()).mended_by(add);
    }
    if let Err(error) = registry.retention() {
        return failed(context, &error);
    }
    if let Some(holder) = holder(context) {
        return Check::fail(
            NAMES,
            format!("{shown} est tenu par un autre programme{holder}"),
        )
        .mended_by(format!("fuser -v {}", shell_path(context.home.folder())));
    }
    let unreadable = EnvFile::new(&path).unreadable_lines().unwrap_or_default();
    // Lines of a connector are reported with it.
    let other = unreadable
        .iter()
        .find(|(_, name)| registry.owner(name).is_none());
    match other {
        Some((line, _)) => Check::warn(
            NAMES,
            format!("{shown}, ligne {line} : illisible, laissée de côté"),
        )
        .mended_by(format!("${{EDITOR:-nano}} +{line} {}", shell_path(&path))),
        None => Check::ok(NAMES, shown.to_string()),
    }
}

/// The file cannot be read as a whole, or a setting of the program does not hold.
pub(super) fn failed(context: &Context<'_>, error: &Error) -> Check {
    let path = context.home.env_file();
    let edit = format!("${{EDITOR:-nano}} {}", shell_path(&path));
    Check::failed(NAMES, error).mended_by(edit)
}

/// Who else holds the lock of the folder, under which settings are changed.
fn holder(context: &Context<'_>) -> Option<String> {
    let folder = std::fs::File::open(context.home.folder()).ok()?;
    match folder.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => {
            let holder = home::holder(&folder).map(|holder| format!(" ({holder})"));
            Some(holder.unwrap_or_default())
        }
        _ => None,
    }
}
