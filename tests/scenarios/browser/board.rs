//! The board while it is used: what somebody points at or uses stays where it is, and whoever presses second is told.

use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};
use hearth_tests::wait;

use crate::access::picture;
use crate::states::EVERY_STATE;
use crate::visit::Visit;

/// A long name, a trend beside every sentence, a contact that failed, and an alert that Bo offers to Ann.
const EVERYTHING: [&str; 4] = [
    "UPDATE patient SET family_name = 'Featherstonehaugh-Cholmondeley', given_name = 'Bartholomew Maximilian', title = 'Dr'",
    "UPDATE alert SET glance = '{\"care\":[\"heart-failure\",\"copd-88-92\"],\"usual\":[{\"sign\":\"spo2\",\"low\":93000,\
     \"high\":95000}],\"trend\":{\"sign\":\"spo2\",\"points\":[[' || (opened_at / 60000000 - 19000) || ',95000],[' || \
     (opened_at / 60000000 - 18000) || ',94000],[' || (opened_at / 60000000 - 12000) || ',94000],[' || \
     (opened_at / 60000000 - 10000) || ',96000],[' || (opened_at / 60000000 - 8000) || ',93000],[' || \
     (opened_at / 60000000 - 6000) || ',95000],[' || (opened_at / 60000000 - 4000) || ',91000],[' || \
     (opened_at / 60000000 - 1500) || ',92000],[' || (opened_at / 60000000) || ',89000]],\
     \"limit\":{\"level\":\"urgent\",\"side\":\"low\",\"limit\":\"92\"}}}'",
    "INSERT INTO contact (patient, number, alert, at, by_person, how, result, note, unanswered) SELECT 'patient-1', 1, 1, \
     MAX(opened_at) - 93600000000, 'nurse-bo', 'phone', 'no_answer', '', 2 FROM alert",
    "UPDATE alert SET ownership_is = 'taken', held_by = 'nurse-bo', offered_to = 'nurse-ann', taken_at = opened_at \
     WHERE number = 12",
];

/// One more urgent alert, which belongs above all others but the first.
const ONE_MORE: &str = "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, \
    evidence_len, opened_at, newest_measured_at, respond_by, step) SELECT patient, 19, 'pulse_rhythm', 'urgent', 'active', \
    'new', answers, 'Irregular pulse in 3 readings', 3, opened_at, newest_measured_at, 1, 'coordinator' \
    FROM alert WHERE number = 11";

async fn run(page: &Client, script: &str) -> serde_json::Value {
    page.execute(script, Vec::new()).await.unwrap()
}

async fn number(page: &Client, script: &str) -> f64 {
    run(page, script).await.as_f64().unwrap()
}

async fn seen(page: &Client, css: &str) {
    let found = page.wait().at_most(wait::WAIT_MAX);
    let found = found.for_element(Locator::Css(css)).await;
    found.unwrap_or_else(|error| panic!("{css}: {error}"));
}

/// Waits until the server has been heard once more, so that everything from before has been shown.
async fn heard_again(page: &Client) {
    let clock = "return document.getElementById('clock').textContent;";
    let before = run(page, clock).await;
    let heard = wait::until("the server is heard again", async || {
        (run(page, clock).await != before).then_some(())
    });
    heard.await.unwrap();
}

async fn focus(page: &Client, css: &str) {
    let script = format!("document.querySelector('{css}').focus();");
    run(page, &script).await;
}

/// Rests the pointer on something.
async fn point_at(page: &Client, css: &str) {
    let element = page.find(Locator::Css(css)).await.unwrap();
    let there = PointerAction::MoveToElement {
        element,
        duration: None,
        x: 0.0,
        y: 0.0,
    };
    let moved = MouseActions::new("mouse".to_owned()).then(there);
    page.perform_actions(moved).await.unwrap();
}

async fn full_board() -> Visit {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    visit.line.put(EVERY_STATE).await.unwrap();
    visit
}

#[tokio::test]
async fn a_full_board_can_be_read_on_a_desk_and_on_a_phone() {
    let visit = full_board().await;
    for statement in EVERYTHING {
        visit.line.put(statement).await.unwrap();
    }
    let phone = Look {
        width: 320,
        ..Look::DESK
    };
    let dark = Look {
        dark: true,
        ..Look::DESK
    };
    for (name, look) in [("desk", Look::DESK), ("phone", phone), ("dark", dark)] {
        let page = visit.sit_down("Ann", look).await;
        let found = violations(&page).await.unwrap();
        assert!(found.is_empty(), "{name}: {found:#?}");
        assert!(overhang(&page).await.unwrap() <= 0, "{name} is too wide");
        let wider = "return [...document.querySelectorAll('#board table')]\
                     .some((it) => it.scrollWidth > it.parentElement.clientWidth);";
        assert_eq!(
            run(&page, wider).await,
            false,
            "{name}: a table is too wide"
        );
        picture(&page, &format!("{name}-board-full"), look.width).await;
        page.close().await.unwrap();
    }
    let page = visit.sit_down("Ann", Look::DESK).await;
    let accept = Locator::XPath("//tr//button[starts-with(., 'Accept')]");
    page.find(accept).await.unwrap().click().await.unwrap();
    // The journal knows nothing of this offer: the row says so, and stays.
    seen(&page, "#alert-patient-1-12 .notice").await;
    page.goto(&visit.line.server.page("/alerts?show=waiting"))
        .await
        .unwrap();
    picture(&page, "desk-board-filtered", 1280).await;
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn an_empty_board_is_calm() {
    let visit = Visit::begin().await;
    let page = visit.sit_down("Ann", Look::DESK).await;
    seen(&page, "#none:not([hidden])").await;
    let none = page.find(Locator::Css("#none")).await.unwrap();
    let none = none.text().await.unwrap();
    assert!(none.contains("The last reading came"), "{none}");
    let found = violations(&page).await.unwrap();
    assert!(found.is_empty(), "{found:#?}");
    picture(&page, "desk-board-empty", 1280).await;
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn the_row_under_the_pointer_stays_where_it_is() {
    let visit = full_board().await;
    let page = visit.sit_down("Ann", Look::DESK).await;
    seen(&page, "#alert-patient-1-13").await;
    run(
        &page,
        "document.getElementById('alert-patient-1-13').scrollIntoView({ block: 'center' });",
    )
    .await;
    point_at(&page, "#alert-patient-1-13 .c-why").await;
    let top = "return document.getElementById('alert-patient-1-13').getBoundingClientRect().top;";
    let before = number(&page, top).await;
    visit.line.put(ONE_MORE).await.unwrap();
    seen(&page, "#alert-patient-1-19").await;
    heard_again(&page).await;
    let above = "const [one, other] = ['19', '13'].map((it) => document.getElementById(`alert-patient-1-${it}`)); \
                 return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;";
    assert!(number(&page, above).await > 0.0, "it came in above");
    let moved = (number(&page, top).await - before).abs();
    assert!(moved < 2.0, "the row moved by {moved} pixels");
    // What is gone does not let another row slip under the pointer.
    let closed = "UPDATE alert SET closed_at = 1 WHERE number = 13";
    visit.line.put(closed).await.unwrap();
    seen(&page, "#alert-patient-1-13 .update").await;
    assert!((number(&page, top).await - before).abs() < 2.0);
    point_at(&page, "h1").await;
    let gone = "return document.getElementById('alert-patient-1-13') === null;";
    let left = wait::until("it goes when nobody points at it", async || {
        (run(&page, gone).await == true).then_some(())
    });
    left.await.unwrap();
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn a_row_in_use_is_not_replaced_until_it_is_asked_for() {
    let visit = full_board().await;
    let page = visit.sit_down("Ann", Look::DESK).await;
    focus(&page, "#alert-patient-1-12 .c-do a").await;
    let taken = "UPDATE alert SET ownership_is = 'taken', held_by = 'nurse-bo', taken_at = opened_at WHERE number = 12";
    visit.line.put(taken).await.unwrap();
    seen(&page, "#alert-patient-1-12 .update").await;
    let state = Locator::Css("#alert-patient-1-12 .c-whose");
    let before = page.find(state).await.unwrap().text().await.unwrap();
    assert!(before.contains("not taken"), "{before}");
    let update = Locator::Css("#alert-patient-1-12 .update");
    page.find(update).await.unwrap().click().await.unwrap();
    let after = page.find(state).await.unwrap().text().await.unwrap();
    assert!(after.contains("Bo Baxter"), "{after}");
    let focused = run(&page, "return document.activeElement.closest('tr').id;").await;
    assert_eq!(focused.as_str(), Some("alert-patient-1-12"));
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn of_two_who_press_one_has_it_and_the_other_is_told() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    let ann = visit.sit_down("Ann", Look::DESK).await;
    let bo = visit.sit_down("Bo", Look::DESK).await;
    // Bo is about to press: the row is in use, and stays as Bo sees it.
    focus(&bo, "form.take button").await;
    let take = Locator::Css("form.take button");
    ann.find(take).await.unwrap().click().await.unwrap();
    let said = "return document.getElementById('said').textContent;";
    let heard = wait::until("Ann is told that she has it", async || {
        let text = run(&ann, said).await;
        text.as_str()?.contains("You have taken").then_some(())
    });
    heard.await.unwrap();
    seen(&bo, "tr .update").await;
    let active = bo.active_element().await.unwrap();
    active.send_keys("\u{e007}").await.unwrap();
    seen(&bo, "tr .notice").await;
    let notice = bo.find(Locator::Css("tr .notice")).await.unwrap();
    let notice = notice.text().await.unwrap();
    assert!(notice.starts_with("Ann Archer took this alert"), "{notice}");
    let of_journal = "SELECT COUNT(*) FROM journal WHERE event LIKE '%\"alert_taken\"%'";
    assert_eq!(visit.line.count(of_journal).await.unwrap(), 1);
    // The echo of what Ann did herself changes nothing under her hands.
    heard_again(&ann).await;
    assert!(ann.find(Locator::Css(".update")).await.is_err());
    let focused = run(
        &ann,
        "return document.activeElement.closest('tr') !== null;",
    )
    .await;
    assert_eq!(focused, true, "the focus stays in the row");
    assert!(
        run(&ann, said)
            .await
            .as_str()
            .unwrap()
            .contains("You have taken")
    );
    ann.close().await.unwrap();
    bo.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn after_a_break_the_whole_list_is_fetched() {
    let mut visit = full_board().await;
    let page = visit.sit_down("Ann", Look::DESK).await;
    heard_again(&page).await;
    run(&page, "window.sinceTheMark = true;").await;
    visit.line.server.program().unwrap().kill().await.unwrap();
    visit.line.put(ONE_MORE).await.unwrap();
    let closed = "UPDATE alert SET closed_at = 1 WHERE number = 12";
    visit.line.put(closed).await.unwrap();
    seen(&page, "#stale:not([hidden])").await;
    visit.line.server.start().await.unwrap();
    seen(&page, "#alert-patient-1-19").await;
    let gone =
        "return document.getElementById('alert-patient-1-12') === null && window.sinceTheMark;";
    let gone = wait::until("what was closed meanwhile is gone", async || {
        (run(&page, gone).await == true).then_some(())
    });
    gone.await.unwrap();
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn keys_are_for_who_has_turned_them_on() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    let page = visit.sit_down("Ann", Look::DESK).await;
    let body = Locator::Css("body");
    page.find(body)
        .await
        .unwrap()
        .send_keys("jt")
        .await
        .unwrap();
    heard_again(&page).await;
    seen(&page, "form.take").await;
    page.goto(&visit.line.server.page("/account/preferences"))
        .await
        .unwrap();
    let take = page.find(Locator::Css("#key_take")).await.unwrap();
    take.clear().await.unwrap();
    take.send_keys("x").await.unwrap();
    let on = page.find(Locator::Css("#shortcuts")).await.unwrap();
    on.click().await.unwrap();
    let save = page.find(Locator::Css("main .actions .button")).await;
    save.unwrap().click().await.unwrap();
    seen(&page, ".done").await;
    page.goto(&visit.line.server.page("/alerts")).await.unwrap();
    page.find(body).await.unwrap().send_keys("?").await.unwrap();
    seen(&page, "#keys-help[open]").await;
    let close = page.find(Locator::Css("#keys-help button")).await.unwrap();
    close.click().await.unwrap();
    page.find(body)
        .await
        .unwrap()
        .send_keys("jx")
        .await
        .unwrap();
    let has_it = wait::until("the key that was chosen takes it", async || {
        let row = page.find(Locator::Css("tr.alert")).await.ok()?;
        row.text()
            .await
            .ok()?
            .contains("Taken by you")
            .then_some(())
    });
    has_it.await.unwrap();
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}
