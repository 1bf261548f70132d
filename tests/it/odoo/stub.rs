//! A server that answers as a real Odoo was recorded to answer, checks what it is asked, and can misbehave.

use std::mem;
use std::sync::{Arc, Mutex};
use std::thread;

use jiff::Timestamp;
use serde_json::Value;

use super::call::Call;
use super::exchange::{Exchange, Request, Response, key_of, load_phases};
use super::fault::{Fault, http_date, odoo_error};
use super::house::House;
use super::http::{Incoming, Reply, Server};
use super::recording::Recording;
use super::site::{doorstep_18, doorstep_19};
use super::when::{Armed, When};

/// The only key that the server takes.
pub const KEY: &str = "cle-de-test-0123456789abcdef";

/// A request that the server got. The body holds a placeholder for the key, the headers are as they came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub request: Request,
    pub headers: Vec<(String, String)>,
    /// None for a page such as `/web/version`.
    pub call: Option<Call>,
}

/// Panics at its end where it was asked what no real server was asked, or where a fault never came to pass.
#[derive(Debug)]
pub struct Stub {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    recording: Recording,
    /// Answers what is not in the recording.
    house: Option<House>,
    faults: Vec<Armed<Arc<Fault>>>,
    /// What the answers say the time is.
    clock: Option<Timestamp>,
    asked: Vec<Asked>,
    complaints: Vec<String>,
}

impl Stub {
    /// Replays a phase: `19.0/1-first`. What a phase does not say is as it was in the one before it.
    #[track_caller]
    pub fn replay(phase: &str) -> Self {
        Self::start(Recording::of_phases(load_phases(phase)))
    }

    /// Replays exchanges written by hand.
    pub fn of(exchanges: Vec<Exchange>) -> Self {
        Self::start(Recording::of(exchanges))
    }

    fn start(recording: Recording) -> Self {
        let state = Arc::new(Mutex::new(State {
            recording,
            ..State::default()
        }));
        let server = Server::start({
            let state = Arc::clone(&state);
            move |incoming| dated(&state, answer(&state, incoming))
        });
        Self { server, state }
    }

    /// Answers from rows written by hand.
    pub fn at_home(house: House) -> Self {
        let mut doorstep = if house.rpc {
            doorstep_18()
        } else {
            doorstep_19()
        };
        // Who the user is, the house tells.
        doorstep.retain(|exchange| !exchange.request.path.ends_with("/search_read"));
        let stub = Self::of(doorstep);
        stub.state.lock().unwrap().house = Some(house);
        stub
    }

    /// Changes the rows written by hand.
    pub fn rearrange(&self, change: impl FnOnce(&mut House)) {
        change(self.state.lock().unwrap().house.as_mut().unwrap());
    }

    /// Its answers say from now on what time it is there.
    pub fn tells_the_time(&self, clock: Timestamp) {
        self.state.lock().unwrap().clock = Some(clock);
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The database that was recorded.
    #[track_caller]
    pub fn database(&self) -> String {
        let database = self.state.lock().unwrap().recording.database();
        database.expect("no database in the recording")
    }

    /// The login that was recorded; JSON-2 has none.
    #[track_caller]
    pub fn login(&self) -> String {
        let login = self.state.lock().unwrap().recording.login();
        login.expect("no login in the recording")
    }

    /// The same server gives the answers of another phase from now on. Faults and counts stay.
    #[track_caller]
    pub fn phase(&self, phase: &str) {
        let recording = Recording::of_phases(load_phases(phase));
        self.state.lock().unwrap().recording = recording;
    }

    /// One more exchange, for what the recorded server did not have.
    pub fn add(&self, exchange: Exchange) {
        self.state.lock().unwrap().recording.add(exchange);
    }

    /// Of the faults that want a request, the one that was set first takes it.
    pub fn fault(&self, when: When, fault: Fault) {
        let armed = Armed::new(when, Arc::new(fault));
        self.state.lock().unwrap().faults.push(armed);
    }

    /// What was asked so far, in order.
    pub fn requests(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// The calls of one method of one model so far, in order.
    pub fn calls(&self, model: &str, method: &str) -> Vec<Call> {
        let calls = self.requests().into_iter().filter_map(|asked| asked.call);
        calls.filter(|call| call.is(model, method)).collect()
    }

    /// Forgets what was asked, to count anew.
    pub fn forget(&self) {
        self.state.lock().unwrap().asked.clear();
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// What dropping does, for a test that says where.
    #[track_caller]
    pub fn finish(self) {
        self.check();
    }

    #[track_caller]
    fn check(&self) {
        let mut state = self.state.lock().unwrap();
        let mut complaints = mem::take(&mut state.complaints);
        for armed in mem::take(&mut state.faults) {
            if armed.taken == 0 {
                complaints.push(format!(
                    "this fault never came to pass: {:?} at {:?}",
                    armed.fault, armed.when
                ));
            }
        }
        // A panic under the lock would poison it.
        drop(state);
        assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.check();
        }
    }
}

impl State {
    fn fault_for(&mut self, asked: &Asked) -> Option<Arc<Fault>> {
        let mut chosen = None;
        for armed in &mut self.faults {
            if armed.wants(&asked.request, asked.call.as_ref()) && chosen.is_none() {
                armed.taken += 1;
                chosen = Some(Arc::clone(&armed.fault));
            }
        }
        chosen
    }

    fn recorded(&mut self, request: &Request) -> Option<Response> {
        let recorded = self.recording.answer(request);
        let answer = recorded.or_else(|| self.house.as_ref()?.answer(request));
        if answer.is_none() {
            let mut lines = vec![format!("never recorded: {}", shown(request))];
            for known in self.recording.alike(request) {
                lines.push(format!("      recorded: {}", shown(known)));
            }
            self.complaints.push(lines.join("\n"));
        }
        answer
    }
}

fn shown(request: &Request) -> String {
    serde_json::to_string(request).unwrap()
}

/// The lock is never held while a fault acts: its closure may ask the stub what it was asked.
fn answer(state: &Mutex<State>, incoming: &Incoming) -> Reply {
    let request = Request::of(incoming);
    let asked = Asked {
        headers: incoming.headers.clone(),
        call: request.call(),
        request: request.clone(),
    };
    let fault = {
        let mut state = state.lock().unwrap();
        state.asked.push(asked.clone());
        if let Some(defect) = defect(incoming) {
            let complaint = format!("{defect}: {}", shown(&request));
            state.complaints.push(complaint);
            return unexpected();
        }
        state.fault_for(&asked)
    };
    if let Some(reply) = fault.as_ref().and_then(|fault| fault.reply(&request)) {
        return reply;
    }
    if let Some(Fault::Signal(callback)) = fault.as_deref() {
        callback();
    }
    let mut held = state.lock().unwrap();
    if let Some(refusal) = refusal(&held.recording, &asked, incoming) {
        return refusal;
    }
    let Some(recorded) = held.recorded(&request) else {
        return unexpected();
    };
    if matches!(fault.as_deref(), Some(Fault::Gzip)) && !accepts_gzip(incoming) {
        let complaint = format!("does not accept gzip: {}", shown(&request));
        held.complaints.push(complaint);
        return unexpected();
    }
    drop(held);
    let reply = altered(recorded, fault.as_deref(), &request).reply(&incoming.json());
    match fault {
        Some(fault) => fault.bend(reply),
        None => reply,
    }
}

fn dated(state: &Mutex<State>, reply: Reply) -> Reply {
    match state.lock().unwrap().clock {
        Some(clock) => reply.header("Date", &http_date(clock)),
        None => reply,
    }
}

fn unexpected() -> Reply {
    Reply::html(500, "No real server was ever asked this")
}

/// What no request of the program may be like, wherever it goes.
fn defect(incoming: &Incoming) -> Option<&'static str> {
    let agent = incoming.header("user-agent").unwrap_or_default();
    if !agent.starts_with("crmreco/") {
        return Some("a User-Agent that does not say crmreco/");
    }
    let content = incoming.header("content-type").unwrap_or_default();
    if incoming.method == "POST" && content.split(';').next() != Some("application/json") {
        return Some("a Content-Type that is not application/json");
    }
    None
}

/// What a real server answers to a wrong key or database.
fn refusal(recording: &Recording, asked: &Asked, incoming: &Incoming) -> Option<Reply> {
    let request = &asked.request;
    let key_is_right = key_of(incoming).as_deref() == Some(KEY);
    if request.is_json2() {
        if !recording.knows_database(request.database.as_deref()) {
            return Some(Reply::html(404, "404 Not Found"));
        }
        return (!key_is_right)
            .then(|| odoo_error(false, "werkzeug.exceptions.Unauthorized", "Invalid apikey"));
    }
    let call = asked.call.as_ref().filter(|_| !key_is_right)?;
    if call.is("common", "version") {
        return None;
    }
    if call.is("common", "authenticate") {
        let refused = Response::json(serde_json::json!({"jsonrpc": "2.0", "result": false}));
        return Some(refused.reply(&incoming.json()));
    }
    Some(odoo_error(
        true,
        "odoo.exceptions.AccessDenied",
        "Access Denied",
    ))
}

fn accepts_gzip(incoming: &Incoming) -> bool {
    let accepted = incoming.header("accept-encoding").unwrap_or_default();
    accepted.contains("gzip")
}

/// The recorded answer after the fault that alters what the method returned.
#[track_caller]
fn altered(recorded: Response, fault: Option<&Fault>, request: &Request) -> Response {
    let Some(Fault::ReplaceBody(alter)) = fault else {
        return recorded;
    };
    let rpc = request.is_rpc();
    let result: Value = recorded
        .result(rpc)
        .cloned()
        .unwrap_or_else(|| panic!("no result to alter: {recorded:?}"));
    recorded.with_result(rpc, alter(result))
}
