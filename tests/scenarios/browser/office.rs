//! The office: a shift is handed over and accepted, and a rota refuses a gap by its name.

use fantoccini::{Client, Locator};
use hearth_tests::browser::Look;

use crate::access::picture;
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
