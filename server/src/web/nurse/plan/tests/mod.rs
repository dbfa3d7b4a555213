//! The pages of a plan, asked as browsers ask: shown, saved, and kept from those who may not.

mod asking;
mod changing;
mod trying;

use clinical::plan::{Answer, Wishes, merge};
use clinical::{Plan, PlanVersion};

use crate::web::browser::{Answer as Page, Served};
use crate::web::sample::{Sample, run};
use crate::web::snapshot;

const PLAN: &str = "/patients/ivor/plan";
const EDIT: &str = "/patients/ivor/plan/edit";
const START: &str = "/patients/ivor/plan/start";
const WITHDRAW: &str = "/patients/ivor/plan/withdraw";
/// A form that changes one limit, agreed with the patient; the action and the rest of it follow.
const LOWER: &str =
    "based_on=1&limits.systolic.soon_high=130&view=agreed&reason=Lower+target&review_by=2026-06-01";

pub(super) async fn ivor() -> (Sample, Served) {
    let sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    let mut write = sample.state.store.write().await.unwrap();
    for statement in [
        "UPDATE person SET prescriber = 1 WHERE id = 'dr-rees'",
        "INSERT INTO team (id, name) VALUES ('south', 'South team')",
        "INSERT INTO person (id, name, role, team) VALUES ('nurse-s', 'Sian Morgan', 'Nurse', 'south')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-s', 1, 'nurse', 'south', 0)",
        "INSERT INTO person (id, name, role, team) VALUES ('visitor-1', 'Vera Young', 'Visitor', 'north')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('visitor-1', 1, 'visitor', 'north', 0)",
    ] {
        run(&mut write, statement, &[]).await;
    }
    write.commit().await.unwrap();
    let served = Served::start(&sample.state).await;
    (sample, served)
}

pub(super) async fn send(served: &Served, person: &str, action: &str, form: &str) -> Page {
    let form = format!("{form}&action={action}");
    served.post(EDIT, person, &form).await
}

/// Everything that two templates say of one patient, with one limit of their own.
fn rich() -> Plan {
    let templates = crate::templates::Templates::built_in().unwrap();
    let names = ["heart-failure".parse().unwrap()];
    let picked = templates.pick(&names).unwrap();
    let mut wishes = Wishes::default();
    let dry = Answer::Is("81.5".parse().unwrap());
    wishes.answers.insert("dry_weight_kg".to_owned(), dry);
    wishes.limits =
        serde_json::from_str(r#"{"systolic":{"urgent_low":"85","soon_low":"95"}}"#).unwrap();
    let by = "dr-rees".parse().unwrap();
    let from = "2026-03-01T09:00:00Z".parse().unwrap();
    let reason = "Heart failure clinic, 1 March".to_owned();
    let agreed = Some(clinical::plan::PatientView::Agreed);
    let content = merge(&picked, &wishes).unwrap();
    content.into_plan(PlanVersion(1), by, reason, agreed, from)
}

pub(super) async fn olwen(sample: &Sample) {
    let names = ["Mrs", "Olwen", "Parry"];
    sample
        .patient("olwen", names, "1944-02-03", "9434765870", rich())
        .await;
}

#[tokio::test]
async fn the_plan_is_said_in_words_with_what_differs_from_its_templates() {
    let (sample, served) = ivor().await;
    olwen(&sample).await;
    let page = served.get("/patients/olwen/plan", "nurse-1").await;
    snapshot::check("plan", &page.body);
    for said in [
        "Your nurse and you agreed: aim for",
        "Started from: Heart failure.",
        "2 things differ",
        "Systolic, low urgent limit: 85; heart-failure says 90 (loosened)",
        "To be looked at again by 30 May 2026.",
    ] {
        assert!(page.body.contains(said), "the page does not say {said}");
    }
}

#[tokio::test]
async fn the_form_is_shown_with_every_number_of_the_plan() {
    let (sample, served) = ivor().await;
    olwen(&sample).await;
    let page = served.get("/patients/olwen/plan/edit", "nurse-1").await;
    assert_eq!(page.status, 200);
    snapshot::check("plan-edit", &page.body);
}

#[tokio::test]
async fn a_change_is_saved_as_the_next_version_and_told_to_the_patient() {
    let (sample, served) = ivor().await;
    let done = send(&served, "nurse-1", "save", LOWER).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = served
        .get(done.header("location").unwrap(), "nurse-2")
        .await;
    for said in [
        "Plan 2 is in force.",
        "<li>A blood pressure under 130/85</li>",
        "Set by <b>Anna Price</b>",
        "Why: Lower target",
        "To be looked at again by 1 June 2026.",
        "Go back to plan 1",
    ] {
        assert!(
            page.body.contains(said),
            "{said} is missing:\n{}",
            page.body
        );
    }
    let compared = served.get(&format!("{PLAN}?from=1&to=2"), "nurse-1").await;
    let change = "Systolic, high soon limit: 135 becomes 130 (tightened).";
    assert!(compared.body.contains(change), "{}", compared.body);
    let nowhere = served.get(&format!("{PLAN}?from=1&to=9"), "nurse-1").await;
    assert_eq!(nowhere.status, 404);

    // Back to what it said: a new version again, and the old ones stay.
    let back = served.get(&format!("{EDIT}?from=1"), "nurse-1").await;
    assert!(
        back.body
            .contains("to go back to what it said. Plan 2 is in force.")
    );
    assert!(
        back.body
            .contains(r#"name="limits.systolic.soon_high" value="135""#)
    );
    let form = "based_on=2&start.version=1&view=agreed&reason=Too+low&review_by=2026-06-01";
    let done = send(&served, "nurse-1", "save", form).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let plans = "SELECT CAST(COUNT(*) AS BIGINT) FROM plan WHERE patient = 'ivor'";
    let plans: i64 = sqlx::query_scalar(plans)
        .fetch_one(sample.state.store.readers())
        .await
        .unwrap();
    assert_eq!(plans, 3);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_typed_is_lost() {
    let (_sample, served) = ivor().await;
    let form = "based_on=1&limits.systolic.soon_low=95+or+so&limits.weight.soon_high=90&reason=Because+%3Cb%3E&review_by=soon";
    let page = send(&served, "nurse-1", "save", form).await;
    assert_eq!(page.status, 422);
    snapshot::check("plan-edit-wrong", &page.body);
    for kept in [
        r#"value="95 or so""#,
        r#"value="90""#,
        "Because &#60;b&#62;",
        r#"value="soon""#,
    ] {
        assert!(page.body.contains(kept), "{kept} is lost:\n{}", page.body);
    }
    assert!(
        page.body
            .contains(r##"<a href="#view">Choose whether the patient agrees</a>"##)
    );
    let loosened = "based_on=1&limits.systolic.soon_high=150&view=agreed&reason=Calmer&review_by=";
    let page = send(&served, "nurse-1", "save", loosened).await;
    assert_eq!(page.status, 422);
    assert!(
        page.body
            .contains("This takes care away, so it needs a review date")
    );
    let same = "based_on=1&view=agreed&reason=Nothing&review_by=";
    let page = send(&served, "nurse-1", "save", same).await;
    assert_eq!(page.status, 422);
    assert!(
        page.body
            .contains("Nothing would change: plan 1 says this already.")
    );
    for form in [
        "limits.systolic.soon_high=130",
        "based_on=x",
        "based_on=7",
        "based_on=1&start.version=9",
        "based_on=1&template.gout=yes",
    ] {
        assert_eq!(
            send(&served, "nurse-1", "save", form).await.status,
            400,
            "{form}"
        );
    }
}

#[tokio::test]
async fn who_does_not_see_the_patient_finds_no_plan_and_who_may_not_is_refused() {
    let (_sample, served) = ivor().await;
    for path in [PLAN, EDIT, START] {
        assert_eq!(served.get(path, "nurse-s").await.status, 404, "{path}");
        assert_eq!(served.get(path, "visitor-1").await.status, 403, "{path}");
    }
    for path in [EDIT, START, WITHDRAW] {
        assert_eq!(
            served.post(path, "nurse-s", LOWER).await.status,
            404,
            "{path}"
        );
        assert_eq!(
            served.post(path, "visitor-1", LOWER).await.status,
            403,
            "{path}"
        );
    }
    assert_eq!(
        served
            .get(&format!("{EDIT}?from=7"), "nurse-1")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn who_is_not_monitored_has_no_plan_to_change() {
    let (sample, served) = ivor().await;
    let mut write = sample.state.store.write().await.unwrap();
    let patient = "INSERT INTO patient (id, family_name, given_name, title, born_on, nhs_number, team, coordinator, activated_at) \
                   VALUES ('new', 'Vaughan', 'Nia', 'Ms', '1950-01-01', '9434765828', 'north', 'nurse-1', 0)";
    run(&mut write, patient, &[]).await;
    write.commit().await.unwrap();
    for path in ["/patients/new/plan", "/patients/new/plan/edit"] {
        let page = served.get(path, "nurse-1").await;
        assert_eq!(page.status, 409);
        assert!(page.body.contains("Monitoring has not started"));
    }
}
