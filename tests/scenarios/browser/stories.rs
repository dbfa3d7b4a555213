//! Stories: a whole shift, once with scripts and once without. Each story is one function, so neither way has less.

use fantoccini::{Client, Locator};
use hearth_tests::browser::Look;
use hearth_tests::nurse::{Nurse, PASSWORD};
use hearth_tests::{seed, totp};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use server::clock::Clock;

use crate::hands::{arrive, choose, pick, press, says, write};
use crate::visit::Visit;

const DESK: [Look; 2] = [
    Look::DESK,
    Look {
        javascript: false,
        ..Look::DESK
    },
];

/// Alerts beside the one that the cuff raised, which the journal does not know: what is done to them is refused.
const OTHERS: &str = "\
    INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, evidence_len, \
    opened_at, newest_measured_at, step) SELECT 'patient-1', 18, 'kit', 'technical', 'active', 'new', 'nurse-ann', \
    'No weight reading: the scale has not been heard', 1, MAX(opened_at), MAX(opened_at), 'coordinator' FROM alert";

fn today() -> Date {
    let now = Clock::system().now();
    now.in_tz("Europe/London").unwrap().date()
}

/// Types a day as a browser's own field takes it: month, day and year of the language that Chromium starts in.
async fn write_day(page: &Client, name: &str, day: Date) {
    let field = format!("main [name='{name}']");
    let field = page.find(Locator::Css(&field)).await.unwrap();
    let typed = day.strftime("%m%d%Y").to_string();
    field.send_keys(&typed).await.unwrap();
    let value = field.prop("value").await.unwrap();
    assert_eq!(value.as_deref(), Some(day.to_string().as_str()), "{name}");
}

/// Goes to a page of the service by its address.
async fn go(visit: &Visit, page: &Client, path: &str) {
    page.goto(&visit.line.server.page(path)).await.unwrap();
}

#[tokio::test]
async fn alerts_are_worked_through_with_and_without_scripts() {
    for look in DESK {
        let mut visit = Visit::begin().await;
        visit.line.cuff(186, 112).await.unwrap();
        visit.line.settle().await.unwrap();
        visit.line.put(OTHERS).await.unwrap();
        let ann = visit.sit_down("Ann", look).await;
        take_several(&ann).await;
        put_aside_and_take_back(&ann).await;
        hand_over(&ann).await;
        let bo = visit.sit_down("Bo", look).await;
        decline_then_accept(&visit, &ann, &bo).await;
        sign_the_handover(&visit, &ann, &bo).await;
        close(&visit, &ann).await;
        for page in [ann, bo] {
            page.close().await.unwrap();
        }
        visit.line.stop().await.unwrap();
    }
}

async fn take_several(page: &Client) {
    let boxes = Locator::Css("#board .pick input");
    let boxes = page.find_all(boxes).await.unwrap();
    assert_eq!(boxes.len(), 2);
    for it in boxes {
        it.click().await.unwrap();
    }
    let fold = Locator::Css("details.several[open]");
    if page.find(fold).await.is_err() {
        press(page, "Change several alerts").await;
    }
    press(page, "Take the selected").await;
    arrive(page, "Take 2 alerts?").await;
    press(page, "Take 2 alerts").await;
    arrive(page, "Take: 1 done, 1 not done").await;
    press(page, "Back to the alerts").await;
    says(page, "Taken by you").await;
}

async fn put_aside_and_take_back(page: &Client) {
    press(page, "More about the alert for Mrs Ivy Example").await;
    arrive(page, "Blood pressure: alert 1").await;
    press(page, "Put aside").await;
    arrive(page, "Put aside the alert").await;
    choose(page, "#span-0").await;
    write(page, "reason", "She rests and measures again").await;
    press(page, "Put aside alert").await;
    says(page, "You put this alert aside.").await;
    press(page, "Take back").await;
    says(page, "You have taken this alert.").await;
}

async fn hand_over(page: &Client) {
    press(page, "Hand over").await;
    arrive(page, "Hand over the alert").await;
    pick(page, "to", "nurse-bo").await;
    press(page, "Offer alert").await;
    says(page, "You offered this alert to Bo Baxter.").await;
}

async fn decline_then_accept(visit: &Visit, ann: &Client, bo: &Client) {
    go(visit, bo, "/alerts/patient-1/1").await;
    press(bo, "Decline").await;
    says(bo, "You declined this alert: Ann Archer keeps it.").await;
    go(visit, ann, "/alerts/patient-1/1").await;
    hand_over(ann).await;
    go(visit, bo, "/alerts/patient-1/1").await;
    press(bo, "Accept").await;
    says(bo, "This alert is yours now.").await;
}

async fn sign_the_handover(visit: &Visit, ann: &Client, bo: &Client) {
    go(visit, bo, "/handover").await;
    pick(bo, "to", "nurse-ann").await;
    write(bo, "note", "Ring her daughter at six").await;
    press(bo, "Sign and offer").await;
    says(bo, "You still answer for 1 of yours").await;
    go(visit, ann, "/handover").await;
    says(ann, "Ring her daughter at six").await;
    press(ann, "Accept the alert for Mrs Ivy Example").await;
    says(ann, "You have accepted.").await;
}

async fn close(visit: &Visit, page: &Client) {
    go(visit, page, "/alerts").await;
    press(page, "Close alert for Mrs Ivy Example").await;
    arrive(page, "Close the alert").await;
    press(page, "Close alert").await;
    says(page, "There is a problem. The alert is still open.").await;
    choose(page, "input[value=advice_given]").await;
    press(page, "Close alert").await;
    arrive(page, "Alerts").await;
    let open = "SELECT COUNT(*) FROM alert WHERE closed_at IS NULL AND number = 1";
    assert_eq!(visit.line.count(open).await.unwrap(), 0);
}

#[tokio::test]
async fn a_patient_comes_and_goes_with_and_without_scripts() {
    for look in DESK {
        let visit = Visit::begin().await;
        let page = visit.sit_down("Ann", look).await;
        add(&visit, &page).await;
        pause(&page).await;
        discharge(&page).await;
        page.close().await.unwrap();
        visit.line.stop().await.unwrap();
    }
}

async fn add(visit: &Visit, page: &Client) {
    go(visit, page, "/patients").await;
    press(page, "Add a patient").await;
    arrive(page, "Add a patient").await;
    press(page, "Go on to the plan").await;
    says(page, "There is a problem.").await;
    for (name, text) in [
        ("title", "Mrs"),
        ("given_name", "Edith"),
        ("family_name", "Testcase"),
        ("nhs_number", "999 000 0026"),
    ] {
        write(page, name, text).await;
    }
    write_day(page, "born_on", jiff::civil::date(1948, 5, 2)).await;
    choose(page, "input[name=template][value=general]").await;
    press(page, "Go on to the plan").await;
    arrive(page, "First plan of Mrs Edith Testcase").await;
    write(page, "reason", "Frail after a stay in hospital.").await;
    choose(page, "#view-0").await;
    press(page, "Register").await;
    says(
        page,
        "The patient is registered, and monitoring has started.",
    )
    .await;
}

async fn pause(page: &Client) {
    press(page, "Pause readings").await;
    arrive(page, "Pause the readings of Mrs Edith Testcase").await;
    choose(page, "#reason-0").await;
    write_day(page, "until", today().saturating_add(7.days())).await;
    press(page, "Pause the readings of").await;
    says(page, "Readings are paused.").await;
    press(page, "End the pause").await;
    says(page, "Readings are expected again.").await;
}

async fn discharge(page: &Client) {
    press(page, "Discharge").await;
    arrive(page, "Discharge Mrs Edith Testcase").await;
    choose(page, "#reason-0").await;
    press(page, "Discharge Mrs Edith Testcase").await;
    says(page, "The patient is discharged.").await;
    press(page, "Start monitoring again").await;
    arrive(page, "Start again to monitor Mrs Edith Testcase").await;
    write(page, "reason", "Breathless again").await;
    press(page, "Start again to monitor").await;
    says(page, "Monitoring has started again.").await;
}

#[tokio::test]
async fn a_plan_and_a_rota_are_changed_with_and_without_scripts() {
    for look in DESK {
        let visit = Visit::begin().await;
        let page = visit.sit_down("Ann", look).await;
        change_the_plan(&visit, &page).await;
        page.close().await.unwrap();
        let page = visit.sit_down("Lee", look).await;
        change_the_rota(&visit, &page).await;
        page.close().await.unwrap();
        visit.line.stop().await.unwrap();
    }
}

async fn change_the_plan(visit: &Visit, page: &Client) {
    go(visit, page, "/patients/patient-1/plan").await;
    press(page, "Change the plan").await;
    arrive(page, "Change the plan of Mrs Ivy Example").await;
    let folded = Locator::Css("#sign-pulse:not([open]) > summary");
    if let Ok(folded) = page.find(folded).await {
        folded.click().await.unwrap();
    }
    write(page, "limits.pulse.soon_high", "115").await;
    press(page, "Try it on the last 90 days").await;
    says(page, "What this plan would have done for").await;
    write(page, "reason", "Her pulse is always a little fast").await;
    choose(page, "#view-agreed").await;
    let review = today().saturating_add(30.days());
    write_day(page, "review_by", review).await;
    press(page, "Put this plan in force").await;
    says(page, "is in force.").await;
    let plans = "SELECT COUNT(*) FROM plan WHERE patient = 'patient-1'";
    assert_eq!(visit.line.count(plans).await.unwrap(), 2);
}

async fn change_the_rota(visit: &Visit, page: &Client) {
    go(visit, page, "/duty/north").await;
    press(page, "Add a leave").await;
    arrive(page, "Add a leave").await;
    pick(page, "person", "nurse-bo").await;
    let day = today().saturating_add(3.days());
    write_day(page, "first", day).await;
    write_day(page, "last", day).await;
    pick(page, "cover", "nurse-ann").await;
    press(page, "Add the leave").await;
    says(page, "Saved. Leave of Bo Baxter added").await;
    press(page, "End early").await;
    arrive(page, "").await;
    press(page, "Leave it as it is").await;
    arrive(page, "Rota of the North team").await;
}

#[tokio::test]
async fn another_teams_record_is_opened_and_closed_with_and_without_scripts() {
    for look in DESK {
        let visit = Visit::begin().await;
        let ward = seed::ward(&visit.line.home).unwrap();
        visit.line.server.seed(&ward).unwrap();
        let page = visit.sit_down("Ann", look).await;
        go(&visit, &page, "/break-glass").await;
        press(&page, "Open the record for 60 minutes").await;
        says(&page, "No record was opened").await;
        write(&page, "nhs_number", "999 000 0042").await;
        write(&page, "born_on", "1950-01-31").await;
        write(&page, "reason", "He is in our emergency department now").await;
        press(&page, "Open the record for 60 minutes").await;
        arrive(&page, "Mr Huw Elsewhere").await;
        says(&page, "You have open the record of").await;
        choose(&page, ".glass button").await;
        arrive(&page, "Alerts").await;
        go(&visit, &page, "/patients/patient-9").await;
        arrive(&page, "Page not found").await;
        page.close().await.unwrap();
        visit.line.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_nurse_signs_in_in_two_steps_with_and_without_scripts() {
    let mut visit = Visit::begin().await;
    visit.line.server.stop().await.unwrap();
    let config = visit.line.server.config();
    let text = std::fs::read_to_string(config).unwrap();
    std::fs::write(config, text.replace("\"optional\"", "\"required\"")).unwrap();
    visit.line.server.start().await.unwrap();
    for (look, person) in DESK.into_iter().zip(["nurse-ann", "nurse-bo"]) {
        let page = visit.browser.open(look).await.unwrap();
        let (secret, used) = set_up(&visit, &page, person).await;
        sign_in_again(&visit, &page, person, (&secret, &used)).await;
        page.close().await.unwrap();
    }
    visit.line.stop().await.unwrap();
}

/// The code that a phone shows so many steps from now: each is good once, and the next is good already.
fn code(secret: &str, steps: i64) -> String {
    let later = SignedDuration::from_secs(steps * totp::STEP_SECONDS);
    let at: Timestamp = Clock::system().now().checked_add(later).unwrap();
    totp::code(secret, at).unwrap()
}

/// Sets a password and the second step; gives the secret, and the code that was used.
async fn set_up(visit: &Visit, page: &Client, person: &str) -> (String, String) {
    go(visit, page, "/sign-in").await;
    press(page, "Set your password").await;
    arrive(page, "Set your password").await;
    let invited = Nurse::at(&visit.line.server, person).code().unwrap();
    write(page, "code", &invited).await;
    write(page, "password", PASSWORD).await;
    press(page, "Set password and sign in").await;
    arrive(page, "Set up your second step").await;
    let secret = page.find(Locator::Css(".key-text")).await.unwrap();
    let secret = secret.text().await.unwrap();
    write(page, "code", "00").await;
    press(page, "Finish").await;
    says(page, "The second step is not set up yet").await;
    let used = code(&secret, 0);
    write(page, "code", &used).await;
    press(page, "Finish").await;
    arrive(page, "Alerts").await;
    (secret, used)
}

async fn sign_in_again(visit: &Visit, page: &Client, person: &str, (secret, used): (&str, &str)) {
    choose(page, "form[action='/sign-out'] button").await;
    arrive(page, "Sign in").await;
    go(visit, page, "/alerts").await;
    arrive(page, "Sign in").await;
    write(page, "username", person).await;
    write(page, "password", PASSWORD).await;
    press(page, "Sign in").await;
    arrive(page, "Type the code from your phone").await;
    write(page, "code", used).await;
    press(page, "Go on").await;
    says(page, "You are not signed in yet").await;
    write(page, "code", &code(secret, 1)).await;
    press(page, "Go on").await;
    arrive(page, "Alerts").await;
}
