//! A handover as two nurses live it: signed, offered, accepted; and what happens when things change meanwhile.

use clinical::{AlertNumber, Event, Watch};

use crate::web::browser::Served;
use crate::web::sample::{Sample, run};
use crate::web::sample_values::{oxygen, plan, pressure};
use crate::web::snapshot;

const NOW: &str = "2026-03-14T16:50:00Z";

fn taken(by: &str) -> Event {
    Event::AlertTaken {
        alert: AlertNumber::FIRST,
        by: by.parse().unwrap(),
        instead_of: None,
    }
}

/// Two patients, each with an alert that nurse-1 has taken.
async fn shift() -> (Sample, Served) {
    let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    let long = ["Mrs", "Mair", "Llewellyn"];
    let limits = plan(1, "2026-03-01T09:00:00Z", 135);
    sample
        .patient("mair", long, "1938-02-02", "9434765870", limits)
        .await;
    sample
        .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
        .await;
    sample
        .reading("mair", "2026-03-14T12:19:30Z", pressure(186, 112, 91), &[])
        .await;
    sample.happen("ivor", taken("nurse-1")).await;
    sample.happen("mair", taken("nurse-1")).await;
    sample.hand.set(NOW.parse().unwrap());
    let served = Served::start(&sample.state).await;
    (sample, served)
}

async fn holder(sample: &Sample, patient: &str) -> String {
    let holder: String =
        sqlx::query_scalar("SELECT held_by FROM alert WHERE patient = $1 AND number = 1")
            .bind(patient.to_owned())
            .fetch_one(sample.state.store.readers())
            .await
            .unwrap();
    holder
}

#[tokio::test]
async fn ownership_moves_when_the_next_nurse_accepts_and_not_before() {
    let (sample, served) = shift().await;
    let page = served.get("/handover", "nurse-1").await;
    assert_eq!(page.status, 200);
    snapshot::check("handover", &page.body);
    let unsigned = served
        .post("/handover/sign", "nurse-1", "note=Mair+is+dizzy")
        .await;
    assert_eq!(unsigned.status, 422);
    assert!(unsigned.body.contains("Choose who takes over from you"));
    assert!(unsigned.body.contains(">Mair is dizzy</textarea>"), "kept");

    let form = "to=nurse-2&note=Mair+is+dizzy&alert=ivor%2F1&alert=mair%2F1&to-mair%2F1=dr-rees";
    let signed = served.post("/handover/sign", "nurse-1", form).await;
    assert_eq!(signed.status, 303, "{}", signed.body);
    assert_eq!(holder(&sample, "ivor").await, "nurse-1");
    let mine = served.get("/handover", "nurse-1").await.body;
    assert!(mine.contains("You still answer for 2 of yours"), "{mine}");

    let offered = served.get("/handover", "nurse-2").await;
    snapshot::check("handover-offered", &offered.body);
    assert!(offered.body.contains("“Mair is dizzy”"));
    assert!(
        !offered
            .body
            .contains("Accept<span class=\"hidden\"> the alert for Mrs Mair"),
        "hers is the doctor's to answer"
    );
    let all = served
        .post(
            "/handover/answer",
            "nurse-2",
            "answer=accept&alert=ivor%2F1",
        )
        .await;
    assert_eq!(all.header("location"), Some("/handover?done=accepted"));
    assert_eq!(holder(&sample, "ivor").await, "nurse-2");
    let declined = served
        .post(
            "/handover/answer",
            "dr-rees",
            "answer=decline&alert=mair%2F1",
        )
        .await;
    assert_eq!(declined.status, 303);
    assert_eq!(
        holder(&sample, "mair").await,
        "nurse-1",
        "declined: it stays"
    );
    let mine = served.get("/handover", "nurse-1").await.body;
    assert!(mine.contains("You still answer for 1 of yours"), "{mine}");
}

#[tokio::test]
async fn what_changed_meanwhile_is_named_and_the_rest_is_offered() {
    let (sample, served) = shift().await;
    let closed = Event::AlertClosed {
        alert: AlertNumber::FIRST,
        by: "nurse-1".parse().unwrap(),
        outcome: clinical::Outcome::AdviceGiven,
        note: String::new(),
        duplicate_of: None,
    };
    sample.happen("mair", closed).await;
    let form = "to=nurse-2&note=&alert=ivor%2F1&alert=mair%2F1";
    let signed = served.post("/handover/sign", "nurse-1", form).await;
    assert_eq!(signed.status, 409);
    assert!(
        signed
            .body
            .contains("Mrs Mair Llewellyn – Systolic 186 mmHg"),
        "{}",
        signed.body
    );
    assert!(signed.body.contains("it is closed meanwhile") && signed.body.contains("Done for 1."));

    // The next nurse is slow, and the offer is gone when she accepts.
    assert_eq!(
        served
            .post(
                "/handover/answer",
                "nurse-2",
                "answer=accept&alert=ivor%2F1"
            )
            .await
            .status,
        303
    );
    let again = served
        .post(
            "/handover/answer",
            "nurse-2",
            "answer=accept&alert=ivor%2F1",
        )
        .await;
    assert_eq!(again.status, 409);
    assert!(
        again.body.contains("it is no longer on offer to you"),
        "{}",
        again.body
    );
    let late = served.post("/handover/sign", "nurse-1", form).await;
    assert_eq!(late.status, 409);
    assert!(
        late.body
            .contains("Bilal Khan has it meanwhile, and answers for it"),
        "{}",
        late.body
    );
    let shown = served.get("/handover", "nurse-2").await.body;
    assert!(
        shown.contains("Called – advice given"),
        "closed in this shift"
    );
}

#[tokio::test]
async fn only_who_acts_on_alerts_hands_over_and_only_to_a_colleague() {
    let (sample, served) = shift().await;
    let mut write = sample.state.store.write().await.unwrap();
    for statement in [
        "INSERT INTO team (id, name) VALUES ('south', 'South team')",
        "INSERT INTO person (id, name, role, team) VALUES ('nurse-9', 'Nia Webb', 'Nurse', 'south')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-9', 1, 'nurse', 'south', 0)",
        "INSERT INTO person (id, name, role, team) VALUES ('planner-1', 'Pat Lowe', 'Planner', 'south')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('planner-1', 1, 'planner', NULL, 0)",
    ] {
        run(&mut write, statement, &[]).await;
    }
    write.commit().await.unwrap();
    assert_eq!(served.get("/handover", "planner-1").await.status, 403);
    for path in ["/handover/sign", "/handover/answer"] {
        assert_eq!(
            served.post(path, "planner-1", "answer=accept").await.status,
            403
        );
    }
    let stranger = served.post("/handover/sign", "nurse-1", "to=nurse-9").await;
    assert_eq!(stranger.status, 422, "not of her team");
    let other = served.get("/handover", "nurse-9").await.body;
    assert!(!other.contains("LLEWELLYN"), "another team's patient");
    let foreign = served
        .post(
            "/handover/answer",
            "nurse-9",
            "answer=accept&alert=mair%2F1",
        )
        .await;
    assert_eq!(foreign.status, 409);
    assert!(!foreign.body.contains("Llewellyn"), "{}", foreign.body);
    for bad in [
        "",
        "answer=maybe&alert=mair%2F1",
        "answer=accept",
        "answer=accept&alert=x",
    ] {
        assert_eq!(
            served.post("/handover/answer", "nurse-9", bad).await.status,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn what_waits_and_what_was_escalated_is_handed_over_as_it_is() {
    let (sample, served) = shift().await;
    let nurse = || "nurse-1".parse().unwrap();
    let waits = Event::AlertWaits {
        alert: AlertNumber::FIRST,
        by: nurse(),
        until: "2026-03-14T17:10:00Z".parse().unwrap(),
    };
    sample.happen("ivor", waits).await;
    let escalated = Event::AlertEscalated {
        alert: AlertNumber::FIRST,
        by: nurse(),
        to: "dr-rees".parse().unwrap(),
        note: "SBAR".to_owned(),
    };
    sample.happen("mair", escalated).await;
    let watched = Event::Watched(Watch {
        note: "Dizzy since noon".to_owned(),
        until: "2026-03-15T08:00:00Z".parse().unwrap(),
        by: nurse(),
    });
    sample.happen("mair", watched).await;
    let page = served.get("/handover", "nurse-1").await;
    snapshot::check("handover-all", &page.body);
    assert!(page.body.contains("Dizzy since noon"), "{}", page.body);
    assert!(page.body.contains("Who follows it up?"), "{}", page.body);

    let signed = served
        .post("/handover/sign", "nurse-1", "to=nurse-2&note=")
        .await;
    assert_eq!(signed.status, 303, "{}", signed.body);
    let form = "answer=accept&alert=ivor%2F1&alert=mair%2F1";
    let accepted = served.post("/handover/answer", "nurse-2", form).await;
    assert_eq!(accepted.status, 303, "{}", accepted.body);
    let state = "SELECT ownership_is || ' ' || held_by || ' ' || COALESCE(escalated_by, '') FROM alert ORDER BY patient";
    let states: Vec<String> = sqlx::query_scalar(state)
        .fetch_all(sample.state.store.readers())
        .await
        .unwrap();
    assert_eq!(states, ["waiting nurse-2 ", "escalated dr-rees nurse-2"]);
}
