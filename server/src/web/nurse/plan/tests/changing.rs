//! Two who change a plan, hard stops, changes for a time, and templates.

use super::{EDIT, LOWER, PLAN, START, WITHDRAW, ivor, send};
use crate::web::snapshot;

#[tokio::test]
async fn two_who_change_a_plan_do_not_overwrite_each_other() {
    let (sample, served) = ivor().await;
    let theirs = "based_on=1&limits.systolic.soon_high=140&limits.pulse.urgent_high=125&view=agreed&reason=Dizzy&review_by=2026-06-01";
    assert_eq!(send(&served, "nurse-2", "save", theirs).await.status, 303);
    sample.hand.set("2026-03-14T12:22:00Z".parse().unwrap());
    let mine = format!("{LOWER}&limits.spo2.soon_low=91");
    let page = send(&served, "nurse-1", "save", &mine).await;
    assert_eq!(page.status, 409);
    snapshot::check("plan-stale", &page.body);
    for said in [
        "Bilal Khan changed this plan 2 min ago",
        "Why: Dizzy",
        "Systolic, high soon limit: 135 becomes 140 (loosened).",
        "Systolic, high soon limit: 135 becomes 130 (tightened).",
        "systolic, high soon limit: you typed 130, and it is 140 now",
    ] {
        assert!(
            page.body.contains(said),
            "{said} is missing:\n{}",
            page.body
        );
    }
    // The form goes on from plan 2, with what nurse-1 typed and what nurse-2 changed beside it.
    let form = hidden(&page.body);
    let again = send(&served, "nurse-1", "back", &form).await;
    assert_eq!(again.status, 200);
    for value in [
        r#"name="limits.systolic.soon_high" value="130""#,
        r#"name="limits.pulse.urgent_high" value="125""#,
        r#"name="limits.spo2.soon_low" value="91""#,
        r#"name="based_on" value="2""#,
    ] {
        assert!(
            again.body.contains(value),
            "{value} is missing:\n{}",
            again.body
        );
    }
    assert_eq!(send(&served, "nurse-1", "save", &form).await.status, 303);
}

#[tokio::test]
async fn a_form_that_says_the_whole_plan_names_what_it_would_undo() {
    let (_sample, served) = ivor().await;
    assert_eq!(send(&served, "nurse-1", "save", LOWER).await.status, 303);
    let pulse = "based_on=2&limits.pulse.soon_low=55&view=agreed&reason=Slow&review_by=2026-06-01";
    assert_eq!(send(&served, "nurse-2", "save", pulse).await.status, 303);
    let back = "based_on=2&start.version=1&view=agreed&reason=Back&review_by=2026-06-01";
    let page = send(&served, "nurse-1", "save", back).await;
    assert_eq!(page.status, 409);
    let said = "It would change this again:</b></p>\n<ul><li>Pulse, low soon limit: 55 becomes 50 (loosened).</li></ul>";
    assert!(page.body.contains(said), "{}", page.body);
    let again = send(&served, "nurse-1", "back", &hidden(&page.body)).await;
    assert!(
        again
            .body
            .contains("to go back to what it said. Plan 3 is in force.")
    );
    let mine = send(&served, "nurse-2", "save", pulse).await;
    assert!(mine.body.contains("You changed this plan just now"));
}

/// Gives the first form's hidden fields as a browser sends them.
fn hidden(page: &str) -> String {
    let main = page.split("<main").nth(1).unwrap();
    let form = main
        .split("<form")
        .nth(1)
        .unwrap()
        .split("</form")
        .next()
        .unwrap();
    let fields = form
        .split(r#"<input type="hidden" name=""#)
        .skip(1)
        .map(|it| {
            let (name, rest) = it.split_once(r#"" value=""#).unwrap();
            let (value, _) = rest.split_once('"').unwrap();
            format!("{name}={}", value.replace(' ', "+").replace(':', "%3A"))
        });
    fields.collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn beyond_the_hard_stops_a_prescriber_says_why_and_others_are_told_whom_to_ask() {
    let (_sample, served) = ivor().await;
    let beyond = "based_on=1&limits.spo2.urgent_low=80&limits.spo2.soon_low=84&view=agreed&reason=Usual+for+him&review_by=2026-06-01";
    let nurse = send(&served, "nurse-1", "save", beyond).await;
    assert_eq!(nurse.status, 403);
    snapshot::check("plan-stop-nurse", &nurse.body);
    assert!(
        nurse
            .body
            .contains("Oxygen, low urgent limit: 80 is beyond the hard stop (at least 85).")
    );
    assert!(nurse.body.contains("Dr Carys Rees, GP"));
    let forged = format!("{beyond}&crossing=I+say+so");
    assert_eq!(send(&served, "nurse-1", "cross", &forged).await.status, 403);
    let back = send(&served, "nurse-1", "back", &hidden(&nurse.body)).await;
    assert!(
        back.body
            .contains(r#"name="limits.spo2.urgent_low" value="80""#)
    );

    let asked = send(&served, "dr-rees", "save", beyond).await;
    assert_eq!(asked.status, 422);
    snapshot::check("plan-stop", &asked.body);
    let unsaid = send(&served, "dr-rees", "cross", &hidden(&asked.body)).await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.body.contains("Say why this patient needs it"));
    let crossed = format!("{}&crossing=Prescribed+target", hidden(&asked.body));
    assert_eq!(
        send(&served, "dr-rees", "cross", &crossed).await.status,
        303
    );
    let page = served.get(PLAN, "nurse-1").await;
    assert!(
        page.body
            .contains("by leave of <b>Dr Carys Rees</b>: Prescribed target")
    );
}

#[tokio::test]
async fn a_temporary_change_comes_back_by_itself_unless_that_is_withdrawn() {
    let (sample, served) = ivor().await;
    let form = format!("{LOWER}&until=2026-03-20");
    let done = send(&served, "nurse-1", "save", &form).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = served.get(PLAN, "nurse-1").await;
    for said in [
        "In force: plan 2",
        "Waits for its day: plan 3",
        "The temporary change has ended: back to plan 1.",
        "Systolic, high soon limit: 130 becomes 135 (loosened).",
    ] {
        assert!(
            page.body.contains(said),
            "{said} is missing:\n{}",
            page.body
        );
    }
    let edit = served.get(EDIT, "nurse-1").await;
    assert!(edit.body.contains("A change that holds now sets it aside"));
    let later = "based_on=2&limits.pulse.soon_low=48&view=agreed&reason=Later&review_by=2026-06-01&from=2026-04-01";
    let refused = send(&served, "nurse-1", "save", later).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused
            .body
            .contains("Another plan waits for its day already.")
    );

    let unsaid = served.post(WITHDRAW, "nurse-1", "withdraw_reason=+").await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.body.contains("Say why the plan is withdrawn"));
    let withdrawn = served
        .post(WITHDRAW, "nurse-1", "withdraw_reason=It+stays")
        .await;
    assert_eq!(withdrawn.status, 303);
    let page = served
        .get(withdrawn.header("location").unwrap(), "nurse-1")
        .await;
    assert!(page.body.contains("No plan waits for its day any more."));
    let again = served
        .post(WITHDRAW, "nurse-1", "withdraw_reason=It+stays")
        .await;
    assert_eq!(again.status, 409);
    assert_eq!(send(&served, "nurse-1", "save", later).await.status, 303);
    let page = served.get(&format!("{PLAN}?scheduled=3"), "nurse-1").await;
    assert!(
        page.body.contains("Plan 3 waits for its day."),
        "{}",
        page.body
    );
    drop(sample);
}

#[tokio::test]
async fn templates_that_disagree_are_settled_by_somebody() {
    let (_sample, served) = ivor().await;
    let offered = served.get(START, "nurse-1").await;
    assert_eq!(offered.status, 200);
    snapshot::check("plan-start", &offered.body);
    let none = served.post(START, "nurse-1", "").await;
    assert_eq!(none.status, 422);
    assert!(none.body.contains("Choose at least one template"));
    let unknown = served.post(START, "nurse-1", "template.gout=yes").await;
    assert_eq!(unknown.status, 400);
    let both = "template.heart-failure=yes&template.hypertension=yes";
    let asked = served.post(START, "nurse-1", both).await;
    assert_eq!(asked.status, 200);
    snapshot::check("plan-obstacles", &asked.body);
    assert!(
        asked
            .body
            .contains("What is the patient&#39;s agreed dry weight, in kg?")
    );

    let half = format!("{both}&answer.dry_weight_kg=heavy&action=settle");
    let asked = served.post(START, "nurse-1", &half).await;
    assert_eq!(asked.status, 422);
    assert!(asked.body.contains(r#"value="heavy""#));
    assert!(
        asked
            .body
            .contains("Enter a number like 81.5, or say that it is not known yet")
    );
    let fields: Vec<&str> = asked
        .body
        .split(r#"type="radio""#)
        .skip(1)
        .filter_map(|it| it.split(r#"name=""#).nth(1)?.split('"').next())
        .collect();
    let mut chosen: Vec<String> = fields
        .iter()
        .map(|it| format!("{it}=hypertension"))
        .collect();
    chosen.dedup();
    let settled = format!(
        "{both}&not_known.dry_weight_kg=yes&{}&action=settle",
        chosen.join("&")
    );
    let form = served.post(START, "nurse-1", &settled).await;
    assert_eq!(form.status, 200, "{}", form.body);
    assert!(form.body.contains(
        "The form starts from the templates: Heart failure; High blood pressure, under 80. Plan 1 is in force."
    ));
    let save = format!(
        "{}&view=not_asked&because.not_asked=He+is+in+hospital&reason=New&review_by=2026-06-01&limits.spo2.urgent_low=88&limits.spo2.soon_low=92",
        hidden(&form.body)
    );
    let done = send(&served, "nurse-1", "save", &save).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let page = served.get(PLAN, "nurse-1").await;
    assert!(
        page.body.contains(
            "Started from: Heart failure; High blood pressure, under 80. 2 things differ from that, marked below."
        ),
        "{}",
        page.body
    );
    assert!(
        page.body
            .contains("The patient was not asked: He is in hospital")
    );
    assert!(page.body.contains("Your nurse has set this plan"));
}
