//! The chart of a connector's sales by month.

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use maud::{Markup, html};

use super::charts::{self, Bar};
use super::icons::Icon;
use crate::french;
use crate::store::MonthOfSales;

/// Most months of the chart.
const MOST_MONTHS: i64 = 24;

/// The chart of `months`, the oldest first; nothing without sales.
pub(super) fn sales(months: &[MonthOfSales]) -> Markup {
    let months = window(months, Zoned::now().date());
    let without_amount: u64 = months.iter().map(|month| month.without_amount).sum();
    let bars: Vec<Bar> = months.iter().map(bar).collect();
    html! {
        @if let Some((first, last)) = months.first().zip(months.last()) {
            section aria-labelledby="ventes" {
                h2 #ventes { (Icon::Chart.draw()) "Ventes par mois" }
                figure.chart.tall {
                    figcaption { "Montants TTC, de " (name(&first.month)) " à " (name(&last.month))
                        @if let Some(best) = best(&months) { " ; au plus " (euros(best.euros)) " en " (name(&best.month)) } }
                    (charts::bars(&bars, &format!("Ventes TTC par mois, de {} à {}", name(&first.month), name(&last.month))))
                    div.ends aria-hidden="true" { span { (name(&first.month)) } span { (name(&last.month)) } }
                }
                @if without_amount > 0 {
                    p.help { (french::plural(without_amount, "ligne n'a pas de montant", "lignes n'ont pas de montant")) }
                }
                details.panel #ventes-chiffres {
                    summary { "Voir les chiffres" }
                    (sales_table(&months))
                }
            }
        }
    }
}

fn sales_table(months: &[MonthOfSales]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Montants par mois" {
            table {
                thead { tr {
                    th scope="col" { "Mois" }
                    th.number scope="col" { "Montant TTC" }
                    th.number scope="col" { "Lignes" }
                } }
                tbody {
                    @for month in months.iter().rev() {
                        tr {
                            th scope="row" { (name(&month.month)) }
                            td.number { (euros(month.euros)) }
                            td.number { (french::count(month.lines)) }
                        }
                    }
                }
            }
        }
    }
}

/// The latest months up to that of `today`, those without sales among them. Sales with a later date, which may be a
/// typing error, would leave no place for the others.
fn window(months: &[MonthOfSales], today: Date) -> Vec<MonthOfSales> {
    let mut past = months
        .iter()
        .filter_map(|month| Some((first_day(&month.month)?, month)));
    let mut known: Vec<_> = past.by_ref().filter(|(day, _)| *day <= today).collect();
    known.sort_by_key(|(day, _)| *day);
    let Some((last, _)) = known.last().copied() else {
        return Vec::new();
    };
    let mut window = Vec::new();
    let mut day = known.first().map_or(last, |(first, _)| *first);
    if let Ok(earliest) = last.checked_sub((MOST_MONTHS - 1).months()) {
        day = day.max(earliest);
    }
    while day <= last {
        let found = known.iter().find(|(known, _)| *known == day);
        window.push(found.map_or_else(
            || MonthOfSales {
                month: day.strftime("%Y-%m").to_string(),
                ..MonthOfSales::default()
            },
            |(_, month)| (*month).clone(),
        ));
        let Ok(next) = day.checked_add(1.month()) else {
            break;
        };
        day = next;
    }
    window
}

/// The first day of a month such as `2025-12`.
fn first_day(month: &str) -> Option<Date> {
    format!("{month}-01").parse().ok()
}

fn best(months: &[MonthOfSales]) -> Option<&MonthOfSales> {
    months
        .iter()
        .max_by(|one, other| one.euros.total_cmp(&other.euros))
}

fn bar(month: &MonthOfSales) -> Bar {
    Bar {
        value: whole(month.euros),
        text: format!("{} : {}", name(&month.month), euros(month.euros)),
    }
}

/// `12 345 €`, `-12 €`
fn euros(amount: f64) -> String {
    let whole = whole(amount);
    let sign = if whole < 0 { "-" } else { "" };
    format!("{sign}{}\u{a0}€", french::count(whole.unsigned_abs()))
}

fn whole(amount: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounded; beyond 64 bits a chart shows the largest number"
    )]
    let whole = amount.round() as i64;
    whole
}

/// `décembre 2025`
fn name(month: &str) -> String {
    const NAMES: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    let Some(day) = first_day(month) else {
        return month.to_owned();
    };
    let number = usize::try_from(day.month()).unwrap_or_default();
    let name = NAMES
        .get(number.wrapping_sub(1))
        .copied()
        .unwrap_or_default();
    format!("{name} {}", day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sold(month: &str, euros: f64) -> MonthOfSales {
        MonthOfSales {
            month: month.to_owned(),
            lines: 1,
            euros,
            without_amount: 0,
        }
    }

    #[test]
    fn months_without_sales_are_shown_and_typing_errors_hide_none() {
        let today = "2026-02-10".parse().unwrap();
        let months = [
            sold("1025-12", 5.0),
            sold("2025-10", 1.0),
            sold("2026-01", 2.5),
            sold("2205-01", 9.0),
        ];
        let shown = window(&months, today);
        assert_eq!(shown.len(), 24);
        let last: Vec<_> = shown
            .iter()
            .rev()
            .take(4)
            .map(|month| (month.month.as_str(), month.euros))
            .collect();
        assert_eq!(
            last,
            [
                ("2026-01", 2.5),
                ("2025-12", 0.0),
                ("2025-11", 0.0),
                ("2025-10", 1.0)
            ]
        );
        let short = window(&months[1..3], today);
        assert_eq!(short.len(), 4);
        assert!(window(&[sold("2205-01", 9.0)], today).is_empty());
    }

    #[test]
    fn amounts_and_months_are_french() {
        assert_eq!(euros(-1234.5), "-1\u{202f}235\u{a0}€");
        assert_eq!(name("2025-08"), "août 2025");
        assert_eq!(name("?"), "?");
    }
}
