//! `crmreco serve`

use std::io::Write;
use std::net::SocketAddr;

use super::exit::Exit;
use super::{Context, environment, signals};
use crate::error::{ErrorKind, io_reason};
use crate::json::ServeAnswer;
use crate::serve::{self, Login, Server};
use crate::stop::Stop;

/// Serve the same as web pages, for people who never open a terminal
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco serve                               # prints an address that logs in once
  crmreco serve --open                        # the same, in a browser
  crmreco serve --addr 127.0.0.1:8080
  CRMRECO_SERVE_TOKEN=$(openssl rand -hex 32) \\
    crmreco serve --addr 0.0.0.0:5000 --host crm.domaine.example

Without that address, the login page asks for the code that the terminal shows: other accounts of
this machine reach its ports too. --no-login lets them all in.

Other machines need CRMRECO_SERVE_TOKEN: people type it once on the login page, scripts send it as
`Authorization: Bearer TOKEN`. The variable can be in the .env file of the home folder too.")]
pub(super) struct Args {
    /// Address and port to listen on; any but this machine's own demands a token
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:5000")]
    addr: SocketAddr,

    /// Name under which browsers may reach it, beside localhost and IP addresses; demands a token
    #[arg(long = "host", value_name = "NAME", value_hint = clap::ValueHint::Hostname, value_parser = parse_host)]
    hosts: Vec<String>,

    /// Open the pages in a browser, logged in
    #[arg(long)]
    open: bool,

    /// Let every account of this machine in, without a code
    #[arg(long)]
    no_login: bool,
}

/// A host name as browsers send it, without scheme and port.
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

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    let settings = serve::Settings {
        address: args.addr,
        hosts: args.hosts.clone(),
        is_open: args.no_login,
        environment: environment().collect(),
    };
    let server = Server::bind(&context.home, settings, &stop)?;
    let login = server.login();
    print_urls(&server, login.as_ref(), context);
    // Kept until the server ends, because the browser may read it late.
    let _page = args.open.then(|| open(&server, login.as_ref(), context));
    server.run()?;
    context.ui.remark("Serveur arrêté");
    // Ends by a signal, like any other command, and only by one.
    Ok(match stop.check() {
        Ok(()) => Exit::DONE,
        Err(error) => match error.kind() {
            ErrorKind::Stopped(signal) => Exit::signalled(signal),
            _ => Exit::FAILED,
        },
    })
}

fn print_urls(server: &Server, login: Option<&Login>, context: &Context<'_>) {
    let url = server.url();
    let message = format!("Pages servies sur {url}");
    if context.ui.is_json() {
        context.ui.document(&ServeAnswer {
            success: true,
            message,
            url,
            login_url: login.and_then(|login| login.url.clone()),
            login_code: login.map(|login| login.code.clone()),
        });
        return;
    }
    context.ui.line(format!("✓ {message}"));
    if let Some(login) = login {
        if let Some(url) = &login.url {
            let line = format!("Pour entrer, une seule fois : {url}");
            context.ui.line(line);
        }
        let line = format!("Ensuite, ou ailleurs, avec le code : {}", login.code);
        context.ui.line(line);
    }
    if server.is_open_to_others() {
        context.ui.warn("D'autres machines peuvent entrer avec le jeton, qui passe en clair : sur un réseau partagé, mettez devant un relais en https://");
    }
    context.ui.line("Ctrl-C pour arrêter");
}

/// Opens the pages in the default browser. The URL that logs in is passed in a file that its owner alone can read,
/// because all accounts can see the command lines of programs; dropping the value deletes the file.
fn open(
    server: &Server,
    login: Option<&Login>,
    context: &Context<'_>,
) -> Option<tempfile::NamedTempFile> {
    let opened = match login.and_then(|login| login.url.as_deref()) {
        None => open::that_detached(server.url()).map(|()| None),
        Some(url) => page_to(url).and_then(|page| {
            open::that_detached(page.path())?;
            Ok(Some(page))
        }),
    };
    opened.unwrap_or_else(|error| {
        let reason = io_reason(&error);
        context.ui.warn(&format!(
            "Aucun navigateur n'a pu être ouvert ({reason}) : ouvrez l'adresse ci-dessus"
        ));
        None
    })
}

/// A page on disk that redirects to `url`. Our URLs contain no character that HTML escapes.
fn page_to(url: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut page = tempfile::Builder::new()
        .prefix("crmreco-")
        .suffix(".html")
        .tempfile()?;
    write!(
        page,
        "<!DOCTYPE html><html lang=\"fr\"><meta charset=\"utf-8\"><title>crmreco</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={url}\"><p><a href=\"{url}\">Ouvrir crmreco</a></p></html>"
    )?;
    page.flush()?;
    Ok(page)
}
