//! Plain words: every sentence that people at home read is short, and no word of the trade is among them. A tool is only a
//! guide (NHS service manual): people who read the pages decide.

use super::{NOTHING, family};
use crate::web::browser::Served;
use crate::web::sample::Sample;
use crate::web::sample_values::{oxygen, pressure};

/// The longest sentence, in words (NHS service manual: about 20).
const WORDS_MAX: usize = 20;
/// Words of the trade, or of forms, that plain words take the place of.
const BANNED: [&str; 34] = [
    "adherence",
    "adequate",
    "alert",
    "alerts",
    "appropriate",
    "approximately",
    "assessment",
    "caseload",
    "clinical",
    "clinician",
    "commence",
    "compliance",
    "coordinator",
    "demonstrate",
    "diastolic",
    "escalate",
    "escalated",
    "gateway",
    "hypertension",
    "invalid",
    "limit",
    "limits",
    "parameter",
    "pending",
    "prior",
    "proxy",
    "server",
    "should",
    "submit",
    "systolic",
    "threshold",
    "transmit",
    "triage",
    "utilise",
];
/// Where a text ends, whatever comes next.
const BLOCKS: [&str; 17] = [
    "p",
    "li",
    "h1",
    "h2",
    "h3",
    "td",
    "th",
    "label",
    "legend",
    "button",
    "div",
    "caption",
    "summary",
    "figcaption",
    "title",
    "span class=\"key-item\"",
    "section",
];

/// Gives the texts of a page, one for each block, without pictures and markup.
fn texts(page: &str) -> Vec<String> {
    let mut text = page.to_owned();
    while let Some((before, rest)) = text.split_once("<svg") {
        let after = rest.split_once("</svg>").map_or("", |it| it.1);
        text = format!("{before}{after}");
    }
    for block in BLOCKS {
        let name = block.split(' ').next().unwrap();
        text = text
            .replace(&format!("<{name}>"), "\u{1}")
            .replace(&format!("<{name} "), "\u{1}<x ");
        text = text.replace(&format!("</{name}>"), "\u{1}");
    }
    let mut plain = String::new();
    let mut is_tag = false;
    for letter in text.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => is_tag = false,
            _ if is_tag => {}
            letter => plain.push(letter),
        }
    }
    let blocks = plain
        .split('\u{1}')
        .map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
    blocks.filter(|it| !it.is_empty()).collect()
}

fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['.', '!', '?', ':'])
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect()
}

fn check(name: &str, page: &str) {
    for text in texts(page) {
        for sentence in sentences(&text) {
            let words: Vec<String> = sentence
                .split_whitespace()
                .map(|word| {
                    word.trim_matches(|it: char| !it.is_alphanumeric())
                        .to_lowercase()
                })
                .filter(|word| !word.is_empty())
                .collect();
            assert!(
                words.len() <= WORDS_MAX,
                "{name}: {} words: {sentence}",
                words.len()
            );
            for word in &words {
                assert!(
                    !BANNED.contains(&word.as_str()),
                    "{name}: “{word}” in: {sentence}"
                );
            }
        }
    }
}

#[test]
fn long_sentences_and_words_of_the_trade_are_found() {
    let long = format!("<p>{}.</p><p>Short.</p>", "word ".repeat(WORDS_MAX + 1));
    assert!(std::panic::catch_unwind(|| check("long", &long)).is_err());
    let trade = "<p>The <b>threshold</b> was met.</p>";
    assert!(std::panic::catch_unwind(|| check("trade", trade)).is_err());
    check(
        "fine",
        "<p>All is well.</p><svg><text>Systolic</text></svg>",
    );
    assert_eq!(
        texts("<h1>One</h1><p>Two <b>three</b></p>"),
        ["One", "Two three"]
    );
}

#[tokio::test]
async fn every_page_is_in_plain_words() {
    let mut sample = Sample::open("2026-03-14T22:10:00Z").await;
    family(&sample, NOTHING).await;
    let served = Served::start(&sample.state).await;
    let before = served.get("/me/ivor", "home-ivor").await.body;
    check("before the first reading", &before);
    sample
        .reading("ivor", "2026-03-14T08:00:00Z", pressure(128, 76, 70), &[])
        .await;
    sample
        .reading("ivor", "2026-03-14T22:00:00Z", oxygen(86, 70), &[])
        .await;
    served.get("/patients/ivor", "nurse-1").await;
    let form = "name=Eve&relation=Friend&sees=readings&sees=alerts&sees=contacts";
    let card = served.post("/me/ivor/carers", "home-ivor", form).await.body;
    check("card", &card);
    for path in [
        "/start",
        "/me/ivor",
        "/me/ivor/readings",
        "/me/ivor/looked",
        "/me/ivor/carers",
        "/your-sign-in",
        "/me/nobody",
    ] {
        check(path, &served.get(path, "home-ivor").await.body);
    }
    let readings = served.get("/me/ivor/readings", "home-ivor").await.body;
    let (_, rest) = readings.split_once("/me/ivor/readings/").unwrap();
    let link = format!("/me/ivor/readings/{}", rest.split('"').next().unwrap());
    check("not me", &served.get(&link, "home-ivor").await.body);
    for path in ["/me", "/me/ivor"] {
        check(path, &served.get(path, "home-mair").await.body);
    }
    let wrong = served.post("/start", "", "code=1").await.body;
    check("wrong code", &wrong);
}
