//! The tables of a page.

/// A Markdown table, under the heading that comes before it.
#[derive(Debug)]
pub struct Table {
    pub heading: String,
    /// What the first column is called.
    pub first_column: String,
    /// The cells of each row, trimmed.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The first column, without backticks.
    pub fn names(&self) -> Vec<&str> {
        let first = self.rows.iter().map(|row| row[0].trim_matches('`'));
        first.collect()
    }
}

/// All tables of a page, in order.
pub fn tables(page: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut heading = "";
    let mut is_open = false;
    for line in page.lines() {
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim();
        }
        let Some(row) = line.strip_prefix('|') else {
            is_open = false;
            continue;
        };
        let row = row.trim_end().trim_end_matches('|').split('|');
        let cells: Vec<String> = row.map(|cell| cell.trim().to_owned()).collect();
        if !is_open {
            tables.push(Table {
                heading: heading.to_owned(),
                first_column: cells[0].clone(),
                rows: Vec::new(),
            });
            is_open = true;
        } else if !cells[0].starts_with("--") {
            tables.last_mut().unwrap().rows.push(cells);
        }
    }
    tables
}
