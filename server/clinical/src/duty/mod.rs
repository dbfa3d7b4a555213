//! Duty: who answers for a patient's alerts, at every instant.
//!
//! An organisation has areas, an area has locality teams, a team has members. A [`Rota`] is one team with its shifts and
//! leaves; [`Assignments`] name one patient's care coordinator over time. From the two, [`who_answers`] always gives a
//! named person. [`apply`] changes a rota and refuses a change after which nobody would be at work in staffed hours, or nobody
//! on call.

pub mod answers;
pub mod assignments;
pub mod draft;
pub mod edit;
pub mod gaps;
pub mod held;
pub mod on_duty;
pub mod organisation;
pub mod path;
pub mod refusal;
pub mod rota;
pub mod rota_check;
pub mod worked;

pub use answers::{Answer, who_answers};
pub use assignments::{Assignment, Assignments};
pub use edit::{RotaEdit, amend, apply};
pub use gaps::{Gap, Gaps, Lack};
pub use held::{Held, Holder, Step};
pub use on_duty::OnDuty;
pub use organisation::{Area, AreaId, Leave, Member, Organisation, Shift, Team};
pub use path::{Absence, PassedOver, Path};
pub use refusal::DutyRefusal;
pub use rota::Rota;
pub use rota_check::RotaError;
pub use worked::Worked;

#[cfg(test)]
mod tests;
