//! Taking an alert: from now on this nurse answers for it, or she is told who already does.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{AlertNumber, Event, PatientId, PersonId, Refusal};
use serde::Deserialize;

use super::State;
use super::alert_view::AlertView;
use super::answering::Staff;
use super::conflict;
use super::error::{PageError, render};
use super::listing::look_at;
use super::session::Me;
use super::sight;
use crate::rights::Right;
use crate::store::worklist::{self, AlertRow};

/// Asks for the row alone instead of a page: sent by the page's own script.
pub(crate) const ROW_ONLY: &str = "hearth-row";

/// Where to go afterwards, when it is not the board.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    back: String,
}

/// Takes the alert.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, number)): Path<(String, u32)>,
    back: Result<Query<Back>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let (patient, alert) = find(&state, &me, &patient, number).await?;
    let event = Event::AlertTaken {
        alert: AlertNumber(number),
        by: me.id.clone(),
        instead_of: instead_of(&state, &me, &alert).await?,
    };
    let refusal = state.happen(&me, &patient, &event).await?.err();
    // Read again: the row is as it stands after the attempt, whoever won.
    let (_, alert) = find(&state, &me, patient.as_str(), number).await?;
    if headers.contains_key(ROW_ONLY) {
        return row(&state, &me, alert, refusal.as_ref()).await;
    }
    match refusal {
        None if back.is_ok_and(|Query(it)| it.back == "alert") => {
            let to = format!("/alerts/{patient}/{number}?after=take");
            Ok(Redirect::to(&to).into_response())
        }
        None => Ok(Redirect::to(&format!("/alerts#alert-{patient}-{number}")).into_response()),
        Some(refusal) => conflict::page(&state, &me, alert, &refusal).await,
    }
}

/// Finds who holds the alert while it is this nurse who answers for it, by the duty of this moment, or nobody can. Should
/// somebody else have taken it until the case is asked, it is not taken from them.
///
/// # Errors
/// When the database does not answer, or a stored id is none.
pub(crate) async fn instead_of(
    state: &State,
    me: &Me,
    alert: &AlertRow,
) -> Result<Option<PersonId>, PageError> {
    let staff = Staff::read(state, state.clock.now()).await?;
    let who = staff.answering().of(alert)?;
    let holder = alert.held()?.holder.person().cloned();
    let is_away = |holder: &PersonId| who.person != holder.as_str() || !who.is_there;
    Ok(holder.filter(|holder| *holder != me.id && who.may_be(me.id.as_str()) && is_away(holder)))
}

/// Answers with the row as it stands, and with what was refused if anything was.
///
/// # Errors
/// When the database does not answer, or a stored time is none.
pub(crate) async fn row(
    state: &State,
    me: &Me,
    alert: AlertRow,
    refusal: Option<&Refusal>,
) -> Result<Response, PageError> {
    let listed = look_at(state, alert).await?;
    let mut view = AlertView::new(&listed, &me.id, &state.local_time())?;
    let Some(refusal) = refusal else {
        return Ok(render(&view));
    };
    let (heading, next) = conflict::words(&view, refusal);
    view.notice = Some(format!("{heading}. {next}"));
    Ok((StatusCode::CONFLICT, render(&view)).into_response())
}

/// Finds an alert of a patient whom the person sees, by the two parts of its address.
///
/// # Errors
/// [`PageError::NotFound`] when there is none, or the person does not see the patient.
pub(crate) async fn find(
    state: &State,
    me: &Me,
    patient: &str,
    number: u32,
) -> Result<(PatientId, AlertRow), PageError> {
    let (patient, _) = sight::patient(state, me, patient).await?;
    let alert = worklist::alert(state.store.readers(), &patient, i64::from(number)).await?;
    Ok((patient, alert.ok_or(PageError::NotFound)?))
}

#[cfg(test)]
mod tests {
    use clinical::duty::Leave;
    use clinical::{AlertNumber, Event};

    use crate::web::browser::Served;
    use crate::web::sample::{Sample, run};
    use crate::web::sample_values::oxygen;
    use crate::web::snapshot;

    async fn one_alert() -> (Sample, Served) {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        (sample, served)
    }

    #[tokio::test]
    async fn the_second_nurse_is_told_who_has_it_and_what_to_do() {
        let (_sample, served) = one_alert().await;
        let path = "/alerts/ivor/1/take";
        let first = served.post(path, "nurse-2", "").await;
        assert_eq!(
            (first.status, first.header("location")),
            (303, Some("/alerts#alert-ivor-1"))
        );
        let again = served.post(path, "nurse-2", "").await;
        assert_eq!(again.status, 303, "pressing twice is no mistake");

        let second = served.post(path, "nurse-1", "").await;
        assert_eq!(second.status, 409);
        snapshot::check("conflict", &second.body);
        let cookie = served.cookie("nurse-1").await;
        let headers = format!("{cookie}Sec-Fetch-Site: same-origin\r\nHearth-Row: only\r\n");
        let row = served.send("POST /alerts/ivor/1/take", &headers, "").await;
        assert_eq!(row.status, 409);
        assert!(row.body.contains("Bilal Khan took this alert at 12:20"));
        assert!(row.body.trim_start().starts_with("<tr "));
    }

    /// Posts what takes the first alert of Mr Ivor Evans.
    async fn take(served: &Served, person: &str) -> u16 {
        served.post("/alerts/ivor/1/take", person, "").await.status
    }

    #[tokio::test]
    async fn who_answers_by_duty_takes_it_at_once_from_who_has_gone_home() {
        let mut sample = Sample::open("2026-03-14T19:54:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-03-14T19:53:00Z", oxygen(86, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        assert_eq!(take(&served, "nurse-2").await, 303);
        assert_eq!(take(&served, "ooh-1").await, 409, "nurse-2 is at work");

        sample.hand.set("2026-03-14T20:05:00Z".parse().unwrap());
        let refused = served.post("/alerts/ivor/1/take", "nurse-1", "").await;
        assert_eq!(refused.status, 409, "the on-call answers, not a colleague");
        assert!(refused.body.contains("Omar Said answers for it"));
        let board = served.get("/alerts", "nurse-1").await.body;
        assert!(!board.contains("Take over"), "{board}");
        let board = served.get("/alerts", "ooh-1").await.body;
        assert!(board.contains("Take over"), "{board}");
        assert_eq!(take(&served, "ooh-1").await, 303);
        assert_eq!(take(&served, "nurse-2").await, 409, "it is ooh-1's now");
        let closed = "outcome=advice_given&note=";
        let closed = served.post("/alerts/ivor/1/close", "ooh-1", closed).await;
        assert_eq!(closed.status, 303);

        let text = "SELECT event FROM journal WHERE event LIKE '%ooh-1%' ORDER BY number LIMIT 1";
        let taken: String = sqlx::query_scalar(text)
            .fetch_one(sample.state.store.readers())
            .await
            .unwrap();
        assert!(taken.contains(r#""instead_of":"nurse-2""#), "{taken}");
    }

    #[tokio::test]
    async fn a_clinician_of_another_team_answers_for_what_was_escalated_to_her() {
        let (sample, served) = one_alert().await;
        let mut write = sample.state.store.write().await.unwrap();
        for statement in [
            "INSERT INTO team (id, name) VALUES ('south', 'South team')",
            "INSERT INTO person (id, name, role, team) VALUES ('dr-bell', 'Dr Ada Bell', 'GP', 'south')",
            "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('dr-bell', 1, 'gp_lead', 'south', 0)",
        ] {
            run(&mut write, statement, &[]).await;
        }
        write.commit().await.unwrap();
        assert_eq!(take(&served, "nurse-2").await, 303);
        let escalated = |to: &str| Event::AlertEscalated {
            alert: AlertNumber::FIRST,
            by: "nurse-2".parse().unwrap(),
            to: to.parse().unwrap(),
            note: "SBAR".to_owned(),
        };
        assert_eq!(take(&served, "dr-bell").await, 404, "not her patient");
        sample.happen("ivor", escalated("dr-bell")).await;
        assert_eq!(take(&served, "nurse-1").await, 409, "Dr Bell answers");
        assert_eq!(take(&served, "dr-bell").await, 303);
        assert_eq!(take(&served, "nurse-1").await, 409, "Dr Bell answers still");
    }

    #[tokio::test]
    async fn the_coordinator_answers_and_acts_when_who_was_asked_is_on_leave() {
        let (sample, served) = one_alert().await;
        let leave = Leave {
            person: "dr-rees".parse().unwrap(),
            from: "2026-03-14T00:00:00Z".parse().unwrap(),
            until: "2026-03-15T00:00:00Z".parse().unwrap(),
            cover: None,
        };
        sample.rota(&[leave]).await;
        assert_eq!(take(&served, "nurse-2").await, 303);
        let escalated = Event::AlertEscalated {
            alert: AlertNumber::FIRST,
            by: "nurse-2".parse().unwrap(),
            to: "dr-rees".parse().unwrap(),
            note: "SBAR".to_owned(),
        };
        sample.happen("ivor", escalated).await;
        assert_eq!(take(&served, "nurse-2").await, 409);
        assert_eq!(take(&served, "nurse-1").await, 303);
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        let (_sample, served) = one_alert().await;
        for path in [
            "/alerts/ivor/2/take",
            "/alerts/nobody/1/take",
            "/alerts/IVOR/1/take",
        ] {
            assert_eq!(served.post(path, "nurse-1", "").await.status, 404, "{path}");
        }
    }

    #[tokio::test]
    async fn another_site_cannot_take() {
        let (_sample, served) = one_alert().await;
        for headers in ["Sec-Fetch-Site: cross-site\r\n", "Origin: null\r\n", ""] {
            let headers = format!("{}{headers}", served.cookie("nurse-1").await);
            let answer = served.send("POST /alerts/ivor/1/take", &headers, "").await;
            assert_eq!(answer.status, 403);
            assert!(answer.body.contains("Nothing was changed"));
        }
        let board = served.get("/alerts", "nurse-1").await;
        assert!(board.body.contains("not taken"));
    }
}
