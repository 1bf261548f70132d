//! `crmreco database`

use super::Context;
use super::exit::Exit;
use crate::home::Home;
use crate::store;

/// Say who may read the database on a server
#[derive(Debug, clap::Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:
  crmreco database grant-reader reporting
  crmreco database grant-reader reporting --estate domaine_dupont
  crmreco database revoke-reader reporting"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    GrantReader(GrantArgs),
    RevokeReader(RevokeArgs),
}

/// Let a role of the server read one estate, and no other
///
/// The role gets SELECT on the tables, and for each a policy with the name of the estate, which no setting of its session can
/// change. It must exist, and may be neither superuser nor exempt from policies.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco database grant-reader reporting --estate domaine_dupont")]
struct GrantArgs {
    /// Role of the server
    role: String,

    /// Estate that it may read; else that of the settings
    #[arg(long, value_name = "NAME")]
    estate: Option<String>,
}

/// Take from a role of the server what grant-reader gave
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco database revoke-reader reporting")]
struct RevokeArgs {
    /// Role of the server
    role: String,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let message = match &args.command {
        Command::GrantReader(GrantArgs { role, estate }) => {
            let home = of_estate(&context.home, estate.as_deref());
            store::grant_reader(&home, role)?;
            let estate = home.server().map_or("", |server| server.estate.as_str());
            format!("Le rôle « {role} » lit le domaine « {estate} », et aucun autre")
        }
        Command::RevokeReader(RevokeArgs { role }) => {
            store::revoke_reader(&context.home, role)?;
            format!("Le rôle « {role} » ne lit plus rien")
        }
    };
    context.said(message);
    Ok(Exit::DONE)
}

/// `home` with the estate `estate` of its server.
fn of_estate(home: &Home, estate: Option<&str>) -> Home {
    let server = home.server().cloned().map(|mut server| {
        if let Some(estate) = estate {
            estate.clone_into(&mut server.estate);
        }
        server
    });
    home.clone().on(server)
}
