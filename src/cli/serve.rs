//! `crmreco serve`

use std::net::SocketAddr;

use super::exit::Exit;
use super::{Context, environment, signals};
use crate::answers::ServeAnswer;
use crate::error::{Kind, Result};
use crate::serve::{self, Server};
use crate::stop::Stop;

/// Serve the same as web pages, for people who never open a terminal
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco serve                               # http://127.0.0.1:5000/connectors, for this machine alone
  crmreco serve --addr 127.0.0.1:8080
  CRMRECO_SERVE_TOKEN=$(openssl rand -hex 32) crmreco serve --addr 0.0.0.0:5000 --host crm.domaine.example

Whoever may come from another machine must show CRMRECO_SERVE_TOKEN: typed once on the login page, or sent by
scripts as `Authorization: Bearer TOKEN`. The variable may stand in the .env file of the home folder too.")]
pub(super) struct Args {
    /// Address and port to listen on; any but this machine's own demands a token
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5000")]
    addr: SocketAddr,

    /// Name under which browsers may reach it, beside localhost and IP addresses; demands a token
    #[arg(long = "host", value_name = "NAME", value_hint = clap::ValueHint::Hostname, value_parser = parse_host)]
    hosts: Vec<String>,
}

/// A name as a browser puts it into its requests, without scheme and port.
fn parse_host(text: &str) -> std::result::Result<String, String> {
    let is_name = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    if is_name {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("expected a name alone, such as crm.domaine.example".to_owned())
    }
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    let settings = serve::Settings {
        address: args.addr,
        hosts: args.hosts.clone(),
        environment: environment().collect(),
    };
    let server = Server::bind(&context.home, settings, &stop)?;
    tell(&server, context);
    server.run()?;
    context.ui.remark("Serveur arrêté");
    // Stopped by a signal like any other command: nothing else ends it.
    Ok(match stop.check() {
        Ok(()) => Exit::DONE,
        Err(error) => match error.kind() {
            Kind::Stopped(signal) => Exit::signalled(signal),
            _ => Exit::FAILED,
        },
    })
}

fn tell(server: &Server, context: &Context<'_>) {
    let url = server.url();
    let message = format!("Pages servies sur {url}");
    if context.ui.is_json() {
        context.ui.document(&ServeAnswer {
            success: true,
            message,
            url,
        });
        return;
    }
    context.ui.line(format!("✓ {message}"));
    if server.is_open_to_others() {
        context.ui.warn("D'autres machines peuvent entrer avec le jeton, qui passe en clair : sur un réseau partagé, mettez devant un relais en https://");
    }
    context.ui.line("Ctrl-C pour arrêter");
}
