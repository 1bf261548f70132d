//! How long history is kept.

use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, Result};

/// Default: a year and a month, so that a season can be compared with the last.
const DEFAULT_DAYS: u32 = 400;

/// Maximum: a century.
const MOST_DAYS: u32 = 36_500;

/// How long runs, messages and rejects are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// In days.
    pub days: u32,
}

impl Retention {
    /// The variable with the number of days, of the process or of the home's `.env`.
    pub const VARIABLE: &'static str = "CRMRECO_KEEP_DAYS";

    /// Parses the setting; the default without one.
    pub fn of_setting(setting: Option<&str>) -> Result<Self> {
        let Some(text) = setting.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(Self { days: DEFAULT_DAYS });
        };
        match text.parse() {
            Ok(days @ 1..=MOST_DAYS) => Ok(Self { days }),
            _ => Err(Error::config(format!(
                "{} « {text} » n'est pas un nombre de jours",
                Self::VARIABLE
            ))
            .hint(format!(
                "Un entier de 1 à {MOST_DAYS} ; {DEFAULT_DAYS} par défaut"
            ))),
        }
    }

    /// Runs that began before this time are deleted. The minimum where `now` minus the days is out of range.
    pub fn before(self, now: Timestamp) -> Timestamp {
        let kept = SignedDuration::from_hours(24 * i64::from(self.days));
        now.checked_sub(kept).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_back_from_now() {
        let now: Timestamp = "2026-11-29T10:00:00Z".parse().unwrap();
        let usual = Retention::of_setting(None).unwrap();
        assert_eq!(usual, Retention::of_setting(Some(" 400 ")).unwrap());
        assert_eq!(usual.before(now).to_string(), "2025-10-25T10:00:00Z");
        assert_eq!(usual.before(Timestamp::MIN), Timestamp::MIN);
        for wrong in ["0", "-1", "1.5", "un an", "36501"] {
            assert!(Retention::of_setting(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
