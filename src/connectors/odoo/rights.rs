//! Rights that hide rows without an error.

use super::failure::Failure;
use super::session::Session;

/// The group of those who see sales at all, and of those who see all of them (`sales_team/security`).
const SALESMAN: &str = "sales_team.group_sale_salesman";
const ALL_SALES: &str = "sales_team.group_sale_salesman_all_leads";

/// What the user does not see of the sales without any error: his own only.
pub(super) const OWN_SALES: &str = "cet utilisateur ne voit que ses propres ventes ; donnez-lui le droit Ventes « Utilisateur : tous les documents »";

/// Whether the user sees no sales but his own. Without any right to sales he is refused, or another right lets him see all.
pub(super) fn sees_own_sales_only(session: &Session) -> Result<bool, Failure> {
    if session.has_group(ALL_SALES)? != Some(false) {
        return Ok(false);
    }
    Ok(session.has_group(SALESMAN)? == Some(true))
}
