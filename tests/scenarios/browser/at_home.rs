//! A patient at home: comes in by a card without scripts on a small phone, learns what became of a reading, says that one was
//! not hers, and lets her daughter in. Every page is looked at on every screen.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};
use hearth_tests::nurse::Nurse;

use crate::access::picture;
use crate::visit::Visit;

const HOME: &str = "/patients/patient-1/home";
const PHONE: Look = Look {
    width: 320,
    javascript: false,
    dark: false,
};

/// Gives the code of the card that a page shows.
pub(crate) fn code_of(page: &str) -> String {
    let (_, rest) = page.split_once("class=\"card-code\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

/// Comes in by the code of a card.
pub(crate) async fn come_in(visit: &Visit, code: &str, look: Look) -> Client {
    let page = visit.browser.open(look).await.unwrap();
    page.goto(&visit.line.server.page("/start")).await.unwrap();
    let field = page.find(Locator::Id("code")).await.unwrap();
    field.send_keys(&code.to_lowercase()).await.unwrap();
    press(&page, "Sign in").await;
    page
}

async fn press(page: &Client, words: &str) {
    let control =
        format!("//main//*[self::a or self::button][contains(normalize-space(.), '{words}')]");
    let found = page.find(Locator::XPath(&control)).await.unwrap();
    found.click().await.unwrap();
    let heading = Locator::Css("main h1");
    page.wait().for_element(heading).await.unwrap();
}

async fn fill(page: &Client, id: &str, text: &str) {
    let field = page.find(Locator::Id(id)).await.unwrap();
    field.send_keys(text).await.unwrap();
}

async fn said(page: &Client) -> String {
    let main = page.find(Locator::Css("main")).await.unwrap();
    main.text().await.unwrap()
}

async fn says(page: &Client, text: &str) {
    let said = said(page).await;
    assert!(said.contains(text), "{text}\n{said}");
}

#[tokio::test]
async fn a_patient_comes_in_by_a_card_and_learns_what_became_of_a_reading() {
    let mut visit = Visit::begin().await;
    let ann = Nurse::at(&visit.line.server, "nurse-ann");
    let (_, card) = ann.send(&format!("{HOME}/invite"), "").await.unwrap();
    let page = come_in(&visit, &code_of(&card), PHONE).await;
    says(&page, "Hello Ivy").await;
    says(&page, "Your blood pressure was 128 over 76").await;
    says(&page, "Nobody needs to look at this one.").await;
    picture(&page, "home-fine", PHONE.width).await;

    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    page.refresh().await.unwrap();
    says(&page, "It is on Ann Archer’s list.").await;
    says(&page, "If you feel unwell, do not wait. Call 999 or 111.").await;
    picture(&page, "home-on-list", PHONE.width).await;
    ann.send("/alerts/patient-1/1/take", "").await.unwrap();
    page.refresh().await.unwrap();
    says(&page, "Ann Archer took this on at").await;
    let close = "outcome=advice_given&note=Rang+her";
    ann.send("/alerts/patient-1/1/close", close).await.unwrap();
    page.refresh().await.unwrap();
    says(&page, "“We spoke and gave advice.”").await;

    page.goto(&visit.line.server.page("/me/patient-1/readings"))
        .await
        .unwrap();
    press(&page, "That was not me").await;
    says(&page, "Was this somebody else?").await;
    press(&page, "Yes, it was somebody else").await;
    says(&page, "Thank you. The team can see what you said.").await;
    let nurse = ann.page("/patients/patient-1").await.unwrap();
    assert!(nurse.contains("Mrs Ivy Example says that this was somebody else"));

    page.goto(&visit.line.server.page("/me/patient-1/carers"))
        .await
        .unwrap();
    fill(&page, "name", "Mair Example").await;
    fill(&page, "relation", "my daughter").await;
    press(&page, "Make a card for them").await;
    says(&page, "Give this to Mair Example").await;
    picture(&page, "home-carer-card", PHONE.width).await;
    let shown = page.find(Locator::Css(".card-code")).await.unwrap();
    let code = shown.text().await.unwrap();
    let daughter = come_in(&visit, &code, PHONE).await;
    says(&daughter, "Whose pages do you want?").await;
    press(&daughter, "Ivy Example").await;
    let seen = said(&daughter).await;
    assert!(!seen.contains("186"), "{seen}");
    press_stop(&page, &visit).await;
    daughter.refresh().await.unwrap();
    says(&daughter, "Sign in to your pages").await;

    look_at_all(&visit, &ann).await;
    daughter.close().await.unwrap();
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}

/// The patient stops what her daughter sees.
async fn press_stop(page: &Client, visit: &Visit) {
    page.goto(&visit.line.server.page("/me/patient-1/carers"))
        .await
        .unwrap();
    press(page, "Stop this").await;
    says(page, "This person cannot see your pages any more.").await;
}

/// Every page, at a desk, on a small phone and in the dark.
async fn look_at_all(visit: &Visit, ann: &Nurse) {
    let carer = "name=Mair+Example&relation=Daughter&sees=readings&consent=Said+so";
    ann.send(&format!("{HOME}/carer"), carer).await.unwrap();
    for (name, width, dark) in [
        ("desk", 1280, false),
        ("phone", 320, false),
        ("dark", 1280, true),
    ] {
        let look = Look {
            width,
            javascript: true,
            dark,
        };
        let (_, card) = ann.send(&format!("{HOME}/1/code"), "").await.unwrap();
        let page = come_in(visit, &code_of(&card), look).await;
        for path in [
            "/me/patient-1",
            "/me/patient-1/readings",
            "/me/patient-1/looked",
            "/me/patient-1/carers",
            "/your-sign-in",
            "/me/nobody",
            "/start",
        ] {
            look_at(&page, visit, name, path, width).await;
        }
        page.close().await.unwrap();
        let nurse = visit.sit_down("Ann", look).await;
        for path in [
            HOME,
            "/patients/patient-1/home/carer",
            "/patients/patient-1/reach",
            "/patients/patient-1/visitors",
            "/visits",
            "/visits/patient-1",
        ] {
            look_at(&nurse, visit, name, path, width).await;
        }
        nurse.close().await.unwrap();
    }
}

async fn look_at(page: &Client, visit: &Visit, name: &str, path: &str, width: u32) {
    page.goto(&visit.line.server.page(path)).await.unwrap();
    let found = violations(page).await.unwrap();
    assert!(found.is_empty(), "{path}, {name}: {found:#?}");
    let overhang = overhang(page).await.unwrap();
    assert!(overhang <= 0, "{path}, {name} has to be scrolled sideways");
    picture(
        page,
        &format!("home-{name}{}", path.replace('/', "-")),
        width,
    )
    .await;
}
