//! An alert's page and its forms: an urgent alert is understood, put aside, escalated and reopened, without a mouse too far.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};

use crate::access::picture;
use crate::visit::Visit;

const PHONE: Look = Look {
    width: 320,
    ..Look::DESK
};

/// Alerts beside the one that the cuff raised, which the journal does not know: what is done to them is refused.
const OTHERS: &str = "\
    WITH clock (now) AS (SELECT MAX(opened_at) FROM alert), \
    kind (number, problem, priority, why) AS (VALUES \
    (17, 'plan_review', 'check', 'The plan was to be reviewed by 2026-11-01'), \
    (18, 'kit', 'technical', 'No weight reading: the scale has not been heard')) \
    INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, evidence_len, \
    opened_at, newest_measured_at, step) \
    SELECT 'patient-1', number, problem, priority, 'active', 'new', 'nurse-ann', why, 1, now, now, 'coordinator' \
    FROM kind, clock";

async fn press(page: &Client, what: &str) {
    let path = format!(
        "//main//*[self::a or self::button or self::summary][starts-with(normalize-space(.), '{what}')]"
    );
    let control = page.wait().for_element(Locator::XPath(&path)).await;
    let control = control.unwrap_or_else(|error| panic!("{what}: {error}"));
    control.click().await.unwrap();
}

/// Waits until the page's heading begins with something.
async fn arrive(page: &Client, heading: &str) {
    let path = format!("//h1[starts-with(normalize-space(.), '{heading}')]");
    let found = page.wait().for_element(Locator::XPath(&path)).await;
    found.unwrap_or_else(|error| panic!("{heading}: {error}"));
}

async fn type_in(page: &Client, field: &str, text: &str) {
    let field = page.find(Locator::Css(field)).await.unwrap();
    field.send_keys(text).await.unwrap();
}

async fn choose(page: &Client, field: &str) {
    page.find(Locator::Css(field))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
}

/// Selects all alerts about patients, by the button that the script adds.
async fn select_all(page: &Client) {
    press(page, "Change several").await;
    let all = Locator::XPath("//button[contains(., \"Select all patients' alerts\")]");
    let all = page.wait().for_element(all).await.unwrap();
    all.click().await.unwrap();
}

/// Looks at a page as a checker and a person do.
async fn look_at(page: &Client, name: &str, width: u32) {
    let found = violations(page).await.unwrap();
    assert!(found.is_empty(), "{name}: {found:#?}");
    assert!(
        overhang(page).await.unwrap() <= 0,
        "{name} has to be scrolled sideways"
    );
    picture(page, name, width).await;
}

/// Waits until the page says something.
async fn says(page: &Client, text: &str) {
    let path = format!("//*[contains(., '{text}')]");
    let found = page.wait().for_element(Locator::XPath(&path)).await;
    found.unwrap_or_else(|error| panic!("{text}: {error}"));
}

#[tokio::test]
async fn an_urgent_alert_is_understood_and_passed_on() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    let plain = Look {
        javascript: false,
        ..Look::DESK
    };
    let ann = visit.sit_down("Ann", plain).await;
    put_aside_and_take_back(&ann).await;
    escalate_to_lee(&ann).await;
    ann.close().await.unwrap();
    let lee = visit.sit_down("Lee", Look::DESK).await;
    close_it(&lee).await;
    let closed = visit.line.server.page("/patients/patient-1/alerts");
    lee.goto(&closed).await.unwrap();
    press(&lee, "Reopen").await;
    type_in(&lee, "#reason", "She rang: still dizzy").await;
    press(&lee, "Reopen alert").await;
    says(&lee, "You reopened this alert, and it is yours.").await;
    lee.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

async fn put_aside_and_take_back(page: &Client) {
    press(page, "More").await;
    arrive(page, "Blood pressure: alert 1").await;
    press(page, "Take").await;
    says(page, "You have taken this alert.").await;
    press(page, "Put aside").await;
    arrive(page, "Put aside").await;
    press(page, "Put aside alert").await;
    let errors = page.wait().for_element(Locator::Css("[role=alert]")).await;
    errors.unwrap();
    choose(page, "#span-0").await;
    type_in(page, "#reason", "She rests and measures again").await;
    press(page, "Put aside alert").await;
    says(page, "You put this alert aside.").await;
    press(page, "Take back").await;
    says(page, "You have taken this alert.").await;
}

async fn escalate_to_lee(page: &Client) {
    press(page, "Escalate").await;
    arrive(page, "Escalate the").await;
    choose(page, "#to option[value=lead-lee]").await;
    type_in(page, "#assessment", "Missed her tablets for two days").await;
    choose(page, "#recommendation-1").await;
    press(page, "Escalate alert").await;
    arrive(page, "Escalated").await;
    let sent = page.find(Locator::Css("#sbar")).await.unwrap();
    let sent = sent.text().await.unwrap();
    for part in [
        "Systolic 186 mmHg (urgent limit: 180 or over)",
        "Assessment: Missed her tablets for two days",
        "Recommendation: Please see the patient today",
    ] {
        assert!(sent.contains(part), "{sent}");
    }
}

async fn close_it(page: &Client) {
    press(page, "More").await;
    press(page, "Take").await;
    press(page, "Close").await;
    choose(page, "#outcome-3").await;
    press(page, "Close alert").await;
    let none = page.wait().for_element(Locator::Css("#none:not([hidden])"));
    none.await.unwrap();
}

#[tokio::test]
async fn several_alerts_are_changed_after_their_names_were_read() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    visit.line.put(OTHERS).await.unwrap();
    for (name, look) in [("desk", Look::DESK), ("phone", PHONE)] {
        let page = visit.sit_down("Ann", look).await;
        select_all(&page).await;
        let count = "return document.querySelectorAll('.pick input:checked').length;";
        let checked = page.execute(count, Vec::new()).await.unwrap();
        assert_eq!(checked.as_u64(), Some(2));
        look_at(&page, &format!("{name}-bulk-board"), look.width).await;
        press(&page, "Close the selected").await;
        arrive(&page, "None of these").await;
        look_at(&page, &format!("{name}-bulk-none"), look.width).await;
        press(&page, "Back to the alerts").await;
        select_all(&page).await;
        press(&page, "Take the selected").await;
        arrive(&page, "Take 2 alerts?").await;
        look_at(&page, &format!("{name}-bulk-ask"), look.width).await;
        press(&page, "Take 2 alerts").await;
        arrive(&page, "Take: 1 done, 1 not done").await;
        look_at(&page, &format!("{name}-bulk-done"), look.width).await;
        page.close().await.unwrap();
    }
    visit.line.stop().await.unwrap();
}
