//! What every page must be: readable by all (axe-core), no wider than the screen, with nothing too small to hit.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::axe;
use super::person::Person;

const WIDE: (u32, u32) = (1280, 900);
const NARROW: (u32, u32) = (360, 740);

/// The smallest that a target may be (WCAG 2.2, 2.5.8).
const TARGET: f64 = 24.0;

/// What can be hit, and is too small; what is neither seen nor reached does not count.
const SMALL_TARGETS: &str = "return [...document.querySelectorAll('a, button, input, select, summary')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0 && !one.matches('.skip'))
    .filter((one) => !document.querySelector('dialog[open]') || one.closest('dialog'))
    .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect().height])
    .filter(([, height]) => height < arguments[0]);";

/// What sticks out of the screen, where the page is wider than it.
const TOO_WIDE: &str = "document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('*')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 120))";

/// Every rule, those that are off by default among them; colours are those at the end of a transition.
const AXE: &str = "Promise.all(document.getAnimations().map((one) => one.finished)).then(() =>
    axe.run(document, { preload: false, resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }))
    .then(({ violations }) => violations.map(({ id, impact, nodes }) =>
        `${impact} ${id}: ${nodes.map((node) => node.html.slice(0, 160) + ' ' + node.failureSummary).join('; ')}`))";

impl Person {
    /// Looks at the page as it is, wide and narrow, light and dark.
    #[track_caller]
    pub fn is_at_ease(&self, station: &str) {
        for (scheme, name, size) in [
            ("light", "wide", WIDE),
            ("light", "narrow", NARROW),
            ("dark", "narrow", NARROW),
            ("dark", "wide", WIDE),
        ] {
            self.prefers(&[("prefers-color-scheme", scheme)]);
            self.has_a_screen(size);
            self.photographs(&format!("{station}-{name}-{scheme}"));
            let at = format!("{station}, {name}, {scheme}");
            self.notes(&format!("{at}: too wide"), &self.knows(TOO_WIDE));
            let small = self.browser.run(SMALL_TARGETS, &json!([TARGET]));
            self.notes(&format!("{at}: too small"), &small);
            if self.browser.has_scripts && (name == "wide") == (scheme == "light") {
                self.notes(&at, &self.asks_axe());
            }
        }
        self.prefers(&[]);
    }

    /// What axe-core finds, be it ever so slight.
    #[track_caller]
    fn asks_axe(&self) -> Value {
        if self.knows("typeof axe === 'undefined'") == true {
            let axe = fs::read_to_string(axe()).unwrap();
            self.browser.run(&axe, &json!([]));
        }
        self.browser.promise(AXE, &json!([]))
    }

    /// Keeps what is not right for the end, so that one run tells all.
    fn notes(&self, station: &str, faults: &Value) {
        if *faults != json!([]) {
            self.faults
                .borrow_mut()
                .push(format!("{station}: {faults:#}"));
        }
    }

    /// What the system tells the browser that she likes.
    #[track_caller]
    pub fn prefers(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let media = json!({"media": "", "features": features});
        self.browser.tools("Emulation.setEmulatedMedia", &media);
    }

    #[track_caller]
    fn has_a_screen(&self, (width, height): (u32, u32)) {
        // Not `mobile`: such a screen would grow with what is too wide for it.
        let screen =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.browser
            .tools("Emulation.setDeviceMetricsOverride", &screen);
    }

    #[track_caller]
    fn photographs(&self, name: &str) {
        let whole = self.knows("!document.querySelector('dialog[open]')");
        let picture = self.browser.tools(
            "Page.captureScreenshot",
            &json!({"format": "png", "captureBeyondViewport": whole}),
        );
        let picture = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
}
