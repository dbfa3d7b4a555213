//! One reading: how it came and what the plan says of it; marking it as wrong, and taking that back. The reading itself
//! stays as it was stored, and is shown struck through.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{Event, Strike, StrikeBack, StrikeReason};
use vitals::ReadingId;

use super::about::About;
use super::done;
use super::form::{Field, Filled, Input, Offer, Sent, needed, too_long};
use super::told::{Told, tell};
use crate::rights::Right;
use crate::store::patient_page::StoredReading;
use crate::store::patient_record;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// Shows the form of a reading that counts, or of one that does not.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, reading)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ActOnAlerts, &patient).await?;
    let told = tell(&about, find(&about, &reading).await?).await?;
    Ok(page(&about, &told, &Filled::default(), None, None))
}

/// Marks the reading as wrong.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, reading)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ActOnAlerts, &patient).await?;
    let stored = find(&about, &reading).await?;
    let filled = Filled::read(sent)?;
    let note = filled.text("note");
    let is_back = filled.text("back") == "1";
    let reason = StrikeReason::from_code(filled.text("reason"));
    let is_note_needed = is_back || reason == Some(StrikeReason::Other);
    let note_wrong = if is_note_needed {
        needed(note, NOTE_LEN_MAX, "Write why, in a few words")
    } else {
        too_long(note, NOTE_LEN_MAX)
    };
    let (reading, by, note) = (stored.reading.id, me.id.clone(), note.to_owned());
    let event = match (is_back, reason, &note_wrong) {
        (true, _, None) => Event::StrikeTakenBack(StrikeBack { reading, by, note }),
        (false, Some(reason), None) => Event::ReadingStruck(Strike {
            reading,
            by,
            reason,
            note,
        }),
        (_, reason, _) => {
            let missing =
                (!is_back && reason.is_none()).then(|| "Choose why it is wrong".to_owned());
            let told = tell(&about, stored).await?;
            return Ok(page(&about, &told, &filled, missing, note_wrong));
        }
    };
    let code = if is_back { "strike_back" } else { "strike" };
    Ok(match state.happen(&me, &about.id, &event).await? {
        Ok(_) => Redirect::to(&done::href(&about.id, code)).into_response(),
        Err(refusal) => about.refusal(&refusal),
    })
}

async fn find(about: &About<'_>, reading: &str) -> Result<StoredReading, PageError> {
    let id: ReadingId = reading.parse().map_err(|_| PageError::NotFound)?;
    let readers = about.state.store.readers();
    let found = patient_record::reading(readers, &about.id, id).await?;
    found.ok_or(PageError::NotFound)
}

fn page(
    about: &About<'_>,
    told: &Told,
    filled: &Filled,
    reason_wrong: Option<String>,
    note_wrong: Option<String>,
) -> Response {
    let is_struck = told.stored.struck.is_some();
    let mut page = if is_struck {
        about.form(
            "A reading that was marked as wrong:",
            "Let it count again for",
        )
    } else {
        about.form("A reading of", "Mark it as wrong for")
    };
    page.lead = vec![told.sentence.clone()];
    page.lead.push(if is_struck {
        "You may let it count again for alerts, averages and what is usual.".to_owned()
    } else {
        "If it is wrong, it stays stored and is shown struck through. No alert, average or trend counts it any more.".to_owned()
    });
    page.notes.clone_from(&told.notes);
    let note = Field::area("note", "Why?", filled).wrong(note_wrong);
    if is_struck {
        page.hidden = vec![("back".to_owned(), "1".to_owned())];
        page.fields = vec![note];
    } else {
        let chosen = filled.text("reason");
        let reasons =
            StrikeReason::ALL.map(|it| Offer::new(it.code(), it.label(), it.code() == chosen));
        let reasons = Field::new(
            "reason",
            "If it is wrong: what is wrong with it?",
            Input::Radio(reasons.into()),
        );
        page.fields = vec![
            reasons.wrong(reason_wrong),
            note.hint("Only “another reason” needs it."),
        ];
    }
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::sample_values::{plan, pressure};
    use crate::web::snapshot;

    async fn one_reading() -> (Sample, Served, String) {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-03-14T07:00:00Z", pressure(128, 76, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        let id: String = sqlx::query_scalar("SELECT id FROM reading")
            .fetch_one(sample.state.store.readers())
            .await
            .unwrap();
        (sample, served, format!("/patients/ivor/readings/{id}/mark"))
    }

    #[tokio::test]
    async fn a_reading_is_struck_through_and_may_count_again() {
        let (_sample, served, reading) = one_reading().await;
        let closer = served.get(&reading, "nurse-1").await.body;
        for said in [
            "limits of systolic: does not hold",
            "No doubts.",
            "received 07:00",
        ] {
            assert!(closer.contains(said), "{said}\n{closer}");
        }
        snapshot::check(
            "strike",
            &served
                .get(&reading, "nurse-1")
                .await
                .body
                .replace(&reading, "READING"),
        );
        for (form, said) in [
            ("", "Choose why it is wrong"),
            ("reason=other", "Write why"),
        ] {
            let page = served.post(&reading, "nurse-1", form).await;
            assert!(page.status == 422 && page.body.contains(said), "{form}");
        }
        let struck = served
            .post(&reading, "nurse-1", "reason=another_person&note=His+wife")
            .await;
        assert_eq!(struck.status, 303, "{}", struck.body);
        let page = served
            .get(struck.header("location").unwrap(), "nurse-1")
            .await
            .body;
        for said in [
            "The reading is marked as wrong",
            "class=\"struck-out\"",
            "somebody else used the device. His wife",
            "class=\"struck\"",
            "1 struck out as wrong.",
            "There is no reading yet.",
        ] {
            assert!(page.contains(said), "{said}");
        }
        let twice = served
            .post(&reading, "nurse-2", "reason=device_fault")
            .await;
        assert_eq!(twice.status, 409);
        let silent = served.post(&reading, "nurse-1", "back=1").await;
        assert_eq!(silent.status, 422);
        let back = served
            .post(&reading, "nurse-1", "back=1&note=It+was+him")
            .await;
        assert_eq!(back.status, 303, "{}", back.body);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        assert!(!page.contains("struck-out") && page.contains("128/76 mmHg"));
        assert!(page.contains("let the reading count again: It was him"));
    }

    #[tokio::test]
    async fn only_this_patients_readings_are_marked_here() {
        let (sample, served, reading) = one_reading().await;
        let other = plan(1, "2026-03-01T09:00:00Z", 135);
        let names = ["Mrs", "Mair", "Price"];
        sample
            .patient("mair", names, "1950-01-31", "9990000018", other)
            .await;
        let path = reading.replace("ivor", "mair");
        assert_eq!(served.get(&path, "nurse-1").await.status, 404);
        assert_eq!(
            served
                .post(&path, "nurse-1", "reason=device_fault")
                .await
                .status,
            404
        );
        assert_eq!(
            served
                .get("/patients/ivor/readings/x/mark", "nurse-1")
                .await
                .status,
            404
        );
        sample.grants("nurse-2", &["visitor"]).await;
        assert_eq!(
            served
                .post(&reading, "nurse-2", "reason=device_fault")
                .await
                .status,
            403
        );
    }
}
