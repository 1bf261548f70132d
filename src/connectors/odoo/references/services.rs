//! Products that fill no bottle: services, among them discounts, and those that look like discounts and are none.

use std::collections::HashSet;

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
    all: HashSet<u64>,
    /// Rewards that are no discount on wine: they make a delivery free, or are paid with a gift card or a wallet, which was
    /// a service when it was sold.
    pub(in super::super) no_discounts: Vec<u64>,
}

impl Services {
    /// Reads the services of `session`. Which products are services is no part of `basis`: their lines are found by it.
    pub(super) fn read(session: &Session, basis: &mut Basis) -> Result<Self, Failure> {
        let mut services = Self::default();
        let domain = Domain::all().and("type", "=", "service");
        pages::each_id_page(session, "product.product", &domain, |ids| {
            services.all.extend(ids);
            Ok(())
        })?;
        services.no_discounts = match no_discounts(session) {
            // Neither the application nor the right is needed to sell wine.
            Err(Failure::NoModel | Failure::Denied(_)) => Vec::new(),
            found => found?,
        };
        basis.add(&services.no_discounts);
        Ok(services)
    }

    /// Whether `product` is a service.
    pub(in super::super) fn contains(&self, product: u64) -> bool {
        self.all.contains(&product)
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
