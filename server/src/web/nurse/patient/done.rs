//! What was done: the sentence that a page shows after a form was sent.

/// Gives the sentence of a code that a redirect carries; `None` for any other text.
pub(super) fn sentence(code: &str) -> Option<&'static str> {
    Some(match code {
        "added" => "The patient is registered, and monitoring has started.",
        "details" => "The details were changed. What they were before is kept.",
        "coordinator" => "The care coordinator was changed, and answers from now on.",
        "paused" => "Readings are paused.",
        "resumed" => "Readings are expected again.",
        "agreement" => "What was agreed is recorded.",
        "assessment" => "The assessment is recorded.",
        "referral" => "The referral is recorded.",
        "contact" => "The contact is noted.",
        "strike" => "The reading is marked as wrong. It stays stored, and nothing counts it.",
        "strike_back" => "The reading counts again.",
        "discharged" => "The patient is discharged. Everything that was recorded stays.",
        "again" => "Monitoring has started again. Look at the plan.",
        "watch" => "The patient is on the watch list.",
        "watch_ended" => "The patient is no longer on the watch list.",
        "home_revoked" => {
            "Access from home was taken back. It ended at once, also where somebody was signed in."
        }
        "reach" => "How the patient is reached was changed.",
        "visitors_may" => "Visitors may see the latest readings from now on.",
        "visitors_may_not" => "Visitors do not see readings any more.",
        "tier" => "The worklist order was changed.",
        _ => return None,
    })
}

/// Gives the address to go to after a form about a patient. It names no part of the page: the sentence is at its top, and has
/// the focus.
pub(in crate::web::nurse) fn href(patient: &clinical::PatientId, code: &str) -> String {
    format!("/patients/{patient}?done={code}")
}
