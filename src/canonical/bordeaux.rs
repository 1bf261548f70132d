//! The appellations of Bordeaux. A jéroboam of Bordeaux holds 5 litres, others hold 3.

use super::text::fold;

/// Whether `region`, a region or an appellation, is in Bordeaux.
pub(super) fn is_bordeaux(region: &str) -> bool {
    const PLACES: [&str; 31] = [
        "bordeaux",
        "bordelais",
        "medoc",
        "pauillac",
        "margaux",
        "saint julien",
        "st julien",
        "saint estephe",
        "st estephe",
        "listrac",
        "moulis",
        "saint emilion",
        "st emilion",
        "pomerol",
        "fronsac",
        "canon fronsac",
        "castillon",
        "francs",
        "graves",
        "pessac leognan",
        "pessac",
        "sauternes",
        "barsac",
        "cerons",
        "loupiac",
        "cadillac",
        "sainte croix du mont",
        "entre deux mers",
        "blaye",
        "cotes de bourg",
        "premieres cotes de blaye",
    ];
    let mut padded = String::with_capacity(region.len() + 2);
    padded.push(' ');
    padded.extend(
        fold(region)
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { ' ' }),
    );
    padded.push(' ');
    PLACES.iter().any(|place| {
        padded.match_indices(place).any(|(at, found)| {
            let before = padded.get(..at).unwrap_or_default();
            let after = padded.get(at + found.len()..).unwrap_or_default();
            before.ends_with(' ') && after.starts_with(' ')
        })
    })
}
