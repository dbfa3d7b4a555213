//! Check: whether today's rules decide every journal as it was decided.

use anyhow::bail;
use clinical::PatientId;

use crate::history::{self, Difference};
use crate::store::{Store, patient_page, patients};

/// What deciding journals again gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many patients' journals were decided again.
    pub patients_len: usize,
    /// How many rows they have.
    pub rows_len: i64,
    /// The first row of each patient that is decided otherwise now.
    pub differences: Vec<(PatientId, Difference)>,
}

/// Decides the journals of one patient, or of all, again and compares the decisions byte for byte.
///
/// # Errors
/// When there is no such patient, the database fails, or a journal cannot be read.
pub async fn check(store: &Store, patient: Option<&PatientId>) -> anyhow::Result<Checked> {
    let patients = match patient {
        Some(patient) => {
            if patient_page::patient(store.readers(), patient)
                .await?
                .is_none()
            {
                bail!("{patient} is not registered here");
            }
            vec![patient.clone()]
        }
        None => patients::ids(&mut *store.readers().acquire().await?).await?,
    };
    let mut checked = Checked::default();
    let mut reader = store.readers().acquire().await?;
    for patient in patients {
        let replayed = history::replay(&mut reader, &patient).await?;
        checked.patients_len += 1;
        checked.rows_len += replayed.journal_len;
        let difference = replayed.difference.map(|it| (patient, it));
        checked.differences.extend(difference);
    }
    Ok(checked)
}

impl Checked {
    /// Says what was found, in lines for a terminal.
    pub fn tell(&self) -> String {
        let mut lines: Vec<String> = self
            .differences
            .iter()
            .map(|(patient, difference)| format!("{patient}: {difference}"))
            .collect();
        let (rows, patients) = (self.rows_len, self.patients_len);
        lines.push(match self.differences.len() {
            0 => format!("{rows} journal rows of {patients} patients are decided as they were."),
            some => format!("{some} of {patients} patients' journals are decided otherwise now."),
        });
        lines.join("\n")
    }
}
