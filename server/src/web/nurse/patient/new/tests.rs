//! Adding a patient, from the empty page to the first plan in force.

use crate::web::browser::{Answer, Served};
use crate::web::sample::{Sample, run};
use crate::web::snapshot;

const NEW: &str = "/patients/new";
const PERSON: &str = "title=Mrs&given_name=Edith&family_name=Testcase&born_on=2/5/1948&nhs_number=999+000+0018&coordinator=nurse-2";
const PLAN: &str = "step=plan&reason=High+blood+pressure&view=agreed";

async fn served() -> (Sample, Served) {
    let sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

async fn sent(served: &Served, form: &str) -> Answer {
    served.post(NEW, "nurse-1", form).await
}

#[tokio::test]
async fn a_patient_is_registered_with_a_plan_from_templates_and_their_questions() {
    let (_sample, served) = served().await;
    snapshot::check("patient-new", &served.get(NEW, "nurse-1").await.body);
    let first = format!("{PERSON}&template=heart-failure&template=hypertension");
    let second = sent(&served, &first).await;
    assert_eq!(second.status, 200);
    snapshot::check("patient-new-plan", &second.body);
    for asked in [
        "First plan of Mrs Edith Testcase",
        "ask-dry_weight_kg",
        "choice-limits.systolic.soon_low",
    ] {
        assert!(second.body.contains(asked), "{asked}");
    }

    let unanswered = sent(&served, &format!("{first}&{PLAN}")).await;
    assert_eq!(unanswered.status, 422);
    for said in ["Write a number, or: not known", "Choose which holds"] {
        assert!(unanswered.body.contains(said), "{said}");
    }
    let answers = "ask-dry_weight_kg=81&choice-limits.systolic.soon_low=heart-failure&choice-schedule.blood_pressure=hypertension";
    let wrong = sent(
        &served,
        &format!("{first}&{PLAN}&{}", answers.replace("81", "8.1")),
    )
    .await;
    assert!(
        wrong.status == 422 && wrong.body.contains("must be 30 to 250"),
        "{}",
        wrong.body
    );
    let done = sent(&served, &format!("{first}&{PLAN}&{answers}")).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = served
        .get(done.header("location").unwrap(), "nurse-1")
        .await
        .body;
    for said in [
        "The patient is registered, and monitoring has started.",
        "TESTCASE, Edith (Mrs)",
        "Care coordinator <b>Bilal Khan</b>",
        "heart-failure, hypertension",
        "The patient agreed.",
        "No reading has been due",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[tokio::test]
async fn what_is_missing_or_registered_already_is_said_before_anything_is_kept() {
    let (sample, served) = served().await;
    let one = format!("{PERSON}&template=general");
    for (from, to, said) in [
        (
            "&template=general",
            "",
            "Choose what the first plan starts from",
        ),
        ("nurse-2", "", "nobody is monitored without one"),
        ("999+000+0018", "999+000+0019", "look for a mistyped digit"),
        (
            "999+000+0018",
            "9434765919",
            "Ivor Evans’s, who is registered already",
        ),
    ] {
        let page = sent(&served, &one.replace(from, to)).await;
        assert!(page.status == 422 && page.body.contains(said), "{said}");
    }
    let mut write = sample.state.store.write().await.unwrap();
    let elsewhere = "INSERT INTO team (id, name) VALUES ('south', 'South team')";
    run(&mut write, elsewhere, &[]).await;
    run(
        &mut write,
        "UPDATE patient SET team = 'south' WHERE id = $1",
        &["ivor"],
    )
    .await;
    write.commit().await.unwrap();
    let page = sent(&served, &one.replace("999+000+0018", "9434765919")).await;
    assert!(page.status == 422 && page.body.contains("registered elsewhere in the service"));
    assert!(
        !page.body.contains("Ivor") && !page.body.contains("South"),
        "nothing else is told"
    );
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM patient")
        .fetch_one(sample.state.store.readers())
        .await
        .unwrap();
    assert_eq!(count, 1);
    sample.grants("dr-rees", &["gp_lead"]).await;
    assert_eq!(served.get(NEW, "dr-rees").await.status, 403);
}

#[tokio::test]
async fn beyond_the_hard_stops_only_a_prescriber_registers_and_says_why() {
    let (sample, served) = served().await;
    let form = format!("{PERSON}&template=copd-88-92&{PLAN}");
    let refused = sent(&served, &form).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused
            .body
            .contains("A prescriber must register this patient"),
        "{}",
        refused.body
    );
    let mut write = sample.state.store.write().await.unwrap();
    run(
        &mut write,
        "UPDATE person SET prescriber = 1 WHERE id = $1",
        &["nurse-1"],
    )
    .await;
    write.commit().await.unwrap();
    let silent = sent(&served, &form).await;
    assert!(
        silent.status == 422
            && silent
                .body
                .contains("Write why the plan may go beyond this")
    );
    let done = sent(&served, &format!("{form}&crossing=Retains+carbon+dioxide")).await;
    assert_eq!(done.status, 303, "{}", done.body);
}
