//! The watch list: one line about a patient on whom whoever comes next keeps an eye, until a day; and ending it.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::watch::WATCH_NOTE_LEN_MAX;
use clinical::{Event, Refusal, Watch};
use jiff::ToSpan;

use super::about::About;
use super::done;
use super::form::{Field, Filled, Sent, needed};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// How many days a watch lasts when nothing else is said.
const DAYS_OFFERED: i64 = 3;

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ActOnAlerts, &patient).await?;
    let until = about
        .local
        .today()
        .saturating_add(DAYS_OFFERED.days())
        .to_string();
    let filled = Filled::with(&[("until", &until)]);
    Ok(page(&about, &filled, [None, None]))
}

/// Puts the patient on the watch list, in the place of what was there.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ActOnAlerts, &patient).await?;
    let filled = Filled::read(sent)?;
    let note = filled.text("note");
    let until = filled
        .date("until")
        .and_then(|date| about.local.midnight(date));
    let wrongs = [
        needed(note, WATCH_NOTE_LEN_MAX, "Write what to keep an eye on"),
        until
            .is_none()
            .then(|| "Choose the day on which this ends".to_owned()),
    ];
    let (Some(until), [None, None]) = (until, &wrongs) else {
        return Ok(page(&about, &filled, wrongs));
    };
    let watch = Watch {
        note: note.to_owned(),
        until,
        by: me.id.clone(),
    };
    Ok(
        match state.happen(&me, &about.id, &Event::Watched(watch)).await? {
            Ok(_) => Redirect::to(&done::href(&about.id, "watch")).into_response(),
            Err(refusal @ (Refusal::TimeHasPassed | Refusal::WatchTooLong)) => {
                page(&about, &filled, [None, Some(refusal.to_string())])
            }
            Err(refusal @ Refusal::WatchNoteTooLong) => {
                page(&about, &filled, [Some(refusal.to_string()), None])
            }
            Err(refusal) => about.refusal(&refusal),
        },
    )
}

/// Takes the patient off the watch list.
pub(crate) async fn end(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ActOnAlerts, &patient).await?;
    let event = Event::WatchEnded { by: me.id.clone() };
    Ok(match state.happen(&me, &about.id, &event).await? {
        Ok(_) => Redirect::to(&done::href(&about.id, "watch_ended")).into_response(),
        Err(refusal) => about.refusal(&refusal),
    })
}

fn page(about: &About<'_>, filled: &Filled, wrongs: [Option<String>; 2]) -> Response {
    let [note, until] = wrongs;
    let mut page = about.form("Keep an eye on", "Ask to keep an eye on");
    page.lead =
        vec!["Whoever comes next reads this line at the hand-over. It raises no alert.".to_owned()];
    page.fields = vec![
        Field::line("note", "What to keep an eye on, in one line", filled).wrong(note),
        Field::date("until", "The day on which this ends", filled)
            .hint("At most 14 days from now.")
            .wrong(until),
    ];
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::snapshot;

    const WATCH: &str = "/patients/ivor/watch";

    #[tokio::test]
    async fn a_patient_is_watched_for_a_reason_until_a_day_or_until_somebody_ends_it() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        snapshot::check("watch", &served.get(WATCH, "nurse-1").await.body);
        let long = format!("note={}&until=2026-03-17", "x".repeat(201));
        for (form, said) in [
            ("", "Write what to keep an eye on"),
            ("note=Dizzy&until=", "Choose the day"),
            ("note=Dizzy&until=2026-03-14", "That time has passed"),
            ("note=Dizzy&until=2026-04-14", "at most 14 days"),
            (&long, "it has 201"),
        ] {
            let page = served.post(WATCH, "nurse-1", form).await;
            assert!(
                page.status == 422 && page.body.contains(said),
                "{form}: {said}"
            );
        }
        let form = "note=Dizzy+since+the+new+tablets&until=17/3/2026";
        assert_eq!(served.post(WATCH, "nurse-1", form).await.status, 303);
        let page = served.get("/patients/ivor", "nurse-2").await.body;
        assert!(page.contains(
            "Keep an eye on this until Tue 17 Mar, 00:00: Dizzy since the new tablets (Anna Price)"
        ));
        assert_eq!(
            served
                .post("/patients/ivor/watch/end", "nurse-2", "")
                .await
                .status,
            303
        );
        let page = served.get("/patients/ivor", "nurse-2").await.body;
        assert!(!page.contains("Keep an eye on this until"));
        assert_eq!(
            served
                .post("/patients/ivor/watch/end", "nurse-2", "")
                .await
                .status,
            409
        );
        sample.grants("nurse-2", &["visitor"]).await;
        assert_eq!(served.get(WATCH, "nurse-2").await.status, 403);
        assert_eq!(served.get("/patients/x/watch", "nurse-1").await.status, 404);
    }
}
