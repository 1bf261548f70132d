//! `crmreco erase`

use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::{Context, names, prompt, shell_word, signals};
use crate::error::{Error, Result};
use crate::french::{listed, plural};
use crate::json::EraseAnswer;
use crate::stop::Stop;
use crate::store::{ErasedCounts, FoundCustomer};
use crate::sync;

/// Erase one customer at their request, and keep them out (GDPR, article 17)
///
/// Takes the customer out of all tables, rejected rows and messages of the history, and keeps them out when the connector
/// is synced again. Their sales lines stay without a name, so that totals do not change. The source is not changed: erase
/// the customer there too. There is no way back.
///
/// The customer is named by key (`isavigne-C12`, `odoo-12`), email address or telephone number. A command line can be read
/// by other accounts of the machine while it runs and stays in the history of the shell: the key tells least.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco erase isavigne-C12                  # asks first
  crmreco erase isavigne-C12 --yes
  crmreco erase jean.dupont@example.fr --connector isavigne_prod --yes")]
pub(super) struct Args {
    /// Key, email address or telephone number, as in the table customers
    customer: String,

    /// Connector of the customer, where several have one
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(names::candidates))]
    pub(super) connector: Option<String>,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    let connector = args.connector.as_deref();
    let customer = sync::find_customer(&context.home, &args.customer, connector, &stop)?;
    if !args.yes && !confirmed(&customer, context)? {
        context.ui.line("Rien n'a été changé.");
        return Ok(Exit::DONE);
    }
    let erased = sync::erase(&context.home, &customer, &stop)?;
    let message = summary(&customer, &erased.counts);
    if !erased.elsewhere.is_empty() {
        context.caution(&elsewhere(&erased.elsewhere, context));
    }
    if context.ui.is_json() {
        context.ui.document(&EraseAnswer::of(
            message,
            &customer,
            &erased.counts,
            &erased.elsewhere,
        ));
    } else {
        context.ui.line(format!("✓ {message}"));
        context.ui.line(
            "  Les synchronisations suivantes l'écartent. Effacez-le aussi à la source, et dans vos sauvegardes.",
        );
    }
    Ok(Exit::DONE)
}

fn confirmed(customer: &FoundCustomer, context: &Context<'_>) -> Result<bool> {
    let FoundCustomer { source, key } = customer;
    if !context.ui.can_ask() {
        return Err(Error::config(format!(
            "« {key} » de « {source} » n'a pas été effacé : personne n'a confirmé"
        ))
        .hint("Ajoutez --yes"));
    }
    prompt::confirm(&format!(
        "Effacer « {key} » de « {source} », sans retour possible ?"
    ))
}

fn summary(customer: &FoundCustomer, counts: &ErasedCounts) -> String {
    let parts = [
        (counts.customers, "fiche", "fiches"),
        (
            counts.sales_lines,
            "ligne de vente gardée sans nom",
            "lignes de vente gardées sans nom",
        ),
        (counts.contacts, "contact", "contacts"),
        (counts.rejects, "ligne rejetée", "lignes rejetées"),
        (
            counts.messages,
            "message de l'historique",
            "messages de l'historique",
        ),
    ];
    let parts = parts.into_iter().filter(|(count, _, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, one, several)| plural(count, one, several))
        .collect();
    let FoundCustomer { source, key } = customer;
    format!(
        "Client « {key} » effacé de « {source} » : {}",
        parts.join(", ")
    )
}

fn elsewhere(others: &[FoundCustomer], context: &Context<'_>) -> String {
    let commands = others.iter();
    let commands: Vec<String> = commands
        .map(|FoundCustomer { source, key }| {
            let key = shell_word(key);
            context.command(&format!("erase {key} --connector {source}"))
        })
        .collect();
    format!(
        "Un autre connecteur a un client avec la même adresse ou le même numéro. Si c'est la même personne : {}",
        listed(&commands)
    )
}
