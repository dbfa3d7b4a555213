//! Live: an alert appears by itself, is taken, and the other nurse sees it at once.

use fantoccini::{Client, Locator};
use hearth_tests::browser::Look;
use hearth_tests::wait;

use crate::visit::Visit;

const ROW: Locator<'_> = Locator::Css("tr.alert");

/// Puts a mark on the page that a reload would wipe off.
async fn mark(page: &Client) {
    page.execute("window.sinceTheMark = true;", Vec::new())
        .await
        .unwrap();
}

async fn is_marked(page: &Client) -> bool {
    page.execute("return window.sinceTheMark === true;", Vec::new())
        .await
        .unwrap()
        .as_bool()
        .unwrap()
}

#[tokio::test]
async fn an_alert_arrives_live_and_is_taken() {
    let mut visit = Visit::begin().await;
    let ann = visit.sit_down("Ann", Look::DESK).await;
    let bo = visit.sit_down("Bo", Look::DESK).await;
    assert!(ann.find_all(ROW).await.unwrap().is_empty());
    mark(&ann).await;
    mark(&bo).await;

    visit.line.cuff(186, 112).await.unwrap();
    let row = ann
        .wait()
        .at_most(wait::WAIT_MAX)
        .for_element(ROW)
        .await
        .unwrap();
    let text = row.text().await.unwrap();
    assert!(
        text.contains("Systolic 186 mmHg (urgent limit: 180 or over)"),
        "{text}"
    );
    assert!(text.contains("EXAMPLE, Ivy (Mrs)"), "{text}");
    assert!(is_marked(&ann).await, "the row came without a reload");

    row.find(Locator::Css("form.take button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    let says = async |page: &Client, wanted: &str| {
        let row = page.find(ROW).await.ok()?;
        row.text().await.ok()?.contains(wanted).then_some(())
    };
    wait::until("Ann's page says that she has it", async || {
        says(&ann, "Taken by you").await
    })
    .await
    .unwrap();
    wait::until("Bo's page says that Ann has it", async || {
        says(&bo, "Taken by Ann Archer").await
    })
    .await
    .unwrap();
    assert!(is_marked(&bo).await, "Bo's row changed without a reload");

    ann.close().await.unwrap();
    bo.close().await.unwrap();
    visit.line.settle().await.unwrap();
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn a_page_that_hears_nothing_says_so() {
    let mut visit = Visit::begin().await;
    let ann = visit.sit_down("Ann", Look::DESK).await;
    visit.line.server.program().unwrap().kill().await.unwrap();
    let banner = Locator::Css("#stale:not([hidden])");
    let banner = ann
        .wait()
        .at_most(wait::WAIT_MAX)
        .for_element(banner)
        .await
        .unwrap();
    assert!(!banner.text().await.unwrap().is_empty());

    visit.line.server.start().await.unwrap();
    let gone = Locator::Css("#stale[hidden]");
    ann.wait()
        .at_most(wait::WAIT_MAX)
        .for_element(gone)
        .await
        .unwrap();
    ann.close().await.unwrap();
    visit.line.stop().await.unwrap();
}
