//! The office lets somebody sign in, looks at who did what, and keeps somebody out again; a nurse sees who looked at her
//! patient's record.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};
use hearth_tests::nurse::PASSWORD;

use crate::access::picture;
use crate::visit::Visit;

const PHONE: Look = Look {
    width: 320,
    ..Look::DESK
};
/// Bo administers the service beside being a nurse.
const ADMINISTERS: &str = "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-bo', 9, \
                           'administrator', NULL, 0)";

async fn press(page: &Client, text: &str) {
    let button =
        format!("//main//*[self::button or self::a][starts-with(normalize-space(.), '{text}')]");
    let wait = page.wait();
    let button = wait.for_element(Locator::XPath(&button)).await.unwrap();
    button.click().await.unwrap();
}

async fn fill(page: &Client, id: &str, text: &str) {
    let wait = page.wait();
    let field = wait.for_element(Locator::Id(id)).await.unwrap();
    field.send_keys(text).await.unwrap();
}

async fn says(page: &Client, text: &str) {
    let found = format!("//main//*[contains(normalize-space(.), \"{text}\")]");
    let found = page.wait().for_element(Locator::XPath(&found)).await;
    assert!(found.is_ok(), "the page does not say {text:?}");
}

async fn check(page: &Client, name: &str, look: Look) {
    let found = violations(page).await.unwrap();
    assert!(found.is_empty(), "{name}: {found:#?}");
    let over = overhang(page).await.unwrap();
    assert!(over <= 0, "{name} has to be scrolled sideways by {over}");
    picture(page, &format!("{name}-{}", look.width), look.width).await;
}

async fn go(visit: &Visit, page: &Client, path: &str) {
    page.goto(&visit.line.server.page(path)).await.unwrap();
}

/// Makes a sign-in for somebody and gives the code that the page shows.
async fn made(visit: &Visit, page: &Client, (person, name): (&str, &str), look: Look) -> String {
    go(visit, page, &format!("/administration/people/{person}")).await;
    press(page, "Make a sign-in").await;
    fill(page, "username", name).await;
    check(page, "sign-in-form", look).await;
    press(page, "Make the sign-in").await;
    let wait = page.wait();
    let code = wait.for_element(Locator::Css("#code b")).await.unwrap();
    check(page, "sign-in-code", look).await;
    code.text().await.unwrap()
}

#[tokio::test]
async fn the_office_lets_somebody_in_looks_at_the_trail_and_keeps_them_out() {
    let visit = Visit::begin().await;
    visit.line.put(ADMINISTERS).await.unwrap();
    for (look, person, name) in [
        (Look::DESK, "ooh-ona", "ona.orr"),
        (PHONE, "lead-lee", "lee.lowe"),
    ] {
        let bo = visit.sit_down("Bo", look).await;
        let code = made(&visit, &bo, (person, name), look).await;
        let theirs = visit.browser.open(look).await.unwrap();
        go(&visit, &theirs, "/set-up").await;
        fill(&theirs, "code", &code).await;
        fill(&theirs, "password", PASSWORD).await;
        press(&theirs, "Set").await;
        let wait = theirs.wait();
        wait.for_element(Locator::Css("#board")).await.unwrap();

        let page = format!("/administration/people/{person}");
        go(&visit, &bo, &page).await;
        says(&bo, "Last signed in").await;
        check(&bo, "person-sign-in", look).await;
        go(&visit, &bo, "/audit?kind=sign_in_made").await;
        says(&bo, "Made a sign-in").await;
        check(&bo, "audit-found", look).await;
        go(&visit, &bo, "/audit").await;
        check(&bo, "audit", look).await;
        go(&visit, &bo, "/step-up?back=%2Faudit").await;
        check(&bo, "step-up", look).await;
        fill(&bo, "password", PASSWORD).await;
        press(&bo, "Go on").await;
        says(&bo, "Proved again who they are").await;

        go(&visit, &bo, &page).await;
        press(&bo, "Close the sign-in").await;
        says(&bo, "signed out everywhere at once").await;
        check(&bo, "sign-in-close", look).await;
        press(&bo, "Close the sign-in").await;
        says(&bo, "Closed since").await;
        go(&visit, &theirs, "/account").await;
        says(&theirs, "Name for signing in").await;

        go(&visit, &bo, "/patients/patient-1").await;
        press(&bo, "Who looked at this record").await;
        says(&bo, "Looked at the record").await;
        check(&bo, "looked", look).await;
        for page in [bo, theirs] {
            page.close().await.unwrap();
        }
    }
    visit.line.stop().await.unwrap();
}
