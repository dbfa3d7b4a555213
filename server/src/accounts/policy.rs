//! The policy of sign-in: whether a second step is asked, and how long a session lasts.

use anyhow::ensure;
use jiff::SignedDuration;
use serde::Deserialize;

const IDLE_MINUTES_DEFAULT: u32 = 15;
const SESSION_HOURS_DEFAULT: u32 = 12;
const PROOF_MINUTES_DEFAULT: u32 = 10;
const IDLE_MINUTES_MAX: u32 = 60;
const SESSION_HOURS_MAX: u32 = 24;
const PROOF_MINUTES_MAX: u32 = 60;

/// Whether a password alone is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondStep {
    /// Never.
    #[default]
    Required,
    /// For who has not set one up: only while the pages are for this computer alone.
    Optional,
}

/// What an operator decides about sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Whether a second step is asked of everybody.
    pub second_step: SecondStep,
    idle_minutes: u32,
    session_hours: u32,
    proof_minutes: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            second_step: SecondStep::default(),
            idle_minutes: IDLE_MINUTES_DEFAULT,
            session_hours: SESSION_HOURS_DEFAULT,
            proof_minutes: PROOF_MINUTES_DEFAULT,
        }
    }
}

impl Policy {
    /// Checks the numbers, and that pages that others can reach ask for a second step.
    ///
    /// # Errors
    /// When something cannot be so; the error names the key.
    pub fn check(&self, pages_are_local: bool) -> anyhow::Result<()> {
        ensure!(
            (1..=IDLE_MINUTES_MAX).contains(&self.idle_minutes),
            "sign_in.idle_minutes: write 1 to {IDLE_MINUTES_MAX}"
        );
        ensure!(
            (1..=SESSION_HOURS_MAX).contains(&self.session_hours),
            "sign_in.session_hours: write 1 to {SESSION_HOURS_MAX}"
        );
        ensure!(
            (1..=PROOF_MINUTES_MAX).contains(&self.proof_minutes),
            "sign_in.proof_minutes: write 1 to {PROOF_MINUTES_MAX}"
        );
        ensure!(
            pages_are_local || self.second_step == SecondStep::Required,
            "sign_in.second_step: it may be \"optional\" only while web.listen is an address of this machine"
        );
        Ok(())
    }

    /// How long a session lasts in which nobody does anything.
    pub fn idle_max(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.idle_minutes))
    }

    /// How long a session lasts at most.
    pub fn session_max(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.session_hours))
    }

    /// How long ago somebody may have proved who they are who does something risky: gives roles or sign-ins, takes the audit
    /// out, changes their own password or passkeys.
    pub fn proof_max(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.proof_minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Policy {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn fifteen_minutes_and_twelve_hours_unless_the_operator_says_otherwise() {
        let policy = policy("");
        assert_eq!(policy.idle_max(), SignedDuration::from_mins(15));
        assert_eq!(policy.session_max(), SignedDuration::from_hours(12));
        assert_eq!(policy.proof_max(), SignedDuration::from_mins(10));
        assert_eq!(policy.second_step, SecondStep::Required);
        policy.check(false).unwrap();
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (text, said) in [
            ("idle_minutes = 0", "idle_minutes"),
            ("idle_minutes = 61", "idle_minutes"),
            ("session_hours = 25", "session_hours"),
            ("proof_minutes = 0", "proof_minutes"),
            ("proof_minutes = 61", "proof_minutes"),
            ("second_step = \"optional\"", "second_step"),
        ] {
            let error = policy(text).check(false).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        policy("second_step = \"optional\"").check(true).unwrap();
    }
}
