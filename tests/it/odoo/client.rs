//! A client that asks as the program does, to try the doubles without it.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

use super::stub::KEY;

pub struct Client {
    agent: Agent,
    pub key: &'static str,
    pub database: &'static str,
}

impl Client {
    pub fn new() -> Self {
        Self::waiting(Duration::from_secs(20))
    }

    pub fn waiting(longest: Duration) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(longest))
            .user_agent("crmreco/0")
            .build()
            .into();
        Self {
            agent,
            key: KEY,
            database: "cave",
        }
    }

    pub fn post(
        &self,
        url: &str,
        path: &str,
        body: &Value,
    ) -> Result<Response<ureq::Body>, ureq::Error> {
        let mut request = self.agent.post(format!("{url}{path}"));
        if path.starts_with("/json/2/") {
            request = request
                .header("Authorization", format!("bearer {}", self.key))
                .header("X-Odoo-Database", self.database);
        }
        request.send_json(body)
    }

    pub fn ask(&self, url: &str, path: &str, body: &Value) -> (u16, Value) {
        let mut response = self.post(url, path, body).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }
}
