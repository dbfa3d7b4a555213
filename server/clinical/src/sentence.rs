//! Sentences: why an alert was raised, in words that a tired nurse can read once.

use crate::alert::Evidence;
use crate::limits::{Breach, Level, Side};
use crate::verdict::Finding;

/// Says why evidence raised or kept an alert: its breaches, worst first, or that everything was inside the limits.
///
/// For example `Systolic 186 mmHg (urgent limit: 180 or over), diastolic 112 mmHg (soon limit: 85 or over)`.
pub fn why(evidence: &Evidence) -> String {
    let mut breaches: Vec<(&Finding, Breach)> = evidence
        .findings
        .iter()
        .filter_map(|finding| Some((finding, finding.breach?)))
        .collect();
    breaches.sort_by_key(|(_, breach)| std::cmp::Reverse(breach.level));
    let parts: Vec<String> = if breaches.is_empty() {
        evidence
            .findings
            .iter()
            .map(|finding| format!("{} (inside the limits)", value(finding)))
            .collect()
    } else {
        breaches
            .iter()
            .map(|(finding, breach)| format!("{} ({})", value(finding), limit(breach)))
            .collect()
    };
    capitalised(&parts.join(", "))
}

/// Says a finding's value with its unit: `systolic 186 mmHg`.
pub fn value(finding: &Finding) -> String {
    format!(
        "{} {}{}",
        finding.sign.name(),
        finding.value.plain(),
        finding.sign.unit()
    )
}

/// Says a limit: `urgent limit: 180 or over`.
pub fn limit(breach: &Breach) -> String {
    let level = match breach.level {
        Level::Soon => "soon",
        Level::Urgent => "urgent",
    };
    let side = match breach.side {
        Side::Low => "or under",
        Side::High => "or over",
    };
    format!("{level} limit: {} {side}", breach.limit.plain())
}

/// Begins a sentence: its first letter is made a capital.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
