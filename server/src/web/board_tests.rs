//! What the board shows beside an alert's sentence, and what it says when there is none.

use clinical::plan::Care;
use clinical::{AlertNumber, Contact, ContactHow, ContactResult, Event, Strike, StrikeReason};
use jiff::SignedDuration;

use super::browser::Served;
use super::sample::{Sample, run};
use super::sample_values::{oxygen, plan, pressure};

const NOW: &str = "2026-03-14T12:20:00Z";
/// The longest row that is asked of a browser some hundred times, in bytes.
const ROW_LEN_MAX: usize = 2_500;

async fn low_oxygen() -> (Sample, Served) {
    let mut sample = Sample::open(NOW).await;
    sample.ivor().await;
    for (day, percent) in [("09", 94), ("10", 95), ("11", 93), ("12", 94), ("13", 95)] {
        let at = format!("2026-03-{day}T08:10:00Z");
        sample.reading("ivor", &at, oxygen(percent, 70), &[]).await;
    }
    sample
        .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
        .await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

/// Gives the row of the first alert of Mr Ivor Evans, as it is sent.
async fn row(served: &Served, person: &str) -> String {
    let page = served.get("/alerts", person).await.body;
    let row = page.split("<tr role=\"row\" id=\"alert-ivor-1\"").nth(1);
    let row = row.unwrap().split("</tr>").next().unwrap();
    format!("<tr role=\"row\" id=\"alert-ivor-1\"{row}</tr>")
}

fn contact(how: ContactHow, result: ContactResult, alert: Option<AlertNumber>) -> Event {
    let retry_at = alert.map(|_| "2026-03-14T13:00:00Z".parse().unwrap());
    Event::Contacted(Contact {
        alert,
        by: "nurse-1".parse().unwrap(),
        how,
        result,
        note: String::new(),
        retry_at,
    })
}

fn taken(by: &str) -> Event {
    Event::AlertTaken {
        alert: AlertNumber::FIRST,
        by: by.parse().unwrap(),
        instead_of: None,
    }
}

#[tokio::test]
async fn a_row_shows_two_weeks_with_the_limit_and_what_is_usual() {
    let (_sample, served) = low_oxygen().await;
    let row = row(&served, "nurse-1").await;
    for said in [
        "Oxygen 86% (urgent limit: 88 or under)</span> <span class=\"usual\">lower than usual (93 to 95%)</span>",
        "role=\"img\" aria-label=\"Oxygen in 14 days: 86 to 95%, latest 86, usual 93 to 95%, urgent limit: 88 or under\"",
        "<path class=\"limit-urgent\"",
        "<path class=\"outside\"",
        "<path class=\"usual\"",
    ] {
        assert!(row.contains(said), "{said}\n{row}");
    }
    assert!(!row.contains("style="), "{row}");
    assert!(row.len() < ROW_LEN_MAX, "{} bytes", row.len());
}

#[tokio::test]
async fn the_last_contact_is_said_with_which_try_it_was() {
    let (sample, served) = low_oxygen().await;
    assert!(!row(&served, "nurse-1").await.contains("class=\"contact"));
    let spoke = ContactResult::SpokeWithPatient;
    sample
        .happen("ivor", contact(ContactHow::Phone, spoke, None))
        .await;
    sample.hand.advance(SignedDuration::from_mins(7));
    let said = row(&served, "nurse-1").await;
    assert!(said.contains(">Called <time datetime="), "{said}");
    assert!(said.contains(">7 min ago</time>"), "{said}");

    sample.happen("ivor", taken("nurse-1")).await;
    let no_answer = ContactResult::NoAnswer;
    let alert = Some(AlertNumber::FIRST);
    for _ in 0..2 {
        let tried = contact(ContactHow::Phone, no_answer, alert);
        sample.happen("ivor", tried).await;
    }
    let said = row(&served, "nurse-2").await;
    assert!(said.contains(">No answer <time datetime="), "{said}");
    assert!(said.contains("just now</time>, second try"), "{said}");
    assert!(said.len() < ROW_LEN_MAX, "{} bytes", said.len());
    let escalate = served.get("/alerts/ivor/1/escalate", "nurse-1").await.body;
    for line in [
        "Contact Sat 14 Mar 2026, 12:20: Anna Price called, spoke with the patient",
        "Contact Sat 14 Mar 2026, 12:27: Anna Price called, no answer",
        "Usual in the 7 days before: oxygen 93 to 95% (6 readings)",
    ] {
        assert!(escalate.contains(line), "{line}\n{escalate}");
    }
}

#[tokio::test]
async fn a_reading_that_was_long_on_its_way_is_marked() {
    let (sample, served) = low_oxygen().await;
    assert!(!row(&served, "nurse-1").await.contains("after measuring"));
    let mut write = sample.state.store.write().await.unwrap();
    let late = "UPDATE reading SET stored_at = measured_at + 11400000000";
    run(&mut write, late, &[]).await;
    write.commit().await.unwrap();
    let said = row(&served, "nurse-1").await;
    assert!(
        said.contains("<b>arrived 3 h after measuring</b>"),
        "{said}"
    );
}

#[tokio::test]
async fn what_is_on_offer_is_accepted_in_its_row() {
    let (sample, served) = low_oxygen().await;
    sample.happen("ivor", taken("nurse-1")).await;
    let offered = Event::AlertOffered {
        alert: AlertNumber::FIRST,
        by: "nurse-1".parse().unwrap(),
        to: "nurse-2".parse().unwrap(),
    };
    sample.happen("ivor", offered).await;
    let none = row(&served, "nurse-1").await;
    assert!(!none.contains("Accept"), "{none}");
    let page = served.get("/alerts", "nurse-1").await.body;
    assert!(page.contains("<p id=\"offered\" class=\"warn\" hidden>"));
    let asked = served.get("/alerts", "nurse-2").await.body;
    assert!(asked.contains("<b data-count=\"offered\">1</b> on offer to you"));
    assert!(
        row(&served, "nurse-2")
            .await
            .contains("Accept<span class=\"hidden\"> alert for Mr")
    );

    const ANSWER: &str = "/alerts/ivor/1/offer/answer";
    let form = "back=board&answer=accept";
    let stranger = served.post(ANSWER, "lead-1", form).await;
    assert_eq!(stranger.status, 409);
    for _ in 0..2 {
        let done = served.post(ANSWER, "nurse-2", form).await;
        let location = done.header("location");
        assert_eq!(
            (done.status, location),
            (303, Some("/alerts#alert-ivor-1")),
            "pressing twice is no mistake"
        );
    }
    let mine = row(&served, "nurse-2").await;
    assert!(mine.contains("Taken by <b>you</b>"), "{mine}");
    let cookie = served.cookie("nurse-2").await;
    let headers = format!(
        "{cookie}Sec-Fetch-Site: same-origin\r\nHearth-Row: only\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    );
    let alone = served.send(&format!("POST {ANSWER}"), &headers, form).await;
    assert!(
        alone.body.trim_start().starts_with("<tr "),
        "{}",
        alone.body
    );
}

#[tokio::test]
async fn an_alert_whose_reading_was_wrong_does_not_look_active() {
    let (sample, served) = low_oxygen().await;
    let reading = "SELECT reading FROM alert_evidence";
    let reading: String = sqlx::query_scalar(reading)
        .fetch_one(sample.state.store.readers())
        .await
        .unwrap();
    let strike = Event::ReadingStruck(Strike {
        reading: reading.parse().unwrap(),
        by: "nurse-1".parse().unwrap(),
        reason: StrikeReason::AnotherPerson,
        note: String::new(),
    });
    sample.happen("ivor", strike).await;
    let said = row(&served, "nurse-1").await;
    let struck = "<span class=\"back\">The reading that raised it was marked as wrong";
    assert!(said.contains(struck), "{said}");
    assert!(!said.contains("class=\"outside\""), "{said}");
    served.post("/alerts/ivor/1/take", "nurse-1", "").await;
    let close = served.get("/alerts/ivor/1/close", "nurse-1").await.body;
    assert!(!close.contains("still outside the limits"), "{close}");
}

#[tokio::test]
async fn an_alert_sleeps_until_the_next_reading() {
    let (mut sample, served) = low_oxygen().await;
    served.post("/alerts/ivor/1/take", "nurse-1", "").await;
    const SNOOZE: &str = "/alerts/ivor/1/snooze";
    let form = served.get(SNOOZE, "nurse-1").await.body;
    let says = "Until the next reading, and for 30 minutes at most if none comes";
    assert!(form.contains(says), "{form}");
    let wait = served.get("/alerts/ivor/1/wait", "nurse-1").await.body;
    assert!(!wait.contains("Until the next reading"), "{wait}");
    let action = form.split("name=\"action\" value=\"").nth(1).unwrap();
    let action = action.split('"').next().unwrap();
    let filled = format!("action={action}&span=reading&reason=She+rests");
    let done = served.post(SNOOZE, "nurse-1", &filled).await;
    assert_eq!(done.status, 303);
    let page = served
        .get(done.header("location").unwrap(), "nurse-1")
        .await;
    let says = "It comes back at the next reading, at 12:50 at the latest";
    assert!(page.body.contains(says), "{}", page.body);
    let said = row(&served, "nurse-1").await;
    assert!(
        said.contains("Put aside until the next reading, at the latest"),
        "{said}"
    );
    sample
        .reading("ivor", "2026-03-14T12:19:50Z", oxygen(95, 70), &[])
        .await;
    let said = row(&served, "nurse-1").await;
    assert!(said.contains("<b>New</b>"), "{said}");
}

#[tokio::test]
async fn a_duplicate_is_chosen_from_the_other_alerts() {
    let (mut sample, served) = low_oxygen().await;
    sample
        .reading("ivor", "2026-03-14T12:19:20Z", pressure(190, 80, 70), &[])
        .await;
    for number in [1, 2] {
        let path = format!("/alerts/ivor/{number}/take");
        served.post(&path, "nurse-1", "").await;
    }
    const CLOSE: &str = "/alerts/ivor/1/close";
    let form = served.get(CLOSE, "nurse-1").await.body;
    assert!(form.contains("<option value=\"2\">Alert 2, open: Systolic 190"));
    assert!(!form.contains("<option value=\"1\""), "not itself: {form}");
    let none = served
        .post(CLOSE, "nurse-1", "outcome=duplicate&duplicate_of=")
        .await;
    assert_eq!(none.status, 422);
    assert!(none.body.contains("Choose the other alert"));
    let wrong = served
        .post(CLOSE, "nurse-1", "outcome=duplicate&duplicate_of=9")
        .await;
    assert_eq!(wrong.status, 409);
    let done = served
        .post(CLOSE, "nurse-1", "outcome=duplicate&duplicate_of=2")
        .await;
    assert_eq!(done.status, 303);
    let form = served.get("/alerts/ivor/2/close", "nurse-1").await.body;
    assert!(form.contains("<option value=\"1\">Alert 1, closed: Oxygen"));
}

#[tokio::test]
async fn an_empty_board_says_what_came_today() {
    let mut sample = Sample::open("2026-03-13T20:00:00Z").await;
    let schedule = r#"{"expected":[{"what":"oximetry","every":"daily","windows":["06:00-10:00","16:00-20:00"],
        "grace_minutes":30,"nudge_after":9,"check_after":10,"source":"test"}]}"#;
    let limits = clinical::Plan {
        care: Care {
            schedule: serde_json::from_str(schedule).unwrap(),
            ..Care::default()
        },
        ..plan(1, "2026-03-01T09:00:00Z", 135)
    };
    let names = ["Mr", "Ivor", "Evans"];
    sample
        .patient("ivor", names, "1945-07-14", "9434765919", limits)
        .await;
    let served = Served::start(&sample.state).await;
    let page = served.get("/alerts", "nurse-1").await.body;
    assert!(page.contains("<p id=\"expected\" hidden>"), "{page}");
    assert!(page.contains("<p id=\"last-came\" hidden>"), "{page}");

    sample.hand.set("2026-03-14T08:00:00Z".parse().unwrap());
    sample
        .reading("ivor", "2026-03-14T07:57:00Z", oxygen(95, 70), &[])
        .await;
    let page = served.get("/alerts", "nurse-1").await.body;
    let none = page.split("<div id=\"none\"").nth(1).unwrap();
    for said in [
        "<b data-count=\"came_today\">1</b> of <b data-count=\"expected_today\">1</b> expected readings",
        "The last reading came <span data-ago=\"2026-03-14T07:57:02Z\">2 min ago</span>",
    ] {
        assert!(none.contains(said), "{said}\n{none}");
    }
    let filtered = served.get("/alerts?show=urgent", "nurse-1").await.body;
    assert!(filtered.contains("No open alert is in “Urgent” now."));
    let mut events = served.events("nurse-1").await;
    let tick = events.next("tick").await.unwrap();
    let counted =
        "\"expected_today\":1,\"came_today\":1,\"missed_today\":0,\"last_came_ms\":1773475022000";
    assert!(tick.contains(counted), "{tick}");
}

#[tokio::test]
async fn two_hundred_rows_are_small_and_read_at_once() {
    let (sample, served) = low_oxygen().await;
    let mut write = sample.state.store.write().await.unwrap();
    for number in 2..=500 {
        let copy = "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, \
                    evidence_len, opened_at, newest_measured_at, glance) SELECT patient, CAST($1 AS BIGINT), problem, \
                    priority, condition_is, ownership_is, answers, why, evidence_len, opened_at, newest_measured_at, \
                    glance FROM alert WHERE number = 1";
        run(&mut write, copy, &[&number.to_string()]).await;
    }
    write.commit().await.unwrap();
    let page = served.get("/alerts", "nurse-1").await.body;
    assert!(page.contains("<b data-count=\"more\">300</b>"));
    let rows = page.split("<tbody").nth(1).unwrap();
    let rows = rows.split("</tbody>").next().unwrap();
    let len = rows.len() / super::board::WORKLIST_ROWS_MAX;
    assert!(len < ROW_LEN_MAX, "{len} bytes for each row");
}
