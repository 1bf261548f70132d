//! Ambiguous headers, decided by the other columns of the file.

use super::headers::Field;
use super::names::Name;
use crate::canonical::Table;

/// Columns and their fields while they are being determined.
pub(super) struct Assignment<'a> {
    pub(super) names: &'a [Name],
    /// Columns by field, most certain first.
    pub(super) by_field: [Vec<usize>; Field::COUNT],
    /// Whether each column has a field.
    pub(super) taken: Vec<bool>,
}

/// Columns that could all be `field`.
pub(super) struct Doubt {
    pub(super) field: Field,
    pub(super) columns: Vec<usize>,
}

impl Assignment<'_> {
    pub(super) fn has(&self, field: Field) -> bool {
        self.by_field
            .get(field as usize)
            .is_some_and(|columns| !columns.is_empty())
    }

    /// The first column without a field whose header is one of `headers`.
    pub(super) fn free(&self, headers: &[&str]) -> Option<usize> {
        let is_free = |at: &usize| !self.taken.get(*at).copied().unwrap_or(true);
        let find = |matches: &dyn Fn(&Name, &str) -> bool| {
            headers.iter().find_map(|header| {
                let names = self.names.iter().enumerate();
                let mut found = names.filter(|(_, name)| matches(name, header));
                found.find(|(at, _)| is_free(at)).map(|(at, _)| at)
            })
        };
        find(&|name, header| name.is(header)).or_else(|| find(&|name, header| name.is_stem(header)))
    }

    /// Assigns `column` to `field`.
    pub(super) fn give(&mut self, field: Field, column: usize) {
        if let Some(columns) = self.by_field.get_mut(field as usize) {
            columns.push(column);
        }
        if let Some(taken) = self.taken.get_mut(column) {
            *taken = true;
        }
    }

    /// Assigns the first free column of `headers` to `field`, if that has no column.
    fn fill(&mut self, field: Field, headers: &[&str]) {
        if !self.has(field)
            && let Some(column) = self.free(headers)
        {
            self.give(field, column);
        }
    }

    fn clear(&mut self, field: Field) {
        let columns = self.by_field.get_mut(field as usize).map(std::mem::take);
        for column in columns.unwrap_or_default() {
            if let Some(taken) = self.taken.get_mut(column) {
                *taken = false;
            }
        }
    }
}

/// Headers of a customer's code or name.
const PARTIES: &[&str] = &["client", "tiers", "customer"];
/// Headers of an article's code or name.
const ARTICLES: &[&str] = &["article", "produit", "product", "item"];
const REFERENCES: &[&str] = &["reference", "ref"];
const CODE: &[&str] = &["code"];

/// Determines the fields of ambiguous headers.
pub(super) fn settle(table: Table, columns: &mut Assignment<'_>) -> Result<(), Doubt> {
    match table {
        Table::Customers => settle_customers(columns),
        Table::Products => settle_products(columns),
        Table::SalesLines => return settle_sales(columns),
        Table::StockLevels => settle_stock(columns),
        Table::ContactHistory => {
            columns.fill(Field::CustomerKey, CODE);
            columns.fill(Field::CustomerKey, PARTIES);
        }
    }
    Ok(())
}

/// `Client` is the name beside a code, and the code beside a name.
fn settle_customers(columns: &mut Assignment<'_>) {
    columns.fill(
        Field::CustomerKey,
        &[
            "code",
            "identifiant",
            "numero",
            "reference",
            "ref",
            "n_compte",
            "numero_compte",
            "compte",
            "matricule",
            "id",
        ],
    );
    let has_name = columns.has(Field::LastName) || columns.has(Field::CompanyName);
    if has_name {
        columns.fill(Field::CustomerKey, PARTIES);
    } else if columns.has(Field::CustomerKey) {
        columns.fill(Field::LastName, PARTIES);
    }
}

/// `Article` is the name beside a code, and the code beside a name.
fn settle_products(columns: &mut Assignment<'_>) {
    columns.fill(
        Field::ProductKey,
        &["reference", "ref", "code", "identifiant", "numero", "id"],
    );
    let labels = &["cuvee", "vin", "wine"];
    let is_label_left = columns.free(labels).is_some() || columns.has(Field::Name);
    if is_label_left || columns.free(&["article"]).is_some() && columns.free(&["produit"]).is_some()
    {
        columns.fill(Field::ProductKey, ARTICLES);
    }
    if columns.has(Field::ProductKey) {
        columns.fill(Field::Name, &["produit", "article", "product", "item"]);
    }
    columns.fill(Field::Name, labels);
}

fn settle_stock(columns: &mut Assignment<'_>) {
    columns.fill(Field::ProductKey, REFERENCES);
    columns.fill(Field::ProductKey, CODE);
    columns.fill(Field::ProductKey, ARTICLES);
}

/// `Référence` is the article where no other column is, otherwise the document. `Code` is the customer's or the
/// article's, whichever has no column.
fn settle_sales(columns: &mut Assignment<'_>) -> Result<(), Doubt> {
    settle_buyer(columns)?;
    columns.fill(Field::ProductKey, CODE);
    if !columns.has(Field::ProductKey) {
        let (article, reference) = (columns.free(ARTICLES), columns.free(REFERENCES));
        if let (Some(article), Some(reference)) = (article, reference)
            && columns.has(Field::OrderRef)
        {
            return Err(Doubt {
                field: Field::ProductKey,
                columns: vec![reference, article],
            });
        }
        if let Some(column) = article.or(reference) {
            columns.give(Field::ProductKey, column);
        }
    }
    columns.fill(Field::OrderRef, REFERENCES);
    columns.fill(
        Field::OrderRef,
        &["facture", "piece", "commande", "invoice", "order"],
    );
    columns.fill(Field::DocumentType, &["type", "nature"]);
    settle_shop(columns);
    Ok(())
}

fn settle_buyer(columns: &mut Assignment<'_>) -> Result<(), Doubt> {
    if columns.has(Field::CustomerKey) {
        return Ok(());
    }
    let has_article = columns
        .free(ARTICLES)
        .or(columns.free(REFERENCES))
        .is_some();
    match (columns.free(CODE), columns.free(PARTIES)) {
        (Some(code), _) if columns.has(Field::ProductKey) => {
            columns.give(Field::CustomerKey, code);
        }
        (Some(code), Some(party)) if has_article => {
            return Err(Doubt {
                field: Field::CustomerKey,
                columns: vec![code, party],
            });
        }
        (_, Some(party)) => columns.give(Field::CustomerKey, party),
        (Some(code), None) if has_article => columns.give(Field::CustomerKey, code),
        _ => {}
    }
    Ok(())
}

/// Orders of a web shop: columns without "lineitem" are about the whole order, and repeated on each line.
fn settle_shop(columns: &mut Assignment<'_>) {
    if !columns
        .names
        .iter()
        .any(|name| name.starts_with("lineitem"))
    {
        return;
    }
    for of_order in [Field::TotalPlain, Field::Discount, Field::TaxAmount] {
        columns.clear(of_order);
    }
    columns.fill(Field::OrderRef, &["name"]);
}
