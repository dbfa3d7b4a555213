//! Focus: the Tab key goes through a page in the order of the document, and after each action the focus is where the nurse
//! goes on.

use fantoccini::{Client, Locator};
use hearth_tests::browser::Look;
use hearth_tests::nurse::Nurse;
use hearth_tests::wait;

use crate::hands::{arrive, choose, press, says, write};
use crate::visit::Visit;

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";

/// How often Tab is pressed in one field: a day and a time have seven parts and a button.
const KEYS_OF_A_STOP_MAX: i64 = 8;

/// Everything that takes the focus, in the order of the document.
const STOPS: &str = "const stops = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, \
     textarea, summary, [tabindex]')].filter((it) => it.tabIndex >= 0 && it.checkVisibility());";

async fn count_of_stops(page: &Client) -> i64 {
    let script = format!("{STOPS} return stops.length;");
    let found = page.execute(&script, Vec::new()).await.unwrap();
    found.as_i64().unwrap()
}

/// Gives the place of what has the focus among [`STOPS`].
async fn stop(page: &Client) -> i64 {
    let script = format!("{STOPS} return stops.indexOf(document.activeElement);");
    let found = page.execute(&script, Vec::new()).await.unwrap();
    found.as_i64().unwrap()
}

async fn key(page: &Client, key: &str) {
    let focused = page.active_element().await.unwrap();
    focused.send_keys(key).await.unwrap();
}

/// Tells whether what has the focus is this.
async fn has_focus(page: &Client, css: &str) -> bool {
    let script = "return document.activeElement.matches(arguments[0]);";
    let found = page.execute(script, vec![css.into()]).await.unwrap();
    found.as_bool().unwrap()
}

/// Waits until this has the focus: a page gives it once it is drawn.
async fn gets_focus(page: &Client, css: &str) {
    let got = wait::until(css, async || has_focus(page, css).await.then_some(()));
    got.await.unwrap();
}

/// Gives the text of what has the focus.
async fn focused_text(page: &Client) -> String {
    let script = "return document.activeElement.textContent;";
    let found = page.execute(script, Vec::new()).await.unwrap();
    found.as_str().unwrap().to_owned()
}

async fn go(visit: &Visit, page: &Client, path: &str) {
    page.goto(&visit.line.server.page(path)).await.unwrap();
}

#[tokio::test]
async fn the_tab_key_goes_through_a_page_in_the_order_of_the_document() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    let page = visit.sit_down("Ann", Look::DESK).await;
    for path in [
        "/alerts",
        "/patients",
        "/patients/patient-1/contact",
        "/handover",
    ] {
        go(&visit, &page, path).await;
        let stops = count_of_stops(&page).await;
        assert!(stops > 8, "{path} has only {stops} stops");
        // The buttons of one choice are one stop, so its place may be left out; a day and a time are several in one place.
        let mut passed = Vec::new();
        for _ in 0..stops * KEYS_OF_A_STOP_MAX {
            key(&page, TAB).await;
            let at = stop(&page).await;
            if at < 0 || passed.last().is_some_and(|last| at < *last) {
                break;
            }
            passed.push(at);
        }
        passed.dedup();
        assert_eq!(passed.first(), Some(&0), "{path}: the skip link is first");
        assert_eq!(passed.last(), Some(&(stops - 1)), "{path}: {passed:?}");
        let radios = "return document.querySelectorAll('[type=radio]').length;";
        let radios = page.execute(radios, Vec::new()).await.unwrap();
        let least = stops - radios.as_i64().unwrap();
        let len = i64::try_from(passed.len()).unwrap();
        assert!(len >= least, "{path}: {passed:?} of {stops}");
    }
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn after_each_action_the_focus_is_where_the_nurse_goes_on() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    let page = visit.sit_down("Ann", Look::DESK).await;
    skip_to_the_alerts(&page).await;
    take(&page).await;
    close_wrongly(&page).await;
    note_a_contact(&visit, &page).await;
    show_what_is_newer(&visit, &page).await;
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

/// Only some alerts are shown: the page begins anew, and one key leads past everything to the list.
async fn skip_to_the_alerts(page: &Client) {
    choose(page, "a.count-urgent").await;
    says(page, "are shown. Show all").await;
    key(page, TAB).await;
    assert_eq!(focused_text(page).await, "Skip to alerts");
    key(page, ENTER).await;
    assert!(has_focus(page, "main").await);
    key(page, TAB).await;
    assert!(has_focus(page, "main *").await);
}

/// Taken: the next thing to do with the same alert.
async fn take(page: &Client) {
    let take = page.find(Locator::Css("form.take button")).await.unwrap();
    take.send_keys(ENTER).await.unwrap();
    says(page, "Taken by you").await;
    gets_focus(page, "#alert-patient-1-1 .c-do *").await;
    assert_eq!(focused_text(page).await, "Close alert for Mrs Ivy Example");
}

/// Not closed: what is missing, and from there one key to the field.
async fn close_wrongly(page: &Client) {
    key(page, ENTER).await;
    arrive(page, "Close the alert").await;
    press(page, "Close alert").await;
    says(page, "There is a problem.").await;
    gets_focus(page, ".errors").await;
    key(page, TAB).await;
    assert!(has_focus(page, ".errors a").await);
    key(page, ENTER).await;
    gets_focus(page, "#outcome-0").await;
}

/// A note is saved: the sentence that says so.
async fn note_a_contact(visit: &Visit, page: &Client) {
    go(visit, page, "/patients/patient-1/contact").await;
    for field in ["#how-1", "#result-0"] {
        choose(page, field).await;
    }
    let about_none = "input[name=alert][value=none]";
    choose(page, about_none).await;
    write(page, "note", "Her daughter fills the box of tablets").await;
    press(page, "Note the contact").await;
    says(page, "The contact is noted.").await;
    gets_focus(page, ".done").await;
}

/// Somebody else changes an alert under the focus: nothing moves until it is asked for, and then the focus stays in the row.
async fn show_what_is_newer(visit: &Visit, page: &Client) {
    let bo = visit.sit_down("Bo", Look::DESK).await;
    let focus = "document.querySelector('#alert-patient-1-1 a.name').focus();";
    bo.execute(focus, Vec::new()).await.unwrap();
    let ann = Nurse::at(&visit.line.server, "nurse-ann");
    let form = "outcome=advice_given&note=";
    let (status, _) = ann.send("/alerts/patient-1/1/close", form).await.unwrap();
    assert_eq!(status, 303);
    let update = bo.wait().at_most(wait::WAIT_MAX);
    let update = update.for_element(Locator::Css(".update")).await.unwrap();
    assert!(has_focus(&bo, "#alert-patient-1-1 a.name").await);
    update.send_keys(ENTER).await.unwrap();
    wait::until("the row is gone", async || {
        let rows = bo.find_all(Locator::Css("tr.alert")).await.ok()?;
        rows.is_empty().then_some(())
    })
    .await
    .unwrap();
    gets_focus(&bo, "main").await;
    bo.close().await.unwrap();
    go(visit, page, "/alerts").await;
    says(page, "No open alerts about patients.").await;
}
