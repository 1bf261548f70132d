//! The password file, `~/.pgpass`: lines `host:port:database:user:password`.
//!
//! Rules: "The Password File" of the manual of PostgreSQL, chapter libpq.

use std::fs;
use std::path::Path;

use secrecy::SecretString;

use crate::error::io_reason;

/// The largest password file that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Whom a password is for.
pub(super) struct Wanted<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// The lines of the password file. Fails in French where it exists and is not used.
pub(super) fn read(path: &Path) -> Result<Option<String>, String> {
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_reason(&error)),
    };
    if !about.is_file() {
        return Err("ce n'est pas un fichier ordinaire".to_owned());
    }
    if is_open_to_others(&about) {
        return Err("d'autres comptes peuvent le lire (chmod 600)".to_owned());
    }
    if about.len() > MOST_BYTES {
        return Err("il est trop grand".to_owned());
    }
    let bytes = fs::read(path).map_err(|error| io_reason(&error))?;
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| "il n'est pas en UTF-8".to_owned())
}

#[cfg(unix)]
fn is_open_to_others(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_about: &fs::Metadata) -> bool {
    false
}

/// The password of the first line that fits; an empty one is none.
pub(super) fn find(lines: &str, wanted: &Wanted) -> Option<SecretString> {
    let port = wanted.port.to_string();
    let wanted = [wanted.host, &port, wanted.database, wanted.user];
    let mut lines = lines.lines().filter(|line| !line.starts_with('#'));
    let password = lines.find_map(|line| {
        let mut rest = line;
        for value in wanted {
            let (field, after) = field(rest)?;
            if rest.starts_with("*:") || field == value {
                rest = after;
            } else {
                return None;
            }
        }
        // What follows the password's own colon is left for later versions.
        Some(field(rest).map_or_else(|| unescaped(rest), |(password, _)| password))
    });
    password
        .filter(|password| !password.is_empty())
        .map(SecretString::from)
}

/// The text before the first colon that is not escaped, and what follows it.
fn field(text: &str) -> Option<(String, &str)> {
    let mut is_escaped = false;
    let end = text.char_indices().find(|(_, sign)| {
        let is_end = *sign == ':' && !is_escaped;
        is_escaped = *sign == '\\' && !is_escaped;
        is_end
    });
    let (end, _) = end?;
    let (before, after) = text.split_at(end);
    Some((unescaped(before), after.get(1..)?))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => plain.extend(signs.next()),
            sign => plain.push(sign),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn password(lines: &str, host: &str, user: &str) -> Option<String> {
        let wanted = Wanted {
            host,
            port: 5432,
            database: "cave",
            user,
        };
        find(lines, &wanted).map(|found| found.expose_secret().to_owned())
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let lines =
            "# a comment\nother:*:*:*:no\ndb:5433:*:*:no\ndb:5432:cave:anne:one\n*:*:*:*:all\n";
        assert_eq!(password(lines, "db", "anne").as_deref(), Some("one"));
        assert_eq!(password(lines, "db", "paul").as_deref(), Some("all"));
        assert_eq!(
            password("db:5432:cave:anne:\n*:*:*:*:all", "db", "anne"),
            None
        );
        assert_eq!(password("db:5432:cave", "db", "anne"), None);
        assert_eq!(password("", "db", "anne"), None);
    }

    #[test]
    fn colons_and_backslashes_are_escaped() {
        let lines = r"fe80\:\:1:*:*:a\\b:p\:w\\d";
        assert_eq!(
            password(lines, "fe80::1", r"a\b").as_deref(),
            Some(r"p:w\d")
        );
        // A star that is escaped stands for itself.
        assert_eq!(password(r"\*:*:*:*:pw", "db", "anne"), None);
        assert_eq!(
            password(r"*:*:*:*:été", "db", "anne").as_deref(),
            Some("été")
        );
    }
}
