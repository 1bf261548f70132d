//! Rights that hide rows without an error.

use super::failure::Failure;
use super::session::Session;
use super::settings::SalesBasis;
use crate::error::Error;

/// The groups of those who see their own sales, and all of them (`sales_team/security`).
const SALESMAN: &str = "sales_team.group_sale_salesman";
const ALL_SALES: &str = "sales_team.group_sale_salesman_all_leads";

/// The groups of those who see all invoices (`account/security`).
const ALL_INVOICES: [&str; 2] = [
    "account.group_account_readonly",
    "account.group_account_invoice",
];

const INVOICE_LINE: &str = "account.move.line";

/// Rows that Odoo leaves out of its answers to a user, without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    /// Nothing.
    Nothing,
    /// Sales receipts.
    Receipts,
    /// Some invoices, and so some credit notes.
    Invoices,
    /// All sales but his own.
    OthersSales,
}

impl Hidden {
    /// Asks for the groups of the user of `session`.
    pub(super) fn from_user(session: &Session) -> Result<Self, Failure> {
        // A server that does not say hides nothing.
        let is_in = |group| Ok::<_, Failure>(session.has_group(group)? != Some(false));
        let sees_all_sales = is_in(ALL_SALES)?;
        if !sees_all_sales && session.has_group(SALESMAN)? == Some(true) {
            return Ok(Self::OthersSales);
        }
        for group in ALL_INVOICES {
            if is_in(group)? {
                return Ok(Self::Nothing);
            }
        }
        // Without the application there are no invoices to hide.
        if matches!(
            session.fields_get(INVOICE_LINE, &["id"]),
            Err(Failure::NoModel)
        ) {
            return Ok(Self::Nothing);
        }
        Ok(if sees_all_sales {
            Self::Receipts
        } else {
            Self::Invoices
        })
    }

    /// What the user does not see, in French, and the right that shows it; nothing where he sees all.
    pub(super) const fn sentence(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Receipts => Some(
                "cet utilisateur ne voit pas les reçus de vente (Facturation), qui ne sont pas comptés ; donnez-lui le droit Facturation « Lecture seule » ou « Facturation »",
            ),
            Self::Invoices => Some(
                "cet utilisateur ne voit pas toutes les factures : des avoirs et des factures sans commande ne sont pas comptés ; donnez-lui le droit Facturation « Lecture seule » ou « Facturation »",
            ),
            Self::OthersSales => Some(
                "cet utilisateur ne voit que ses propres ventes ; donnez-lui le droit Ventes « Utilisateur : tous les documents »",
            ),
        }
    }

    /// The error where what is hidden is what the sales are made of.
    pub(super) fn error(self, basis: SalesBasis) -> Option<Error> {
        let is_basis =
            basis == SalesBasis::Invoices && matches!(self, Self::Invoices | Self::OthersSales);
        let sentence = self.sentence().filter(|_| is_basis)?;
        Some(Error::source_failed(sentence))
    }
}
