//! What no role opens: another site's form, a session that has ended, a right that was taken away; and breaking the glass.

use jiff::SignedDuration;

use super::contents::contents;
use super::forms::{FORMS, Places};
use super::locality::{FOREIGN, OWN, Side, locality};
use super::story::turned_to;
use super::table::table;
use super::{PACE, asks_who_it_is, names};
use crate::web::browser::Served;
use crate::web::sample::Sample;

async fn opened(side: &'static Side) -> (Sample, Served, Places) {
    let sample = locality().await;
    turned_to(&sample, OWN.nurse).await;
    let served = Served::start(&sample.state).await;
    let places = Places::of(&sample, &served, side).await;
    (sample, served, places)
}

#[tokio::test]
async fn no_form_is_taken_that_another_site_sends_or_that_says_not_whence() {
    let (sample, served, places) = opened(&OWN).await;
    let before = contents(&sample).await;
    let from = [
        "",
        "Origin: https://evil.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ];
    for (route, by, form, _) in FORMS {
        let path = places.path(route);
        let form = places.form(&served, by, &path, form).await;
        let cookie = served.cookie(by).await;
        for origin in from {
            sample.hand.advance(PACE);
            let headers = format!("{cookie}{origin}");
            let answer = served.send(&format!("POST {path}"), &headers, &form).await;
            assert_eq!(answer.status, 403, "{path} from {origin:?}");
            assert!(answer.body.contains("Nothing was changed"), "{path}");
        }
    }
    assert_eq!(before, contents(&sample).await);
}

#[tokio::test]
async fn who_is_signed_out_or_suspended_is_asked_who_they_are_everywhere() {
    let (sample, served, places) = opened(&OWN).await;
    let mut cookies = vec![format!(
        "Cookie: {}\r\n",
        crate::web::session::cookie_of("forged")
    )];
    for person in ["nurse-1", "lead-1", "admin-1", "dr-rees"] {
        cookies.push(served.cookie(person).await);
    }
    sample
        .run(&[
            "UPDATE session SET ended_at = 1 WHERE person = 'nurse-1'",
            "UPDATE account SET disabled_at = 1 WHERE person = 'lead-1'",
            "UPDATE session SET ends_at = 1 WHERE person = 'admin-1'",
            "UPDATE session SET seen_at = 0 WHERE person = 'dr-rees'",
        ])
        .await;
    let before = contents(&sample).await;
    let lines = table();
    for line in lines
        .iter()
        .filter(|it| it.expected("nobody", false) == Some(303))
    {
        if ["/set-up", "/start"].contains(&line.path) {
            continue;
        }
        let path = places.path(line.path);
        for cookie in &cookies {
            sample.hand.advance(PACE);
            let headers = format!("{cookie}Origin: http://{}\r\n", served.host);
            let request = format!("{} {path}", line.method);
            let answer = served.send(&request, &headers, "").await;
            let to = answer.header("location").unwrap_or_default();
            assert!(
                answer.status == 303 && asks_who_it_is(line.path, to),
                "{request} with {cookie}: {} {to}",
                answer.status
            );
        }
    }
    assert_eq!(before, contents(&sample).await);
}

#[tokio::test]
async fn a_right_that_is_taken_away_is_gone_at_once_even_from_a_live_page() {
    let (sample, served, _) = opened(&OWN).await;
    let mut events = served.events("nurse-1").await;
    events.next("tick").await.unwrap();
    let roles = "/administration/people/nurse-1/roles";
    let taken = served
        .post(roles, "admin-1", "lock=nurse%2Fnorth&grant=planner%2F")
        .await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    sample.hand.advance(SignedDuration::from_secs(5));
    assert_eq!(events.next("reload").await.as_deref(), Some("again"));
    assert_eq!(events.next("row").await, None, "nothing more is told");
    for (path, status) in [
        ("/alerts", 403),
        ("/patients/north-1", 403),
        ("/alerts/quality", 200),
    ] {
        assert_eq!(served.get(path, "nurse-1").await.status, status, "{path}");
    }
}

#[tokio::test]
async fn no_question_is_answered_with_another_teams_patient() {
    let (sample, served, _) = opened(&OWN).await;
    sample
        .run(&["UPDATE alert SET closed_at = 1 WHERE patient = 'south-1' AND number = 3"])
        .await;
    for (path, status) in [
        ("/alerts?closed_patient=south-1&closed_number=3", 200),
        ("/alerts?show=all&q=quen", 200),
        ("/patients?q=Quen", 200),
        ("/patients?q=999+000+0026", 200),
        ("/patients?q=1947-01-01", 200),
        ("/patients/north-1/contact?alert=3", 200),
        ("/alerts/quality?team=south", 404),
        ("/alerts/quality.csv?team=south", 404),
        ("/duty/south?week=2026-03-16", 404),
    ] {
        for person in ["nurse-1", "lead-1", "dr-rees"] {
            sample.hand.advance(PACE);
            let answer = served.get(path, person).await;
            assert_eq!(answer.status, status, "{path} by {person}");
            let is_linked = answer.body.contains("/patients/south-");
            // What was looked for stands in its field again.
            let is_named =
                FOREIGN.patients.iter().any(|it| names(&answer, it)) && !path.contains("999");
            assert!(
                !is_linked && !is_named,
                "{path} by {person}: {}",
                answer.body
            );
        }
    }
    let own = served
        .get("/alerts?closed_patient=north-1&closed_number=3", "nurse-1")
        .await;
    assert!(own.body.contains("You closed the alert for Mr Ivor Evans"));
}

#[tokio::test]
async fn a_right_that_is_held_in_one_team_is_not_held_in_another() {
    let (sample, served, _) = opened(&OWN).await;
    sample
        .run(&[
            "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('dr-rees', 3, 'nurse', 'south', 0)",
        ])
        .await;
    for (path, status) in [
        ("/patients/south-1/discharge", 200),
        ("/patients/north-2/discharge", 403),
        ("/patients/north-2/tier", 200),
    ] {
        assert_eq!(served.get(path, "dr-rees").await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_carer_sees_no_reading_that_the_patient_does_not_let_them_see() {
    let (sample, served, places) = opened(&OWN).await;
    sample
        .run(&["UPDATE home_access SET sees_readings = 0 WHERE person = 'home-2'"])
        .await;
    let before = contents(&sample).await;
    let not_me = places.path("/me/{patient}/readings/{reading}/not-me");
    for (path, status) in [
        ("/me/north-1", 200),
        ("/me/north-1/readings", 404),
        (not_me.as_str(), 404),
    ] {
        let answer = served.get(path, "home-2").await;
        assert_eq!(answer.status, status, "{path}");
        assert!(!answer.body.contains("186"), "{path} says the pressure");
    }
    assert_eq!(served.post(&not_me, "home-2", "").await.status, 404);
    assert_eq!(before, contents(&sample).await);
    let own = served.get("/me/north-1/readings", "home-1").await;
    assert!(own.body.contains("186"), "{}", own.body);
}

#[tokio::test]
async fn the_audit_tells_administrators_of_people_at_home_and_names_none() {
    let (_sample, served, places) = opened(&OWN).await;
    let not_me = places.path("/me/{patient}/readings/{reading}/not-me");
    let new_code = places.path("/patients/{patient}/home/{number}/code");
    for (path, person, status) in [
        (not_me.as_str(), "home-1", 303),
        ("/your-sign-in/1/remove", "home-2", 303),
        ("/your-sign-in/sign-out-everywhere", "home-2", 303),
        (new_code.as_str(), "nurse-1", 200),
    ] {
        let answer = served.post(path, person, "").await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    for path in ["/audit", "/audit.csv"] {
        let told = served.get(path, "admin-1").await;
        assert_eq!(told.status, 200, "{path}");
        for told_of in ["home-1", "home-2", "passkey 1", "Anna Price"] {
            assert!(told.body.contains(told_of), "{path} says {told_of}");
        }
        let is_named = OWN.patients.iter().any(|it| names(&told, it));
        let is_named = is_named || told.body.contains("Rowlands");
        assert!(!is_named, "{path}: {}", told.body);
    }
}

/// The pages of a patient that only show.
const SHOWN: [&str; 5] = [
    "/patients/{patient}",
    "/patients/{patient}/alerts",
    "/patients/{patient}/plan",
    "/patients/{patient}/readings/{reading}",
    "/alerts/{patient}/{number}",
];

#[tokio::test]
async fn who_breaks_the_glass_sees_that_patient_for_an_hour_and_their_lead_reads_why() {
    let (sample, served, places) = opened(&FOREIGN).await;
    let [zelda, yorick, _] = &FOREIGN.patients;
    let statuses = async |person: &str| {
        let mut all = Vec::new();
        for route in SHOWN {
            sample.hand.advance(PACE);
            all.push(served.get(&places.path(route), person).await.status);
        }
        all
    };
    assert_eq!(statuses("nurse-1").await, [404; 5]);
    let (_, _, form, _) = FORMS
        .iter()
        .find(|(path, ..)| *path == "/break-glass")
        .unwrap();
    let form = places.form(&served, "nurse-1", "/break-glass", form).await;
    for (person, status) in [
        ("planner-1", 403),
        ("admin-1", 403),
        ("visitor-1", 403),
        ("nurse-1", 303),
    ] {
        assert_eq!(
            served.post("/break-glass", person, &form).await.status,
            status,
            "{person}"
        );
    }
    assert_eq!(statuses("nurse-1").await, [200; 5]);
    assert_eq!(
        statuses("nurse-2").await,
        [404; 5],
        "it is open to one person"
    );
    let other = served.get("/patients/south-2", "nurse-1").await;
    assert_eq!(other.status, 404, "and one patient");
    assert!(!names(&other, yorick) && !names(&other, zelda));

    let noted = "SELECT COUNT(*) FROM audit WHERE person = 'nurse-1' AND patient = 'south-1' AND action = $1";
    for (action, count) in [("break_glass_opened", 1), ("record_viewed", 5)] {
        let found: i64 = sqlx::query_scalar(noted)
            .bind(action)
            .fetch_one(sample.state.store.readers())
            .await
            .unwrap();
        assert_eq!(found, count, "{action}");
    }
    let told = served.get("/break-glass/opened", "lead-9").await;
    assert!(names(&told, zelda) && told.body.contains("He rang us instead of his team"));
    for other in ["lead-1", "admin-1"] {
        let told = served.get("/break-glass/opened", other).await;
        assert!(
            told.status == 200 && !names(&told, zelda),
            "{other} does not lead that team"
        );
    }
    sample.hand.advance(SignedDuration::from_mins(60));
    assert_eq!(statuses("nurse-1").await, [404; 5], "the hour is over");
}
