//! What a page must be like beyond what the accessibility checker looks for; the script in `own.js` looks, in the page.

use anyhow::Context;
use fantoccini::Client;
use serde_json::{Value, json};

use crate::browser::Screen;

/// Looks, in the page.
const SCRIPT: &str = include_str!("own.js");

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// One heading, a title, the skip link first, the order of the document kept, labels, captions, no id twice.
    Structure,
    /// Live regions: where they are needed, and not two that speak over each other.
    Speech,
    /// Each control of a row, and each button of a page about a patient, says whose it is.
    Names,
    /// Everything that is pressed is at least 44 CSS pixels wide and high, unless it is a link in a sentence.
    Targets,
    /// Nothing is cut off, lies on something else or has to be scrolled sideways.
    Geometry,
    /// Text stands out from what is behind it by 4.5, large text and edges by 3.
    Legibility,
    /// Where the focus is can be seen.
    Focus,
    /// On paper there is the text, and nothing to press.
    Paper,
}

impl Check {
    fn code(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Speech => "speech",
            Self::Names => "names",
            Self::Targets => "targets",
            Self::Geometry => "geometry",
            Self::Legibility => "legibility",
            Self::Focus => "focus",
            Self::Paper => "paper",
        }
    }
}

/// Gives the faults of the page that is open, on this screen; `about` is the family name of the patient that it is about.
///
/// # Errors
/// When the page cannot be asked.
pub async fn faults(
    page: &Client,
    screen: Screen,
    about: Option<&str>,
    checks: &[Check],
) -> anyhow::Result<Vec<String>> {
    let checks: Vec<&str> = checks.iter().map(|it| it.code()).collect();
    let asked = json!({
        "checks": checks,
        "about": about,
        "dark": screen.dark,
        "forced": screen.forced,
    });
    let found: Value = page.execute(SCRIPT, vec![asked]).await?;
    let found = found.as_array().context("the script gives a list")?;
    Ok(found
        .iter()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect())
}
