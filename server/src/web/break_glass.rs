//! Breaking the glass: the record of another team's patient, for an hour and a reason that their team lead reads at once.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PatientId;
use jiff::SignedDuration;
use serde::Deserialize;

use super::State;
use super::error::{PageError, render};
use super::frame::Frame;
use super::own_grant::{OWN_GRANTS_MAX, OWN_GRANTS_SHOWN_FOR, OwnGrantView};
use super::session::Me;
use crate::audit::{Action, Entry};
use crate::nhs_number::NhsNumber;
use crate::rights::Right;
use crate::store::{break_glass, own_grants};

/// For how long a record is open.
const OPEN_FOR: SignedDuration = SignedDuration::from_mins(60);
/// The shortest reason, in characters.
const REASON_LEN_MIN: usize = 10;
/// The longest reason, in characters.
const REASON_LEN_MAX: usize = 500;
/// For how long the team lead is shown that it was opened.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most that a team lead is shown.
const OPENED_LEN_MAX: i64 = 100;

/// What the form posts.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    nhs_number: String,
    #[serde(default)]
    born_on: String,
    #[serde(default)]
    reason: String,
}

#[derive(Default)]
struct Wrong {
    patient: Option<String>,
    reason: Option<String>,
}

#[derive(Template)]
#[template(path = "break_glass.html")]
struct BreakGlassPage {
    frame: Frame,
    filled: Filled,
    wrong: Wrong,
}

/// A record that was opened, for the team lead.
struct OpenedView {
    patient: String,
    patient_href: String,
    by: String,
    reason: String,
    at: super::local_time::Shown,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "opened_records.html")]
struct OpenedPage {
    frame: Frame,
    opened: Vec<OpenedView>,
    own_grants: Vec<OwnGrantView>,
    is_cut: bool,
    len_max: i64,
}

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::SeeRecords)?;
    Ok(render(&BreakGlassPage {
        frame: state.frame(Some(&me)),
        filled: Filled::default(),
        wrong: Wrong::default(),
    }))
}

/// Opens the record, or shows the form again.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    me.must(Right::SeeRecords)?;
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    let reason = filled
        .reason
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let patient = find(&state, &filled).await?;
    let wrong = Wrong {
        patient: patient
            .is_none()
            .then(|| "No patient has this NHS number and date of birth. Check both.".to_owned()),
        reason: wrong_reason(&reason),
    };
    let Some(patient) = patient.filter(|_| wrong.reason.is_none()) else {
        let page = BreakGlassPage {
            frame: state.frame(Some(&me)),
            filled,
            wrong,
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&page)).into_response());
    };
    open(&state, &me, &patient, &reason).await?;
    Ok(Redirect::to(&format!("/patients/{patient}")).into_response())
}

/// Closes everything that the person has opened.
pub(crate) async fn end(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    let mut write = state.store.write().await?;
    break_glass::close(&mut write, &me.id, state.clock.now()).await?;
    let entry = Entry::new(me.actor(), Action::BreakGlassClosed);
    state.commit(write, &entry).await?;
    Ok(Redirect::to("/").into_response())
}

/// Shows a team lead which records of their patients were opened from outside.
pub(crate) async fn opened(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let local = state.local_time();
    let since = local.now() - SHOWN_FOR;
    let readers = state.store.readers();
    let rows = break_glass::opened_of_led(readers, &me.id, since, OPENED_LEN_MAX).await?;
    let granted_since = local.now() - OWN_GRANTS_SHOWN_FOR;
    let own = own_grants::of_led(readers, &me.id, granted_since, OWN_GRANTS_MAX).await?;
    let view = |row: &break_glass::GlassRow| {
        Ok(OpenedView {
            patient: super::words::banner_name(&row.family_name, &row.given_name, &row.title),
            patient_href: format!("/patients/{}", row.patient),
            by: format!("{}, {}", row.opened_by, row.their_team),
            reason: row.reason.clone(),
            at: local.show_stored(row.began_at)?,
            is_open: row.until_at > local.now().as_microsecond(),
        })
    };
    let opened: Result<Vec<OpenedView>, jiff::Error> = rows.iter().map(view).collect();
    Ok(render(&OpenedPage {
        frame: state.frame(Some(&me)),
        is_cut: i64::try_from(rows.len()).is_ok_and(|len| len >= OPENED_LEN_MAX),
        opened: opened?,
        own_grants: OwnGrantView::all(&own, &local)?,
        len_max: OPENED_LEN_MAX,
    }))
}

async fn find(state: &State, filled: &Filled) -> Result<Option<PatientId>, PageError> {
    let digits: String = filled
        .nhs_number
        .chars()
        .filter(|it| !it.is_whitespace())
        .collect();
    let (Ok(number), Ok(born_on)) = (
        digits.parse::<NhsNumber>(),
        filled.born_on.trim().parse::<jiff::civil::Date>(),
    ) else {
        return Ok(None);
    };
    let readers = state.store.readers();
    Ok(break_glass::patient(readers, number.as_str(), &born_on.to_string()).await?)
}

fn wrong_reason(reason: &str) -> Option<String> {
    let len = reason.chars().count();
    if len < REASON_LEN_MIN {
        Some(format!(
            "Say why in at least {REASON_LEN_MIN} characters: the patient's team lead reads it at once."
        ))
    } else if len > REASON_LEN_MAX {
        Some(format!(
            "Shorten the reason to {REASON_LEN_MAX} characters; it has {len}."
        ))
    } else {
        None
    }
}

async fn open(state: &State, me: &Me, patient: &PatientId, reason: &str) -> anyhow::Result<()> {
    let now = state.clock.now();
    let mut write = state.store.write().await?;
    break_glass::open(&mut write, &me.id, patient, reason, now, now + OPEN_FOR).await?;
    let entry = Entry::new(me.actor(), Action::BreakGlassOpened)
        .of(patient)
        .detail(reason);
    state.trail.append(&mut write, &entry).await?;
    write.commit().await?;
    state.changes.announce(patient.clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::web::browser::Served;
    use crate::web::sample::{Sample, run};
    use crate::web::snapshot;

    const RIGHT: &str =
        "nhs_number=943+476+5919&born_on=1945-07-14&reason=He+rang+us+instead+of+his+team";

    /// Ivor's team, and a nurse of another.
    async fn two_teams() -> (Sample, Served) {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let mut write = sample.state.store.write().await.unwrap();
        for statement in [
            "INSERT INTO team (id, name) VALUES ('south', 'South team')",
            "INSERT INTO person (id, name, role, team) VALUES ('nurse-9', 'Siân Vaughan', 'Nurse', 'south')",
            "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-9', 1, 'nurse', 'south', 0)",
            "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('lead-1', 2, 'team_lead', 'north', 0)",
        ] {
            run(&mut write, statement, &[]).await;
        }
        write.commit().await.unwrap();
        let served = Served::start(&sample.state).await;
        (sample, served)
    }

    #[tokio::test]
    async fn a_record_opens_for_an_hour_and_the_lead_reads_why() {
        let (sample, served) = two_teams().await;
        let (page, nurse) = ("/patients/ivor", "nurse-9");
        assert_eq!(served.get(page, nurse).await.status, 404);
        snapshot::check("break-glass", &served.get("/break-glass", nurse).await.body);
        let opened = served.post("/break-glass", nurse, RIGHT).await;
        assert_eq!(
            (opened.status, opened.header("location")),
            (303, Some(page))
        );
        let record = served.get(page, nurse).await;
        assert_eq!(record.status, 200);
        assert!(record.body.contains("class=\"glass\""), "{}", record.body);
        let told = served.get("/break-glass/opened", "lead-1").await;
        snapshot::check("opened-records", &told.body);
        assert_eq!(
            served.get("/break-glass/opened", "nurse-1").await.status,
            403
        );

        sample.hand.advance(SignedDuration::from_mins(60));
        assert_eq!(served.get(page, nurse).await.status, 404);
        served.post("/break-glass", nurse, RIGHT).await;
        assert_eq!(served.get(page, nurse).await.status, 200);
        served.post("/break-glass/end", nurse, "").await;
        assert_eq!(served.get(page, nurse).await.status, 404);
    }

    #[tokio::test]
    async fn without_a_reason_or_the_right_patient_nothing_opens_and_what_was_typed_stays() {
        let (_sample, served) = two_teams().await;
        for (form, said) in [
            (
                RIGHT.replace("He+rang+us+instead+of+his+team", "busy"),
                "at least 10",
            ),
            (RIGHT.replace("1945", "1946"), "Check both"),
            (RIGHT.replace("5919", "5918"), "Check both"),
            (format!("{RIGHT}{}", "x".repeat(500)), "Shorten"),
            (String::new(), "Check both"),
        ] {
            let again = served.post("/break-glass", "nurse-9", &form).await;
            assert_eq!(again.status, 422, "{form}");
            assert!(again.body.contains(said), "{}", again.body);
        }
        let again = RIGHT.replace("1945", "1946");
        let again = served.post("/break-glass", "nurse-9", &again).await;
        assert!(again.body.contains("He rang us instead"), "{}", again.body);
        assert_eq!(served.get("/patients/ivor", "nurse-9").await.status, 404);
    }

    #[tokio::test]
    async fn who_looked_and_what_they_did_is_in_the_trail() {
        let (sample, served) = two_teams().await;
        served.get("/patients/ivor", "nurse-1").await;
        served.get("/patients/ivor", "nurse-9").await;
        served.get("/alerts", "nurse-1").await;
        served.post("/break-glass", "nurse-9", RIGHT).await;
        served
            .post("/sign-in", "", "username=anna&password=x")
            .await;
        let rows: Vec<(String, Option<String>, String)> =
            sqlx::query_as("SELECT person, patient, action FROM audit ORDER BY number")
                .fetch_all(sample.state.store.readers())
                .await
                .unwrap();
        let rows: Vec<(&str, Option<&str>, &str)> = rows
            .iter()
            .map(|(person, patient, action)| (person.as_str(), patient.as_deref(), action.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                ("nurse-1", Some("ivor"), "record_viewed"),
                ("nurse-1", None, "worklist_viewed"),
                ("nurse-9", Some("ivor"), "break_glass_opened"),
                ("@unknown", None, "sign_in_failed"),
            ]
        );
    }
}
