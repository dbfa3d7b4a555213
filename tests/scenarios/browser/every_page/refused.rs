//! The pages that say why there is no other: not allowed, not there, changed meanwhile, asked too often.

use fantoccini::{Client, Locator};
use hearth_tests::browser::Screen;
use hearth_tests::own::Check::{Focus, Geometry, Legibility, Names, Speech, Structure, Targets};
use hearth_tests::wait;

use super::ward::Ward;
use super::{Reader, main_text, status};

/// Addresses that Ann is refused, with the status and what the page says.
const REFUSED: [(&str, u64, &str); 5] = [
    (
        "/administration",
        403,
        "ask an administrator of the service",
    ),
    ("/patients/nobody", 404, "Check the address"),
    ("/patients/patient-9", 404, "Check the address"),
    ("/alerts/bulk", 405, "use the buttons there"),
    ("/alerts/patient-1/11/close", 409, "Take alert for"),
];

/// Asks until the server has enough of it, and then once more.
const ASK_TOO_OFTEN: &str = "const done = arguments[0]; \
    (async () => { while ((await fetch('/account')).status !== 429); location.assign('/account'); done(true); })();";

/// Opens each of them.
pub(super) async fn open(ward: &Ward, reader: &mut Reader<'_>) {
    for (path, wanted, says) in REFUSED {
        reader.page.goto(&ward.address(path)).await.unwrap();
        look_at(reader, path, wanted, says).await;
    }
    discharge_too_early(ward, reader.page).await;
    let says = "close alert";
    look_at(reader, "discharged too early", 409, says).await;
    ask_too_often(reader.page).await;
    let says = "Wait a second";
    look_at(reader, "asked too often", 429, says).await;
}

async fn look_at(reader: &mut Reader<'_>, name: &str, wanted: u64, says: &str) {
    assert_eq!(status(reader.page).await, wanted, "{name}");
    let text = main_text(reader.page).await;
    assert!(text.contains(says), "{name}: {text}");
    let whole = [
        Structure, Speech, Names, Targets, Geometry, Legibility, Focus,
    ];
    reader.look(name, Screen::DESK, None, &whole).await;
    let small = [Targets, Geometry, Legibility, Focus];
    let dark = Screen::PHONE.dark();
    reader.look(name, dark, None, &small).await;
    let forced = Screen::DESK.forced();
    reader.look(name, forced, None, &[Legibility, Focus]).await;
}

async fn discharge_too_early(ward: &Ward, page: &Client) {
    let form = ward.address("/patients/patient-1/discharge");
    page.goto(&form).await.unwrap();
    for press in ["#reason-0", "main form .actions button"] {
        let it = page.find(Locator::Css(press)).await.unwrap();
        it.click().await.unwrap();
    }
    let refused = Locator::XPath("//h1[not(contains(., 'Discharge'))]");
    page.wait().for_element(refused).await.unwrap();
}

async fn ask_too_often(page: &Client) {
    wait::until("the server has enough of it", async || {
        page.execute_async(ASK_TOO_OFTEN, Vec::new()).await.ok();
        let heading = "//h1[contains(., 'Too many pages') or contains(., 'Your account')]";
        let heading = page
            .wait()
            .for_element(Locator::XPath(heading))
            .await
            .ok()?;
        let heading = heading.text().await.ok()?;
        heading.starts_with("Too many").then_some(())
    })
    .await
    .unwrap();
}
