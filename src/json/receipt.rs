//! The receipt of a run in JSON output.

use serde::Serialize;

use super::ByName;
use crate::canonical::{Table, Total};
use crate::french;
use crate::report::{Gap, StoredNow, Sums, UnitReceipt};

/// The amount that a receipt is summed up by.
const AMOUNT: &str = "price_total_eur";

/// `crmreco receipt`.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptAnswer {
    /// Name of the connector.
    pub connector_name: String,
    /// Number of the run; `null` where no run has read anything yet.
    pub run_id: Option<i64>,
    /// Its files or models, in loading order.
    pub units: Vec<UnitAnswer>,
    /// Whether nothing is missing in any of them, and no table failed.
    pub balanced: bool,
    /// Errors of the run: a table that failed has no receipt, for nothing of it was stored.
    pub errors: Vec<String>,
    /// The result in one French sentence.
    pub message: String,
}

/// The receipt of one file or model.
#[derive(Debug, Clone, Serialize)]
pub struct UnitAnswer {
    /// Name of the file or model.
    pub label: String,
    /// Its table.
    pub table: &'static str,
    /// Lines of the file, or records of the model.
    pub lines: u64,
    /// Lines up to the header, and repeated headers.
    pub header_lines: u64,
    /// Lines without a filled cell.
    pub empty_lines: u64,
    /// Totals, ends of lists, page numbers.
    pub totals_lines: u64,
    /// Rows that were not rejected.
    pub accepted: u64,
    /// Rejects.
    pub rejected: u64,
    /// Accepted rows that a later row of the file or model replaced.
    pub replaced: u64,
    /// Sums of the accepted rows, by column: exact decimals as text.
    pub sums: ByName<String>,
    /// What the source says of its rows; `null` where it says nothing.
    pub source_sums: Option<ByName<String>>,
    /// Sums of the rows in the table that the run wrote; `null` where they cannot be told any more.
    pub stored_sums: Option<ByName<String>>,
    /// Whether nothing is missing.
    pub balanced: bool,
    /// What does not agree.
    pub gaps: Vec<GapAnswer>,
    /// Rows that do not belong to the table, such as quotes.
    pub left_aside: u64,
    /// Rows that the run left in the table as new or changed; `null` where it cannot be told.
    pub written: Option<u64>,
    /// Sums of these rows.
    pub written_sums: Option<ByName<String>>,
    /// What `source_sums` is compared with: the rows of a file as written, or the stored rows of a model.
    pub compared_sums: Option<ByName<String>>,
}

/// What does not agree in a receipt.
#[derive(Debug, Clone, Serialize)]
pub struct GapAnswer {
    /// `lines`, `total`, `source` or `stored`.
    pub kind: &'static str,
    /// What is missing, in French.
    pub message: String,
}

impl UnitAnswer {
    /// The answer for `receipt`. `stored`: see [`UnitReceipt::gaps`].
    pub fn of(receipt: &UnitReceipt, stored: Option<&StoredNow>) -> Self {
        let gaps = receipt.gaps(stored);
        let source = receipt.source.as_ref();
        let written = receipt.written.as_ref();
        Self {
            label: receipt.label.clone(),
            table: receipt.table.report_name(),
            lines: receipt.held.lines,
            header_lines: receipt.held.header,
            empty_lines: receipt.held.empty,
            totals_lines: receipt.held.totals,
            accepted: receipt.accepted,
            rejected: receipt.rejected,
            replaced: receipt.replaced,
            sums: texts(&receipt.sums),
            source_sums: source.map(|says| texts(&says.before)),
            // Columns that the source does not have say nothing of it.
            stored_sums: stored.map(|stored| {
                let mut sums = stored.sums.clone();
                sums.retain(|column, _| receipt.sums.contains_key(column));
                texts(&sums)
            }),
            balanced: gaps.is_empty(),
            gaps: gaps.into_iter().map(GapAnswer::from).collect(),
            left_aside: receipt.left_aside,
            written: written.map(|(rows, _)| *rows),
            written_sums: written.map(|(_, sums)| texts(sums)),
            compared_sums: source.map(|says| texts(&says.compared)),
        }
    }
}

impl UnitAnswer {
    /// Its counts of lines; those after the first add up to it.
    pub fn numbers(&self) -> [u64; 7] {
        [
            self.lines,
            self.header_lines,
            self.empty_lines,
            self.totals_lines,
            self.left_aside,
            self.accepted,
            self.rejected,
        ]
    }
}

impl From<Gap> for GapAnswer {
    fn from(gap: Gap) -> Self {
        Self {
            kind: gap.kind.as_str(),
            message: gap.message,
        }
    }
}

impl ReceiptAnswer {
    /// The receipt of run `run_id` of connector `name`: that of each unit, with its rows in the table where they can be
    /// told. `errors`: those of the run.
    pub fn new(
        name: &str,
        run_id: Option<i64>,
        receipts: &[(UnitReceipt, Option<StoredNow>)],
        errors: Vec<String>,
    ) -> Self {
        let units = receipts.iter();
        let units = units.map(|(receipt, stored)| UnitAnswer::of(receipt, stored.as_ref()));
        let units: Vec<UnitAnswer> = units.collect();
        let balanced = errors.is_empty() && units.iter().all(|unit| unit.balanced);
        let message = if run_id.is_none() {
            "Aucun reçu : rien n'a encore été lu".to_owned()
        } else if balanced {
            format!("✓ Reçu complet : {}{}", counted(&units), euros(receipts))
        } else {
            let gaps: usize = units.iter().map(|unit| unit.gaps.len()).sum();
            let found = (gaps + errors.len()) as u64;
            let found = french::plural(found, "écart", "écarts");
            format!("✗ Reçu incomplet, {found} : {}", counted(&units))
        };
        Self {
            connector_name: name.to_owned(),
            run_id,
            units,
            balanced,
            errors,
            message,
        }
    }
}

/// `1 002 lignes, 1 000 enregistrées, 1 rejetée`.
fn counted(units: &[UnitAnswer]) -> String {
    let sum = |count: fn(&UnitAnswer) -> u64| units.iter().map(count).sum::<u64>();
    let parts = [
        (sum(|unit| unit.lines), "ligne", "lignes"),
        (sum(|unit| unit.accepted), "enregistrée", "enregistrées"),
        (sum(|unit| unit.rejected), "rejetée", "rejetées"),
    ];
    let parts = parts.map(|(count, one, several)| french::plural(count, one, several));
    parts.join(", ")
}

/// `, 1 234,50 € des deux côtés`: the amount of the sales, and whether each source says the same.
fn euros(receipts: &[(UnitReceipt, Option<StoredNow>)]) -> String {
    let units = receipts.iter().map(|(unit, _)| unit);
    let mut sales = units
        .filter(|unit| unit.table == Table::SalesLines)
        .peekable();
    if sales.peek().is_none() {
        return String::new();
    }
    let mut sum = Total::ZERO;
    let mut is_confirmed = true;
    for unit in sales {
        let ours = unit.sums.get(AMOUNT).copied().unwrap_or_default();
        sum += ours;
        let theirs = unit
            .source
            .as_ref()
            .and_then(|says| says.before.get(AMOUNT));
        is_confirmed &= theirs.is_some_and(|theirs| *theirs == ours);
    }
    if sum == Total::ZERO && !is_confirmed {
        return String::new(); // An export without amounts.
    }
    let confirmed = if is_confirmed {
        " des deux côtés"
    } else {
        ""
    };
    let sum = french::amount(AMOUNT, sum.ten_thousandths());
    format!(", {sum}{confirmed}")
}

fn texts(sums: &Sums) -> ByName<String> {
    let sums = sums.iter();
    ByName(
        sums.map(|(column, sum)| (column.clone(), sum.to_string()))
            .collect(),
    )
}
