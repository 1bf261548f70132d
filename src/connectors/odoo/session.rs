//! An Odoo server, spoken to as one user: which version it is, how it is called, and how often a call that
//! fails is tried again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use tracing::info;

use super::call::{Answered, Call, Pending};
use super::domain::Domain;
use super::failure::Failure;
use super::protocol::{self, Arguments, Protocol};
use super::record::INSTANT;
use super::settings::Server;
use crate::connectors::shared::{Http, HttpFailure, Request, one_line, retry};
use crate::stop::Stop;

/// The first version that speaks JSON-2.
const JSON2_FROM: u64 = 19;

/// The newest version that was tried.
const NEWEST_TRIED: u64 = 19;

/// The first version that asks a record of a user for its groups, not the model.
const GROUPS_OF_RECORDS_FROM: u64 = 18;

/// Hexadecimal digits of an API key (`odoo/addons/base/models/res_users.py`, `API_KEY_SIZE` bytes).
const KEY_LENGTH: usize = 40;

/// The first version that formats groups of rows.
const FORMATTED_GROUPS_FROM: u64 = 19;

/// A server and a user on it.
pub(super) struct Session {
    pub(super) server: Server,
    http: Http,
    protocol: Box<dyn Protocol>,
    /// As the server calls it: `18.0`, `saas~18.2`.
    pub(super) version: String,
    /// The number of the user who holds the key.
    pub(super) user: u64,
    /// The key was refused, revoked meanwhile perhaps.
    is_refused: AtomicBool,
    /// By model, what it was asked for and the answer.
    fields: Mutex<HashMap<&'static str, (Vec<&'static str>, Value)>>,
    /// By model, the latest `write_date` there was when it was first asked for.
    newest: Mutex<HashMap<&'static str, Newest>>,
    /// Context sent with every call: language, companies, archived records included.
    context: Value,
    /// That user's own company, where he may see it.
    pub(super) company: Option<u64>,
    /// The login of that user: on Odoo 19 the key decides it, not the settings.
    pub(super) login: Option<String>,
    /// What his company is called.
    pub(super) company_name: Option<String>,
    /// Where days begin for that user.
    pub(super) time_zone: TimeZone,
}

/// When the rows of a model were last written.
#[derive(Debug, Clone, Default)]
pub(super) struct Newest {
    /// The latest `write_date`.
    pub(super) at: Option<String>,
    /// Whether some rows have none.
    pub(super) has_undated: bool,
}

impl Session {
    /// Asks the server for its version and for the owner of the key.
    pub(super) fn open(server: &Server, stop: &Stop) -> Result<Self, Failure> {
        let http = Http::new(&server.web, stop.clone());
        let version = knocking(&http, || version(&http, server));
        let version = version.map_err(|failure| scrubbed(failure, server))?;
        let (protocol, user) = if major(&version) >= JSON2_FROM {
            (protocol::json2(), None)
        } else {
            let user = knocking(&http, || protocol::authenticate(&http, server))
                .map_err(|failure| scrubbed(failure, server))?;
            (protocol::json_rpc(user), Some(user))
        };
        let mut session = Self {
            server: server.clone(),
            http,
            protocol,
            version,
            user: user.unwrap_or_default(),
            is_refused: AtomicBool::new(false),
            fields: Mutex::default(),
            newest: Mutex::default(),
            context: json!({}),
            company: None,
            login: None,
            company_name: None,
            time_zone: TimeZone::system(),
        };
        info!(
            url = server.web.url,
            version = session.version,
            protocol = session.protocol(),
            "Odoo answers"
        );
        session.learn_context()?;
        session.learn_user()?;
        Ok(session)
    }

    /// The owner of the key: on Odoo 19 the key alone decides it.
    fn learn_user(&mut self) -> Result<(), Failure> {
        let arguments = json!({
            "domain": [["id", "=", self.user]],
            "fields": ["login", "company_id"],
            "limit": 1,
        });
        let answer = match self.call("res.users", "search_read", &arguments) {
            Err(Failure::Denied(_)) => return Ok(()),
            answer => answer?,
        };
        let text = |path: &str| answer.pointer(path).and_then(Value::as_str).map(one_line);
        self.login = text("/0/login");
        self.company_name = text("/0/company_id/1");
        self.company = answer.pointer("/0/company_id/0").and_then(Value::as_u64);
        Ok(())
    }

    /// The language and time zone of the user: wines are called what he sees, days begin where he is.
    fn learn_context(&mut self) -> Result<(), Failure> {
        let known = self.call("res.users", "context_get", &json!({}))?;
        let zone = known.get("tz").and_then(Value::as_str);
        if let Some(zone) = zone.and_then(|name| TimeZone::get(name).ok()) {
            self.time_zone = zone;
        }
        if let Some(user) = known.get("uid").and_then(Value::as_u64) {
            self.user = user;
        }
        let mut context = Map::new();
        context.insert("active_test".to_owned(), json!(false));
        if let Some(language) = known.get("lang").filter(|lang| lang.is_string()) {
            context.insert("lang".to_owned(), language.clone());
        }
        if let Some(company) = self.server.company {
            context.insert("allowed_company_ids".to_owned(), json!([company]));
        }
        self.context = Value::Object(context);
        Ok(())
    }

    /// Whether groups of rows come formatted, from Odoo 19 on.
    pub(super) fn has_formatted_groups(&self) -> bool {
        major(&self.version) >= FORMATTED_GROUPS_FROM
    }

    /// What the protocol calls itself.
    pub(super) fn protocol(&self) -> &'static str {
        self.protocol.name()
    }

    /// What the rows of every table depend on besides themselves: the user, and what is requested.
    pub(super) fn basis(&self) -> Value {
        let zone = self.time_zone.iana_name();
        json!([self.version, self.context, self.user, zone])
    }

    /// Which of the fields `wanted` the server has of `model`, asked for once a session.
    pub(super) fn fields_get(
        &self,
        model: &'static str,
        wanted: &[&'static str],
    ) -> Result<Value, Failure> {
        let mut known = self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((asked, answer)) = known.get(model)
            && asked == wanted
        {
            return Ok(answer.clone());
        }
        let arguments = json!({"allfields": wanted, "attributes": ["type"]});
        let answer = self.call(model, "fields_get", &arguments);
        let answer = answer.map_err(|failure| failure.of_fields(model))?;
        known.insert(model, (wanted.to_vec(), answer.clone()));
        Ok(answer)
    }

    /// The latest `write_date` of `model`, asked for once a session; nothing where the user may not see.
    ///
    /// A row written while the server's clock was wrong may lie years ahead. It would hide all that is written until
    /// then: what the server's clock has not reached does not count.
    pub(super) fn newest(&self, model: &'static str) -> Result<Newest, Failure> {
        let mut known = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(newest) = known.get(model) {
            return Ok(newest.clone());
        }
        // Rows written by SQL may have no date, and come first.
        let mut newest = self.newest_in(model, &Domain::all())?;
        let dated = Domain::all().and("write_date", "!=", false);
        if newest.has_undated {
            newest.at = self.newest_in(model, &dated)?.at;
        }
        let clock = self.server_clock();
        // As text they sort as in time.
        if let Some(clock) = clock.filter(|clock| newest.at.as_ref() > Some(clock)) {
            newest.at = self
                .newest_in(model, &dated.and("write_date", "<=", clock))?
                .at;
        }
        known.insert(model, newest.clone());
        Ok(newest)
    }

    /// The server's clock at its last answer, if it sent one, as Odoo writes instants.
    pub(super) fn server_clock(&self) -> Option<String> {
        let clock = self.http.server_clock();
        clock.map(|clock| clock.to_zoned(TimeZone::UTC).strftime(INSTANT).to_string())
    }

    fn newest_in(&self, model: &str, domain: &Domain) -> Result<Newest, Failure> {
        let arguments = json!({
            "domain": domain.to_value(),
            "fields": ["write_date"],
            "order": "write_date desc",
            "limit": 1,
        });
        match self.call(model, "search_read", &arguments) {
            Err(Failure::Denied(_)) => Ok(Newest::default()),
            answer => {
                let answer = answer?;
                let newest = answer.pointer("/0/write_date");
                Ok(Newest {
                    at: newest.and_then(Value::as_str).map(str::to_owned),
                    has_undated: newest.is_some_and(|newest| !newest.is_string()),
                })
            }
        }
    }

    /// Whether the user is in the group with the external id `group`; `None` where the server does not say.
    pub(super) fn has_group(&self, group: &str) -> Result<Option<bool>, Failure> {
        let mut arguments = json!({"group_ext_id": group});
        if major(&self.version) >= GROUPS_OF_RECORDS_FROM {
            arguments[protocol::RECORDS] = json!([self.user]);
        }
        match self.call("res.users", "has_group", &arguments) {
            Err(Failure::Denied(_) | Failure::Refused(_)) => Ok(None),
            answer => Ok(answer?.as_bool()),
        }
    }

    /// Whether the server is newer than those that were tried.
    pub(super) fn is_untried(&self) -> bool {
        major(&self.version) > NEWEST_TRIED
    }

    /// Whether the secret is no API key: up to Odoo 18, a password is taken too.
    pub(super) fn uses_password(&self) -> bool {
        let key = self.server.web.secret.expose_secret();
        let is_key = key.len() == KEY_LENGTH && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        major(&self.version) < JSON2_FROM && !is_key
    }

    /// Like [`Session::call`], as of one company.
    pub(super) fn call_in_company(
        &self,
        company: u64,
        model: &str,
        method: &str,
        arguments: &Value,
    ) -> Result<Value, Failure> {
        let mut arguments = arguments.clone();
        arguments["context"] = self.context.clone();
        arguments["context"]["allowed_company_ids"] = json!([company]);
        self.call(model, method, &arguments)
    }

    /// Calls `method` of `model`, again where it fails in passing.
    pub(super) fn call(
        &self,
        model: &str,
        method: &str,
        arguments: &Value,
    ) -> Result<Value, Failure> {
        let attempt = |attempt| {
            let call = Call::new(model, method, attempt);
            self.finish(&self.begin(call, arguments.clone())?)
        };
        retry(self.stop(), model, attempt, |_| ())?.read()
    }

    /// Begins to make `call`: the server works on the answer until somebody waits for it.
    pub(super) fn begin<'c>(
        &self,
        call: Call<'c>,
        arguments: Value,
    ) -> Result<Pending<'c>, Failure> {
        let mut named = match arguments {
            Value::Object(named) => named,
            _ => Arguments::new(),
        };
        named
            .entry("context")
            .or_insert_with(|| self.context.clone());
        // A refused key stays refused: after several failed logins, Odoo blocks all of them for a minute.
        if self.is_refused.load(Ordering::Relaxed) {
            return Err(Failure::KeyRefused);
        }
        let request = self
            .protocol
            .request(&self.server, call.model, call.method, named);
        let exchange = self.http.begin(request)?;
        Ok(Pending { call, exchange })
    }

    /// Waits for the answer to a call.
    pub(super) fn finish<'c>(&self, pending: &Pending<'c>) -> Result<Answered<'c>, Failure> {
        let reply = self.http.finish(&pending.exchange);
        let answer = reply.map_err(Failure::from);
        let answer = answer.and_then(|reply| self.protocol.answer(reply));
        let answer = answer.map(|answer| Answered::new(pending.call, answer));
        if matches!(answer, Err(Failure::KeyRefused)) {
            self.is_refused.store(true, Ordering::Relaxed);
        }
        answer.map_err(|failure| scrubbed(failure, &self.server))
    }

    /// What asks its calls to stop.
    pub(super) fn stop(&self) -> &Stop {
        self.http.stop()
    }
}

/// The first request to a server: tried again where the server announces its return, because a restart is short. A
/// server that does not answer at all is tried once.
fn knocking<T>(http: &Http, knock: impl Fn() -> Result<T, Failure>) -> Result<T, Failure> {
    let attempt = |_| match knock() {
        Err(Failure::Http(failure)) if failure.will_be_back() => Err(Failure::Http(failure)),
        answer => Ok(answer),
    };
    retry(http.stop(), "server", attempt, |_| ())?
}

/// The server's version: from 19 on a URL returns it, before that a call.
fn version(http: &Http, server: &Server) -> Result<String, Failure> {
    let asked = http.send(Request {
        url: format!("{}/web/version", server.web.url),
        body: None,
        headers: Vec::new(),
    });
    let asked = asked.map_err(|failure| match failure {
        // A server that closes the connection at the first request is no Odoo.
        HttpFailure::Cut => HttpFailure::Unreachable(
            "la connexion s'est coupée sans réponse (https:// ou http:// ? le bon port ?)"
                .to_owned(),
        ),
        other => other,
    })?;
    let answer = match serde_json::from_slice::<Value>(&asked.body) {
        Ok(answer) if asked.status == 200 => answer,
        _ if asked.status == 200 && asked.is_html => return Err(Failure::not_odoo(200)),
        _ => protocol::version(http, server)?,
    };
    let version = ["version", "server_version"]
        .iter()
        .find_map(|key| answer.get(key)?.as_str());
    version.map(one_line).ok_or(Failure::GARBLED)
}

/// `19.0` → 19, `saas~18.2` → 18, `19.0+e` → 19.
fn major(version: &str) -> u64 {
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits
        .get(..end)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

fn scrubbed(failure: Failure, server: &Server) -> Failure {
    failure.without(server.web.secret.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_leads_whatever_stands_around_it() {
        let versions = ["19.0", "saas~18.2", "19.1+e", "16.0-20231107", ""];
        assert_eq!(versions.map(major), [19, 18, 19, 16, 0]);
    }
}
