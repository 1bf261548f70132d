//! Sales by month, kept until the next sync: to sum up a million lines takes half a second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::queries::Queries;
use crate::store::MonthOfSales;

/// What the sums are of: the newest finished run of all connectors, and the number of lines, which a purge changes.
type State = (Option<i64>, u64);

type Kept = (State, Arc<Vec<MonthOfSales>>);

/// The sums by connector.
#[derive(Debug, Default)]
pub(in crate::serve) struct Sales(Mutex<BTreeMap<String, Kept>>);

impl Sales {
    /// Sales of `name` by month, the oldest first.
    pub(in crate::serve) fn by_month(
        &self,
        queries: &Queries,
        name: &str,
    ) -> Result<Arc<Vec<MonthOfSales>>> {
        let state = (queries.pulse()?.1, queries.sales_lines(name)?);
        if let Some((_, months)) = self
            .with(|kept| kept.get(name).cloned())
            .filter(|kept| kept.0 == state)
        {
            return Ok(months);
        }
        // Without the lock: a page of another connector need not wait.
        let months = Arc::new(queries.sales_by_month(name)?);
        let fresh = (state, Arc::clone(&months));
        self.with(|kept| kept.insert(name.to_owned(), fresh));
        Ok(months)
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Kept>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
