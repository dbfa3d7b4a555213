//! Failures as they are told: what happened, the likely cause, what to try next, and the exit code that goes with it.

use std::process::ExitCode;

use thiserror::Error;
use vitals::report::{ErrorCode, Explained};

const EXIT_NOT_ENROLLED: u8 = 5;
const EXIT_NETWORK: u8 = 6;
const EXIT_BLUETOOTH: u8 = 7;
/// `EX_TEMPFAIL` of sysexits.h: the same again may work.
const EXIT_TRY_AGAIN: u8 = 75;

/// A failure that has a code.
#[derive(Debug, Clone, Error)]
#[error("{} ({code})", code.explained().happened)]
pub(super) struct Told {
    code: ErrorCode,
}

impl Told {
    pub(super) fn new(code: ErrorCode) -> Self {
        Self { code }
    }
}

/// Gives a failure its code.
pub trait Coded<T> {
    /// Says by which code a failure is explained; what was seen stays beneath it.
    ///
    /// # Errors
    /// The same as before.
    fn coded(self, code: ErrorCode) -> anyhow::Result<T>;
}

impl<T, E> Coded<T> for Result<T, E>
where
    Self: anyhow::Context<T, E>,
{
    fn coded(self, code: ErrorCode) -> anyhow::Result<T> {
        anyhow::Context::context(self, Told::new(code))
    }
}

/// Prints a failure to the standard error and gives the exit code.
pub fn tell(error: &anyhow::Error) -> ExitCode {
    let Some(told) = error.downcast_ref::<Told>() else {
        eprintln!("gateway: {error:#}");
        return ExitCode::FAILURE;
    };
    let seen: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    eprint!("{}", shown(told.code, &seen.join(": ")));
    ExitCode::from(exit_code(told.code))
}

/// Says what happened, what was seen, the likely cause and what to try next, each on a line of its own: terminals wrap, and
/// programs that read it do not have to.
fn shown(code: ErrorCode, seen: &str) -> String {
    let Explained {
        happened,
        cause,
        next,
    } = code.explained();
    let seen = match seen {
        "" => String::new(),
        seen => format!("  Seen:         {seen}\n"),
    };
    format!("{code}  {happened}\n{seen}  Likely cause: {cause}\n  Try next:     {next}\n")
}

/// Gives a code's explanation for `gateway explain`.
pub(super) fn explained(code: ErrorCode) -> String {
    shown(code, "")
}

fn exit_code(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::NotEnrolled => EXIT_NOT_ENROLLED,
        ErrorCode::NoTestReading | ErrorCode::TestNotConfirmed | ErrorCode::NoReceipts => {
            EXIT_TRY_AGAIN
        }
        _ if code.as_str().starts_with("E-NET-") => EXIT_NETWORK,
        _ if code.as_str().starts_with("E-BT-") => EXIT_BLUETOOTH,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_its_code_and_what_was_seen() {
        let seen: anyhow::Result<()> = Err(anyhow::anyhow!("hci0 is gone"));
        let error = seen.coded(ErrorCode::NoAdapter).unwrap_err();
        assert!(error.downcast_ref::<Told>().is_some());
        assert_eq!(
            format!("{error:#}"),
            "The box has no Bluetooth adapter. (E-BT-02): hci0 is gone"
        );
    }

    #[test]
    fn exit_codes_tell_scripts_what_to_do() {
        assert_eq!(exit_code(ErrorCode::NotEnrolled), 5);
        assert_eq!(exit_code(ErrorCode::Unreachable), 6);
        assert_eq!(exit_code(ErrorCode::DeviceNotFound), 7);
        assert_eq!(exit_code(ErrorCode::NoTestReading), 75);
        assert_eq!(exit_code(ErrorCode::ConfigRefused), 1);
    }

    #[test]
    fn what_is_shown_says_what_happened_why_and_what_next() {
        let text = shown(ErrorCode::DeviceNotFound, "nothing of kind cuff");
        for part in [
            "E-BT-03",
            "The device was not found.",
            "nothing of kind cuff",
            "Try next:",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
