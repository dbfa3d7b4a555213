//! Every page of the table: on each screen, in each set of colours, on paper, and with what is wrong in its form.

mod cards;
mod refused;
mod ward;

use std::collections::BTreeMap;

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Browser, Screen, violations};
use hearth_tests::own::{self, Check};
use hearth_tests::pages::{PAGES, Page, Who};

use crate::pictures;
use ward::Ward;

/// Who sits at the first browser, and who take turns at the second, so that two cores are busy.
const TURNS: [&[Who]; 2] = [
    &[Who::Ann],
    &[
        Who::Nobody,
        Who::Bo,
        Who::Cy,
        Who::Lee,
        Who::Dee,
        Who::Vi,
        Who::Ivy,
        Who::Mair,
        Who::Coding,
        Who::Enrolling,
    ],
];

/// What is wrong with the pages: nothing, in the end.
#[derive(Default)]
struct Found {
    faults: Vec<String>,
    /// Which routes have a title.
    titles: BTreeMap<String, &'static str>,
}

/// One who looks at pages, and what they find.
struct Reader<'a> {
    browser: &'a Browser,
    page: &'a Client,
    found: &'a mut Found,
}

impl Reader<'_> {
    fn say(&mut self, about: &str, faults: Vec<String>) {
        let named = faults.into_iter().map(|it| format!("{about}: {it}"));
        self.found.faults.extend(named);
    }

    /// Looks at the page that is open, on one screen, with the checker and for the faults of our own list.
    async fn look(&mut self, name: &str, screen: Screen, about: Option<&str>, checks: &[Check]) {
        self.browser.show(self.page, screen).await.unwrap();
        let own = own::faults(self.page, screen, about, checks).await.unwrap();
        self.say(name, own);
        if !screen.paper {
            let found = violations(self.page).await.unwrap();
            self.say(name, found);
        }
        if screen.forced {
            // A page that is loaded while colours are forced keeps some of them.
            self.browser.show(self.page, Screen::DESK).await.unwrap();
        }
    }

    /// Looks at the page that is open as every reader does.
    async fn look_at_all(&mut self, name: &str, about: Option<&str>) {
        use Check::{Focus, Geometry, Legibility, Names, Paper, Speech, Structure, Targets};
        let (desk, phone) = (Screen::DESK, Screen::PHONE);
        let first = [
            Structure, Speech, Names, Targets, Geometry, Legibility, Focus,
        ];
        let narrow = [Targets, Geometry, Legibility];
        let looks: [(&str, Screen, &[Check]); 9] = [
            ("desk", desk, &first),
            ("phone", phone, &narrow),
            ("dark desk", desk.dark(), &[Legibility, Focus]),
            ("dark phone", phone.dark(), &narrow),
            ("forced desk", desk.forced(), &[Geometry, Legibility, Focus]),
            (
                "forced dark phone",
                phone.forced().dark(),
                &[Geometry, Legibility, Focus],
            ),
            ("enlarged", Screen::ENLARGED, &narrow),
            ("large text", desk.large_text(), &narrow),
            ("paper", desk.dark().paper(), &[Paper, Legibility]),
        ];
        for (look, screen, checks) in looks {
            self.look(&format!("{name}, {look}"), screen, about, checks)
                .await;
        }
        self.browser.show(self.page, desk).await.unwrap();
    }
}

/// Gives the status with which the server answered the page that is open.
async fn status(page: &Client) -> u64 {
    let script = "return performance.getEntriesByType('navigation')[0].responseStatus;";
    let status = page.execute(script, Vec::new()).await.unwrap();
    status.as_u64().unwrap()
}

async fn main_text(page: &Client) -> String {
    let main = page.find(Locator::Css("main")).await.unwrap();
    main.text().await.unwrap()
}

/// Opens a page of the table and looks at it, then at what it answers to a form that is wrong.
async fn open(ward: &Ward, reader: &mut Reader<'_>, it: &'static Page) {
    let address = ward.address(it.path);
    reader.page.goto(&address).await.unwrap();
    assert_eq!(status(reader.page).await, 200, "{}", it.path);
    let text = main_text(reader.page).await;
    assert!(text.contains(it.says), "{}: {text}", it.path);
    let title = reader.page.title().await.unwrap();
    let titles = &mut reader.found.titles;
    let other = *titles.entry(title.clone()).or_insert(it.route);
    if other != it.route {
        reader.say(
            it.path,
            vec![format!("{other} has the title {title:?} too")],
        );
    }
    if let Some(name) = it.picture {
        pictures::keep(&ward.visit.browser, reader.page, name).await;
    }
    reader.look_at_all(it.path, it.about).await;
    if let Some((button, says)) = it.wrong {
        reader.page.goto(&address).await.unwrap();
        send_wrong(reader, it, button, says).await;
    }
}

/// A wrong form comes back with what is wrong, said first and under the focus.
async fn send_wrong(reader: &mut Reader<'_>, it: &Page, button: &str, says: &str) {
    use Check::{Focus, Geometry, Legibility, Names, Speech, Structure, Targets};
    let page = reader.page;
    let button = page.find(Locator::Css(button)).await;
    let button = button.unwrap_or_else(|error| panic!("{}: {error}", it.path));
    button.click().await.unwrap();
    let summary = page.wait().for_element(Locator::Css(".errors")).await;
    let summary = summary.unwrap_or_else(|error| panic!("{}: {error}", it.path));
    let name = format!("{} sent wrong", it.path);
    let text = summary.text().await.unwrap();
    assert!(text.contains(says), "{name}: {text}");
    let title = page.title().await.unwrap();
    let mut faults = Vec::new();
    if !title.starts_with("Error: ") {
        faults.push(format!("its title is {title:?}"));
    }
    // A page gives the focus once it is drawn.
    let focused = page.wait().for_element(Locator::Css(".errors:focus"));
    if focused.await.is_err() {
        faults.push("what is wrong does not have the focus".to_owned());
    }
    let status = status(page).await;
    if ![422, 401, 403].contains(&status) {
        faults.push(format!("its status is {status}"));
    }
    reader.say(&name, faults);
    let whole = [
        Structure, Speech, Names, Targets, Geometry, Legibility, Focus,
    ];
    reader.look(&name, Screen::DESK, it.about, &whole).await;
    let dark = Screen::PHONE.dark();
    let small = [Targets, Geometry, Legibility, Focus];
    reader.look(&name, dark, it.about, &small).await;
}

/// Those who take turns at one browser each open their pages.
async fn take_turns(ward: &Ward, turns: &[Who]) -> Found {
    let mut found = Found::default();
    for who in turns {
        let page = ward.seat(*who).await;
        let mut reader = Reader {
            browser: &ward.visit.browser,
            page: &page,
            found: &mut found,
        };
        for it in PAGES.iter().filter(|it| it.who == *who) {
            open(ward, &mut reader, it).await;
        }
        match who {
            Who::Ann => {
                cards::of_a_patient(ward, &mut reader).await;
                refused::open(ward, &mut reader).await;
            }
            Who::Ivy => cards::of_a_carer(ward, &mut reader).await,
            _ => {}
        }
        page.close().await.unwrap();
    }
    found
}

#[tokio::test]
async fn every_page_can_be_used_by_everyone_on_every_screen() {
    let ward = Ward::open().await;
    let [first, second] = TURNS.map(|turns| take_turns(&ward, turns));
    let (first, second) = tokio::join!(first, second);
    let faults = [first.faults, second.faults].concat();
    assert!(faults.is_empty(), "{} faults: {faults:#?}", faults.len());
    let both = first.titles.iter();
    for (title, route) in both {
        let other = second.titles.get(title).unwrap_or(route);
        assert_eq!(other, route, "both have the title {title:?}");
    }
    ward.visit.line.stop().await.unwrap();
}

/// Without this the looks above could not fail: the colours of the page change with the screen that is played.
#[tokio::test]
async fn a_screen_that_is_played_changes_what_a_page_looks_like() {
    let ward = crate::visit::Visit::begin().await;
    let page = ward
        .sit_down("Ann", hearth_tests::browser::Look::DESK)
        .await;
    let script = "const style = getComputedStyle(document.body); return [innerWidth, devicePixelRatio, \
                  style.backgroundColor, getComputedStyle(document.querySelector('.strip')).backgroundColor, \
                  getComputedStyle(document.querySelector('.parts')).display, \
                  parseFloat(getComputedStyle(document.documentElement).fontSize)];";
    let desk = Screen::DESK;
    for (screen, looks) in [
        (
            desk,
            "[1280,1,\"rgb(240, 244, 245)\",\"rgb(0, 48, 135)\",\"block\",16]",
        ),
        (
            Screen::PHONE,
            "[320,1,\"rgb(240, 244, 245)\",\"rgb(0, 48, 135)\",\"block\",16]",
        ),
        (
            Screen::ENLARGED,
            "[640,2,\"rgb(240, 244, 245)\",\"rgb(0, 48, 135)\",\"block\",16]",
        ),
        (
            desk.dark(),
            "[1280,1,\"rgb(18, 24, 28)\",\"rgb(0, 32, 92)\",\"block\",16]",
        ),
        (
            desk.forced(),
            "[1280,1,\"rgb(255, 255, 255)\",\"rgb(255, 255, 255)\",\"block\",16]",
        ),
        (
            desk.large_text(),
            "[1280,1,\"rgb(240, 244, 245)\",\"rgb(0, 48, 135)\",\"block\",32]",
        ),
        (
            desk.paper(),
            "[1280,1,\"rgb(255, 255, 255)\",\"rgb(255, 255, 255)\",\"none\",16]",
        ),
    ] {
        ward.browser.show(&page, screen).await.unwrap();
        let found = page.execute(script, Vec::new()).await.unwrap();
        assert_eq!(found.to_string(), looks, "{screen:?}");
    }
    page.close().await.unwrap();
    ward.line.stop().await.unwrap();
}
