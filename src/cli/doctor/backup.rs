//! The age of the last backup.

use jiff::{SignedDuration, Timestamp};

use super::Check;
use crate::backup::{self, Stamp, last};
use crate::cli::Context;
use crate::french;
use crate::json::local;

const BACKUP: (&str, &str) = ("backup", "Sauvegarde");

/// Age from which a new one should be made: a week, and a day for a timer that was late.
const OLD: SignedDuration = SignedDuration::from_hours(8 * 24);

/// `None` where there is nothing to back up, or where a server does that.
pub(super) fn check(context: &Context<'_>) -> Option<Check> {
    let home = &context.home;
    if !home.database().exists() || backup::require_file(home).is_err() {
        return None;
    }
    let again = context.command("backup");
    let Some(Stamp { at, file, .. }) = last(home) else {
        return Some(Check::warn(BACKUP, "aucune n'a été faite d'ici").mended_by(again));
    };
    let (when, file) = (french::instant(&local(at)), (file.display(), file.exists()));
    Some(match file {
        (file, false) => {
            Check::warn(BACKUP, format!("celle du {when}, {file}, n'est plus là")).mended_by(again)
        }
        _ if Timestamp::now().duration_since(at) > OLD => {
            Check::warn(BACKUP, format!("la dernière est du {when}")).mended_by(again)
        }
        (file, true) => Check::ok(BACKUP, format!("{when}, {file}")),
    })
}
