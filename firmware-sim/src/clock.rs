//! The one place of this program that asks the system for the time.

use jiff::Timestamp;

/// Returns the wall time of the machine.
#[expect(clippy::disallowed_methods, reason = "the one clock of this program")]
pub fn system() -> Timestamp {
    Timestamp::now()
}
