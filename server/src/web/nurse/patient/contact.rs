//! Noting a contact with a patient: how, what came of it, and, when nobody answered about an alert, when it is tried again.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{AlertNumber, Contact, ContactHow, ContactResult, Event, Refusal};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Deserialize;

use super::about::About;
use super::done;
use super::form::{Field, Filled, Input, Offer, Sent, too_long};
use crate::rights::Right;
use crate::store::worklist::{self, AlertRow};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;
use crate::web::words;

/// How the form says that the contact was about no alert.
const NONE: &str = "none";

/// About which alert, when the link says it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    alert: Option<u32>,
}

#[derive(Default)]
struct Wrong {
    alert: Option<String>,
    how: Option<String>,
    result: Option<String>,
    note: Option<String>,
    retry: Option<String>,
    whole: Vec<String>,
}

impl Wrong {
    fn any(&self) -> bool {
        let fields = [
            &self.alert,
            &self.how,
            &self.result,
            &self.note,
            &self.retry,
        ];
        fields.into_iter().any(Option::is_some)
    }
}

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ActOnAlerts, &patient).await?;
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let open = worklist::open_alerts_of(state.store.readers(), &about.id).await?;
    let named = asked.alert.map(|number| number.to_string());
    let alert = match (named, open.as_slice()) {
        (Some(named), _) => named,
        (None, []) => NONE.to_owned(),
        (None, _) => String::new(),
    };
    let filled = Filled::with(&[("alert", &alert), ("how", ContactHow::Phone.code())]);
    Ok(page(&about, &open, &filled, Wrong::default()))
}

/// Notes the contact.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ActOnAlerts, &patient).await?;
    let filled = Filled::read(sent)?;
    let open = worklist::open_alerts_of(state.store.readers(), &about.id).await?;
    let contact = match read(&about, &open, &filled) {
        Ok(contact) => contact,
        Err(wrong) => return Ok(page(&about, &open, &filled, *wrong)),
    };
    Ok(
        match state
            .happen(&me, &about.id, &Event::Contacted(contact))
            .await?
        {
            Ok(_) => {
                let to = format!("{}&show=contacts", done::href(&about.id, "contact"));
                Redirect::to(&to).into_response()
            }
            Err(refusal) => match beside(&refusal) {
                Some(wrong) => page(&about, &open, &filled, wrong),
                None => about.refusal(&refusal),
            },
        },
    )
}

/// Puts a refusal beside the field that mends it; `None` for one that no field does.
fn beside(refusal: &Refusal) -> Option<Wrong> {
    let said = Some(refusal.to_string());
    Some(match refusal {
        Refusal::RetryMissing(_)
        | Refusal::NothingToRetry
        | Refusal::TriesOver { .. }
        | Refusal::AsideTooLong { .. }
        | Refusal::TimeHasPassed => Wrong {
            retry: said,
            ..Wrong::default()
        },
        Refusal::NotTaken(_) | Refusal::TakenBy { .. } => {
            let hint = "Leave the time out, or let who holds the alert note the contact.";
            Wrong {
                whole: said.into_iter().chain([hint.to_owned()]).collect(),
                ..Wrong::default()
            }
        }
        _ => return None,
    })
}

fn read(about: &About<'_>, open: &[AlertRow], filled: &Filled) -> Result<Contact, Box<Wrong>> {
    let alert = filled.text("alert");
    let number = open
        .iter()
        .map(|it| it.number)
        .find(|it| it.to_string() == alert);
    let how = ContactHow::from_code(filled.text("how"));
    let result = ContactResult::from_code(filled.text("result"));
    let (note, retry) = (filled.text("note"), filled.text("retry_at"));
    let retry_at = moment(about, retry);
    let wrong = Wrong {
        alert: (number.is_none() && alert != NONE)
            .then(|| "Choose which alert it was about, or that it was about none".to_owned()),
        how: how.is_none().then(|| "Choose how".to_owned()),
        result: result
            .is_none()
            .then(|| "Choose what came of it".to_owned()),
        note: too_long(note, NOTE_LEN_MAX),
        retry: (!retry.is_empty() && retry_at.is_none())
            .then(|| "Enter a day and a time, such as 2026-03-14 16:00".to_owned()),
        whole: Vec::new(),
    };
    match (how, result) {
        (Some(how), Some(result)) if !wrong.any() => Ok(Contact {
            alert: number
                .and_then(|it| u32::try_from(it).ok())
                .map(AlertNumber),
            by: about.me.id.clone(),
            how,
            result,
            note: note.to_owned(),
            retry_at,
        }),
        _ => Err(Box::new(wrong)),
    }
}

/// Reads a day and a time as a browser sends it, or as people write it.
fn moment(about: &About<'_>, text: &str) -> Option<Timestamp> {
    let local: DateTime = text.replace(' ', "T").parse().ok()?;
    let zoned = local.to_zoned(about.state.time_zone.clone()).ok()?;
    Some(zoned.timestamp())
}

fn page(about: &About<'_>, open: &[AlertRow], filled: &Filled, wrong: Wrong) -> Response {
    let chosen = |name: &str, code: &str| filled.text(name) == code;
    let alerts = open.iter().map(|alert| {
        let number = alert.number.to_string();
        let label = format!("Alert {number}, {}: {}", alert.priority, alert.why);
        let mut offer = Offer::new(&number, &label, chosen("alert", &number));
        if alert.unanswered > 0 {
            let times = words::count(alert.unanswered, "time", "times");
            offer.hint = format!("Nobody answered the last {times}.");
        }
        offer
    });
    let none = Offer::new(NONE, "About no alert", chosen("alert", NONE));
    let ways =
        ContactHow::ALL.map(|it| Offer::new(it.code(), it.label(), chosen("how", it.code())));
    let results =
        ContactResult::ALL.map(|it| Offer::new(it.code(), it.label(), chosen("result", it.code())));
    let retry = Input::Line {
        kind: "datetime-local",
        mode: "text",
        value: filled.text("retry_at").to_owned(),
    };
    let mut page = about.form("Note a contact with", "Note the contact with");
    page.fields = vec![
        Field::new(
            "alert",
            "What was it about?",
            Input::Radio(alerts.chain([none]).collect()),
        )
        .wrong(wrong.alert),
        Field::new("how", "How?", Input::Radio(ways.into())).wrong(wrong.how),
        Field::new("result", "What came of it?", Input::Radio(results.into())).wrong(wrong.result),
        Field::area("note", "What was said", filled).wrong(wrong.note),
        Field::new(
            "retry_at",
            "If nobody answered: when will you try again?",
            retry,
        )
        .hint("Your alert waits until then, and comes back if nobody has tried.")
        .wrong(wrong.retry),
    ];
    page.wrong = wrong.whole;
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::sample_values::oxygen;
    use crate::web::snapshot;

    const CONTACT: &str = "/patients/ivor/contact";
    const NO_ANSWER: &str = "alert=1&how=phone&result=no_answer&note=Rang+twice";

    async fn taken() -> (Sample, Served) {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        served.post("/alerts/ivor/1/take", "nurse-1", "").await;
        (sample, served)
    }

    #[tokio::test]
    async fn who_was_not_reached_is_tried_again_at_a_time() {
        let (_sample, served) = taken().await;
        snapshot::check(
            "contact",
            &served
                .get(&format!("{CONTACT}?alert=1"), "nurse-1")
                .await
                .body,
        );
        for (form, said) in [
            ("", "Choose which alert it was about"),
            ("alert=1", "Choose what came of it"),
            (NO_ANSWER, "Say when you will try again"),
            (
                &format!("{NO_ANSWER}&retry_at=soon"),
                "Enter a day and a time",
            ),
            (
                &format!("{NO_ANSWER}&retry_at=2026-03-14T12:10"),
                "That time has passed",
            ),
            (
                "alert=none&how=phone&result=no_answer&retry_at=2026-03-14T16:00",
                "Leave the time out",
            ),
        ] {
            let page = served.post(CONTACT, "nurse-1", form).await;
            assert_eq!(page.status, 422, "{form}");
            assert!(page.body.contains(said), "{form}: {said}\n{}", page.body);
        }
        let waits = format!("{NO_ANSWER}&retry_at=2026-03-14+12:45");
        let done = served.post(CONTACT, "nurse-1", &waits).await;
        assert_eq!(done.status, 303, "{}", done.body);
        let page = served
            .get(done.header("location").unwrap(), "nurse-1")
            .await
            .body;
        for said in [
            "The contact is noted.",
            "Anna Price called about alert 1: no answer, tries again 12:45",
            "Rang twice",
        ] {
            assert!(page.contains(said), "{said}");
        }
        let again = served.get(CONTACT, "nurse-1").await.body;
        assert!(again.contains("Nobody answered the last 1 time."));
    }

    #[tokio::test]
    async fn a_contact_about_nothing_is_noted_by_whoever_acts_on_alerts() {
        let (sample, served) = taken().await;
        let form = "alert=none&how=visit&result=spoke_with_carer&note=";
        assert_eq!(served.post(CONTACT, "nurse-2", form).await.status, 303);
        let other = served
            .post(
                CONTACT,
                "nurse-2",
                &format!("{NO_ANSWER}&retry_at=2026-03-14T12:45"),
            )
            .await;
        assert!(
            other.status >= 400,
            "another nurse's alert does not wait for her"
        );
        sample.grants("nurse-2", &["visitor"]).await;
        assert_eq!(served.post(CONTACT, "nurse-2", form).await.status, 403);
        assert_eq!(
            served.get("/patients/x/contact", "nurse-1").await.status,
            404
        );
    }
}
