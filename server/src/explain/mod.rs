//! Explain: an alert with its papers, worked out from the patient's journal.

mod answered;
mod names;
mod nursing;
mod page;
mod steps;
mod story;

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, bail};
use clinical::{AlertNumber, PatientId};
use jiff::Timestamp;
use sqlx::AnyConnection;

use answered::Answered;
use names::Names;
use story::{Story, Teller};

use crate::history;
use crate::store::{Store, assignments, patient_page, patients};

/// Of how many of the staff the names are read; the others are named by their ids.
const STAFF_LEN_MAX: i64 = 10_000;

/// An alert as people write it: `patient-1/3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertName {
    /// Whose.
    pub patient: PatientId,
    /// Which of theirs.
    pub number: AlertNumber,
}

impl fmt::Display for AlertName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.patient, self.number)
    }
}

impl FromStr for AlertName {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let named = text.rsplit_once('/').and_then(|(patient, number)| {
            Some(Self {
                patient: patient.parse().ok()?,
                number: AlertNumber(number.parse().ok()?),
            })
        });
        named.with_context(|| {
            format!("{text:?} names no alert; write PATIENT/NUMBER, such as patient-1/3")
        })
    }
}

/// Explains an alert, in lines for a terminal. What it says includes vital signs: it is shown, never logged.
///
/// # Errors
/// When there is no such patient or alert, or the journal cannot be read; the error says which alerts there are.
pub async fn explain(store: &Store, name: &AlertName, now: Timestamp) -> anyhow::Result<String> {
    let patient = &name.patient;
    let readers = store.readers();
    let Some(person) = patient_page::patient(readers, patient).await? else {
        bail!("{patient} is not registered here");
    };
    let names = Names::new(patient_page::staff(readers, STAFF_LEN_MAX).await?);
    let mut reader = readers.acquire().await?;
    let mut teller = Teller::new(name.number, &names);
    let mut journal_len = 0;
    while let Some(rows) = history::next_page(&mut reader, patient, journal_len).await? {
        for row in rows {
            journal_len = row.number;
            teller.follow(&row)?;
        }
    }
    let story = match teller.finish() {
        Ok(story) => story,
        Err(numbers) => bail!(
            "{patient} has no alert {}; {}",
            name.number,
            those(&numbers)
        ),
    };
    let answered = answered_for(&mut reader, patient, &story, now).await?;
    Ok(page::page(name, &story, &answered, &person.team, &names))
}

async fn answered_for(
    reader: &mut AnyConnection,
    patient: &PatientId,
    story: &Story,
    now: Timestamp,
) -> anyhow::Result<Vec<Answered>> {
    let team = patients::team(reader, patient).await?;
    let assignments = assignments::of_patient(reader, patient).await?;
    let (Some(team), Some(assignments)) = (team, assignments) else {
        bail!("{patient} has no team or no care coordinator: run server rebuild");
    };
    answered::answered(reader, &team, &assignments, &story.holdings, now).await
}

/// Names the alerts that there are: `its alerts are 1 and 2`.
fn those(numbers: &[AlertNumber]) -> String {
    match numbers {
        [] => "it has had none".to_owned(),
        [one] => format!("its only alert is {one}"),
        [first, .., last] if numbers.len() > 2 => format!("its alerts are {first} to {last}"),
        [first, .., last] => format!("its alerts are {first} and {last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_named_as_people_write_it() {
        let name: AlertName = "patient-1/3".parse().unwrap();
        assert_eq!(name.to_string(), "patient-1/3");
        for text in ["patient-1", "patient-1/", "patient-1/x", "/3", "3"] {
            let error = text.parse::<AlertName>().unwrap_err().to_string();
            assert!(error.contains("patient-1/3"), "{error}");
        }
    }

    #[test]
    fn the_alerts_that_there_are_are_named() {
        let numbers: Vec<_> = (1..=4).map(AlertNumber).collect();
        assert_eq!(those(&[]), "it has had none");
        assert_eq!(those(&numbers[..1]), "its only alert is 1");
        assert_eq!(those(&numbers[..2]), "its alerts are 1 and 2");
        assert_eq!(those(&numbers), "its alerts are 1 to 4");
    }
}
