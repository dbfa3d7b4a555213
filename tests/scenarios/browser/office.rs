//! The office: a shift is handed over and accepted, a rota refuses a gap by its name, and all of it can be used by everyone.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};

use crate::access::picture;
use crate::states::EVERY_STATE;
use crate::visit::Visit;

/// Bo administers the service beside being a nurse; a shift that covers it, a leave, and a box that is not heard.
const OFFICE: [&str; 4] = [
    "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-bo', 9, 'administrator', NULL, 0)",
    "INSERT INTO shift (team, number, person, hours, from_at, recorded_at) VALUES ('north', 1, 'nurse-ann', \
     '[\"mon-sun 00:00-24:00\"]', 0, 0)",
    "INSERT INTO shift (team, number, person, hours, from_at, recorded_at) VALUES ('north', 2, 'nurse-bo', \
     '[\"mon-fri 09:00-17:00\"]', 0, 0)",
    "INSERT INTO gateway_stretch (gateway, kind, began_at) SELECT MIN(id), 'quiet', 1763700000000000 FROM gateway",
];

const PHONE: Look = Look {
    width: 320,
    ..Look::DESK
};

async fn press(page: &Client, text: &str) {
    let button =
        format!("//main//*[self::button or self::a][starts-with(normalize-space(.), '{text}')]");
    let wait = page.wait();
    let button = wait.for_element(Locator::XPath(&button)).await.unwrap();
    button.click().await.unwrap();
}

async fn choose(page: &Client, id: &str, label: &str) {
    let select = page.find(Locator::Id(id)).await.unwrap();
    select.select_by_label(label).await.unwrap();
}

async fn says(page: &Client, text: &str) {
    let found = format!("//main//*[contains(normalize-space(.), \"{text}\")]");
    let wait = page.wait();
    let found = wait.for_element(Locator::XPath(&found)).await;
    assert!(found.is_ok(), "the page does not say {text:?}");
}

#[tokio::test]
async fn a_shift_is_handed_over_and_a_rota_refuses_a_gap() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    for statement in OFFICE {
        visit.line.put(statement).await.unwrap();
    }
    let at = |path: &str| visit.line.server.page(path);
    let ann = visit.sit_down("Ann", Look::DESK).await;
    press(&ann, "Take alert").await;
    says(&ann, "Taken by you").await;
    ann.goto(&at("/handover")).await.unwrap();
    choose(&ann, "to", "Bo Baxter").await;
    let note = ann.find(Locator::Id("note")).await.unwrap();
    note.send_keys("Rang twice").await.unwrap();
    press(&ann, "Sign and offer").await;
    says(&ann, "You still answer for 1 of yours").await;

    let bo = visit.sit_down("Bo", Look::DESK).await;
    bo.goto(&at("/handover")).await.unwrap();
    says(&bo, "Rang twice").await;
    press(&bo, "Accept all").await;
    says(&bo, "You answer for these alerts now").await;
    let holder = "SELECT COUNT(*) FROM alert WHERE held_by = 'nurse-bo'";
    assert_eq!(visit.line.count(holder).await.unwrap(), 1);

    bo.goto(&at("/duty/north/leave")).await.unwrap();
    choose(&bo, "person", "Ann Archer").await;
    let soon = "const soon = new Date(Date.now() + 3 * 86400000).toISOString().slice(0, 10); \
                document.getElementById('first').value = soon; document.getElementById('last').value = soon;";
    bo.execute(soon, Vec::new()).await.unwrap();
    press(&bo, "Add the leave").await;
    says(&bo, "nobody covers the North team").await;
    picture(&bo, "desk-duty-gap", 1280).await;
    choose(&bo, "cover", "Lee Lowe").await;
    press(&bo, "Add the leave").await;
    says(&bo, "Saved. Leave of Ann Archer added").await;
    for page in [ann, bo] {
        page.close().await.unwrap();
    }
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn the_office_can_be_used_by_everyone() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    visit.line.put(EVERY_STATE).await.unwrap();
    for statement in OFFICE {
        visit.line.put(statement).await.unwrap();
    }
    let dark = Look {
        dark: true,
        ..Look::DESK
    };
    for (name, look) in [("desk", Look::DESK), ("phone", PHONE), ("dark", dark)] {
        let page = visit.sit_down("Bo", look).await;
        for path in [
            "/duty/north",
            "/duty/north/shift",
            "/duty/north/settings",
            "/alerts/quality",
            "/administration",
            "/administration/people/nurse-ann",
            "/administration/people/nurse-ann/roles",
            "/administration/people/nurse-ann/leave",
        ] {
            check(&visit, &page, path, name, look.width).await;
        }
        page.close().await.unwrap();
        for person in ["Ann", "Bo"] {
            let page = visit.sit_down(person, look).await;
            check(
                &visit,
                &page,
                "/handover",
                &format!("{name}-{person}"),
                look.width,
            )
            .await;
            page.close().await.unwrap();
        }
    }
    visit.line.stop().await.unwrap();
}

async fn check(visit: &Visit, page: &Client, path: &str, name: &str, width: u32) {
    page.goto(&visit.line.server.page(path)).await.unwrap();
    let heading = page
        .find(Locator::Css("h1"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_ne!(heading, "Page not found", "{path}");
    let found = violations(page).await.unwrap();
    assert!(found.is_empty(), "{path}, {name}: {found:#?}");
    let over = overhang(page).await.unwrap();
    assert!(
        over <= 0,
        "{path}, {name} has to be scrolled sideways by {over}"
    );
    picture(page, &format!("{name}{}", path.replace('/', "-")), width).await;
}
