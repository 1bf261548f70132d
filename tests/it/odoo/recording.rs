//! The exchanges of a phase and of those before it, and what they answer to a request.

use serde_json::Value;

use super::exchange::{Exchange, Request, Response};
use super::paging;

#[derive(Debug, Default)]
pub struct Recording {
    /// The newest phase first: a later one keeps only what is no longer answered as before.
    phases: Vec<Phase>,
}

#[derive(Debug, Default)]
struct Phase {
    exchanges: Vec<Exchange>,
    /// Which exchanges were replayed already.
    replayed: Vec<bool>,
}

impl Recording {
    pub fn of(exchanges: Vec<Exchange>) -> Self {
        Self::of_phases(vec![exchanges])
    }

    /// The newest phase first.
    pub fn of_phases(phases: Vec<Vec<Exchange>>) -> Self {
        let phases = phases.into_iter().map(Phase::of);
        Self {
            phases: phases.collect(),
        }
    }

    pub fn add(&mut self, exchange: Exchange) {
        match self.phases.first_mut() {
            Some(newest) => newest.add(exchange),
            None => self.phases.push(Phase::of(vec![exchange])),
        }
    }

    pub fn answer(&mut self, request: &Request) -> Option<Response> {
        let mut phases = self.phases.iter_mut();
        phases.find_map(|phase| phase.exact(request).or_else(|| phase.cut(request)))
    }

    fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.phases.iter().flat_map(|phase| &phase.exchanges)
    }

    /// Whether the server has this database, as far as the recording knows.
    pub fn knows_database(&self, database: Option<&str>) -> bool {
        let mut json2 = self.exchanges().filter(|known| known.request.is_json2());
        json2.any(|known| known.request.database.as_deref() == database)
    }

    /// The first database, and the login, that the recording was made with.
    pub fn database(&self) -> Option<String> {
        self.exchanges().find_map(|known| {
            let named = known.request.database.as_deref();
            let first = known.request.body.pointer("/params/args/0");
            Some(named.or(first.and_then(Value::as_str))?.to_owned())
        })
    }

    pub fn login(&self) -> Option<String> {
        let calls = self.exchanges().map(|known| &known.request.body);
        let mut logins =
            calls.filter(|body| body.pointer("/params/method") == Some(&"authenticate".into()));
        let login = logins.next()?.pointer("/params/args/1")?;
        login.as_str().map(str::to_owned)
    }

    /// What was recorded of the same method of the same model, to compare with a request that nobody recorded.
    pub fn alike(&self, request: &Request) -> Vec<&Request> {
        let asked = request.call().map(|call| (call.model, call.method));
        let requests = self.exchanges().map(|known| &known.request);
        requests
            .filter(|known| known.call().map(|call| (call.model, call.method)) == asked)
            .take(2)
            .collect()
    }
}

impl Phase {
    fn of(exchanges: Vec<Exchange>) -> Self {
        Self {
            replayed: vec![false; exchanges.len()],
            exchanges,
        }
    }

    fn add(&mut self, exchange: Exchange) {
        self.exchanges.push(exchange);
        self.replayed.push(false);
    }

    /// A question that was recorded several times gets its answers in their order, and the last one from then on.
    fn exact(&mut self, request: &Request) -> Option<Response> {
        let positions = 0..self.exchanges.len();
        let same: Vec<_> = positions
            .filter(|position| self.exchanges[*position].request == *request)
            .collect();
        let next = same.iter().find(|position| !self.replayed[**position]);
        let chosen = *next.or(same.last())?;
        self.replayed[chosen] = true;
        Some(self.exchanges[chosen].response.clone())
    }

    fn cut(&self, request: &Request) -> Option<Response> {
        let rows = paging::cut(&self.exchanges, request)?;
        let rpc = request.is_rpc();
        let like = self
            .exchanges
            .iter()
            .find(|known| known.request.path == request.path && is_success(known))?;
        Some(like.response.clone().with_result(rpc, rows))
    }
}

fn is_success(exchange: &Exchange) -> bool {
    let result = exchange.response.result(exchange.request.is_rpc());
    result.is_some()
}
