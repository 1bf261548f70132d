//! Charts, drawn inline as SVG without a script or a style of their own. Each says in words what it shows, and those
//! with many values stand beside a table.

use std::fmt::Write;

use maud::{Markup, html};

use crate::french;

/// Height of a chart, in its own units.
const HEIGHT: u64 = 40;

/// Size of a sparkline, and of each of its values: as they are shown, so that fifty need few bytes.
const SPARK_HEIGHT: u64 = 28;
const SPARK_STEP: usize = 24;

/// `value` as a part of `whole`, where `most` fills it.
fn height(value: u64, most: u64, whole: u64) -> u64 {
    let exact = u128::from(value) * u128::from(whole) / u128::from(most.max(1));
    let rounded = u64::try_from(exact).unwrap_or(whole);
    // What is not zero can be seen.
    rounded.max(u64::from(value > 0))
}

/// Rows of the latest syncs as steps, the oldest first; nothing when all are zero.
pub(super) fn sparkline(values: &[u64]) -> Markup {
    let most = values.iter().copied().max().unwrap_or_default();
    let mut path = format!("M0 {SPARK_HEIGHT}");
    let mut last = None;
    for value in values {
        let top = SPARK_HEIGHT - height(*value, most, SPARK_HEIGHT);
        // Writing to a text cannot fail.
        let _ = if last == Some(top) {
            write!(path, "h{SPARK_STEP}")
        } else {
            write!(path, "V{top}h{SPARK_STEP}")
        };
        last = Some(top);
    }
    let counts: Vec<String> = values.iter().map(|value| french::count(*value)).collect();
    html! {
        @if most > 0 {
            svg viewBox={ "0 0 " (values.len() * SPARK_STEP) " " (SPARK_HEIGHT) } role="img" {
                title { "Lignes par sync : " (counts.join(", ")) }
                path d={ (path) "V" (SPARK_HEIGHT) } {}
            }
        }
    }
}

/// A value over time as a filled line from zero, which `text` describes.
pub(super) fn area(values: &[u64], text: &str) -> Markup {
    // A line needs two points.
    let level = [values.first().copied().unwrap_or_default(); 2];
    let values = if values.len() < 2 { &level } else { values };
    let most = values.iter().copied().max().unwrap_or_default();
    let tops = values
        .iter()
        .map(|value| HEIGHT - height(*value, most, HEIGHT));
    let points: Vec<String> = tops.enumerate().map(|(x, y)| format!("L{x} {y}")).collect();
    let last = values.len().saturating_sub(1);
    let line = points.concat().replacen('L', "M", 1);
    html! {
        svg viewBox={ "0 0 " (last) " " (HEIGHT) } preserveAspectRatio="none" role="img" {
            title { (text) }
            path d={ (line) "V" (HEIGHT) "H0" } {}
            path.line d=(line) {}
        }
    }
}

/// A bar: its value, and its description.
pub(super) struct Bar {
    pub(super) value: i64,
    pub(super) text: String,
}

/// Bars beside each other, which `text` describes; those below zero hang down.
pub(super) fn bars(bars: &[Bar], text: &str) -> Markup {
    let highest = bars
        .iter()
        .map(|bar| bar.value)
        .max()
        .unwrap_or_default()
        .max(0);
    let lowest = bars
        .iter()
        .map(|bar| bar.value)
        .min()
        .unwrap_or_default()
        .min(0);
    let range = highest.abs_diff(lowest);
    let zero = height(highest.unsigned_abs(), range, HEIGHT);
    html! {
        svg viewBox={ "0 0 " (bars.len() * 4) " " (HEIGHT) } preserveAspectRatio="none" role="img" {
            title { (text) }
            @for (at, bar) in bars.iter().enumerate() {
                @let tall = height(bar.value.unsigned_abs(), range, HEIGHT);
                @let y = if bar.value < 0 { zero } else { zero.saturating_sub(tall) };
                rect x=(at * 4) y=(y) width="3" height=(tall) { title { (bar.text) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_is_as_high_as_its_most_and_shows_what_is_small() {
        let drawn = sparkline(&[1000, 1, 0, 500]).into_string();
        assert!(
            drawn.contains(r#"d="M0 28V0h24V27h24V28h24V14h24V28""#),
            "{drawn}"
        );
        assert!(drawn.contains("<title>Lignes par sync : 1\u{202f}000, 1, 0, 500</title>"));
        assert_eq!(sparkline(&[0, 0]).into_string(), "");
        assert_eq!(sparkline(&[]).into_string(), "");
        let huge = sparkline(&[u64::MAX, u64::MAX]).into_string();
        assert!(huge.contains(r#"d="M0 28V0h24h24V28""#), "{huge}");
    }

    #[test]
    fn an_area_of_one_value_is_a_level_line() {
        let drawn = area(&[5], "Clients").into_string();
        assert!(drawn.contains(r#"viewBox="0 0 1 40""#), "{drawn}");
        assert!(drawn.contains(r#"d="M0 0L1 0""#), "{drawn}");
    }

    #[test]
    fn bars_below_zero_hang_from_the_line() {
        let bar = |value| Bar {
            value,
            text: value.to_string(),
        };
        let drawn = bars(&[bar(30), bar(-10), bar(0)], "ventes").into_string();
        for rect in [
            r#"<rect x="0" y="0" width="3" height="30">"#,
            r#"<rect x="4" y="30" width="3" height="10">"#,
            r#"<rect x="8" y="30" width="3" height="0">"#,
        ] {
            assert!(drawn.contains(rect), "{rect}: {drawn}");
        }
    }
}
