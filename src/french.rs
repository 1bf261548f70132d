//! French formats of numbers, durations, time stamps and statuses, for terminals and pages.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Most names listed in one sentence.
const MOST_LISTED: usize = 20;

/// `names` joined by commas, at most [`MOST_LISTED`].
pub(crate) fn listed(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_LISTED).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        1 => format!("{shown} et 1 autre"),
        more => format!("{shown} et {more} autres"),
    }
}

/// Narrow no-break space, which groups thousands (Imprimerie nationale, Lexique des règles typographiques).
const GROUP: char = '\u{202f}';

/// `1 234 567`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * GROUP.len_utf8());
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

/// `13,5`: megabytes of a million bytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{},{}", tenths / 10, tenths % 10)
}

/// `4 Gio`, `1,5 Mio`, `12 octets`: bytes in powers of 1,024.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = [(40, "Tio"), (30, "Gio"), (20, "Mio"), (10, "Kio")];
    let Some((shift, unit)) = units.into_iter().find(|(shift, _)| bytes >> shift > 0) else {
        return plural(bytes, "octet", "octets");
    };
    let whole = bytes >> shift;
    match ((bytes >> (shift - 10)) & 1023) * 10 / 1024 {
        0 => format!("{} {unit}", count(whole)),
        tenths => format!("{},{tenths} {unit}", count(whole)),
    }
}

/// `40 ms`, `0,4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds < 0.095 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if seconds < 9.95 {
        return format!("{seconds:.1} s").replace('.', ",");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded, positive, and no run lasts 2⁶⁴ seconds"
    )]
    let whole = seconds.round() as u64;
    match (whole / 60, whole % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds:02} s"),
    }
}

/// `27/12/2025 16:10`, in local time; unchanged when it is not a time stamp.
pub(crate) fn instant(rfc3339: &str) -> String {
    match rfc3339.parse::<Timestamp>() {
        Ok(at) => at
            .to_zoned(TimeZone::system())
            .strftime("%d/%m/%Y %H:%M")
            .to_string(),
        Err(_) => rfc3339.to_owned(),
    }
}

/// `1 ligne`, `12 lignes`.
pub(crate) fn plural(value: u64, one: &str, several: &str) -> String {
    let noun = if value < 2 { one } else { several };
    format!("{} {noun}", count(value))
}

/// `text` with no-break spaces beside its quotes and colons (Imprimerie nationale, Lexique des règles
/// typographiques).
pub(crate) fn with_no_break_spaces(text: &str) -> String {
    text.replace("« ", "«\u{a0}")
        .replace(" »", "\u{a0}»")
        .replace(" :", "\u{a0}:")
        .replace(" ;", "\u{a0};")
}

/// The tone of a text, which determines its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Busy,
    Warning,
    Faint,
    Strong,
}

/// French names of the row counts, in the order of [`CountsAnswer::numbers`].
///
/// [`CountsAnswer::numbers`]: crate::json::CountsAnswer::numbers
pub(crate) const COUNTED: [&str; 6] = [
    "Lues",
    "Ajoutées",
    "Modifiées",
    "Inchangées",
    "Supprimées",
    "Rejetées",
];

/// French name and tone of a connector's status.
pub(crate) fn connector_status(code: &str) -> (&'static str, Tone) {
    match code {
        "idle" => ("Jamais synchronisé", Tone::Faint),
        "syncing" => ("En cours", Tone::Busy),
        "healthy" => ("✓ Sain", Tone::Good),
        _ => ("✗ Erreur", Tone::Bad),
    }
}

/// French name and tone of a run's status.
pub(crate) fn run_status(code: &str) -> (&'static str, Tone) {
    match code {
        "success" => ("✓ OK", Tone::Good),
        "running" => ("En cours", Tone::Busy),
        "interrupted" => ("✗ Interrompue", Tone::Bad),
        _ => ("✗ Erreur", Tone::Bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_by_narrow_spaces() {
        for (value, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1\u{202f}000"),
            (1_234_567, "1\u{202f}234\u{202f}567"),
        ] {
            assert_eq!(count(value), expected);
        }
    }

    #[test]
    fn sizes_are_in_the_largest_unit_that_they_fill() {
        for (value, expected) in [
            (1, "1 octet"),
            (1023, "1\u{202f}023 octets"),
            (1024, "1 Kio"),
            (500 << 20, "500 Mio"),
            (3 << 29, "1,5 Gio"),
            (2 << 40, "2 Tio"),
        ] {
            assert_eq!(bytes(value), expected);
        }
    }

    #[test]
    fn quotes_and_colons_keep_to_their_words() {
        assert_eq!(
            with_no_break_spaces("Le nom « cave » : pris ; rien n'est fait"),
            "Le nom «\u{a0}cave\u{a0}»\u{a0}: pris\u{a0}; rien n'est fait"
        );
    }

    #[test]
    fn durations_get_coarser_as_they_grow() {
        for (seconds, expected) in [
            (0.04, "40 ms"),
            (0.36, "0,4 s"),
            (9.96, "10 s"),
            (75.2, "1 min 15 s"),
            (3605.0, "60 min 05 s"),
        ] {
            assert_eq!(duration(seconds), expected);
        }
    }
}
