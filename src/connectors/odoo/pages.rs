//! The rows of a model, page by page in the order of their numbers.

use serde_json::{Value, json};

use super::call::{Answered, Call, Pending};
use super::domain::Domain;
use super::failure::Failure;
use super::row::Row;
use super::session::Session;
use crate::connectors::shared::{self, KeyedPages};
use crate::error::Error;

/// Rows a page.
const ROWS: usize = 1_000;

/// Numbers alone a page: as many bytes as some hundred rows.
const IDS: usize = 10_000;

/// The rows of a model, or their numbers alone.
pub(super) struct ModelRows<'a> {
    session: &'a Session,
    model: &'a str,
    domain: &'a Domain,
    /// Which fields to read; none: the numbers alone.
    fields: Option<&'a Value>,
}

/// The pages of a model.
pub(super) type Pages<'a> = shared::Pages<'a, ModelRows<'a>>;

impl<'a> KeyedPages for ModelRows<'a> {
    type Pending = Pending<'a>;
    type Answer = Answered<'a>;
    type Failure = Failure;

    fn name(&self) -> &str {
        self.model
    }

    fn ask(&self, after: u64, limit: usize, attempt: usize) -> Result<Pending<'a>, Failure> {
        let above = self.domain.clone().and("id", ">", after).to_value();
        let (method, arguments) = match self.fields {
            Some(fields) => (
                "search_read",
                json!({"domain": above, "fields": fields, "order": "id", "limit": limit}),
            ),
            None => (
                "search",
                json!({"domain": above, "order": "id", "limit": limit}),
            ),
        };
        let call = Call::new(self.model, method, attempt);
        self.session.begin(call, arguments)
    }

    fn finish(&self, pending: &Pending<'a>) -> Result<Answered<'a>, Failure> {
        self.session.finish(pending)
    }

    fn out_of_order(&self) -> Failure {
        let error = Error::source_failed(
            "Odoo renvoie des lignes déjà lues, ou en désordre, au lieu des suivantes",
        );
        error
            .hint("Un mandataire rend peut-être d'anciennes réponses : il ne doit rien garder de ce qui vient d'Odoo")
            .into()
    }
}

/// The rows of `model` in `domain`, with `fields`, in the order of their numbers.
pub(super) fn pages_of_rows<'a>(
    session: &'a Session,
    model: &'a str,
    domain: &'a Domain,
    fields: &'a Value,
) -> Pages<'a> {
    let rows = ModelRows {
        session,
        model,
        domain,
        fields: Some(fields),
    };
    Pages::new(rows, ROWS, session.stop())
}

/// Hands every page of `pages` to `take`.
pub(super) fn each_page(
    mut pages: Pages<'_>,
    mut take: impl FnMut(&[Row<'_>]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    while let Some(answer) = pages.next()? {
        let page: Vec<Row<'_>> = answer.read()?;
        pages.go_on(page.iter().map(Row::id))?;
        take(&page)?;
    }
    Ok(())
}

/// Hands the numbers of the rows of `model` in `domain`, rising, page by page, to `take`.
pub(super) fn each_id_page(
    session: &Session,
    model: &str,
    domain: &Domain,
    mut take: impl FnMut(&[u64]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let ids = ModelRows {
        session,
        model,
        domain,
        fields: None,
    };
    let mut pages = Pages::new(ids, IDS, session.stop());
    while let Some(answer) = pages.next()? {
        let ids: Vec<u64> = answer.read()?;
        pages.go_on(ids.iter().copied().map(Ok))?;
        take(&ids)?;
    }
    Ok(())
}
