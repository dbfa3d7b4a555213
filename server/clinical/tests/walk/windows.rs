//! Windows of a walk: why they stayed empty, by what is known then and later.

use clinical::silence::{Cause, Finding, Route};
use clinical::{Case, Due, Event};
use jiff::Timestamp;

use super::readings;

/// More is known of a window: mostly of the one that was missed last, sometimes of one that was not.
pub(crate) fn explained(case: &Case, [which, what, cause, _]: [u32; 4], now: Timestamp) -> Event {
    let missed: Vec<Due> = case.last_missed().map(|it| it.due).collect();
    let expected: Vec<Due> = case.expected().copied().collect();
    let among = if which % 8 == 7 || missed.is_empty() {
        expected
    } else {
        missed
    };
    let due = among.get(what as usize % among.len().max(1));
    let finding = finding(cause);
    match due {
        Some(due) => Event::WindowExplained { due: *due, finding },
        None => Event::Answered(readings::answers([0; 4], now)),
    }
}

pub(crate) fn finding(number: u32) -> Finding {
    let routes = [
        Route::Nobody,
        Route::PatientNudge,
        Route::InstallerJob,
        Route::OperationsIncident,
        Route::SafeAndWell,
    ];
    Finding {
        cause: Cause::ALL[number as usize % Cause::ALL.len()],
        clues: Vec::new(),
        route: routes[number as usize / 10 % routes.len()],
        check_patient: number / 50 % 4 == 3,
    }
}
