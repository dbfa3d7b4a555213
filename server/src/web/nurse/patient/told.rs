//! What is told of one reading: how it was measured and came here, its doubts, and what the plan says of it and why.

use clinical::looked_at::{Said, looked_at};
use clinical::{Case, VitalSign};

use super::about::About;
use super::page_reads::case_of;
use crate::store::patient_page::StoredReading;
use crate::web::error::PageError;
use crate::web::words;

/// A reading, and what is told of it.
pub(super) struct Told {
    /// The reading.
    pub(super) stored: StoredReading,
    /// What it is, in one sentence.
    pub(super) sentence: String,
    /// Everything else, in lines.
    pub(super) notes: Vec<String>,
}

/// Tells a reading. What the plan says is by the plan in force now, and by what is remembered of before the reading.
pub(super) async fn tell(about: &About<'_>, stored: StoredReading) -> Result<Told, PageError> {
    let case = case_of(about.state, &about.id).await;
    let (reading, local) = (&stored.reading, &about.local);
    let pulse = words::pulse(&reading.vital);
    let pulse = pulse.map_or_else(String::new, |pulse| format!(", pulse {pulse}"));
    let sentence = format!(
        "{} {}{pulse}, measured {} by {}.",
        words::measured(&reading.vital),
        words::value(&reading.vital),
        local.show(reading.times.measured_at).text,
        stored.device_label
    );
    let doubts = match words::marks(&reading.quality) {
        text if text.is_empty() => "No doubts.".to_owned(),
        text => format!("Doubts: {text}."),
    };
    let came = format!(
        "Device {}; received {} by the box, stored {} by the server.",
        reading.device,
        local.show(reading.times.received_at).text,
        local.show(stored.stored_at).text
    );
    let mut notes = vec![came, doubts];
    notes.extend(case.iter().flat_map(|case| said(case, &stored)));
    Ok(Told {
        sentence,
        notes,
        stored,
    })
}

/// Asks the plan what it says of the reading: why an alert, or why none.
fn said(case: &Case, stored: &StoredReading) -> Vec<String> {
    let values = VitalSign::values_of(&stored.reading.vital);
    let at = stored.reading.times.measured_at;
    let all = looked_at(case, &values, at).into_iter();
    let lines = all.filter_map(|it| {
        let said = match it.said {
            Said::Holds(sentence) => format!("holds. {sentence}"),
            Said::DoesNotHold(None) => "does not hold.".to_owned(),
            Said::DoesNotHold(Some(sentence)) => format!("does not hold. {sentence}"),
            Said::NoLimits => "the plan has none.".to_owned(),
            Said::NotEnoughYet(lack) => lack.to_string(),
            Said::NotAboutIt => return None,
        };
        Some(format!("Plan {}, {}: {said}", case.plan().version, it.what))
    });
    lines.collect()
}
