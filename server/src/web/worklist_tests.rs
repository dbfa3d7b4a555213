//! The list as nurses see it: every priority, every state, who answers now and why.

use clinical::duty::Leave;
use jiff::Timestamp;

use super::browser::Served;
use super::sample::{Sample, run};
use super::sample_values::plan;
use super::snapshot;

const NOW: &str = "2026-03-14T12:20:00Z";

fn at(text: &str) -> Timestamp {
    format!("2026-03-14T{text}:00Z").parse().unwrap()
}

/// An alert of Mr Ivor Evans, as the database holds it.
struct Stored {
    number: &'static str,
    problem: &'static str,
    priority: &'static str,
    ownership: &'static str,
    held_by: Option<&'static str>,
    step: &'static str,
    respond_by: Option<&'static str>,
}

const NEW: Stored = Stored {
    number: "1",
    problem: "oxygen",
    priority: "soon",
    ownership: "new",
    held_by: None,
    step: "coordinator",
    respond_by: None,
};

async fn store(sample: &Sample, it: &Stored, more: &'static str) {
    let opened_at = at("12:00").as_microsecond().to_string();
    let respond_by = it.respond_by.map(|text| at(text).as_microsecond());
    let respond_by = respond_by.map_or_else(String::new, |us| us.to_string());
    let mut write = sample.state.store.write().await.unwrap();
    let insert = "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, \
                  evidence_len, opened_at, newest_measured_at, step, held_by, respond_by, taken_at) VALUES ('ivor', \
                  CAST($1 AS BIGINT), $2, $3, 'active', $4, 'nurse-1', $2 || ' is out of range', 1, \
                  CAST($5 AS BIGINT), CAST($5 AS BIGINT), $6, NULLIF($7, ''), CAST(NULLIF($8, '') AS BIGINT), \
                  CASE $4 WHEN 'new' THEN NULL ELSE CAST($5 AS BIGINT) END)";
    let held_by = it.held_by.unwrap_or_default();
    let arguments = [
        it.number,
        it.problem,
        it.priority,
        it.ownership,
        &opened_at,
        it.step,
        held_by,
        &respond_by,
    ];
    run(&mut write, insert, &arguments).await;
    if !more.is_empty() {
        run(&mut write, more, &[]).await;
    }
    write.commit().await.unwrap();
}

async fn opened(now: &str) -> (Sample, Served) {
    let sample = Sample::open(now).await;
    sample.ivor().await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

/// Gives the row of one alert, as one line of text without markup.
fn row(page: &str, number: u8) -> String {
    let start = page.find(&format!("id=\"alert-ivor-{number}\"")).unwrap();
    let row = page[start..].split_once('>').unwrap().1;
    let row = row.split("</tr>").next().unwrap();
    let texts = row
        .split('<')
        .map(|it| it.split_once('>').map_or(it, |(_, text)| text));
    let text = texts.collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn every_state(sample: &Sample) {
    let aside = "UPDATE alert SET aside_until = respond_by, aside_reason = 'cuff at the repair shop' \
                 WHERE ownership_is IN ('waiting', 'snoozed')";
    let passed_on = "UPDATE alert SET escalated_by = 'nurse-1', escalated_to = 'dr-rees' WHERE ownership_is = 'escalated'";
    let offered = "UPDATE alert SET offered_to = 'nurse-2' WHERE number = 3";
    let held = |number, problem, ownership, respond_by| Stored {
        number,
        problem,
        ownership,
        held_by: Some("nurse-1"),
        respond_by: Some(respond_by),
        ..NEW
    };
    let urgent = Stored {
        number: "1",
        priority: "urgent",
        step: "team_lead",
        respond_by: Some("12:35"),
        ..NEW
    };
    store(sample, &urgent, "").await;
    let late = Stored {
        number: "2",
        problem: "pulse",
        respond_by: Some("12:02"),
        ..NEW
    };
    store(sample, &late, "").await;
    store(sample, &held("3", "weight", "taken", "12:32"), offered).await;
    store(sample, &held("4", "temperature", "waiting", "13:00"), aside).await;
    store(
        sample,
        &held("5", "blood_pressure", "snoozed", "15:00"),
        aside,
    )
    .await;
    let escalated = Stored {
        held_by: Some("dr-rees"),
        ..held("6", "deterioration", "escalated", "12:50")
    };
    store(sample, &escalated, passed_on).await;
    let check = Stored {
        number: "7",
        problem: "plan_review",
        priority: "check",
        ..NEW
    };
    store(sample, &check, "").await;
    let kit = Stored {
        number: "8",
        problem: "kit",
        priority: "technical",
        respond_by: Some("11:00"),
        ..NEW
    };
    store(sample, &kit, "").await;
}

#[tokio::test]
async fn every_priority_and_every_state_is_said_in_words() {
    let (sample, served) = opened(NOW).await;
    every_state(&sample).await;
    let page = served.get("/alerts", "nurse-1").await.body;
    snapshot::check("alerts-states", &page);
    for (number, said) in [
        (1, "Urgent now By 12:35 , in 15 min"),
        (
            1,
            "Nobody took this in time: the team lead was asked Lena Marsh leads",
        ),
        (1, "Lena Marsh leads the team, and nobody answered in time."),
        (2, "Soon today By 12:02 , 18 min late"),
        (2, "You answer"),
        (3, "By 12:32 , in 12 min"),
        (
            3,
            "Taken by you 12:00 – offered to Bilal Khan, not accepted yet",
        ),
        (4, "Back 13:00 , in 40 min"),
        (4, "Waiting for the patient until 13:00 ( you )"),
        (4, "Take back alert for Mr Ivor Evans Close alert"),
        (5, "Put aside until 15:00 ( you ) – cuff at the repair shop"),
        (6, "Escalated to Dr Carys Rees 12:00 – by Anna Price"),
        (7, "Check next working day"),
        (8, "Technical the kit By 11:00 , 80 min late"),
    ] {
        let row = row(&page, number);
        assert!(row.contains(said), "alert {number}: {said}\n{row}");
    }
    assert!(
        !row(&page, 3).contains("alert for Mr Ivor Evans Close"),
        "it is hers"
    );
    assert!(!row(&page, 6).contains("Close"), "it is another's");
}

#[tokio::test]
async fn the_pure_order_decides_and_the_kit_is_apart_at_the_end() {
    let (sample, served) = opened(NOW).await;
    every_state(&sample).await;
    let page = served.get("/alerts", "nurse-1").await.body;
    let place = |number: u8| page.find(&format!("id=\"alert-ivor-{number}\"")).unwrap();
    let order = [1, 2, 3, 6, 4, 5, 7, 8].map(place);
    assert!(order.is_sorted(), "{order:?}");
    let kit = page.find("Technical: the kit, not the patient").unwrap();
    assert!(place(7) < kit && kit < place(8));
    for (count, number) in [
        ("overdue", 3),
        ("urgent", 1),
        ("soon", 5),
        ("check", 1),
        ("technical", 1),
        ("mine", 6),
        ("not_taken", 4),
        ("more", 0),
    ] {
        let counted = format!("<b data-count=\"{count}\">{number}</b>");
        assert!(page.contains(&counted), "{counted}");
    }
}

#[tokio::test]
async fn who_answers_is_whoever_is_on_duty_with_the_reason() {
    let (sample, served) = opened(NOW).await;
    store(&sample, &NEW, "").await;
    let said = async |person: &str| row(&served.get("/alerts", person).await.body, 1);
    assert!(said("nurse-2").await.contains("Anna Price answers"));

    let leave = Leave {
        person: "nurse-1".parse().unwrap(),
        from: at("00:00"),
        until: "2026-03-17T00:00:00Z".parse().unwrap(),
        cover: Some("nurse-2".parse().unwrap()),
    };
    sample.rota(&[leave]).await;
    let other = said("nurse-1").await;
    let because = "Bilal Khan covers for Anna Price, on leave until 16 Mar.";
    assert!(other.contains(because), "{other}");
    let mine = said("nurse-2").await;
    assert!(mine.contains(&format!("You answer – {because}")), "{mine}");
    let count = "<b data-count=\"mine\">1</b>";
    assert!(served.get("/alerts", "nurse-2").await.body.contains(count));

    sample.hand.set("2026-03-14T20:00:00Z".parse().unwrap());
    let night = said("nurse-2").await;
    let because = "Omar Said is on call outside the staffed hours.";
    assert!(night.contains(because), "{night}");
}

#[tokio::test]
async fn that_nobody_can_answer_is_said_and_anybody_may_act() {
    let (sample, served) = opened("2026-03-14T21:00:00Z").await;
    let taken = Stored {
        ownership: "taken",
        held_by: Some("nurse-2"),
        ..NEW
    };
    store(&sample, &taken, "").await;
    let away = |person: &str| Leave {
        person: person.parse().unwrap(),
        from: at("00:00"),
        until: "2026-03-17T00:00:00Z".parse().unwrap(),
        cover: None,
    };
    sample.rota(&[away("ooh-1"), away("lead-1")]).await;
    let row = row(&served.get("/alerts", "nurse-1").await.body, 1);
    for said in [
        "Omar Said is on call, and cannot answer; nobody can. Omar Said is on leave until 16 Mar. Lena Marsh is on leave",
        "Nobody who answers for this team is there now.",
        "Take over alert",
    ] {
        assert!(row.contains(said), "{said}\n{row}");
    }
}

#[tokio::test]
async fn without_a_rota_the_list_says_that_nobody_knows_who_is_on_duty() {
    let (sample, served) = opened(NOW).await;
    store(&sample, &NEW, "UPDATE team_duty SET withdrawn_at = 0").await;
    let row = row(&served.get("/alerts", "nurse-2").await.body, 1);
    assert!(row.contains("Anna Price answers"), "{row}");
    assert!(row.contains("There is no rota for this team"), "{row}");
}

#[tokio::test]
async fn what_nobody_acted_on_may_be_taken_over_and_what_is_aside_closed_by_its_holder() {
    let (sample, served) = opened(NOW).await;
    every_state(&sample).await;
    let stepped_up = "UPDATE alert SET step = 'on_call', held_by = 'nurse-2', ownership_is = 'taken' WHERE number = 1";
    let mut write = sample.state.store.write().await.unwrap();
    run(&mut write, stepped_up, &[]).await;
    write.commit().await.unwrap();
    let page = served.get("/alerts", "nurse-1").await.body;
    let over = row(&page, 1);
    assert!(
        over.contains("Nobody acted in time: the person on call was asked"),
        "{over}"
    );
    assert!(over.contains("Take over alert for Mr Ivor Evans"), "{over}");
    for (number, person, status) in [
        (5, "nurse-1", 200),
        (6, "nurse-1", 409),
        (6, "dr-rees", 200),
        (7, "nurse-1", 409),
    ] {
        let form = served
            .get(&format!("/alerts/ivor/{number}/close"), person)
            .await;
        assert_eq!(form.status, status, "{number} by {person}");
    }
    let others = served.get("/alerts/ivor/6/close", "nurse-1").await;
    assert!(others.body.contains("Dr Carys Rees has this alert"));
}

#[tokio::test]
async fn of_alerts_alike_the_patient_with_the_closer_eye_comes_first() {
    let (sample, served) = opened(NOW).await;
    let limits = plan(1, "2026-03-01T09:00:00Z", 135);
    let names = ["Mrs", "Mair", "Llewellyn"];
    sample
        .patient("mair", names, "1938-02-02", "9434765870", limits)
        .await;
    store(&sample, &NEW, "").await;
    let later = "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, \
                 evidence_len, opened_at, newest_measured_at) SELECT 'mair', 1, problem, priority, condition_is, \
                 ownership_is, answers, why, 1, opened_at + 1, newest_measured_at FROM alert";
    let mut write = sample.state.store.write().await.unwrap();
    run(&mut write, later, &[]).await;
    write.commit().await.unwrap();
    let first = async |id: &str| {
        let page = served.get("/alerts", "nurse-1").await.body;
        let place = |it: &str| page.find(&format!("id=\"alert-{it}-1\"")).unwrap();
        place(id) == place("ivor").min(place("mair"))
    };
    assert!(first("ivor").await, "the oldest");
    let event = clinical::Event::TierSet {
        tier: Some(clinical::worklist::Tier::Closest),
        by: "dr-rees".parse().unwrap(),
        reason: "Home from hospital".to_owned(),
        until: Some(at("13:00")),
    };
    sample.happen("mair", event).await;
    assert!(first("mair").await, "the closest eye");
    sample.hand.set("2026-03-14T13:05:00Z".parse().unwrap());
    assert!(first("ivor").await, "the override is over");
}
