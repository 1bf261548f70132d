//! Products that fill no bottle: services, among them discounts, and those that look like discounts and are none.

use std::collections::HashSet;
use std::sync::OnceLock;

use serde_json::json;

use super::Basis;
use crate::connectors::odoo::domain::{Domain, condition};
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::pages;
use crate::connectors::odoo::record::Record;
use crate::connectors::odoo::session::Session;

/// Rewards of loyalty programs, coupons and promotions.
const REWARD: &str = "loyalty.reward";

/// The product on the line of a reward.
const REWARD_PRODUCT: &str = "discount_line_product_id";

/// Products that fill no bottle.
#[derive(Debug, Default)]
pub(in super::super) struct Services {
    all: OnceLock<HashSet<u64>>,
    /// Rewards that are no discount on wine: they make a delivery free, or are paid with a gift card or a wallet, which was
    /// a service when it was sold.
    pub(in super::super) no_discounts: Vec<u64>,
}

impl Services {
    /// Reads what looks like a discount and is none; which products are services, once it is asked for.
    pub(super) fn read(session: &Session, basis: &mut Basis) -> Result<Self, Failure> {
        let no_discounts = match no_discounts(session) {
            // Neither the application nor the right is needed to sell wine.
            Err(Failure::NoModel | Failure::Denied(_)) => Vec::new(),
            found => found?,
        };
        basis.add(&no_discounts);
        Ok(Self {
            no_discounts,
            all: OnceLock::new(),
        })
    }

    /// Reads which products of `session` are services, unless that is known. It is no part of what the rows depend on:
    /// their lines are found by it.
    pub(in super::super) fn learn(&self, session: &Session) -> Result<(), Failure> {
        if self.all.get().is_some() {
            return Ok(());
        }
        let mut all = HashSet::new();
        let domain = Domain::all().and("type", "=", "service");
        pages::each_id_page(session, "product.product", &domain, |ids| {
            all.extend(ids);
            Ok(())
        })?;
        // Another table may have read them meanwhile: they are the same.
        let _ = self.all.set(all);
        Ok(())
    }

    /// Whether `product` is a service.
    pub(in super::super) fn contains(&self, product: u64) -> bool {
        self.all.get().is_some_and(|all| all.contains(&product))
    }
}

fn no_discounts(session: &Session) -> Result<Vec<u64>, Failure> {
    let payments = json!(["gift_card", "ewallet"]);
    let others = Domain::all().and_any(vec![
        condition("reward_type", "=", "shipping"),
        condition("program_id.program_type", "in", payments),
    ]);
    let fields = json!([REWARD_PRODUCT]);
    let mut found = Vec::new();
    let pages = pages::pages_of_rows(session, REWARD, &others, &fields);
    let read = pages::each_page(pages, |page| {
        let products = page
            .iter()
            .map(|row| Record(row).link(REWARD_PRODUCT).ok().flatten());
        found.extend(products.flatten().map(|product| product.id));
        Ok(())
    });
    read.map_err(|failure| failure.of_fields(REWARD))?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
