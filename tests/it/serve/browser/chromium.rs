//! One Chromium of its own for a test: a fresh profile, French, without a window. `WebDriver` is JSON over HTTP, which
//! the `ureq` of the other tests speaks: the crates for it bring second versions of `http`, `base64` and `thiserror`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

/// What an element is called in answers (W3C `WebDriver`, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

const WIDE: (u32, u32) = (1280, 900);

pub struct Chromium {
    driver: Child,
    agent: Agent,
    /// The address of the session.
    session: String,
    /// Without them nothing that takes time can be asked of a page.
    pub has_scripts: bool,
}

impl Chromium {
    pub fn start() -> Self {
        Self::with(&json!({}))
    }

    /// As a person who forbids scripts.
    pub fn without_script() -> Self {
        let forbidden = json!({"profile.managed_default_content_settings.javascript": 2});
        let mut chromium = Self::with(&forbidden);
        chromium.has_scripts = false;
        chromium
    }

    fn with(preferences: &Value) -> Self {
        let (driver, port) = drive();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .new_agent();
        let sessions = format!("http://127.0.0.1:{port}/session");
        let mut chromium = Self {
            driver,
            agent,
            session: sessions,
            has_scripts: true,
        };
        let answer = chromium.post("", &capabilities(preferences));
        let id = answer["sessionId"].as_str().unwrap();
        chromium.session = format!("{}/{id}", chromium.session);
        chromium
    }

    /// The value that a command answers; it must succeed.
    #[track_caller]
    fn post(&self, command: &str, body: &Value) -> Value {
        self.try_post(command, body)
            .unwrap_or_else(|error| panic!("{command} {body}: {error:#}"))
    }

    fn try_post(&self, command: &str, body: &Value) -> Result<Value, Value> {
        let request = self.agent.post(format!("{}{command}", self.session));
        let mut response = request.send_json(body).unwrap();
        let is_done = response.status().is_success();
        let mut answer: Value = response
            .body_mut()
            .with_config()
            .limit(1 << 26)
            .read_json()
            .unwrap();
        let value = answer["value"].take();
        if is_done { Ok(value) } else { Err(value) }
    }

    /// Keeps a cookie for the site of the page (W3C `WebDriver`, 14.3).
    #[track_caller]
    pub fn set_cookie(&self, name: &str, value: &str) {
        let cookie = json!({"name": name, "value": value, "httpOnly": true, "sameSite": "Strict"});
        self.post("/cookie", &json!({"cookie": cookie}));
    }

    /// Goes to an address, until the page is loaded.
    #[track_caller]
    pub fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// What the body of a function returns in the page, whatever its policy says of scripts; `arguments` are its own.
    #[track_caller]
    pub fn run(&self, body: &str, arguments: &Value) -> Value {
        self.post("/execute/sync", &json!({"script": body, "args": arguments}))
    }

    /// The same of an expression; None while there is no page to ask.
    pub fn is(&self, expression: &str) -> Option<Value> {
        let script = format!("return {expression}");
        let body = json!({"script": script, "args": []});
        self.try_post("/execute/sync", &body).ok()
    }

    /// What an expression's promise comes to.
    #[track_caller]
    pub fn promise(&self, expression: &str, arguments: &Value) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             Promise.resolve({expression}).then(done, (error) => done('failed: ' + error));"
        );
        self.post(
            "/execute/async",
            &json!({"script": script, "args": arguments}),
        )
    }

    /// Clicks the element that an `XPath` finds, where a person would: it must be there to be seen.
    pub fn try_click(&self, xpath: &str) -> Result<(), Value> {
        let element = self.try_post("/element", &json!({"using": "xpath", "value": xpath}))?;
        let id = element[ELEMENT].as_str().unwrap();
        self.try_post(&format!("/element/{id}/click"), &json!({}))?;
        Ok(())
    }

    /// Presses keys one after the other, all at once where they are in one group.
    #[track_caller]
    pub fn press(&self, groups: &[&[char]]) {
        let mut actions = Vec::new();
        for group in groups {
            actions.extend(
                group
                    .iter()
                    .map(|key| json!({"type": "keyDown", "value": key})),
            );
            let up = group.iter().rev();
            actions.extend(up.map(|key| json!({"type": "keyUp", "value": key})));
        }
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.post("/actions", &json!({"actions": [keyboard]}));
    }

    /// What the browser had to say of the page since the last time: errors, violations of its policy.
    #[track_caller]
    pub fn console(&self) -> Vec<Value> {
        let entries = self.post("/se/log", &json!({"type": "browser"}));
        entries.as_array().unwrap().clone()
    }

    /// A command of the protocol for its developers.
    #[track_caller]
    pub fn tools(&self, command: &str, parameters: &Value) -> Value {
        self.post(
            "/goog/cdp/execute",
            &json!({"cmd": command, "params": parameters}),
        )
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Ends the browser; its driver is ended after it.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A driver, and the port that it found free.
fn drive() -> (Child, u16) {
    let mut command = Command::new("chromedriver");
    command
        .args(["--port=0"])
        .env("LANGUAGE", "fr")
        .env("TZ", "Europe/Paris");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut driver = command.spawn().unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| {
        let line = line.unwrap();
        let (_, port) = line.split_once("successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    // What it says later is not read, and must have somewhere to go.
    std::thread::spawn(move || lines.for_each(drop));
    (
        driver,
        port.expect("chromedriver did not say where it listens"),
    )
}

fn capabilities(preferences: &Value) -> Value {
    let window = format!("--window-size={},{}", WIDE.0, WIDE.1);
    // In a container, tests run as root, with little /dev/shm.
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--hide-scrollbars",
        "--no-proxy-server",
        "--lang=fr-FR",
        &window,
    ];
    json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {"args": arguments, "prefs": preferences},
    }}})
}
