//! Finds the customer to erase.

use rusqlite::params;

use crate::canonical::{country, email, is_alias, phone, text};
use crate::error::Result;
use crate::store::results::FoundCustomer;
use crate::store::sqlite::Store;

/// Where a customer's key may stand without a row in `customers`.
const KEYED: &[&str] = &["sales_lines", "contact_history"];

impl Store {
    /// The customers whose key, email address or telephone number is `asked`, of `source` or of all sources. A key that
    /// only sales or contacts name is found too.
    pub fn find_customers(&self, asked: &str, source: Option<&str>) -> Result<Vec<FoundCustomer>> {
        let asked = text::clean(asked);
        if asked.is_empty() || is_alias(&asked) {
            return Ok(Vec::new());
        }
        let address = email::email(&asked).unwrap_or_else(|| asked.clone());
        let number = phone::e164(&asked, country::DEFAULT);
        let number = number.as_ref().map_or(&*asked, |number| number.as_str());
        let found = self.select(
            "SELECT source, customer_key FROM customers
             WHERE (?1 IS NULL OR source = ?1)
               AND (customer_key = ?2 OR email = ?3 OR phone IN (?2, ?4) OR mobile IN (?2, ?4))
             ORDER BY 1, 2",
            params![source, asked, address, number],
        )?;
        if !found.is_empty() {
            return Ok(found);
        }
        let mut found = Vec::new();
        for table in KEYED {
            found.extend(self.select(
                &format!(
                    "SELECT DISTINCT source, customer_key FROM {table}
                     WHERE customer_key = ?2 AND (?1 IS NULL OR source = ?1)"
                ),
                params![source, asked],
            )?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Customers of other sources with an email address or a number of `customer`.
    pub fn elsewhere(&self, customer: &FoundCustomer) -> Result<Vec<FoundCustomer>> {
        self.select(
            "SELECT DISTINCT other.source, other.customer_key FROM customers AS one JOIN customers AS other
               ON other.source <> one.source
                AND (other.email = one.email OR other.phone IN (one.phone, one.mobile)
                     OR other.mobile IN (one.phone, one.mobile))
             WHERE one.source = ?1 AND one.customer_key = ?2 ORDER BY 1, 2",
            params![customer.source, customer.key],
        )
    }

    fn select(&self, sql: &str, of: impl rusqlite::Params) -> Result<Vec<FoundCustomer>> {
        let mut select = self.db.prepare(sql)?;
        let found = select.query_map(of, |row| {
            Ok(FoundCustomer {
                source: row.get(0)?,
                key: row.get(1)?,
            })
        })?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }
}
