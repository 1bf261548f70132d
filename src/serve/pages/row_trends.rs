//! The charts of a connector's rows by table over time.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::charts;
use super::icons::Icon;
use crate::canonical::Table;
use crate::french;
use crate::store::RowsAt;

/// Most points of a chart.
const MOST_POINTS: usize = 30;

/// Fewest days with syncs that are shown by day; else each sync is a point.
const FEWEST_DAYS: usize = 3;

/// The charts of `series`, rows after each sync, the oldest first; nothing without rows.
pub(super) fn rows(series: &[RowsAt]) -> Markup {
    let points = thinned(series);
    let tables = Table::ALL.into_iter();
    let filled: Vec<Table> = tables
        .filter(|table| points.iter().any(|point| count(point, *table) > 0))
        .collect();
    html! {
        @if let Some((first, last)) = points.first().zip(points.last()) {
            @if !filled.is_empty() {
                section aria-labelledby="evolution" {
                    h2 #evolution { (Icon::Chart.draw()) "Lignes en base" }
                    div.charts { @for table in &filled { (table_chart(*table, &points, first, last)) } }
                    details.panel #evolution-chiffres {
                        summary { "Voir les chiffres" }
                        (rows_table(&filled, &points))
                    }
                }
            }
        }
    }
}

fn table_chart(table: Table, points: &[&RowsAt], first: &RowsAt, last: &RowsAt) -> Markup {
    let values: Vec<u64> = points.iter().map(|point| count(point, table)).collect();
    let (begin, end) = (count(first, table), count(last, table));
    let text = format!(
        "{} : {} le {}, {} le {}",
        table.label(),
        french::count(begin),
        day(first.at),
        french::count(end),
        day(last.at)
    );
    html! {
        figure.chart {
            figcaption { (table.label()) " " strong { (french::count(end)) } }
            (charts::area(&values, &text))
        }
    }
}

fn rows_table(tables: &[Table], points: &[&RowsAt]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Lignes en base par date" {
            table {
                thead { tr {
                    th scope="col" { "Date" }
                    @for table in tables { th.number scope="col" { (table.label()) } }
                } }
                tbody {
                    @for point in points.iter().rev() {
                        tr {
                            th scope="row" { (day(point.at)) }
                            @for table in tables { td.number { (french::count(count(point, *table))) } }
                        }
                    }
                }
            }
        }
    }
}

/// The latest points: the last of each day, or all when there are few days.
fn thinned(series: &[RowsAt]) -> Vec<&RowsAt> {
    let mut by_day: Vec<&RowsAt> = Vec::new();
    for point in series {
        if by_day
            .last()
            .is_some_and(|last| date(last.at) == date(point.at))
        {
            by_day.pop();
        }
        by_day.push(point);
    }
    let points = if by_day.len() < FEWEST_DAYS {
        series.iter().collect()
    } else {
        by_day
    };
    latest(points, MOST_POINTS)
}

fn latest<T>(mut items: Vec<T>, most: usize) -> Vec<T> {
    items.drain(..items.len().saturating_sub(most));
    items
}

fn count(point: &RowsAt, table: Table) -> u64 {
    point.rows.get(&table).copied().unwrap_or_default()
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::system()).date()
}

/// `27/12/2025`
fn day(at: Timestamp) -> String {
    date(at).strftime("%d/%m/%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_point_once_there_are_enough_days() {
        let at = |day: &str| RowsAt {
            at: format!("{day}:00:00Z").parse().unwrap(),
            rows: std::collections::BTreeMap::new(),
        };
        let few = [
            at("2026-01-01T10"),
            at("2026-01-01T11"),
            at("2026-01-02T11"),
        ];
        assert_eq!(thinned(&few).len(), 3);
        let more = [few.to_vec(), vec![at("2026-01-03T10"), at("2026-01-03T12")]].concat();
        let points: Vec<_> = thinned(&more)
            .iter()
            .map(|point| point.at.to_string())
            .collect();
        assert_eq!(
            points,
            [
                "2026-01-01T11:00:00Z",
                "2026-01-02T11:00:00Z",
                "2026-01-03T12:00:00Z"
            ]
        );
    }
}
