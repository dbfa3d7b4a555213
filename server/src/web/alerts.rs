//! The worklist page: every open alert in the order of the worklist, with who answers for it now.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Response;
use serde::Deserialize;

use super::State;
use super::account::keys::ACTIONS;
use super::account::preferences::Preferences;
use super::alert_view::AlertView;
use super::board::{Board, Counts};
use super::duty_strip::DutyLine;
use super::error::{PageError, render};
use super::frame::Frame;
use super::listing::Listed;
use super::local_time::{LocalTime, Shown};
use super::session::Me;
use super::show::{Asked, Counter, Show};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::test_records::SettingUp;
use crate::store::{sight, worklist};

/// What a page that sent the nurse back wants said.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct After {
    closed_patient: Option<String>,
    closed_number: Option<i64>,
}

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    frame: Frame,
    clock: String,
    now_iso: String,
    cursor: String,
    counts: Counts,
    counters: Vec<Counter>,
    keys: Option<String>,
    key_list: Vec<(char, &'static str)>,
    sound: bool,
    show: &'static str,
    show_label: &'static str,
    duty: Vec<DutyLine>,
    is_empty: bool,
    last_came: Option<Shown>,
    rows: Vec<AlertView>,
    kit_rows: Vec<AlertView>,
    setting_up: Vec<SettingUpView>,
    label: &'static str,
    done: Option<String>,
}

impl AlertsPage {
    fn prefer(&mut self, chosen: &Preferences) {
        self.sound = chosen.sound;
        if let Some(keys) = &chosen.keys {
            self.keys = Some(keys.for_script());
            self.key_list = ACTIONS
                .map(|(action, label, _)| (keys.of(action), label))
                .into();
        }
    }
}

/// Shows the worklist.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    after: Result<Query<After>, QueryRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::SeeRecords)?;
    let show = asked.map(|Query(asked)| asked.show()).unwrap_or_default();
    let board = Board::read(&state, &me).await?;
    state
        .trail
        .seen(Entry::new(me.actor(), Action::WorklistViewed))
        .await?;
    let mut page = view(&state, &me, &board, show)?;
    page.prefer(&Preferences::read(&state, &me.id).await?);
    if let Ok(Query(after)) = after {
        page.done = closed(&state, &me, after).await?;
    }
    Ok(render(&page))
}

fn view(state: &State, me: &Me, board: &Board, show: Show) -> Result<AlertsPage, PageError> {
    let local = state.local_time();
    let counts = board.counts(&me.id);
    let views = |rows: &[Arc<Listed>]| -> Result<Vec<AlertView>, jiff::Error> {
        let rows = rows.iter().filter(|it| show.includes(it, me.id.as_str()));
        rows.map(|it| AlertView::new(it, &me.id, &local)).collect()
    };
    let (rows, kit_rows) = (views(&board.rows)?, views(&board.kit_rows)?);
    let last_came = counts.last_came_ms.map(jiff::Timestamp::from_millisecond);
    Ok(AlertsPage {
        frame: state.frame(Some(me)),
        clock: local.clock(),
        now_iso: local.show(local.now()).iso,
        cursor: board.cursor.clone(),
        counters: show.counters(&counts),
        keys: None,
        key_list: Vec::new(),
        sound: false,
        show: show.code(),
        show_label: show.label(),
        duty: board.duty(&me.id, &local).duty,
        is_empty: rows.is_empty() && (show == Show::All || kit_rows.is_empty()),
        last_came: last_came.transpose()?.map(|at| local.show(at)),
        counts,
        rows,
        kit_rows,
        setting_up: setting_up(board, &local)?,
        label: clinical::worklist::LABEL,
        done: None,
    })
}

/// A device of a box that is being set up: never with a value, which somebody might take for a reading.
struct SettingUpView {
    gateway: String,
    device: String,
    label: String,
    arrived: Option<Shown>,
}

fn setting_up(board: &Board, local: &LocalTime) -> Result<Vec<SettingUpView>, jiff::Error> {
    let view = |it: &SettingUp| {
        Ok(SettingUpView {
            gateway: it.gateway.clone(),
            device: it.device.clone(),
            label: it.label.clone(),
            arrived: it.stored_at.map(|at| local.show_stored(at)).transpose()?,
        })
    };
    board.setting_up().map(view).collect()
}

/// Says that an alert is closed only when the database says so too, and the person sees the patient.
async fn closed(state: &State, me: &Me, after: After) -> Result<Option<String>, PageError> {
    let (Some(patient), Some(number)) = (after.closed_patient, after.closed_number) else {
        return Ok(None);
    };
    let Ok(patient) = patient.parse() else {
        return Ok(None);
    };
    let readers = state.store.readers();
    let viewer = me.viewer(state.clock.now());
    if sight::patient(readers, viewer, &patient).await?.is_none() {
        return Ok(None);
    }
    let alert = worklist::alert(readers, &patient, number).await?;
    Ok(alert
        .filter(|alert| alert.closed_at.is_some())
        .map(|alert| {
            format!(
                "You closed the alert for {} {} {}.",
                alert.title, alert.given_name, alert.family_name
            )
        }))
}

#[cfg(test)]
mod tests {
    use crate::web::board::WORKLIST_ROWS_MAX;
    use crate::web::browser::Served;
    use crate::web::sample::{Sample, run};
    use crate::web::sample_values::{oxygen, plan, pressure};
    use crate::web::snapshot;
    use clinical::{AlertNumber, Event};

    #[tokio::test]
    async fn the_worst_and_oldest_comes_first_with_who_answers() {
        let mut sample = Sample::open("2026-03-14T11:00:00Z").await;
        sample.ivor().await;
        let long = ["Mrs", "Mair", "Llewellyn"];
        let limits = plan(1, "2026-03-01T09:00:00Z", 135);
        sample
            .patient("mair", long, "1938-02-02", "9434765870", limits)
            .await;
        sample
            .reading("ivor", "2026-03-14T10:40:00Z", oxygen(91, 70), &[])
            .await;
        sample.hand.set("2026-03-14T11:20:00Z".parse().unwrap());
        sample
            .reading("mair", "2026-03-14T11:19:00Z", pressure(186, 112, 91), &[])
            .await;
        sample
            .reading("ivor", "2026-03-14T11:19:30Z", oxygen(95, 70), &[])
            .await;
        let taken = Event::AlertTaken {
            alert: AlertNumber(1),
            by: "nurse-2".parse().unwrap(),
            instead_of: None,
        };
        sample.happen("mair", taken).await;
        sample.hand.set("2026-03-14T12:31:07Z".parse().unwrap());

        let served = Served::start(&sample.state).await;
        let page = served.get("/alerts", "nurse-1").await;
        assert_eq!(page.status, 200);
        snapshot::check("alerts", &page.body);
        let urgent = page.body.find("alert-mair-1").unwrap();
        assert!(urgent < page.body.find("alert-ivor-1").unwrap());
    }

    #[tokio::test]
    async fn an_empty_list_is_calm_and_a_long_one_says_how_much_is_missing() {
        let sample = Sample::open("2026-03-14T11:00:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        let page = served.get("/alerts", "nurse-1").await;
        assert!(page.body.contains("<div id=\"none\" class=\"calm\">"));
        assert!(page.body.contains("<div id=\"some\" hidden>"));
        snapshot::check("alerts-empty", &page.body);

        let mut write = sample.state.store.write().await.unwrap();
        for number in 1..=WORKLIST_ROWS_MAX + 3 {
            let alert = "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, \
                         evidence_len, opened_at, newest_measured_at) VALUES ('ivor', CAST($1 AS BIGINT), 'pulse', 'soon', \
                         'active', 'new', 'nurse-1', 'Pulse', 1, CAST($1 AS BIGINT), 0)";
            run(&mut write, alert, &[&number.to_string()]).await;
        }
        write.commit().await.unwrap();
        let page = served.get("/alerts", "nurse-1").await;
        assert_eq!(
            page.body.matches("<tr role=\"row\" id=").count(),
            WORKLIST_ROWS_MAX
        );
        assert!(
            page.body
                .contains("<b data-count=\"more\">3</b> more open alerts")
        );
    }

    #[tokio::test]
    async fn a_box_that_is_being_set_up_shows_its_tests_without_their_values() {
        let mut sample = Sample::open("2026-03-14T11:00:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-03-14T10:40:00Z", oxygen(95, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        let page = served.get("/alerts", "nurse-1").await;
        assert!(!page.body.contains("Boxes that are being set up"));

        let mut write = sample.state.store.write().await.unwrap();
        let moved = "INSERT INTO test_record (id, kind, patient, device, measured_at, received_at, stored_at, gateway, \
                     epoch, sequence) SELECT id, 'reading', patient, device, measured_at, received_at, stored_at, \
                     gateway, epoch, sequence FROM reading WHERE device = $1";
        run(&mut write, moved, &["ivor-oximeter"]).await;
        let commissioning = "UPDATE gateway SET state = $1";
        run(&mut write, commissioning, &["commissioning"]).await;
        write.commit().await.unwrap();
        let page = served.get("/alerts", "nurse-1").await;
        let section = page
            .body
            .split("Boxes that are being set up")
            .nth(1)
            .unwrap();
        let section = section.split("</section>").next().unwrap();
        for said in [
            "<svg",
            "TEST",
            "(ivor-oximeter)",
            "10:40",
            "No test reading yet",
        ] {
            assert!(section.contains(said), "{said}: {section}");
        }
        assert!(!section.contains("95"), "{section}");
    }

    #[tokio::test]
    async fn nothing_that_is_stored_becomes_markup() {
        let mut sample = Sample::open("2026-03-14T11:00:00Z").await;
        let names = ["Mr", "<script>alert(1)</script>", "O'Neil\" onload=x"];
        let mut limits = plan(1, "2026-03-01T09:00:00Z", 135);
        limits.reason = "<img src=x>".to_owned();
        sample
            .patient("odd", names, "<b>", "9434765870", limits)
            .await;
        sample
            .reading("odd", "2026-03-14T10:40:00Z", oxygen(80, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        for path in ["/alerts", "/patients/odd"] {
            let page = served.get(path, "nurse-1").await;
            assert_eq!(page.status, 200);
            for markup in ["<script>alert", "<img", "O'NEIL\" ", "<b></b>", "style="] {
                assert!(!page.body.contains(markup), "{path} holds {markup}");
            }
            assert!(page.body.contains("&#60;script&#62;alert(1)"), "{path}");
        }
    }

    #[tokio::test]
    async fn without_a_session_every_page_asks_who_it_is() {
        let sample = Sample::open("2026-03-14T11:00:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        for (path, next) in [
            ("/alerts", "?next=%2Falerts"),
            ("/alerts/live", ""),
            ("/patients/ivor", "?next=%2Fpatients%2Fivor"),
            ("/alerts/ivor/1/close", "?next=%2Falerts%2Fivor%2F1%2Fclose"),
        ] {
            for person in ["", "nobody"] {
                let answer = served.get(path, person).await;
                let location = format!("/sign-in{next}");
                assert_eq!(
                    (answer.status, answer.header("location")),
                    (303, Some(location.as_str()))
                );
            }
        }
        let root = served.get("/", "nurse-1").await;
        assert_eq!(root.header("location"), Some("/alerts"));
    }
}
