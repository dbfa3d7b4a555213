//! Explain: an alert with its papers, worked out from the patient's journal.

mod page;
mod steps;
mod story;

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, bail};
use clinical::{AlertNumber, PatientId};

use crate::history;
use crate::store::{Store, patient_page};
use story::Teller;

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
pub async fn explain(store: &Store, name: &AlertName) -> anyhow::Result<String> {
    let patient = &name.patient;
    if patient_page::patient(store.readers(), patient)
        .await?
        .is_none()
    {
        bail!("{patient} is not registered here");
    }
    let mut reader = store.readers().acquire().await?;
    let mut teller = Teller::new(name.number);
    let mut journal_len = 0;
    while let Some(rows) = history::next_page(&mut reader, patient, journal_len).await? {
        for row in rows {
            journal_len = row.number;
            teller.follow(&row)?;
        }
    }
    match teller.finish() {
        Ok(story) => Ok(page::page(name, &story)),
        Err(numbers) => bail!(
            "{patient} has no alert {}; {}",
            name.number,
            those(&numbers)
        ),
    }
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
