//! The page for the people at home, served by the real gateway: in each state it can be read and used by everyone.

use std::net::SocketAddr;

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Browser, Look, overhang, violations};
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::ports::free_port;
use hearth_tests::wait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::access::picture;

const PIN: &str = "480215";
const CONTACT: &str = "[home]\ncall_name = \"the North team\"\ncall_phone = \"020 7946 0123\"\n\
     monitoring_hours = \"8am to 8pm, every day\"\n";

const LOOKS: [(&str, Look); 3] = [
    ("desk", Look::DESK),
    (
        "phone",
        Look {
            width: 320,
            ..Look::DESK
        },
    ),
    (
        "dark",
        Look {
            dark: true,
            javascript: true,
            width: 768,
        },
    ),
];

/// A home with a page, and browsers that look at it in each way.
struct Visit {
    line: Line,
    address: SocketAddr,
    browser: Browser,
    pages: Vec<(&'static str, u32, Client)>,
    _folder: tempfile::TempDir,
}

impl Visit {
    async fn begin() -> Self {
        let line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
            .await
            .unwrap();
        let pin_file = line.home.folder().join("pin");
        std::fs::write(&pin_file, PIN).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
        let page = format!("[home.page]\nlisten = \"{address}\"\npin_file = {pin_file:?}");
        line.home.configure(&format!("{CONTACT}{page}")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let browser = Browser::start(folder.path()).await.unwrap();
        Self {
            line,
            address,
            browser,
            pages: Vec::new(),
            _folder: folder,
        }
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Opens a browser for each look; none is signed in.
    async fn open(&mut self) {
        for (name, look) in LOOKS {
            let page = self.browser.open(look).await.unwrap();
            wait::until("the page is served", async || {
                page.goto(&self.url()).await.ok()?;
                page.find(Locator::Css("#pin")).await.ok().map(drop)
            })
            .await
            .unwrap();
            self.pages.push((name, look.width, page));
        }
    }

    /// Looks again until every browser shows the text, and then that everyone can use what is shown.
    async fn shows(&self, state: &str, wanted: &str) {
        for (name, width, page) in &self.pages {
            wait::until(wanted, async || {
                page.goto(&self.url()).await.ok()?;
                text(page).await.contains(wanted).then_some(())
            })
            .await
            .unwrap();
            check(page, &format!("home-{name}-{state}"), *width).await;
        }
    }

    async fn end(self) {
        for (_, _, page) in self.pages {
            page.close().await.unwrap();
        }
        self.line.stop().await.unwrap();
    }
}

/// Gives what the page says; nothing while another is on its way.
async fn text(page: &Client) -> String {
    match page.find(Locator::Css("body")).await {
        Ok(body) => body.text().await.unwrap_or_default(),
        Err(_) => String::new(),
    }
}

async fn check(page: &Client, name: &str, width: u32) {
    let found = violations(page).await.unwrap();
    assert!(found.is_empty(), "{name}: {found:#?}");
    assert!(overhang(page).await.unwrap() <= 0, "{name} is too wide");
    let small = "return [...document.querySelectorAll('a, button, input')].filter((it) => \
         it.getBoundingClientRect().height < 44).map((it) => it.outerHTML);";
    let small = page.execute(small, Vec::new()).await.unwrap();
    assert_eq!(small, serde_json::json!([]), "{name}: too small to hit");
    picture(page, name, width).await;
}

async fn type_pin(page: &Client, pin: &str) {
    let field = page.find(Locator::Css("#pin")).await.unwrap();
    field.send_keys(pin).await.unwrap();
    let button = page.find(Locator::Css("form .button")).await.unwrap();
    button.click().await.unwrap();
}

#[tokio::test]
async fn the_page_says_in_each_state_what_happened_to_the_reading() {
    let mut visit = Visit::begin().await;
    visit.line.home.start_gateway().unwrap();
    visit.open().await;
    for (name, width, page) in &visit.pages {
        check(page, &format!("home-{name}-pin"), *width).await;
        type_pin(page, PIN).await;
    }
    visit.shows("none", "No readings yet").await;

    visit.line.cable.cut();
    visit.line.cuff(128, 76).await.unwrap();
    visit.shows("saved", "Saved here, not sent yet").await;
    for (_, _, page) in &visit.pages {
        let text = text(page).await;
        assert!(text.contains("128 over 76"), "{text}");
        assert!(!text.contains("system has it"), "{text}");
    }

    visit.line.cable.mend();
    visit.line.settle().await.unwrap();
    visit.shows("sent", "Your team’s system has it").await;

    visit.line.cuff_fails().await.unwrap();
    visit.line.settle().await.unwrap();
    visit.shows("failed", "We did not get a reading").await;
    for (_, _, page) in &visit.pages {
        let text = text(page).await;
        assert!(text.contains("The cuff may be loose."), "{text}");
        assert!(text.contains("Blood pressure: 128 over 76"), "{text}");
    }

    let damaged = visit
        .line
        .home
        .state_dir()
        .unwrap()
        .join("outbox.damaged-1.db");
    std::fs::write(damaged, "").unwrap();
    visit.shows("trouble", "The box needs a new memory").await;
    visit.end().await;
}

#[tokio::test]
async fn a_pin_that_is_guessed_at_is_made_to_wait() {
    let mut visit = Visit::begin().await;
    visit.line.home.start_gateway().unwrap();
    visit.open().await;
    for (number, (name, width, page)) in visit.pages.iter().enumerate() {
        type_pin(page, &format!("00000{number}")).await;
        wait::until("the PIN is wrong", async || {
            text(page)
                .await
                .contains("That is not the right PIN")
                .then_some(())
        })
        .await
        .unwrap();
        check(page, &format!("home-{name}-wrong"), *width).await;
    }
    for (name, width, page) in &visit.pages {
        type_pin(page, PIN).await;
        wait::until("no more may be tried", async || {
            text(page)
                .await
                .contains("Too many wrong PINs")
                .then_some(())
        })
        .await
        .unwrap();
        check(page, &format!("home-{name}-locked"), *width).await;
    }
    visit.end().await;
}

#[tokio::test]
async fn the_page_works_by_keyboard_and_without_scripts() {
    let mut visit = Visit::begin().await;
    visit.line.home.start_gateway().unwrap();
    let look = Look {
        javascript: false,
        ..Look::DESK
    };
    let page = visit.browser.open(look).await.unwrap();
    wait::until("the page is served", async || {
        page.goto(&visit.url()).await.ok()?;
        page.find(Locator::Css("#pin")).await.ok().map(drop)
    })
    .await
    .unwrap();
    let focused = page.active_element().await.unwrap();
    assert_eq!(focused.attr("id").await.unwrap().as_deref(), Some("pin"));
    focused.send_keys("480 215\u{E007}").await.unwrap();
    page.wait()
        .for_element(Locator::Css("#next"))
        .await
        .unwrap();
    visit.line.cuff(131, 80).await.unwrap();
    visit.line.settle().await.unwrap();
    let again = page.find(Locator::LinkText("Look again")).await.unwrap();
    again.send_keys("\u{E007}").await.unwrap();
    wait::until("the reading is shown", async || {
        text(&page).await.contains("131 over 80").then_some(())
    })
    .await
    .unwrap();
    let out = page.find(Locator::Css("button.quiet")).await.unwrap();
    out.send_keys("\u{E007}").await.unwrap();
    page.wait().for_element(Locator::Css("#pin")).await.unwrap();
    assert!(!text(&page).await.contains("131"));
    page.close().await.unwrap();
    visit.end().await;
}

/// Sends bytes as no browser would, and gives the answer.
async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn nobody_else_gets_at_the_page() {
    let mut visit = Visit::begin().await;
    visit.line.home.start_gateway().unwrap();
    let address = visit.address;
    wait::until("the page is served", async || {
        TcpStream::connect(address).await.ok().map(drop)
    })
    .await
    .unwrap();
    visit.line.cuff(133, 81).await.unwrap();
    visit.line.settle().await.unwrap();
    let get = |host: &str, more: &str| format!("GET / HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
    let post = |host: &str, more: &str, form: &str| {
        format!(
            "POST /sign-in HTTP/1.1\r\nHost: {host}\r\n{more}Content-Length: {}\r\n\r\n{form}",
            form.len()
        )
    };
    let host = address.to_string();
    let right = format!("pin={PIN}");

    let answer = ask(address, &get("evil.example", "")).await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    let answer = ask(
        address,
        &post(&host, "Origin: http://evil.example\r\n", &right),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(!answer.contains("set-cookie"), "{answer}");
    let long = format!("pin={}", "1".repeat(2000));
    let answer = ask(address, &post(&host, "", &long)).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let head = format!("X: {}\r\n", "x".repeat(10_000));
    let answer = ask(address, &get(&host, &head)).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");

    let answer = ask(address, &get(&host, "Cookie: hearth_home=00\r\n")).await;
    assert!(answer.contains("Type your PIN") && !answer.contains("133"));
    for strict in [
        "content-security-policy: default-src 'none'",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
    ] {
        assert!(answer.contains(strict), "{strict}: {answer}");
    }
    let answer = ask(address, &post(&host, "", &right)).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    let token = cookie.split(';').next().unwrap();
    let answer = ask(address, &get(&host, &format!("Cookie: {token}\r\n"))).await;
    assert!(answer.contains("133 over 81"), "{answer}");

    // One who opens a connection and says nothing is cut off, and takes nobody's place for ever.
    let mut silent = TcpStream::connect(address).await.unwrap();
    silent.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let mut rest = Vec::new();
    let ended = wait::WAIT_MAX;
    let cut = tokio::time::timeout(ended, silent.read_to_end(&mut rest)).await;
    assert!(cut.is_ok(), "a silent connection is never cut off");
    visit.end().await;
}
