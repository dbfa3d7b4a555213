//! Failures as they are told: what happened, the likely cause, what to try next, and the exit code that goes with it.

use std::io::IsTerminal;
use std::process::ExitCode;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
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
    let seen = error.chain().skip(1).map(ToString::to_string);
    let shown = Shown {
        code: told.code,
        seen: seen.collect::<Vec<_>>().join(": "),
    };
    if std::io::stderr().is_terminal() {
        eprintln!("{:?}", miette::Report::new(shown));
    } else {
        eprintln!("{}", plain(&shown));
    }
    ExitCode::from(exit_code(told.code))
}

/// For programs and logs: no colours, and no line is broken where a terminal would end.
fn plain(shown: &Shown) -> String {
    let theme = GraphicalTheme::unicode_nocolor();
    let handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(false);
    let mut text = String::new();
    match handler.render_report(&mut text, shown) {
        Ok(()) => text,
        Err(_) => shown.to_string(),
    }
}

/// Gives a code's explanation for `gateway explain`.
pub(super) fn explained(code: ErrorCode) -> String {
    let Explained {
        happened,
        cause,
        next,
    } = code.explained();
    format!("{code}  {happened}\n\nLikely cause: {cause}\nTry next:     {next}\n")
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

/// A failure as miette shows it.
#[derive(Debug, Error)]
#[error("{}", code.explained().happened)]
struct Shown {
    code: ErrorCode,
    seen: String,
}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let Explained { cause, next, .. } = self.code.explained();
        let seen = match self.seen.as_str() {
            "" => String::new(),
            seen => format!("Seen: {seen}\n"),
        };
        Some(Box::new(format!(
            "{seen}Likely cause: {cause}\nTry next: {next}"
        )))
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
        let shown = Shown {
            code: ErrorCode::DeviceNotFound,
            seen: "nothing of kind cuff".to_owned(),
        };
        let text = plain(&shown);
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
