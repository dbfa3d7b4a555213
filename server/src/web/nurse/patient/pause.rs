//! Pausing: no readings are expected from a day to a day, for a reason; and ending a pause before its time.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::schedule::PAUSE_NOTE_LEN_MAX;
use clinical::{Event, Pause, PauseReason, Refusal};
use jiff::civil::Date;

use super::about::About;
use super::done;
use super::form::{Field, Filled, Input, Offer, Sent};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

const REASONS: [(&str, &str); 4] = [
    ("holiday", "On holiday"),
    ("hospital", "In hospital"),
    ("kit_away", "The kit is away"),
    ("other", "Something else"),
];

#[derive(Default)]
struct Wrong {
    reason: Option<String>,
    note: Option<String>,
    from: Option<String>,
    until: Option<String>,
    whole: Vec<String>,
}

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let today = about.local.today().to_string();
    let filled = Filled::with(&[("from", &today)]);
    Ok(page(&about, &filled, Wrong::default()))
}

/// Pauses.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let pause = match read(&about, &filled) {
        Ok(pause) => pause,
        Err(wrong) => return Ok(page(&about, &filled, *wrong)),
    };
    let event = Event::Paused {
        pause,
        by: me.id.clone(),
    };
    Ok(match state.happen(&me, &about.id, &event).await? {
        Ok(_) => Redirect::to(&done::href(&about.id, "paused")).into_response(),
        Err(refusal @ Refusal::Pause(_)) => {
            let whole = vec![refusal.to_string()];
            page(
                &about,
                &filled,
                Wrong {
                    whole,
                    ..Wrong::default()
                },
            )
        }
        Err(refusal) => about.refusal(&refusal),
    })
}

/// Ends the pause that runs, or those to come when none does.
pub(crate) async fn resume(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let event = Event::Resumed { by: me.id.clone() };
    Ok(match state.happen(&me, &about.id, &event).await? {
        Ok(_) => Redirect::to(&done::href(&about.id, "resumed")).into_response(),
        Err(refusal) => about.refusal(&refusal),
    })
}

fn read(about: &About<'_>, filled: &Filled) -> Result<Pause, Box<Wrong>> {
    let note = filled.text("note");
    let (reason, is_other) = match filled.text("reason") {
        "holiday" => (Some(PauseReason::Holiday), false),
        "hospital" => (Some(PauseReason::Hospital), false),
        "kit_away" => (Some(PauseReason::KitAway), false),
        "other" => {
            let note = note.to_owned();
            (Some(PauseReason::Other { note }), true)
        }
        _ => (None, false),
    };
    let (from, until) = (filled.date("from"), filled.date("until"));
    let len = note.chars().count();
    let note_wrong = match len {
        0 if is_other => Some("Say why readings are paused".to_owned()),
        len if len > PAUSE_NOTE_LEN_MAX => Some(format!(
            "Shorten this to {PAUSE_NOTE_LEN_MAX} characters; it has {len}"
        )),
        _ => None,
    };
    let moment = |date: Option<Date>| about.local.midnight(date?);
    let start = moment(from).map(|from| from.max(about.local.now()));
    let end = moment(until);
    let until_wrong = match (start, end) {
        (_, None) => Some("Choose the first day on which readings are expected again".to_owned()),
        (Some(start), Some(end)) if end <= start => {
            Some("Choose a day after the pause begins, and after today".to_owned())
        }
        _ => None,
    };
    let wrong = Wrong {
        reason: reason
            .is_none()
            .then(|| "Choose why readings are paused".to_owned()),
        note: note_wrong,
        from: start
            .is_none()
            .then(|| "Choose the first day of the pause".to_owned()),
        until: until_wrong,
        whole: Vec::new(),
    };
    match (reason, start, end) {
        (Some(reason), Some(from), Some(until))
            if wrong.note.is_none() && wrong.until.is_none() =>
        {
            Ok(Pause {
                from,
                until,
                reason,
            })
        }
        _ => Err(Box::new(wrong)),
    }
}

fn page(about: &About<'_>, filled: &Filled, wrong: Wrong) -> Response {
    let mut page = about.form("Pause the readings of", "Pause the readings of");
    page.lead = vec![
        "While readings are paused, none is missed and nobody is reminded. A reading that comes all the same is judged as always."
            .to_owned(),
    ];
    let reason = filled.text("reason");
    let reasons = REASONS.map(|(code, label)| Offer::new(code, label, code == reason));
    page.fields = vec![
        Field::new(
            "reason",
            "Why are readings paused?",
            Input::Radio(reasons.into()),
        )
        .wrong(wrong.reason),
        Field::line("note", "What it is, if it is something else", filled).wrong(wrong.note),
        Field::date("from", "First day of the pause", filled).wrong(wrong.from),
        Field::date(
            "until",
            "First day on which readings are expected again",
            filled,
        )
        .hint("Every pause has an end; what goes on longer is paused again.")
        .wrong(wrong.until),
    ];
    page.wrong = wrong.whole;
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::snapshot;

    const PAUSE: &str = "/patients/ivor/pause";

    #[tokio::test]
    async fn readings_are_paused_for_a_reason_until_a_day_and_expected_again() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        snapshot::check("pause", &served.get(PAUSE, "nurse-1").await.body);
        for (form, said) in [
            ("", "Choose why readings are paused"),
            (
                "reason=other&from=2026-03-14&until=2026-03-20",
                "Say why readings are paused",
            ),
            (
                "reason=holiday&from=2026-03-20&until=2026-03-20",
                "after the pause begins",
            ),
            (
                "reason=holiday&from=2026-03-10&until=2026-03-14",
                "after today",
            ),
            (
                "reason=holiday&from=2026-03-14&until=2028-03-14",
                "366 days",
            ),
        ] {
            let page = served.post(PAUSE, "nurse-1", form).await;
            assert_eq!(page.status, 422, "{form}");
            assert!(page.body.contains(said), "{form}: {said}");
        }
        let form = "reason=other&note=Moving+house&from=14/03/2026&until=20/03/2026";
        let done = served.post(PAUSE, "nurse-1", form).await;
        assert_eq!(done.header("location"), Some("/patients/ivor?done=paused"));
        let page = served
            .get("/patients/ivor?done=paused", "nurse-1")
            .await
            .body;
        assert!(page.contains("Readings are paused until Fri 20 Mar, 00:00: Moving house."));
        assert!(page.contains("Anna Price paused readings from 12:20 until"));

        let resumed = served.post("/patients/ivor/resume", "nurse-1", "").await;
        assert_eq!(resumed.status, 303);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        assert!(!page.contains("Readings are paused until"));
        assert!(page.contains("ended the pause"));
    }

    #[tokio::test]
    async fn only_who_manages_patients_and_sees_this_one_pauses() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        sample.grants("dr-rees", &["gp_lead"]).await;
        sample.grants("nurse-2", &[]).await;
        let served = Served::start(&sample.state).await;
        let form = "reason=holiday&from=2026-03-14&until=2026-03-20";
        for (person, status) in [("dr-rees", 403), ("nurse-2", 403)] {
            assert_eq!(served.get(PAUSE, person).await.status, status, "{person}");
            assert_eq!(
                served.post(PAUSE, person, form).await.status,
                status,
                "{person}"
            );
        }
        let nobody = served.get("/patients/nobody/pause", "nurse-1").await;
        assert_eq!(nobody.status, 404);
    }
}
