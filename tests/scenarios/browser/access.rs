//! Access: an alert is taken and closed without scripts; and pictures of pages, to be looked at by people.

use std::path::Path;

use fantoccini::{Client, Locator};
use hearth_tests::browser::Look;

use crate::visit::Visit;

/// Where the pictures of this run are, to be looked at by people.
const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/pictures");

/// The longest picture, in CSS pixels.
const PICTURE_HEIGHT_MAX: u32 = 4_000;

/// Takes a picture of the whole page, as long as it is.
pub(crate) async fn picture(page: &Client, name: &str, width: u32) {
    let script = "return document.documentElement.scrollHeight + 200;";
    let height = page
        .execute(script, Vec::new())
        .await
        .unwrap()
        .as_u64()
        .unwrap();
    let height = u32::try_from(height).unwrap().min(PICTURE_HEIGHT_MAX);
    page.set_window_size(width, height).await.unwrap();
    std::fs::create_dir_all(PICTURES).unwrap();
    std::fs::write(
        Path::new(PICTURES).join(format!("{name}.png")),
        page.screenshot().await.unwrap(),
    )
    .unwrap();
}

#[tokio::test]
async fn an_alert_is_taken_and_closed_without_scripts() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    let page = visit
        .sit_down(
            "Ann",
            Look {
                javascript: false,
                ..Look::DESK
            },
        )
        .await;

    page.find(Locator::Css("form.take button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    let close = page
        .wait()
        .for_element(Locator::XPath("//tr//a[contains(., 'Close')]"))
        .await
        .unwrap();
    close.click().await.unwrap();
    page.wait()
        .for_element(Locator::Css("form input[type=radio]"))
        .await
        .unwrap();

    // Nothing chosen: the page says what is missing, and nothing is closed.
    let submit = Locator::Css("main form button");
    page.find(submit).await.unwrap().click().await.unwrap();
    page.wait()
        .for_element(Locator::Css("[role=alert]"))
        .await
        .unwrap();
    assert_eq!(
        visit
            .line
            .count("SELECT COUNT(*) FROM alert WHERE closed_at IS NULL")
            .await
            .unwrap(),
        1
    );

    page.find(Locator::Css("input[value=advice_given]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    page.find(submit).await.unwrap().click().await.unwrap();
    page.wait()
        .for_element(Locator::Css("#none:not([hidden])"))
        .await
        .unwrap();
    assert_eq!(
        visit
            .line
            .count("SELECT COUNT(*) FROM alert WHERE closed_at IS NULL")
            .await
            .unwrap(),
        0
    );
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}
