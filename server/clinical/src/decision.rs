//! Decisions: everything that follows from an event.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{AttemptReason, DeviceId, GatewayId, ReadingId};

use crate::alert::{AlertNumber, Condition, Evidence, Outcome, Ownership, Priority, Problem};
use crate::case::{Suspicion, TierOverride};
use crate::duty::Step;
use crate::history::Answers;
use crate::id::PersonId;
use crate::papers::Papers;
use crate::plan::Plan;
use crate::schedule::{Due, Measured, Pause};
use crate::silence;
use crate::verdict::{Doubt, Verdict};
use crate::{Contact, Discharge, Strike, StrikeBack, Watch};

/// Anything that follows from an event. Written to the journal beside it, and applied to the case in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum Decision {
    /// The reading was judged.
    Judge(Verdict),
    /// The attempt is kept and a repeat is wanted.
    AskForRepeat {
        /// The attempt.
        attempt: ReadingId,
        /// Why it is not a reading.
        reason: AttemptReason,
    },
    /// A new problem: open an alert with its first evidence.
    OpenAlert {
        /// The alert's number.
        alert: AlertNumber,
        /// What is wrong.
        problem: Problem,
        /// How bad it is.
        priority: Priority,
        /// What opened it.
        evidence: Box<Evidence>,
        /// Whether it holds now: what came late may be over.
        #[serde(default, skip_serializing_if = "Condition::is_active")]
        condition: Condition,
        /// When somebody must have taken it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        respond_by: Option<Timestamp>,
        /// By which rules of which plan, and what would have stopped it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        papers: Option<Box<Papers>>,
    },
    /// One more reading that speaks for or against an open alert.
    AddEvidence {
        /// The alert.
        alert: AlertNumber,
        /// The reading.
        evidence: Box<Evidence>,
    },
    /// The problem became worse.
    Worsen {
        /// The alert.
        alert: AlertNumber,
        /// The new priority.
        to: Priority,
        /// When somebody must act now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        respond_by: Option<Timestamp>,
        /// By which rules of which plan, and what would have stopped it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        papers: Option<Box<Papers>>,
    },
    /// What raised the alert holds again, or no longer.
    SetCondition {
        /// The alert.
        alert: AlertNumber,
        /// The condition.
        condition: Condition,
    },
    /// A person answers for the alert from now on.
    Take {
        /// The alert.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// When they must have acted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        respond_by: Option<Timestamp>,
    },
    /// The alert is over.
    Close {
        /// The alert.
        alert: AlertNumber,
        /// Who closed it.
        by: PersonId,
        /// How it ended.
        outcome: Outcome,
        /// What they wrote.
        note: String,
        /// Of which other alert it is a duplicate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duplicate_of: Option<AlertNumber>,
    },
    /// Judge by this plan from now on.
    AdoptPlan {
        /// The plan.
        plan: Box<Plan>,
    },
    /// Keep this plan until it is to hold.
    SchedulePlan {
        /// The plan.
        plan: Box<Plan>,
    },
    /// The plan that was to hold later is not to hold any more.
    DropScheduledPlan,
    /// This person answers for the patient from now on.
    AssignCoordinator {
        /// Who.
        coordinator: PersonId,
    },
    /// The measurement is kept, and the patient is asked to measure again.
    WantRepeat {
        /// The reading.
        reading: ReadingId,
        /// What to measure.
        what: Measured,
        /// What was doubtful; `None` when it was out of limits and is to be confirmed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubt: Option<Doubt>,
    },
    /// One more unusable measurement in a row.
    CountUnusable {
        /// What was measured.
        what: Measured,
        /// How many there are now.
        in_a_row: u8,
    },
    /// A usable measurement came: there is no row of unusable ones any more.
    ForgetUnusable {
        /// What was measured.
        what: Measured,
    },
    /// A device's clock was found wrong, or right again.
    NoteClock {
        /// The device.
        device: DeviceId,
        /// Whether it is wrong.
        wrong: bool,
    },
    /// A gateway was found not to know the time, or to know it again.
    NoteGatewayClock {
        /// The gateway.
        gateway: GatewayId,
        /// Whether it does not know the time.
        unset: bool,
    },
    /// A first breach waits for its repeat until a time.
    Suspect(Suspicion),
    /// A suspicion is over: it was confirmed, or the repeat was inside the limits.
    EndSuspicion {
        /// Of what.
        problem: Problem,
        /// Whether it was confirmed.
        confirmed: bool,
    },
    /// What people have done about an alert changed.
    SetOwnership {
        /// The alert.
        alert: AlertNumber,
        /// What is so now.
        ownership: Ownership,
        /// When somebody must have acted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        respond_by: Option<Timestamp>,
    },
    /// Nobody acted in time: the next person up the chain is asked.
    StepUp {
        /// The alert.
        alert: AlertNumber,
        /// Who is asked now.
        step: Step,
        /// When they must have acted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        respond_by: Option<Timestamp>,
    },
    /// What raised an alert no longer holds and nobody had taken it: it ends without a person, as the plan says.
    EndByItself {
        /// The alert.
        alert: AlertNumber,
    },
    /// A closed alert is open again.
    Reopen {
        /// The alert.
        alert: AlertNumber,
        /// Who reopened it, and answers for it.
        by: PersonId,
        /// Why.
        reason: String,
        /// When they must have acted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        respond_by: Option<Timestamp>,
    },
    /// Readings are expected in this window.
    Expect {
        /// The window.
        due: Due,
    },
    /// Nothing of a kind is expected any more.
    ExpectNothing {
        /// Of what.
        what: Measured,
    },
    /// A reading came in its window.
    WindowMet {
        /// What was expected.
        what: Measured,
    },
    /// No reading came in its window.
    WindowMissed {
        /// What was expected.
        what: Measured,
        /// How many in a row.
        missed: u16,
        /// The likely cause, with its clues and who can mend it.
        finding: silence::Finding,
    },
    /// A reading of a window that was missed has arrived after all.
    WindowFilled {
        /// What was expected.
        what: Measured,
    },
    /// A window that was missed has another cause than was thought.
    WindowExplained {
        /// What was expected.
        what: Measured,
        /// How many in a row, by what is known now.
        missed: u16,
        /// The likely cause, with its clues and who can mend it.
        finding: silence::Finding,
    },
    /// The patient is reminded, gently.
    NudgePatient {
        /// What to measure.
        what: Measured,
    },
    /// Answers were noted.
    NoteAnswers(Answers),
    /// No readings are expected for a time.
    Pause {
        /// From when to when, and why.
        pause: Pause,
    },
    /// Readings are expected again.
    Resume,
    /// The review of the plan was asked for, or its end was noted.
    NoteTerm {
        /// How far: see [`crate::case::TermNoted`].
        noted: crate::case::TermNoted,
    },
    /// The tier of the patient's worklist rows was overridden, or the override taken back.
    SetTier {
        /// The override.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tier: Option<TierOverride>,
    },
    /// The patient was contacted.
    NoteContact {
        /// How, by whom, and what came of it.
        contact: Contact,
        /// How many times in a row nobody answered about the alert, this time included.
        unanswered: u8,
    },
    /// Nothing is judged by this reading any more.
    Strike(Strike),
    /// A first breach that waited for its repeat was struck out.
    ForgetSuspicion {
        /// Of what.
        problem: Problem,
    },
    /// The reading counts again.
    TakeBackStrike(StrikeBack),
    /// What speaks for an alert was looked at again, without a reading that was struck out or with one that was not.
    WeighAnew {
        /// The alert.
        alert: AlertNumber,
        /// When the newest evidence that is left was measured.
        newest_measured_at: Timestamp,
        /// How many valid readings in a row are well inside.
        inside_in_a_row: u8,
    },
    /// The patient is not monitored any more.
    Discharge(Discharge),
    /// The patient is monitored again.
    StartAgain,
    /// Somebody is to keep an eye on the patient.
    Watch(Watch),
    /// Nobody need keep an eye on the patient any more.
    EndWatch,
}
