//! Pictures of the main pages, kept beside the tests so that everybody can see what they look like. They are written anew when
//! `KEEP_PICTURES=1` is set, and never compared: another machine has another font.

use std::path::{Path, PathBuf};

use fantoccini::Client;
use hearth_tests::browser::{Browser, Screen};
use serde_json::{Value, json};

/// Where they are kept.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pictures");

/// Where those are that are only looked at.
const LOOKED_AT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/pictures");

/// The largest picture that is kept.
const PICTURE_LEN_MAX: usize = 60 * 1024;

/// Draws a picture again with few colours. Our pages take no pictures from scripts, so it happens on an empty one.
const REDRAW: &str = include_str!("pictures.js");

/// Keeps what the page that is open looks like on a desk and on a phone, if pictures are wanted; in other colours it is only
/// looked at.
pub(crate) async fn keep(browser: &Browser, page: &Client, name: &str) {
    if std::env::var_os("KEEP_PICTURES").is_none() {
        return;
    }
    let address = page.current_url().await.unwrap();
    let (desk, phone) = (Screen::DESK, Screen::PHONE);
    let mut kept = Vec::new();
    for (look, screen, is_kept) in [
        ("desk", desk, true),
        ("phone", phone, true),
        ("dark", desk.dark(), false),
        ("dark-phone", phone.dark(), false),
        ("forced", desk.forced(), false),
    ] {
        browser.show(page, screen).await.unwrap();
        let picture = page.screenshot().await.unwrap();
        write(LOOKED_AT, &format!("{name}-{look}"), &picture);
        if is_kept {
            kept.push((format!("{name}-{look}"), picture));
        }
    }
    browser.show(page, desk).await.unwrap();
    page.goto("about:blank").await.unwrap();
    for (name, picture) in kept {
        write(KEPT, &name, &small(page, &picture).await);
    }
    page.goto(address.as_str()).await.unwrap();
}

fn write(folder: &str, name: &str, picture: &[u8]) {
    std::fs::create_dir_all(folder).unwrap();
    let file: PathBuf = Path::new(folder).join(format!("{name}.png"));
    std::fs::write(file, picture).unwrap();
}

/// Draws a picture with few colours.
async fn small(page: &Client, picture: &[u8]) -> Vec<u8> {
    let asked = vec![json!(hex::encode(picture))];
    let answer: Value = page.execute_async(REDRAW, asked).await.unwrap();
    let drawn = answer.as_str().unwrap();
    let drawn = hex::decode(drawn).unwrap_or_else(|_| panic!("{drawn}"));
    assert!(drawn.len() <= PICTURE_LEN_MAX, "{} bytes", drawn.len());
    drawn
}
