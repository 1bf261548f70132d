//! Taxes on list prices (`account.tax`): what a customer pays is the price with them.

use std::collections::HashMap;

use super::{Basis, read};
use crate::canonical::Decimal;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::Model;
use crate::connectors::odoo::record::{Fault, Record};
use crate::connectors::odoo::session::Session;

const TAX: Model = Model {
    name: "account.tax",
    application: "Facturation",
    required: &[
        ("amount", "list_price_eur"),
        ("amount_type", "list_price_eur"),
        ("price_include", "list_price_eur"),
        ("active", "list_price_eur"),
        ("children_tax_ids", "list_price_eur"),
        ("company_id", "list_price_eur"),
        ("include_base_amount", "list_price_eur"),
    ],
    optional: &[],
    probed: &[],
};

/// A tax on a price.
#[derive(Debug)]
struct Tax {
    kind: Kind,
    is_included: bool,
    /// Taxes after it are levied on it too.
    is_base_of_others: bool,
    /// Archived taxes stay on products, and are no longer levied.
    is_active: bool,
    company: Option<u64>,
}

#[derive(Debug)]
enum Kind {
    /// So much per cent of the price without tax.
    Percent(Decimal),
    /// So much per unit.
    Fixed(Decimal),
    /// So much per cent of the price with tax.
    Division(Decimal),
    /// Several at once.
    Group(Vec<u64>),
    /// A formula of its own.
    Unknown,
}

/// The taxes of the server.
#[derive(Debug)]
pub(in super::super) struct Taxes {
    /// `None`: the user may not see them.
    by_id: Option<HashMap<u64, Tax>>,
}

/// A price with its taxes, or as it stands where they are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Taxed {
    With(Decimal),
    AsItStands,
}

impl Taxes {
    /// Reads the taxes of `session`; without the right to, none is known.
    pub(in super::super) fn read(session: &Session, basis: &mut Basis) -> Result<Self, Failure> {
        let mut by_id = HashMap::new();
        let read = read(session, &TAX, &Domain::all(), |row| {
            basis.add(row);
            if let Ok(tax) = tax(Record(row)) {
                by_id.insert(row.id()?, tax);
            }
            Ok(())
        });
        match read {
            Ok(()) => Ok(Self { by_id: Some(by_id) }),
            Err(Failure::Denied(_) | Failure::NoModel) => Ok(Self { by_id: None }),
            Err(failure) => Err(failure),
        }
    }

    /// `price` with those of `taxes` that `company` levies. `None` when it does not fit.
    pub(in super::super) fn include(
        &self,
        price: Decimal,
        taxes: &[u64],
        company: Option<u64>,
    ) -> Option<Taxed> {
        if taxes.is_empty() {
            return Some(Taxed::With(price));
        }
        let Some(by_id) = &self.by_id else {
            return Some(Taxed::AsItStands);
        };
        let mut levied = Vec::new();
        for id in taxes {
            let Some(tax) = by_id.get(id) else {
                return Some(Taxed::AsItStands);
            };
            let is_ours = company.is_none() || tax.company.is_none() || tax.company == company;
            if is_ours && tax.is_active {
                match &tax.kind {
                    Kind::Group(members) => levied.extend(members.iter().map(|id| by_id.get(id))),
                    _ => levied.push(Some(tax)),
                }
            }
        }
        let levied: Option<Vec<&Tax>> = levied.into_iter().collect();
        match levied {
            Some(levied) if are_simple(&levied) => with_taxes(price, &levied).map(Taxed::With),
            _ => Some(Taxed::AsItStands),
        }
    }
}

/// Whether the price without any tax is all that each is levied on.
fn are_simple(taxes: &[&Tax]) -> bool {
    let stands_alone = taxes.len() == 1;
    taxes.iter().all(|tax| match tax.kind {
        Kind::Group(_) | Kind::Unknown => false,
        Kind::Division(_) if tax.is_included => stands_alone,
        _ => stands_alone || !tax.is_base_of_others,
    })
}

/// Each tax is on the price without any: what is included already stays in, what is not comes on top.
fn with_taxes(price: Decimal, taxes: &[&Tax]) -> Option<Decimal> {
    let mut percent_in = Decimal::ZERO;
    let mut fixed_in = Decimal::ZERO;
    for tax in taxes.iter().filter(|tax| tax.is_included) {
        match tax.kind {
            Kind::Percent(percent) => percent_in = percent_in.checked_add(percent)?,
            Kind::Fixed(amount) => fixed_in = fixed_in.checked_add(amount)?,
            _ => {}
        }
    }
    let without = price.checked_sub(fixed_in)?.checked_mul(Decimal::HUNDRED)?;
    let without = without.checked_div(Decimal::HUNDRED.checked_add(percent_in)?)?;
    let mut with = price;
    for tax in taxes.iter().filter(|tax| !tax.is_included) {
        let part = match tax.kind {
            Kind::Percent(percent) => without
                .checked_mul(percent)?
                .checked_div(Decimal::HUNDRED)?,
            Kind::Fixed(amount) => amount,
            Kind::Division(percent) => {
                let whole = without.checked_mul(Decimal::HUNDRED)?;
                whole
                    .checked_div(Decimal::HUNDRED.checked_sub(percent)?)?
                    .checked_sub(without)?
            }
            Kind::Group(_) | Kind::Unknown => Decimal::ZERO,
        };
        with = with.checked_add(part)?;
    }
    Some(with)
}

fn tax(record: Record<'_>) -> Result<Tax, Fault> {
    let amount = record.required_decimal("amount")?;
    let kind = match record.required_text("amount_type")?.as_ref() {
        "percent" => Kind::Percent(amount),
        "fixed" => Kind::Fixed(amount),
        "division" => Kind::Division(amount),
        "group" => Kind::Group(record.links("children_tax_ids")?),
        _ => Kind::Unknown,
    };
    Ok(Tax {
        kind,
        is_included: record.flag("price_include")?,
        is_base_of_others: record.flag("include_base_amount")?,
        is_active: record.flag("active")?,
        company: record.link("company_id")?.map(|company| company.id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(euros: i64) -> Decimal {
        Decimal::from_ten_thousandths(euros * 10_000)
    }

    fn percent(amount: i64, is_included: bool) -> Tax {
        Tax {
            kind: Kind::Percent(euros(amount)),
            is_included,
            is_base_of_others: false,
            is_active: true,
            company: Some(1),
        }
    }

    fn known(taxes: Vec<Tax>) -> Taxes {
        Taxes {
            by_id: Some((1..).zip(taxes).collect()),
        }
    }

    #[test]
    fn what_is_included_stays_in_and_the_rest_comes_on_top() {
        let taxes = known(vec![percent(20, false), percent(20, true)]);
        assert_eq!(
            taxes.include(euros(10), &[1], Some(1)),
            Some(Taxed::With(euros(12)))
        );
        assert_eq!(
            taxes.include(euros(12), &[2], Some(1)),
            Some(Taxed::With(euros(12)))
        );
        // 12 with 20 % inside is 10 without; 20 % of that on top.
        assert_eq!(
            taxes.include(euros(12), &[1, 2], Some(1)),
            Some(Taxed::With(euros(14)))
        );
    }

    #[test]
    fn a_duty_that_the_next_tax_is_levied_on_is_not_guessed_at() {
        let duty = Tax {
            is_base_of_others: true,
            ..percent(5, false)
        };
        let taxes = known(vec![duty, percent(20, false)]);
        assert_eq!(
            taxes.include(euros(10), &[1, 2], Some(1)),
            Some(Taxed::AsItStands)
        );
        let alone = taxes.include(euros(100), &[1], Some(1));
        assert_eq!(alone, Some(Taxed::With(euros(105))));
    }

    #[test]
    fn a_tax_of_another_company_is_not_levied() {
        let taxes = known(vec![percent(20, false)]);
        assert_eq!(
            taxes.include(euros(10), &[1], Some(2)),
            Some(Taxed::With(euros(10)))
        );
    }

    #[test]
    fn what_is_not_known_leaves_the_price_as_it_stands() {
        let unseen = Taxes { by_id: None };
        assert_eq!(
            unseen.include(euros(10), &[1], Some(1)),
            Some(Taxed::AsItStands)
        );
        assert_eq!(
            unseen.include(euros(10), &[], Some(1)),
            Some(Taxed::With(euros(10)))
        );
        let taxes = known(Vec::new());
        assert_eq!(
            taxes.include(euros(10), &[9], Some(1)),
            Some(Taxed::AsItStands)
        );
    }
}
