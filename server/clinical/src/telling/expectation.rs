//! Telling what is expected, and what became of it.

use crate::decision::Decision;

/// Tells a decision about expected readings; nothing for any other.
pub(super) fn tell(decision: &Decision) -> String {
    match decision {
        Decision::ExpectNothing { what } => {
            format!("no {} reading is expected any more", what.name())
        }
        Decision::WindowMet { what } => format!("the {} reading came in time", what.name()),
        Decision::WindowMissed {
            what,
            missed,
            finding,
        } => {
            let cause = finding.cause.words();
            format!("no {} reading ({missed} in a row): {cause}", what.name())
        }
        Decision::WindowFilled { what } => {
            format!("the {} reading that was missing has come", what.name())
        }
        Decision::WindowExplained {
            what,
            missed,
            finding,
        } => {
            let cause = finding.cause.words();
            let name = what.name();
            format!("why no {name} reading came ({missed} in a row): {cause}")
        }
        Decision::NudgePatient { what } => format!("remind the patient: {}", what.name()),
        _ => String::new(),
    }
}
