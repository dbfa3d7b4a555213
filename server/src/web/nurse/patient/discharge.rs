//! Discharging a patient, once nothing is left to do, and starting to monitor them again.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{Discharge, DischargeReason, Event, Plan, PlanVersion};

use super::about::About;
use super::done;
use super::form::{Field, Filled, Input, Offer, Sent, needed, too_long};
use crate::rights::Right;
use crate::store::cases;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    Ok(page(&about, &Filled::default(), [None, None]))
}

/// Discharges the patient.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let note = filled.text("note");
    let reason = DischargeReason::from_code(filled.text("reason"));
    let wrongs = [
        reason
            .is_none()
            .then(|| "Choose why monitoring ends".to_owned()),
        if reason == Some(DischargeReason::Other) {
            needed(note, NOTE_LEN_MAX, "Write why monitoring ends")
        } else {
            too_long(note, NOTE_LEN_MAX)
        },
    ];
    let (Some(reason), [None, None]) = (reason, &wrongs) else {
        return Ok(page(&about, &filled, wrongs));
    };
    let discharge = Discharge {
        by: me.id.clone(),
        reason,
        note: note.to_owned(),
    };
    Ok(
        match state
            .happen(&me, &about.id, &Event::Discharged(discharge))
            .await?
        {
            Ok(_) => Redirect::to(&done::href(&about.id, "discharged")).into_response(),
            Err(refusal) => about.refused(
                &format!("{} is still monitored", about.banner.spoken),
                &refusal.to_string(),
            ),
        },
    )
}

/// Shows the form by which monitoring starts again.
pub(crate) async fn get_again(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    Ok(page_again(&about, &Filled::default(), None))
}

/// Starts to monitor the patient again, by the plan that held last.
pub(crate) async fn post_again(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let reason = filled.text("reason");
    if let Some(wrong) = needed(reason, NOTE_LEN_MAX, "Write why monitoring starts again") {
        return Ok(page_again(&about, &filled, Some(wrong)));
    }
    let case = cases::read(state.store.readers(), &about.id).await?;
    let case = case.ok_or(PageError::NotFound)?;
    let last = case.plan();
    let event = Event::MonitoringStarted {
        coordinator: case.coordinator().clone(),
        plan: Box::new(Plan {
            version: PlanVersion(last.version.0.saturating_add(1)),
            set_by: me.id.clone(),
            reason: reason.to_owned(),
            patient_view: None,
            in_force_from: about.local.now(),
            ..last.clone()
        }),
    };
    Ok(match state.happen(&me, &about.id, &event).await? {
        Ok(_) => Redirect::to(&done::href(&about.id, "again")).into_response(),
        Err(refusal) => about.refusal(&refusal),
    })
}

fn page(about: &About<'_>, filled: &Filled, wrongs: [Option<String>; 2]) -> Response {
    let [reason, note] = wrongs;
    let chosen = filled.text("reason");
    let reasons =
        DischargeReason::ALL.map(|it| Offer::new(it.code(), it.label(), it.code() == chosen));
    let mut page = about.form("Discharge", "Discharge");
    page.lead = vec![
        "Nothing is expected or judged any more. Everything that was recorded stays, and monitoring may start again. If a \
         reading still comes, somebody is told once, so that the kit is fetched."
            .to_owned(),
    ];
    page.fields = vec![
        Field::new(
            "reason",
            "Why does monitoring end?",
            Input::Radio(reasons.into()),
        )
        .wrong(reason),
        Field::area("note", "What there is to say", filled).wrong(note),
    ];
    page.answer()
}

fn page_again(about: &About<'_>, filled: &Filled, wrong: Option<String>) -> Response {
    let mut page = about.form("Start again to monitor", "Start again to monitor");
    page.lead = vec![
        "The limits, rules and schedule of the last plan hold again from now on, as its next version. Look at them and change \
         what is no longer right."
            .to_owned(),
    ];
    page.fields = vec![Field::area("reason", "Why does it start again?", filled).wrong(wrong)];
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::sample_values::oxygen;
    use crate::web::snapshot;

    const DISCHARGE: &str = "/patients/ivor/discharge";
    const AGAIN: &str = "/patients/ivor/start";

    #[tokio::test]
    async fn a_patient_is_discharged_once_nothing_is_left_and_monitored_again() {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        snapshot::check("discharge", &served.get(DISCHARGE, "nurse-1").await.body);
        for (form, said) in [
            ("", "Choose why monitoring ends"),
            ("reason=other", "Write why monitoring ends"),
        ] {
            let page = served.post(DISCHARGE, "nurse-1", form).await;
            assert!(page.status == 422 && page.body.contains(said), "{form}");
        }
        let early = served.post(DISCHARGE, "nurse-1", "reason=goals_met").await;
        assert_eq!(early.status, 409);
        assert!(early.body.contains("close alert 1"), "{}", early.body);
        served.post("/alerts/ivor/1/take", "nurse-1", "").await;
        served
            .post("/alerts/ivor/1/close", "nurse-1", "outcome=referred&note=")
            .await;
        let done = served
            .post(DISCHARGE, "nurse-1", "reason=goals_met&note=")
            .await;
        assert_eq!(done.status, 303, "{}", done.body);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        assert!(page.contains("was discharged 12:20: monitoring is no longer needed"));
        assert!(
            served
                .get("/patients", "nurse-1")
                .await
                .body
                .contains("was discharged")
        );
        let silent = served.post(AGAIN, "nurse-1", "").await;
        assert!(silent.status == 422 && silent.body.contains("Write why monitoring starts again"));
        let again = served
            .post(AGAIN, "nurse-1", "reason=Breathless+again")
            .await;
        assert_eq!(again.status, 303, "{}", again.body);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        assert!(
            page.contains("Version 2, set by <b>Anna Price</b>")
                && !page.contains("was discharged")
        );
        let twice = served.post(AGAIN, "nurse-1", "reason=Once+more").await;
        assert_eq!(twice.status, 409);
        sample.grants("dr-rees", &["gp_lead"]).await;
        assert_eq!(
            served
                .post(DISCHARGE, "dr-rees", "reason=died")
                .await
                .status,
            403
        );
        assert_eq!(
            served.get("/patients/x/discharge", "nurse-1").await.status,
            404
        );
    }
}
