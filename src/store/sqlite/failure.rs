//! Error messages in French for failures of SQLite.

use rusqlite::{Error as Sqlite, ErrorCode};

use crate::error::{Advice, Error, io_reason};

/// Whether another connection holds the lock.
pub(super) fn is_busy(error: &Sqlite) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

impl From<Sqlite> for Error {
    fn from(error: Sqlite) -> Self {
        let converted = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::store("La base de données est occupée par un autre programme")
                    .hint("Fermez l'outil qui la tient ouverte, puis relancez la même commande")
            }
            Some(ErrorCode::DiskFull) => Self::store("Le disque est plein : rien n'a été changé")
                .hint("Libérez de la place, puis relancez la même commande"),
            Some(ErrorCode::ReadOnly) => {
                Self::store("La base de données est en lecture seule : rien n'a été changé")
                    .hint("Donnez le droit d'écrire dans le dossier et le fichier crmreco.db")
            }
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::store("La base de données ne peut pas être ouverte")
                    .hint("Vérifiez que le dossier existe et que vous avez le droit d'y écrire")
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                unreadable("La base de données crmreco.db est abîmée ou n'est pas une base SQLite")
            }
            Some(ErrorCode::SystemIoFailure) => {
                Self::store("Le disque ne répond pas comme il faut : rien n'a été changé")
                    .hint("Vérifiez le disque, la place libre et la taille permise d'un fichier (ulimit -f), puis relancez la même commande")
            }
            _ => Self::store(format!("La base de données a refusé l'opération ({error})")),
        };
        converted.because(error)
    }
}

/// The error for a temporary file beside the database that cannot be written.
pub(crate) fn unwritable(error: &std::io::Error) -> Error {
    Error::store(format!(
        "Le dossier de crmreco n'a pas pu recevoir ce qui a été lu : {}",
        io_reason(error)
    ))
    .hint("Libérez de la place sur ce disque, puis relancez : rien n'a été changé")
}

/// The error for a database that cannot be used at all.
pub(super) fn unreadable(what: &str) -> Error {
    Error::store(what)
        .hint("Remettez une sauvegarde, ou déplacez le fichier")
        .advise(Advice::FullRefresh)
}
