//! The registered connectors: variables `CRMRECO_CONNECTOR__<NAME>__<SETTING>` of the home's `.env`; the process
//! environment overrides them.

mod change;
mod database;
mod rename;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use self::change::Changes;
pub use self::database::with_database;
use crate::connectors::{Connector, ConnectorKind, Input, KINDS, SettingSpec, Settings};
use crate::env_file::EnvFile;
use crate::error::{Advice, Error, ErrorKind, Result};
use crate::french::listed;
use crate::home::Home;
use crate::retention::Retention;

const PREFIX: &str = "CRMRECO_CONNECTOR__";
/// The setting with the type of connector.
pub(crate) const TYPE: &str = "TYPE";

/// `/connectors/new` is the page that adds a connector.
const RESERVED_NAME: &str = "new";

/// Longest name of a connector.
const MOST_NAME_CHARS: usize = 64;

/// A registered connector whose settings have not been checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Name of the connector.
    pub name: String,
    /// Its type, as written.
    pub kind: String,
    /// Its other settings, by upper-case key.
    pub settings: Settings,
}

/// All registered connectors of a home.
#[derive(Debug)]
pub struct Registry {
    home: Home,
    by_name: BTreeMap<String, Registration>,
    /// How long history is kept, as written.
    keep_days: Option<String>,
    /// The connectors with a line in `.env`.
    in_file: BTreeSet<String>,
    /// Variables of connectors in the process environment.
    in_environment: Vec<String>,
    /// Lines of `.env` that cannot be read, by connector.
    unreadable: BTreeMap<String, Vec<UnreadableLine>>,
    /// Renames that were interrupted: the old name, by the new one.
    renames: BTreeMap<String, String>,
}

/// A line of `.env` that cannot be read.
#[derive(Debug)]
struct UnreadableLine {
    /// Counted from 1.
    number: usize,
    /// The setting that it should give.
    key: String,
}

impl Registry {
    /// Reads the connectors of `home`. `environment`: the variables of the process.
    pub fn read(home: &Home, environment: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let file = EnvFile::new(home.env_file());
        let mut variables = file.read()?;
        let mut in_file: BTreeSet<String> = BTreeSet::new();
        in_file.extend(
            variables
                .keys()
                .filter_map(|name| Some(parse_variable(name)?.0)),
        );
        let mut unreadable: BTreeMap<String, Vec<UnreadableLine>> = BTreeMap::new();
        for (number, variable) in file.unreadable_lines()? {
            if let Some((name, key)) = parse_variable(&variable) {
                in_file.insert(name.clone());
                let lines = unreadable.entry(name).or_default();
                lines.push(UnreadableLine { number, key });
            }
        }
        let renames = rename::pending(&variables);
        let ours = |name: &str| name.starts_with(PREFIX) || name == Retention::VARIABLE;
        let environment: Vec<_> = environment.filter(|(name, _)| ours(name)).collect();
        let in_environment = environment.iter().map(|(name, _)| name.clone()).collect();
        variables.extend(environment);
        let keep_days = variables.remove(Retention::VARIABLE);
        let mut by_name = registrations(variables);
        for name in unreadable.keys() {
            by_name.entry(name.clone()).or_insert_with(|| Registration {
                name: name.clone(),
                kind: String::new(),
                settings: Settings::default(),
            });
        }
        Ok(Self {
            home: home.clone(),
            by_name,
            keep_days,
            in_file,
            in_environment,
            unreadable,
            renames,
        })
    }

    /// All connectors, by name.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Registration> {
        self.by_name.values()
    }

    /// Fails when no connector is registered.
    pub fn require_any(&self) -> Result<()> {
        if !self.by_name.is_empty() {
            return Ok(());
        }
        let folder = self.home.folder();
        let error = if folder.exists() {
            Error::config("Aucun connecteur n'est enregistré")
        } else {
            let what = "n'existe pas : aucun connecteur n'y est enregistré";
            Error::config(format!("Le dossier {} {what}", folder.display()))
                .advise(Advice::ChooseHome)
        };
        Err(error.advise(Advice::Register))
    }

    /// How long history is kept.
    pub fn retention(&self) -> Result<Retention> {
        Retention::of_setting(self.keep_days.as_deref())
    }

    /// Path of the file with the settings.
    pub fn env_file(&self) -> PathBuf {
        self.home.env_file()
    }

    /// Whether rows under `name` are those of a registered connector, whose rename may have been interrupted.
    pub fn accounts_for(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.renames.values().any(|old| old == name)
    }

    /// The connector called `name`.
    pub fn get(&self, name: &str) -> Result<&Registration> {
        self.by_name.get(name).ok_or_else(|| self.unknown(name))
    }

    /// Fails when `name` is taken.
    pub fn require_free(&self, name: &str) -> Result<()> {
        if name == RESERVED_NAME {
            return Err(
                Error::config(format!("Le nom « {name} » est réservé")).hint(
                    "C'est l'adresse de la page qui ajoute un connecteur ; choisissez un autre nom",
                ),
            );
        }
        if self.accounts_for(name) {
            return Err(taken(name));
        }
        Ok(())
    }

    /// The variables of connector `name` in the process environment.
    pub fn in_environment(&self, name: &str) -> Vec<&str> {
        let variables = self.in_environment.iter().map(String::as_str);
        let is_ours = |variable: &&str| {
            parse_variable(variable).is_some_and(|(connector, _)| connector == name)
        };
        variables.filter(is_ours).collect()
    }

    /// The registered connector that `variable` is a setting of.
    pub fn owner(&self, variable: &str) -> Option<String> {
        let (name, _) = parse_variable(variable)?;
        self.by_name.contains_key(&name).then_some(name)
    }

    /// Why the settings of `name` cannot all be read, if they cannot.
    pub fn unreadable(&self, name: &str) -> Option<Error> {
        let line = self.unreadable.get(name)?.first()?;
        Some(self.unreadable_line(name, line))
    }

    fn unreadable_line(&self, name: &str, line: &UnreadableLine) -> Error {
        let error = EnvFile::new(self.home.env_file()).unparsable(line.number);
        let again = format!("Ou donnez de nouveau le réglage {}", line.key);
        Error::from(error).and_hint(&again).at(name)
    }

    fn unknown(&self, name: &str) -> Error {
        let error = Error::new(
            ErrorKind::NotFound,
            format!("Aucun connecteur ne s'appelle « {name} »"),
        );
        let closest = self
            .by_name
            .keys()
            .map(|known| (strsim::jaro_winkler(known, name), known))
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|one, other| one.0.total_cmp(&other.0));
        match closest {
            Some((_, known)) => error.hint(format!("Vouliez-vous dire « {known} » ?")),
            None if self.by_name.is_empty() => error.advise(Advice::Register),
            None => {
                let names: Vec<_> = self.by_name.keys().map(String::as_str).collect();
                error.hint(format!("Connecteurs enregistrés : {}", listed(&names)))
            }
        }
    }

    /// Checks a new connector's settings and writes it to `.env`; returns the message to show.
    pub fn enroll(&self, registration: &Registration) -> Result<String> {
        self.open_registration(registration)?;
        self.add(registration)?;
        let name = &registration.name;
        Ok(format!("Connecteur '{name}' enregistré avec succès"))
    }

    /// Writes a new connector to `.env`.
    pub fn add(&self, registration: &Registration) -> Result<()> {
        let name = &registration.name;
        check_name(name)?;
        self.require_free(name)?;
        self.home.create()?;
        let mut lines = vec![(variable(name, TYPE), registration.kind.clone())];
        lines.extend(
            registration
                .settings
                .iter()
                .map(|(key, value)| (variable(name, key), value.clone())),
        );
        // Another process may have taken the name since the settings were read.
        let is_free = |now: BTreeMap<String, String>| {
            let is_pending = rename::pending(&now).values().any(|old| old == name);
            !is_pending && !registrations(now).contains_key(name)
        };
        let file = EnvFile::new(self.home.env_file());
        if file.set_if(Some(name), &lines, is_free)? {
            Ok(())
        } else {
            Err(taken(name))
        }
    }

    /// Removes `name` from `.env`. Fails when it is not there because only the process environment defines it.
    pub fn remove(&self, name: &str) -> Result<()> {
        self.get(name)?;
        let is_ours = |variable: &str| {
            parse_variable(variable).is_some_and(|(connector, _)| connector == name)
        };
        let removed = EnvFile::new(self.home.env_file()).remove(Some(name), is_ours)?;
        if removed.is_empty() {
            return Err(self.not_in_file(name, "Retirez"));
        }
        Ok(())
    }

    /// The error for a connector that `.env` does not define. `what`: what to do with its variables.
    fn not_in_file(&self, name: &str, what: &str) -> Error {
        Error::config(format!(
            "« {name} » n'est pas dans {} : il vient des variables d'environnement",
            self.home.env_file().display()
        ))
        .hint(format!(
            "{what} les variables {PREFIX}{}__…",
            name.to_uppercase()
        ))
    }

    /// Checks the settings of `name` and opens its connector.
    pub fn open(&self, name: &str) -> Result<Box<dyn Connector>> {
        let registration = self.get(name)?;
        if let Some(error) = self.unreadable(name) {
            return Err(error);
        }
        self.open_registration(registration)
    }

    /// A remark about valid settings of `registration`.
    pub fn caution(&self, registration: &Registration) -> Option<String> {
        self.open_registration(registration).ok()?.caution()
    }

    /// Folders in the settings of `registration` that do not exist for now, each with the key of its setting.
    pub fn missing_folders(&self, registration: &Registration) -> Vec<(&'static str, String)> {
        let specs = ConnectorKind::named(&registration.kind).map_or(&[][..], |kind| kind.settings);
        let is_folder = |spec: &&SettingSpec| {
            let field = spec.field.as_ref();
            field.is_some_and(|field| matches!(field.input, Input::Folder))
        };
        let folders = specs.iter().filter(is_folder).filter_map(|spec| {
            let folder = registration.settings.get(spec.key)?;
            Some((spec.key, folder.clone()))
        });
        folders
            .filter(|(_, folder)| !self.home.resolve(folder).is_dir())
            .collect()
    }

    /// Checks the settings of a connector that may not be registered yet, and opens it.
    pub fn open_registration(&self, registration: &Registration) -> Result<Box<dyn Connector>> {
        let name = &registration.name;
        let kind = ConnectorKind::named(&registration.kind).map_err(|error| error.at(name))?;
        kind.open(&registration.settings, &self.home)
            .map_err(|error| error.at(name))
    }
}

/// The connectors that these variables register, by name.
fn registrations(variables: BTreeMap<String, String>) -> BTreeMap<String, Registration> {
    let mut found: BTreeMap<String, Settings> = BTreeMap::new();
    for (variable, value) in variables {
        if let Some((name, key)) = parse_variable(&variable) {
            found.entry(name).or_default().insert(key, value);
        }
    }
    let by_name = found.into_iter().filter_map(|(name, mut settings)| {
        let kind = settings.remove(TYPE).unwrap_or_default();
        settings.remove(rename::MARK);
        // A secret alone in the environment registers nothing: `add` reads it.
        let is_registered = !kind.is_empty() || !settings.keys().all(|key| is_a_secret(key));
        is_registered.then(|| {
            let registration = Registration {
                name: name.clone(),
                kind,
                settings,
            };
            (name, registration)
        })
    });
    by_name.collect()
}

/// Whether some type of connector has a secret called `key`.
fn is_a_secret(key: &str) -> bool {
    let mut specs = KINDS.iter().flat_map(|kind| kind.settings);
    specs.any(|spec| spec.is_secret && spec.key == key)
}

fn taken(name: &str) -> Error {
    Error::config(format!("Le nom « {name} » est déjà pris"))
        .advise(Advice::FreeName(name.to_owned()))
}

/// Checks a new connector's name.
pub fn check_name(name: &str) -> Result<()> {
    let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    let is_made_well = name
        .chars()
        .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_');
    let separates_well = !name.contains("__") && !name.ends_with('_');
    if starts_well && is_made_well && separates_well && name.len() <= MOST_NAME_CHARS {
        return Ok(());
    }
    Err(
        Error::config(format!("« {name} » ne peut pas être un nom de connecteur")).hint(format!(
            "Lettres minuscules sans accent, chiffres et soulignés simples, en commençant par une lettre, \
             {MOST_NAME_CHARS} signes au plus ; par exemple isavigne_prod"
        )),
    )
}

/// The variable that holds setting `key` of connector `name`.
pub fn variable(name: &str, key: &str) -> String {
    format!("{PREFIX}{}__{key}", name.to_ascii_uppercase())
}

/// `CRMRECO_CONNECTOR__ISAVIGNE_PROD__EXPORT_PATH` → (`isavigne_prod`, `EXPORT_PATH`).
fn parse_variable(variable: &str) -> Option<(String, String)> {
    let (name, key) = variable.strip_prefix(PREFIX)?.split_once("__")?;
    let name = name.to_ascii_lowercase();
    check_name(&name).ok()?;
    (!key.is_empty()).then(|| (name, key.to_ascii_uppercase()))
}
