//! What a person at the browser does and sees.

use std::cell::RefCell;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::chromium::Chromium;
use crate::serve::served::Served;

/// Longer than anything takes, on whatever machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Says at her end all that was not right, and what the browser complained of.
pub struct Person {
    pub browser: Chromium,
    pub faults: RefCell<Vec<String>>,
}

impl Person {
    pub fn new() -> Self {
        Self::at(Chromium::start())
    }

    pub fn at(browser: Chromium) -> Self {
        let faults = RefCell::default();
        Self { browser, faults }
    }

    #[track_caller]
    pub fn opens(&self, url: &str) {
        self.browser.open(url);
    }

    /// Logged in already, as a person who came in before.
    #[track_caller]
    pub fn comes_in(&self, served: &Served) {
        self.opens(&served.url("/login"));
        let (name, value) = served.cookie().unwrap().split_once('=').unwrap();
        self.browser.set_cookie(name, value);
    }

    /// Clicks the link, button or summary with this text or name, once it can be clicked.
    #[track_caller]
    pub fn clicks(&self, label: &str) {
        let xpath = format!(
            "//*[self::a or self::button or self::summary]\
             [normalize-space() = \"{label}\" or @aria-label = \"{label}\"]"
        );
        self.clicks_at(&xpath);
    }

    #[track_caller]
    pub fn clicks_at(&self, xpath: &str) {
        let since = Instant::now();
        loop {
            match self.browser.try_click(xpath) {
                Ok(()) => return,
                Err(why) if since.elapsed() > PATIENCE => {
                    panic!("{xpath}: {why:#}\n{}", self.sees())
                }
                Err(_) => sleep(Duration::from_millis(30)),
            }
        }
    }

    /// Fills the field with this identifier, in place of what is in it.
    #[track_caller]
    pub fn fills(&self, id: &str, text: &str) {
        self.finds(&format!("document.getElementById('{id}')"));
        self.browser.run(
            "const field = document.getElementById(arguments[0]); field.focus(); field.select();",
            &json!([id]),
        );
        self.types(text);
    }

    #[track_caller]
    pub fn types(&self, text: &str) {
        let keys: Vec<char> = text.chars().collect();
        let groups: Vec<&[char]> = keys.chunks(1).collect();
        self.browser.press(&groups);
    }

    #[track_caller]
    pub fn chooses(&self, id: &str, value: &str) {
        let xpath = format!("//select[@id = '{id}']/option[@value = '{value}']");
        self.clicks_at(&xpath);
    }

    /// Waits until an expression is true of the page; what it is then.
    #[track_caller]
    pub fn finds(&self, expression: &str) -> Value {
        let since = Instant::now();
        loop {
            let found = self.browser.is(expression).unwrap_or_default();
            let is_nothing = [json!(null), json!(false), json!(0), json!("")].contains(&found);
            if !is_nothing {
                return found;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "never: {expression}\n{}",
                self.sees()
            );
            sleep(Duration::from_millis(30));
        }
    }

    /// Waits until these words can be read where a selector says.
    #[track_caller]
    pub fn reads(&self, selector: &str, words: &[&str]) {
        for word in words {
            let (selector, word) = (json!(selector), json!(word));
            // No-break spaces of any width read as spaces do.
            self.finds(&format!(
                "[...document.querySelectorAll({selector})].some((one) => \
                 one.innerText.replace(/\\s+/g, ' ').includes({word}))"
            ));
        }
    }

    /// An expression, of the page as it stands now.
    #[track_caller]
    pub fn knows(&self, expression: &str) -> Value {
        self.browser
            .run(&format!("return {expression}"), &json!([]))
    }

    /// All there is to read.
    pub fn sees(&self) -> String {
        let all = self
            .browser
            .is("location.href + '\\n' + document.body.innerText");
        all.map_or("no page".to_owned(), |all| {
            all.as_str().unwrap_or_default().to_owned()
        })
    }

    /// Marks the page, so that one that was loaded anew can be told.
    #[track_caller]
    pub fn marks_the_page(&self) {
        self.browser.run("window.isMarked = true", &json!([]));
    }

    #[track_caller]
    pub fn is_on_the_page_she_marked(&self) {
        assert_eq!(
            self.knows("window.isMarked === true"),
            true,
            "{}",
            self.sees()
        );
    }

    /// What the browser complained of. That the server refused what was asked is no complaint of its own.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.browser.console().into_iter();
        let entries = entries.map(|entry| entry["message"].as_str().unwrap().to_owned());
        let refused = |message: &str| {
            message.contains("Failed to load resource: the server responded with a status of")
                && !message.contains("/assets/")
        };
        entries.filter(|message| !refused(message)).collect()
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let mut faults = self.faults.take();
            faults.extend(self.complaints());
            assert!(faults.is_empty(), "{}", faults.join("\n"));
        }
    }
}
