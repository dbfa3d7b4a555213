//! A report: what a box found when it looked at itself, the same for the installer beside it and for the office.
//!
//! It holds no vital sign, no name of a person and no device address.

mod codes;
mod sign_off;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::GatewayId;
pub use codes::{ErrorCode, Explained, UnknownCode};
pub use sign_off::{NAME_LEN_MAX, SignOff};

/// The version of a report's form; fields are only ever added within it.
pub const REPORT_SCHEMA: u32 = 1;
/// The most findings of one report: those about the box, and two about each of its devices.
pub const FINDINGS_LEN_MAX: usize = 96;
/// The longest detail of a finding, in bytes; what is longer is cut.
pub const DETAIL_LEN_MAX: usize = 200;

/// How a check came out, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It does not apply to this box, or cannot be known here.
    Skipped,
    /// It is as it ought to be.
    Pass,
    /// Readings get through, but something wants to be mended.
    Warn,
    /// Readings do not get through, or will not for long.
    Fail,
}

/// What a check is about; reports are shown in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Power, heat, disk, memory, clock.
    Box,
    /// From this home to the server.
    Network,
    /// Name, certificate, keys.
    Identity,
    /// The Bluetooth service and its adapter.
    Bluetooth,
    /// Each device of this home.
    Devices,
    /// The running gateway, and what it keeps.
    Gateway,
}

/// One check and how it came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What it is about.
    pub group: Group,
    /// The check's name, such as `clock`; for a device its name too: `battery cuff-1`.
    pub check: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was seen, in a few words.
    pub detail: String,
    /// What explains it, when it is not as it ought to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
}

/// Everything that a box found at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`REPORT_SCHEMA`].
    pub schema: u32,
    /// The box, if it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<GatewayId>,
    /// When it was written, by the box's clock.
    pub at: Timestamp,
    /// The program's version.
    pub software_version: String,
    /// At most [`FINDINGS_LEN_MAX`].
    pub findings: Vec<Finding>,
    /// What the installer said at the end of the visit, until the office has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_off: Option<SignOff>,
}

impl Finding {
    /// Says that something is as it ought to be.
    pub fn pass(group: Group, check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(group, check.into(), Outcome::Pass, detail.into(), None)
    }

    /// Says that something cannot be known here.
    pub fn skipped(group: Group, check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(group, check.into(), Outcome::Skipped, detail.into(), None)
    }

    /// Says that something wants to be mended.
    pub fn warn(
        group: Group,
        check: impl Into<String>,
        code: ErrorCode,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(
            group,
            check.into(),
            Outcome::Warn,
            detail.into(),
            Some(code),
        )
    }

    /// Says that readings do not get through.
    pub fn fail(
        group: Group,
        check: impl Into<String>,
        code: ErrorCode,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(
            group,
            check.into(),
            Outcome::Fail,
            detail.into(),
            Some(code),
        )
    }

    fn new(
        group: Group,
        check: String,
        outcome: Outcome,
        mut detail: String,
        code: Option<ErrorCode>,
    ) -> Self {
        detail.truncate(detail.floor_char_boundary(DETAIL_LEN_MAX));
        Self {
            group,
            check,
            outcome,
            detail,
            code,
        }
    }
}

/// The office's wish for a report. It says nothing more, so that a box can only look at itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {}

impl Ask {
    /// Reads the body of an opened envelope.
    ///
    /// # Errors
    /// A named refusal.
    pub fn from_body(body: &str) -> Result<Self, crate::wire::WireError> {
        Ok(serde_json::from_str(body)?)
    }
}

impl Report {
    /// Gives the worst outcome; a report of nothing is skipped.
    pub fn worst(&self) -> Outcome {
        let outcomes = self.findings.iter().map(|finding| finding.outcome);
        outcomes.max().unwrap_or(Outcome::Skipped)
    }

    /// Reads a report that came from elsewhere.
    ///
    /// # Errors
    /// When it is no report of this schema, or has no end.
    pub fn from_body(body: &str) -> Result<Self, crate::wire::WireError> {
        let report: Self = serde_json::from_str(body)?;
        let too_long =
            |it: &Finding| it.detail.len() > DETAIL_LEN_MAX || it.check.len() > DETAIL_LEN_MAX;
        let signals_len = report
            .sign_off
            .as_ref()
            .map_or(0, |it| it.signals_dbm.len());
        if report.findings.len() > FINDINGS_LEN_MAX
            || report.findings.iter().any(too_long)
            || signals_len > crate::wire::DEVICES_LEN_MAX
        {
            return Err(crate::wire::WireError::TooLong);
        }
        Ok(report)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Skipped => "-",
            Self::Pass => "✓",
            Self::Warn => "!",
            Self::Fail => "✗",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: Vec<Finding>) -> Report {
        Report {
            schema: REPORT_SCHEMA,
            gateway: None,
            at: Timestamp::UNIX_EPOCH,
            software_version: "0.1.0".to_owned(),
            findings,
            sign_off: None,
        }
    }

    fn warning(detail: &str) -> Finding {
        Finding::warn(
            Group::Devices,
            "battery cuff-1",
            ErrorCode::BatteryLow,
            detail,
        )
    }

    #[test]
    fn a_report_is_as_bad_as_its_worst_finding() {
        let pass = Finding::pass(Group::Box, "clock", "set");
        assert_eq!(report(Vec::new()).worst(), Outcome::Skipped);
        assert_eq!(report(vec![pass.clone()]).worst(), Outcome::Pass);
        assert_eq!(report(vec![warning("8 %"), pass]).worst(), Outcome::Warn);
    }

    #[test]
    fn a_report_is_read_back_and_one_without_an_end_is_refused() {
        let read = |it: &Report| Report::from_body(&serde_json::to_string(it).unwrap());
        let mut full = report(vec![warning(&"ü".repeat(1000)); FINDINGS_LEN_MAX]);
        assert_eq!(full.findings[0].detail.len(), DETAIL_LEN_MAX);
        assert_eq!(read(&full).unwrap(), full);
        full.findings.push(warning(""));
        assert!(read(&full).is_err());
        let mut long = report(vec![warning("")]);
        long.findings[0].detail = "x".repeat(DETAIL_LEN_MAX + 1);
        assert!(read(&long).is_err());
        let heard = ("cuff-1".parse().unwrap(), -71);
        let mut signed = report(Vec::new());
        signed.sign_off = Some(SignOff {
            at: Timestamp::UNIX_EPOCH,
            by: "Sam Fitter".to_owned(),
            patient_shown: true,
            safety_text_read: true,
            leaflet_left: true,
            signals_dbm: vec![heard; crate::wire::DEVICES_LEN_MAX],
        });
        assert_eq!(read(&signed).unwrap(), signed);
        let signals = &mut signed.sign_off.as_mut().unwrap().signals_dbm;
        signals.push(("cuff-2".parse().unwrap(), -60));
        assert!(read(&signed).is_err());
    }
}
