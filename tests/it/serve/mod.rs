//! `crmreco serve`.

mod served;

#[cfg(unix)]
mod browser;
