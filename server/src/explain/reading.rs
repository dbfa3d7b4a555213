//! A reading's judgement: what the plan of its time said of it, and what followed.

use clinical::looked_at::{LookedAt, looked_at};
use clinical::telling::tell;
use clinical::verdict::Standing;
use clinical::{AlertNumber, Case, Decision, Event, PatientId, Plan, sentence};
use jiff::Timestamp;
use vitals::ReadingId;

use crate::history::{applied, next_page};
use crate::store::Store;
use crate::store::journal::JournalRow;

/// A reading as it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JudgedReading {
    /// By which journal row.
    pub(crate) row: i64,
    /// By the rules of which version.
    pub(crate) rule_set_version: i64,
    /// When.
    pub(crate) at: Timestamp,
    /// The plan that was in force.
    pub(crate) plan: Plan,
    /// Why it was not judged as a reading of now, if so.
    pub(crate) standing: Option<String>,
    /// Every limit, rule and score, and what it said.
    pub(crate) looked_at: Vec<LookedAt>,
    /// What followed for an alert.
    pub(crate) alerts: Vec<(AlertNumber, String)>,
    /// What followed besides.
    pub(crate) followed: Vec<String>,
}

/// Finds how a reading was judged; `None` when the journal does not know it.
///
/// # Errors
/// When the database fails or the journal cannot be read.
pub(crate) async fn judged_reading(
    store: &Store,
    patient: &PatientId,
    id: ReadingId,
) -> anyhow::Result<Option<JudgedReading>> {
    let mut reader = store.readers().acquire().await?;
    let mut case: Option<Case> = None;
    let mut journal_len = 0;
    while let Some(rows) = next_page(&mut reader, patient, journal_len).await? {
        for row in rows {
            journal_len = row.number;
            let is_it = matches!(&row.event, Event::ReadingStored(reading) if reading.id == id);
            let before = case.clone().filter(|_| is_it);
            let after = applied(case.take(), &row)?;
            if let Some(before) = before {
                return Ok(Some(judged(&row, &before, &after)));
            }
            case = Some(after);
        }
    }
    Ok(None)
}

fn judged(row: &JournalRow, before: &Case, after: &Case) -> JudgedReading {
    let looked_at = match &row.event {
        Event::ReadingStored(reading) => {
            looked_at(after, &reading.values, reading.measured_at.min(row.at))
        }
        _ => Vec::new(),
    };
    let decisions = row.decisions.iter();
    let besides = decisions.clone().filter(|it| is_besides(it));
    JudgedReading {
        row: row.number,
        rule_set_version: row.rule_set_version,
        at: row.at,
        plan: before.plan().clone(),
        standing: decisions.clone().find_map(standing),
        looked_at,
        alerts: decisions.filter_map(of_alert).collect(),
        followed: besides.filter_map(|it| tell(it, before, row.at)).collect(),
    }
}

fn standing(decision: &Decision) -> Option<String> {
    let Decision::Judge(verdict) = decision else {
        return None;
    };
    match verdict.standing {
        Standing::Current => None,
        Standing::Late => Some(
            "It came late: it was judged as what was so then, not as what is so now.".to_owned(),
        ),
        Standing::Doubtful { doubt } => Some(format!(
            "It was not believed before a repeat: {}.",
            sentence::doubt(&doubt)
        )),
        Standing::Drill => Some("It was a drill, and was not judged.".to_owned()),
    }
}

/// Tells what a decision did to an alert.
fn of_alert(decision: &Decision) -> Option<(AlertNumber, String)> {
    match decision {
        Decision::OpenAlert {
            alert,
            problem,
            priority,
            ..
        } => {
            let (priority, problem) = (priority.name(), problem.name());
            Some((*alert, format!("was raised: {problem}, {priority}")))
        }
        Decision::AddEvidence { alert, evidence } => Some((
            *alert,
            format!("took it as evidence: {}", sentence::why(evidence)),
        )),
        Decision::Worsen { alert, to, .. } => Some((*alert, format!("became {}", to.name()))),
        _ => None,
    }
}

/// Tells whether a decision is told apart from those of the verdict and of alerts.
fn is_besides(decision: &Decision) -> bool {
    !matches!(decision, Decision::Judge(_)) && of_alert(decision).is_none()
}
