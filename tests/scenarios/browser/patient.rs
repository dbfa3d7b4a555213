//! A patient's page and the forms about a patient: found by name, read, agreed with, referred, paused, and one who is added.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};

use crate::access::picture;
use crate::visit::Visit;

async fn follow(page: &Client, link: &str) {
    let link = format!("//main//a[contains(normalize-space(.), '{link}')]");
    page.find(Locator::XPath(&link))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    page.wait()
        .for_element(Locator::Css("main h1"))
        .await
        .unwrap();
}

async fn fill(page: &Client, id: &str, text: &str) {
    let field = page.find(Locator::Id(id)).await.unwrap();
    field.send_keys(text).await.unwrap();
}

async fn choose(page: &Client, id: &str) {
    page.find(Locator::Id(id))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
}

async fn send(page: &Client, wanted: &str) {
    page.find(Locator::Css("main form[method=post] button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    page.wait().for_element(Locator::Css(wanted)).await.unwrap();
}

async fn done(page: &Client) -> String {
    page.find(Locator::Css(".done"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

/// Looks at the page as it is, on this screen.
async fn look_at(page: &Client, name: &str, width: u32) {
    let found = violations(page).await.unwrap();
    assert!(found.is_empty(), "{name}: {found:#?}");
    assert!(
        overhang(page).await.unwrap() <= 0,
        "{name} has to be scrolled sideways"
    );
    picture(page, name, width).await;
}

#[tokio::test]
async fn a_nurse_looks_after_a_patient_and_adds_another() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(141, 84).await.unwrap();
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    let page = visit.sit_down("Ann", Look::DESK).await;

    page.goto(&visit.line.server.page("/patients"))
        .await
        .unwrap();
    fill(&page, "q", "example").await;
    page.find(Locator::Css("form.search button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    page.wait()
        .for_element(Locator::LinkText("EXAMPLE, Ivy (Mrs)"))
        .await
        .unwrap();
    look_at(&page, "desk-patients", Look::DESK.width).await;
    follow(&page, "EXAMPLE, Ivy (Mrs)").await;
    let charts = page.find_all(Locator::Css("figure.chart")).await.unwrap();
    assert!(!charts.is_empty(), "there is a chart");

    follow(&page, "Record what was agreed with Mrs Ivy Example").await;
    send(&page, "[role=alert]").await;
    look_at(&page, "desk-patients-agreement-missing", Look::DESK.width).await;
    fill(&page, "target", "Under 135 over 85, to go on singing.").await;
    fill(
        &page,
        "escalation",
        "Rest, measure again, and call the team; 999 for chest pain.",
    )
    .await;
    send(&page, ".done").await;
    assert_eq!(done(&page).await, "What was agreed is recorded.");

    follow(&page, "Refer to a clinic: Mrs Ivy Example").await;
    fill(&page, "clinic", "Hypertension clinic").await;
    fill(&page, "why", "High in spite of three medicines.").await;
    choose(&page, "transport-1").await;
    send(&page, ".done").await;
    assert_eq!(done(&page).await, "The referral is recorded.");

    add(&page, &visit).await;
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

async fn add(page: &Client, visit: &Visit) {
    page.goto(&visit.line.server.page("/patients/new"))
        .await
        .unwrap();
    for (id, text) in [
        ("title", "Mrs"),
        ("given_name", "Edith"),
        ("family_name", "Testcase"),
        ("nhs_number", "999 000 0026"),
    ] {
        fill(page, id, text).await;
    }
    let born = "document.getElementById('born_on').value = '1948-05-02';";
    page.execute(born, Vec::new()).await.unwrap();
    let general = Locator::Css("input[name=template][value=general]");
    page.find(general).await.unwrap().click().await.unwrap();
    send(page, "#reason").await;
    look_at(page, "desk-patients-new-plan", Look::DESK.width).await;
    fill(page, "reason", "Frail after a stay in hospital.").await;
    choose(page, "view-0").await;
    send(page, ".done").await;
    assert_eq!(
        done(page).await,
        "The patient is registered, and monitoring has started."
    );
    let heading = page
        .find(Locator::Css("h1"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(heading, "Mrs Edith Testcase");
}
