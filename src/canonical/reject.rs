//! A row that could not be read.

use serde::{Deserialize, Serialize};

use super::Table;

/// A row that could not be read, as it is stored in `rejects`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The table the row would have gone to.
    pub table: Table,
    /// Name of the file or model.
    pub origin: String,
    /// Line number or record id.
    pub position: String,
    /// The column at fault, as the source calls it.
    pub column: Option<String>,
    /// The value of that column, as written.
    pub value: Option<String>,
    /// What is wrong, in French.
    pub reason: String,
}

impl Reject {
    /// See [`sentence`].
    pub fn sentence(&self) -> String {
        sentence(self.column.as_deref(), self.value.as_deref(), &self.reason)
    }
}

/// What is wrong, with the cell where one is at fault: `Qté « douze » n'est pas un nombre`. An empty cell is named by its
/// column alone.
pub fn sentence(column: Option<&str>, value: Option<&str>, reason: &str) -> String {
    let column = column.into_iter().map(|column| format!("{column} "));
    let value = value.into_iter().filter(|value| !value.trim().is_empty());
    let value = value.map(|value| format!("« {value} » "));
    let cell: String = column.chain(value).collect();
    format!("{cell}{reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_the_cell_and_no_empty_value() {
        let sentence = |column: Option<&str>, value: Option<&str>| {
            let reject = Reject {
                table: Table::SalesLines,
                origin: "ventes.csv".to_owned(),
                position: "2".to_owned(),
                column: column.map(str::to_owned),
                value: value.map(str::to_owned),
                reason: "est faux".to_owned(),
            };
            reject.sentence()
        };
        assert_eq!(
            sentence(Some("Qté"), Some("douze")),
            "Qté « douze » est faux"
        );
        assert_eq!(sentence(Some("Qté"), Some(" ")), "Qté est faux");
        assert_eq!(sentence(Some("Qté"), None), "Qté est faux");
        assert_eq!(sentence(None, None), "est faux");
    }
}
