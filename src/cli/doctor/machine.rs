//! The home folder, its rights, its disk, and what cron would find.

use std::path::Path;

use super::Check;
use crate::cli::{Context, shell_path, shell_word};
use crate::french::{listed, plural};
use crate::home::Home;

const HOME: (&str, &str) = ("home", "Dossier de crmreco");
const RIGHTS: (&str, &str) = ("rights", "Droits");
const DISK: (&str, &str) = ("disk", "Place libre");
const CRON: (&str, &str) = ("cron", "Cron");

/// Free bytes below which a sync is likely to fail.
const LEAST_FREE: u64 = 100 << 20;

/// Free bytes below which somebody should look at the disk.
const FEW_FREE: u64 = 1 << 30;

/// The folders in which cron looks for programs (crontab(5)).
const PATH_OF_CRON: [&str; 2] = ["/usr/bin", "/bin"];

pub(super) fn checks(context: &Context<'_>) -> Vec<Check> {
    let home = &context.home;
    let folder = home.folder();
    let mut checks = vec![home_check(context)];
    if folder.is_dir() {
        checks.push(rights(home));
        checks.extend(disk(home));
        checks.push(cron(context));
    }
    checks
}

fn home_check(context: &Context<'_>) -> Check {
    let folder = context.home.folder();
    let shown = folder.display();
    if !folder.exists() {
        let add = context.command("add NOM --type isavigne --path DOSSIER");
        return Check::fail(HOME, format!("{shown} n'existe pas")).mended_by(add);
    }
    if !folder.is_dir() {
        return Check::fail(HOME, format!("{shown} n'est pas un dossier"))
            .mended_by(context.command("--home DOSSIER list"));
    }
    if !is_writable(folder) {
        let folder = shell_path(folder);
        return Check::fail(HOME, format!("{shown} ne peut pas être écrit")).mended_by(format!(
            "sudo chown -R \"$USER\" {folder} && chmod u+rwx {folder}"
        ));
    }
    Check::ok(HOME, shown.to_string())
}

/// Whether this account may create files in `folder`.
fn is_writable(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        rustix::fs::access(folder, access).is_ok()
    }
    #[cfg(not(unix))]
    {
        std::fs::metadata(folder).is_ok_and(|found| !found.permissions().readonly())
    }
}

fn rights(home: &Home) -> Check {
    let open = home.open_to_others();
    if open.is_empty() {
        return Check::ok(RIGHTS, "vous seul lisez ces fichiers");
    }
    let names: Vec<String> = open.iter().map(|path| path.display().to_string()).collect();
    let paths: Vec<_> = names.iter().map(|name| shell_word(name)).collect();
    let command = format!("chmod go-rwx {}", paths.join(" "));
    let detail = format!("d'autres comptes peuvent lire {}", listed(&names));
    Check::warn(RIGHTS, detail).mended_by(command)
}

/// `None` where the system does not say.
fn disk(home: &Home) -> Option<Check> {
    let free = free_bytes(home.folder())?;
    let size = std::fs::metadata(home.database()).map_or(0, |found| found.len());
    let mebibytes = plural(free >> 20, "Mio", "Mio");
    let command = format!("df -h {}", shell_path(home.folder()));
    Some(if free < LEAST_FREE {
        Check::fail(
            DISK,
            format!("{mebibytes} : une synchronisation n'y tient pas"),
        )
        .mended_by(command)
    } else if free < FEW_FREE.max(size) {
        let detail = format!("{mebibytes} : c'est peu pour relire ou renommer toutes les lignes");
        Check::warn(DISK, detail).mended_by(command)
    } else {
        Check::ok(DISK, mebibytes)
    })
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Whether cron, which knows few folders and no variable of a terminal, finds this program and this home.
fn cron(context: &Context<'_>) -> Check {
    let is_found = PATH_OF_CRON
        .iter()
        .any(|folder| Path::new(folder).join("crmreco").is_file());
    let is_default = Home::of_platform().is_ok_and(|home| home == context.home);
    if is_found && is_default {
        return Check::ok(CRON, "trouve crmreco et ce dossier");
    }
    let program = std::env::current_exe().map_or_else(
        |_| "crmreco".to_owned(),
        |program| program.display().to_string(),
    );
    let program = if is_found {
        "crmreco".to_owned()
    } else {
        program
    };
    let home = match std::path::absolute(context.home.folder()) {
        Ok(folder) if !is_default => format!(" --home {}", shell_path(&folder)),
        _ => String::new(),
    };
    let what = match (is_found, is_default) {
        (false, true) => "ne connaît pas le dossier de crmreco",
        (true, false) => "prendrait un autre dossier de données",
        _ => "ne connaît ni le dossier du programme ni celui des données",
    };
    Check::warn(CRON, format!("{what} ; la ligne de crontab qui convient :")).mended_by(format!(
        "15 2 * * * {}{home} sync --all --quiet",
        shell_word(&program)
    ))
}
