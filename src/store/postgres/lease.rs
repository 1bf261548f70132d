//! One sync per connector among all machines: a row that its holder renews, by the clock of the database.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use postgres::Transaction;
use postgres::types::Type;
use tracing::{debug, info, warn};

use super::failure::Failure;
use super::server::Server;
use super::statement::query;
use crate::error::{Advice, Error, ErrorKind, Result};
use crate::french;
use crate::home::DatabaseServer;
use crate::store::sqlite::token;

/// Pause between two renewals: a lease lives for four of them.
const RENEWAL: Duration = Duration::from_secs(15);

/// A lease, held as long as the value lives.
#[derive(Debug)]
pub(in crate::store) struct Lease {
    held: Held,
    server: Arc<Server>,
    /// Dropped, it ends the renewal.
    _renewal: Sender<()>,
}

/// Who holds a lease: what a publication confirms before it commits.
#[derive(Debug, Clone)]
pub(super) struct Held {
    name: String,
    holder: String,
    fence: i64,
}

/// What came of an attempt.
pub(in crate::store) enum Taken {
    Lease(Lease),
    /// Another process holds it, which this describes.
    Busy(String),
}

impl Lease {
    /// Takes the lease of connector `name`, where nobody holds it, its holder has not renewed it, or it is of the same
    /// `owner`: then it died.
    pub(in crate::store) fn take(
        settings: &DatabaseServer,
        name: &str,
        owner: &str,
    ) -> Result<Taken> {
        let server = Arc::new(Server::connect(settings)?);
        super::schema::migrate(&server)?;
        let holder = format!("{owner}.{}", token());
        let Some(fence) = seize(&server, name, (owner, &holder))? else {
            return Ok(Taken::Busy(describe(&server, name)?));
        };
        debug!(name, fence, "lease taken");
        let held = Held {
            name: name.to_owned(),
            holder,
            fence,
        };
        let renewal = renew(Arc::clone(&server), held.clone())?;
        Ok(Taken::Lease(Self {
            held,
            server,
            _renewal: renewal,
        }))
    }

    pub(super) fn held(&self) -> Held {
        self.held.clone()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let sql = "UPDATE @leases SET expires_at = now() - interval '1 second'
            WHERE estate = $1 AND name = $2 AND holder = $3 AND fence = $4";
        if let Err(error) = self.held.execute(&self.server, sql) {
            // It expires by itself.
            debug!(%error, "lease not given back");
        }
    }
}

impl Held {
    /// Runs `sql` about this lease; returns whether it is still held.
    fn execute(&self, server: &Server, sql: &str) -> Result<bool> {
        let sql = server.sql(sql);
        server.transaction(|to| {
            let estate = server.estate();
            let of: [&(dyn postgres::types::ToSql + Sync); 4] =
                [&estate, &self.name, &self.holder, &self.fence];
            Ok(to.execute(&sql, &of)? == 1)
        })
    }

    /// Makes sure, within a transaction, that the lease was not taken over. Writers of the same connector wait for it.
    pub(super) fn confirm(
        &self,
        to: &mut Transaction<'_>,
        server: &Server,
    ) -> std::result::Result<(), Failure> {
        let sql = server.sql(
            "UPDATE @leases SET expires_at = now() + interval '1 minute'
             WHERE estate = $1 AND name = $2 AND holder = $3 AND fence = $4",
        );
        let estate = server.estate();
        let kept = to.execute(&sql, &[&estate, &self.name, &self.holder, &self.fence])?;
        if kept == 1 {
            return Ok(());
        }
        Err(Failure::Final(taken_over(&self.name)))
    }

    /// Names the session after this lease, until the transaction ends: who takes over may have to end it. A number of a
    /// process would not do: behind a pooler, the session soon serves another client.
    pub(super) fn sign(&self, to: &mut Transaction<'_>) -> std::result::Result<(), Failure> {
        to.execute_typed(
            "SELECT set_config('application_name', $1, true)",
            &[(&signature(&self.holder), Type::TEXT)],
        )?;
        Ok(())
    }
}

/// The name of a session that works under the lease of `holder`.
fn signature(holder: &str) -> String {
    format!("crmreco {holder}")
}

/// The holder of a lease that has not expired, and its fence.
fn holder_of(server: &Server, name: &str) -> Result<Option<(String, i64)>> {
    let sql =
        "SELECT holder, fence FROM @leases WHERE estate = $1 AND name = $2 AND expires_at > now()";
    let row = server.row(sql, &[&name])?;
    Ok(row
        .map(|row| Ok::<_, postgres::Error>((row.try_get(0)?, row.try_get(1)?)))
        .transpose()?)
}

/// Takes the lease; `None` where somebody holds it.
fn seize(server: &Server, name: &str, (owner, holder): (&str, &str)) -> Result<Option<i64>> {
    let estate = server.estate();
    let (host, pid) = (host(), i64::from(std::process::id()));
    let abandoned = server.row(
        "SELECT holder FROM @leases WHERE estate = $1 AND name = $2
             AND (expires_at < now() OR ($3 <> '' AND split_part(holder, '.', 1) = $3))",
        &[&name, &owner],
    )?;
    let seized = server.transaction(|to| -> std::result::Result<_, Failure> {
        let taken = to.query_opt(
            &server.sql(
                "UPDATE @leases SET holder = $3, host = $4, pid = $5,
                     fence = fence + 1, since = now(), expires_at = now() + interval '1 minute'
                 WHERE estate = $1 AND name = $2
                     AND (expires_at < now() OR ($6 <> '' AND split_part(holder, '.', 1) = $6))
                 RETURNING fence",
            ),
            &[&estate, &name, &holder, &host, &pid, &owner],
        )?;
        if let Some(row) = taken {
            return Ok(Some(row.try_get(0)?));
        }
        let created = to.execute(
            &server.sql(
                "INSERT INTO @leases (estate, name, holder, host, pid, fence, since, expires_at)
                 SELECT $1, $2, $3, $4, $5, 1, now(), now() + interval '1 minute'
                 WHERE NOT EXISTS (SELECT 1 FROM @leases WHERE estate = $1 AND name = $2)",
            ),
            &[&estate, &name, &holder, &host, &pid],
        )?;
        Ok((created == 1).then_some(1))
    });
    let fence = match seized {
        Ok(fence) => fence,
        // Another process was faster, or an answer was lost.
        Err(Failure::Passing(error)) => match holder_of(server, name)? {
            Some((now, fence)) if now == holder => Some(fence),
            Some(_) => None,
            None => return Err(error),
        },
        Err(Failure::Final(error)) => return Err(error),
    };
    if let (Some(_), Some(row)) = (fence, abandoned) {
        end_session(server, row.try_get(0)?);
    }
    Ok(fence)
}

/// Ends the session of a holder that vanished: the rows that it wrote are locked until it ends. A role may not end those
/// of others: then the load waits.
fn end_session(server: &Server, holder: &str) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
    let ended = server.read(|client| Ok(query(client, sql, &[&signature(holder)])?));
    match ended {
        Ok(rows) => info!(ended = rows.len(), "lease taken over"),
        Err(error) => warn!(%error, "session of the former holder not ended"),
    }
}

/// Renews the lease until the sender is dropped.
fn renew(server: Arc<Server>, held: Held) -> Result<Sender<()>> {
    let (sender, ended) = channel();
    let work = move || {
        while ended.recv_timeout(RENEWAL) == Err(RecvTimeoutError::Timeout) {
            let sql = "UPDATE @leases SET expires_at = now() + interval '1 minute'
                WHERE estate = $1 AND name = $2 AND holder = $3 AND fence = $4";
            match held.execute(&server, sql) {
                Ok(true) => {}
                Ok(false) => return, // Taken over: the publication finds out.
                Err(error) => warn!(%error, "lease not renewed"),
            }
        }
    };
    let thread = thread::Builder::new().name("lease".to_owned());
    thread.spawn(work).map_err(Error::no_thread)?;
    Ok(sender)
}

/// Who holds the lease of `name`: `poste-2, processus 1234, depuis le 29/11/2026 à 10:42`.
fn describe(server: &Server, name: &str) -> Result<String> {
    let sql = "SELECT host, pid, since FROM @leases WHERE estate = $1 AND name = $2";
    let Some(row) = server.row(sql, &[&name])? else {
        return Ok("un autre processus".to_owned());
    };
    let (host, pid): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    let since: Timestamp = row.try_get(2)?;
    let since = french::instant(&since.to_string());
    Ok(format!("{host}, processus {pid}, depuis le {since}"))
}

fn taken_over(name: &str) -> Error {
    Error::new(
        ErrorKind::Busy,
        format!("Un autre ordinateur a repris « {name} » entre-temps : rien n'a été changé"),
    )
    .advise(Advice::WaitForSync)
}

/// The name of this machine.
fn host() -> String {
    #[cfg(unix)]
    {
        let name = rustix::system::uname();
        name.nodename().to_string_lossy().into_owned()
    }
    #[cfg(not(unix))]
    {
        std::env::var("COMPUTERNAME").unwrap_or_else(|_| "?".to_owned())
    }
}
