//! What to do next about an error.

use std::fmt;

/// What to do next. Its `Display` is a French sentence for every place, including the history; the command line and
/// the pages each add a command or a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// A sentence for every place.
    Text(String),
    /// Register a connector.
    Register,
    /// Choose another name than this one, or remove the connector of this name.
    FreeName(String),
    /// Delete the rows and the history that a removed connector of this name left, or choose another name.
    PurgeLeftovers(String),
    /// Find the number of a run in the history of this connector.
    ListRuns(String),
    /// Look at the rejects of this connector, and correct them at the source.
    ShowRejects(String),
    /// Give these settings of this type of connector, by key.
    GiveSettings(&'static str, Vec<&'static str>),
    /// Allow the sync to delete more than the shrink limit.
    AllowShrink,
    /// Sync all tables instead of one.
    SyncAllTables,
    /// Do a full refresh.
    FullRefresh,
    /// Name one customer by connector and key, such as this one.
    ChooseCustomer(String, String),
    /// Sync fewer connectors at the same time.
    FewerAtOnce,
    /// Wait until the sync of this connector has ended.
    WaitForSync,
    /// Choose another home folder.
    ChooseHome,
    /// Choose another address to listen on, such as this one.
    ChooseAddress(String),
    /// Set an access token, which clients send.
    SetToken,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Register => f.write_str("Enregistrez d'abord un connecteur"),
            Self::FreeName(_) => {
                f.write_str("Choisissez un autre nom, ou retirez d'abord celui-ci")
            }
            Self::PurgeLeftovers(name) => {
                write!(
                    f,
                    "Choisissez un autre nom, ou effacez ce que « {name} » a laissé"
                )
            }
            Self::ListRuns(name) => write!(f, "Les numéros sont dans l'historique de {name}"),
            Self::ShowRejects(_) => {
                f.write_str("Voyez toutes les lignes rejetées, et corrigez-les à la source")
            }
            Self::GiveSettings(_, keys) => write!(f, "À donner : {}", keys.join(", ")),
            Self::AllowShrink => {
                f.write_str("Si c'est voulu, relancez en autorisant cette suppression")
            }
            Self::SyncAllTables => {
                f.write_str("Synchronisez toutes les tables : les autres seront lues")
            }
            Self::FullRefresh => {
                f.write_str("Relancez en relisant tout : les sources seront relues en entier")
            }
            Self::ChooseCustomer(_, _) => {
                f.write_str("Désignez-en un par sa clé et son connecteur")
            }
            Self::FewerAtOnce => f.write_str("Synchronisez moins de connecteurs à la fois"),
            Self::WaitForSync => {
                f.write_str("Attendez la fin de l'autre synchronisation, puis recommencez")
            }
            Self::ChooseHome => f.write_str("Choisissez un autre dossier de données"),
            Self::ChooseAddress(example) => {
                write!(f, "Choisissez une autre adresse, par exemple {example}")
            }
            Self::SetToken => {
                f.write_str("Fixez un jeton (CRMRECO_SERVE_TOKEN), et gardez-le pour entrer")
            }
        }
    }
}
