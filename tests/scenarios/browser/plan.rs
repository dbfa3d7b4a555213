//! The plan: a nurse starts again from two templates, tries what that would have done, is stopped, and saves; then somebody
//! else is faster.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};
use hearth_tests::nurse::Nurse;

use crate::access::picture;
use crate::visit::Visit;

const PLAN: &str = "/patients/patient-1/plan";

/// Looks at a page as everybody does: without violations, not too wide, and with a title of its own.
async fn look_at(page: &Client, look: Look, name: &str) {
    let found = violations(page).await.unwrap();
    assert!(found.is_empty(), "{name}: {found:#?}");
    assert!(overhang(page).await.unwrap() <= 0, "{name} is too wide");
    let title = page.title().await.unwrap();
    assert!(title.contains("EXAMPLE, Ivy"), "{name}: {title}");
    picture(page, &format!("plan-{}-{name}", look.width), look.width).await;
}

async fn click(page: &Client, css: &str) {
    let found = page.find(Locator::Css(css)).await;
    found
        .unwrap_or_else(|error| panic!("{css}: {error}"))
        .click()
        .await
        .unwrap();
}

/// Sends a form by one of its buttons and waits for the page that answers it.
async fn send(page: &Client, css: &str, comes: &str) {
    click(page, css).await;
    let path = format!("//main//*[contains(., '{comes}')]");
    let came = page.wait().for_element(Locator::XPath(&path)).await;
    came.unwrap_or_else(|error| panic!("{comes}: {error}"));
}

async fn fill(page: &Client, name: &str, text: &str) {
    let field = page
        .find(Locator::Css(&format!("[name='{name}']")))
        .await
        .unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// From the templates to the form: what they ask and disagree about is settled.
async fn start_from_templates(page: &Client, look: Look) {
    click(page, "a[href$='/plan/start']").await;
    page.wait()
        .for_element(Locator::Css("#templates"))
        .await
        .unwrap();
    look_at(page, look, "start").await;
    for name in ["heart-failure", "hypertension"] {
        let is_picked = page
            .find(Locator::Css(&format!("[name='template.{name}']:checked")))
            .await;
        if is_picked.is_err() {
            click(page, &format!("[name='template.{name}']")).await;
        }
    }
    send(page, "main form button", "What the templates leave to you").await;
    look_at(page, look, "obstacles").await;
    click(page, "[name='not_known.dry_weight_kg']").await;
    for radio in page
        .find_all(Locator::Css("input[type=radio][value=hypertension]"))
        .await
        .unwrap()
    {
        radio.click().await.unwrap();
    }
    send(
        page,
        "button[value=settle]",
        "The form starts from the templates",
    )
    .await;
    look_at(page, look, "edit").await;
}

/// Another nurse saves a change of the pulse's limit.
async fn bo_is_faster(visit: &Visit, look: Look) {
    let bo = Nurse::at(&visit.line.server, "nurse-bo");
    let edit = bo.page(&format!("{PLAN}/edit")).await.unwrap();
    let based_on = edit.split(r#"name="based_on" value=""#).nth(1).unwrap();
    let based_on = based_on.split('"').next().unwrap();
    let pulse = if look.width == 320 { 125 } else { 120 };
    let form = format!(
        "based_on={based_on}&limits.pulse.urgent_high={pulse}&view=agreed&reason=Fast&review_by=2027-01-01&action=save"
    );
    let (status, answer) = bo.send(&format!("{PLAN}/edit"), &form).await.unwrap();
    assert_eq!(status, 303, "{answer}");
}

#[tokio::test]
async fn a_plan_is_changed_with_what_it_would_have_done_in_sight() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(150, 95).await.unwrap();
    visit.line.settle().await.unwrap();
    for look in [
        Look::DESK,
        Look {
            width: 320,
            ..Look::DESK
        },
    ] {
        let page = visit.sit_down("Ann", look).await;
        page.goto(&visit.line.server.page(PLAN)).await.unwrap();
        look_at(&page, look, "plan").await;
        start_from_templates(&page, look).await;

        send(
            &page,
            "button[value=try]",
            "What this plan would have done for",
        )
        .await;
        look_at(&page, look, "tried").await;
        send(
            &page,
            "button[value=save]",
            "There is a problem. Nothing was changed.",
        )
        .await;
        look_at(&page, look, "wrong").await;
        fill(&page, "reason", "Heart failure and high blood pressure").await;
        click(&page, "#view-agreed").await;
        send(&page, "button[value=save]", "This needs a prescriber").await;
        look_at(&page, look, "stop").await;
        send(
            &page,
            "button[value=back]",
            "The form starts from the templates",
        )
        .await;
        click(&page, "#sign-oxygen summary").await;
        fill(&page, "limits.spo2.urgent_low", "92").await;
        fill(&page, "limits.spo2.soon_low", "94").await;

        // Bo is faster: what Ann typed is kept, and nothing of Bo's is overwritten unseen.
        bo_is_faster(&visit, look).await;
        send(&page, "button[value=save]", "Bo Baxter changed this plan").await;
        look_at(&page, look, "stale").await;
        send(
            &page,
            "button[value=back]",
            "The form starts from the templates",
        )
        .await;
        send(&page, "button[value=save]", "is in force.").await;
        look_at(&page, look, "saved").await;
        page.close().await.unwrap();
    }
    let plans = "SELECT COUNT(*) FROM plan WHERE patient = 'patient-1'";
    assert_eq!(visit.line.count(plans).await.unwrap(), 1 + 4);
    visit.line.stop().await.unwrap();
}
