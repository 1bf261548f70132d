//! French formats of time stamps, durations and statuses, for terminals and pages.

#[cfg(feature = "serve")]
use jiff::Timestamp;

/// `13,5`: megabytes of a million bytes.
#[cfg(feature = "cli")]
pub(crate) fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{},{}", tenths / 10, tenths % 10)
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

/// `il y a 3 h`: how long ago `rfc3339` was at `now`; `None` for a time to come and for what is no time stamp.
#[cfg(feature = "serve")]
pub(crate) fn ago(rfc3339: &str, now: Timestamp) -> Option<String> {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let at: Timestamp = rfc3339.parse().ok()?;
    let seconds = now.as_second() - at.as_second();
    // Two clocks may differ by some seconds.
    if seconds < -MINUTE {
        return None;
    }
    if seconds < MINUTE {
        return Some("à l'instant".to_owned());
    }
    let units = [
        (365 * DAY, 730 * DAY, "an", "ans"),
        (30 * DAY, 60 * DAY, "mois", "mois"),
        (DAY, DAY, "jour", "jours"),
        (HOUR, HOUR, "h", "h"),
        (MINUTE, MINUTE, "min", "min"),
    ];
    let (unit, _, one, several) = units.into_iter().find(|(_, from, ..)| seconds >= *from)?;
    let count = u64::try_from(seconds / unit).unwrap_or_default();
    Some(format!("il y a {}", super::plural(count, one, several)))
}

/// `text` with no-break spaces beside its quotes and colons (Imprimerie nationale, Lexique des règles
/// typographiques).
#[cfg(feature = "serve")]
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

/// French names of the lines of a receipt, in the order of [`UnitAnswer::numbers`].
///
/// [`UnitAnswer::numbers`]: crate::json::UnitAnswer::numbers
pub(crate) const RECEIPT: [&str; 7] = [
    "Lignes",
    "En-tête",
    "Vides",
    "Totaux",
    "Hors table",
    "Enregistrées",
    "Rejetées",
];

/// French name and tone of the state of a rejected row.
pub(crate) fn reject_state(code: &str) -> (&'static str, Tone) {
    match code {
        "fixed" => ("Corrigée, à rejouer", Tone::Busy),
        "ignored" => ("Laissée de côté", Tone::Faint),
        "closed" => ("Close", Tone::Good),
        _ => ("À traiter", Tone::Warning),
    }
}

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

    #[cfg(feature = "serve")]
    #[test]
    fn quotes_and_colons_keep_to_their_words() {
        assert_eq!(
            with_no_break_spaces("Le nom « cave » : pris ; rien n'est fait"),
            "Le nom «\u{a0}cave\u{a0}»\u{a0}: pris\u{a0}; rien n'est fait"
        );
    }

    #[cfg(feature = "serve")]
    #[test]
    fn ages_get_coarser_as_they_grow() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        for (at, expected) in [
            ("2026-03-10T12:00:30Z", Some("à l'instant")),
            ("2026-03-10T11:59:01Z", Some("à l'instant")),
            ("2026-03-10T11:59:00Z", Some("il y a 1 min")),
            ("2026-03-10T09:00:01Z", Some("il y a 2 h")),
            ("2026-03-10T10:00:00+01:00", Some("il y a 3 h")),
            ("2026-03-09T12:00:00Z", Some("il y a 1 jour")),
            ("2026-03-07T12:00:00Z", Some("il y a 3 jours")),
            ("2025-12-10T12:00:00Z", Some("il y a 3 mois")),
            ("2023-12-10T12:00:00Z", Some("il y a 2 ans")),
            ("2026-03-10T13:00:00Z", None),
            ("hier", None),
        ] {
            assert_eq!(ago(at, now).as_deref(), expected, "{at}");
        }
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
