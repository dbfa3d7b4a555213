//! Hands: what a person does to the page that is open, by mouse and keyboard alone, so that it works without scripts too.

use fantoccini::{Client, Locator};

/// Presses the first link, button or fold of the main part whose text begins so.
pub(crate) async fn press(page: &Client, what: &str) {
    let path = format!(
        "//main//*[self::a or self::button or self::summary][starts-with(normalize-space(.), \"{what}\")]"
    );
    let control = page.wait().for_element(Locator::XPath(&path)).await;
    let control = control.unwrap_or_else(|error| panic!("{what}: {error}"));
    control.click().await.unwrap();
}

/// Clicks on something.
pub(crate) async fn choose(page: &Client, css: &str) {
    let found = page.wait().for_element(Locator::Css(css)).await;
    let found = found.unwrap_or_else(|error| panic!("{css}: {error}"));
    found.click().await.unwrap();
}

/// Writes into the field of this name, in the place of what was there.
pub(crate) async fn write(page: &Client, name: &str, text: &str) {
    let css = format!("main [name='{name}']");
    let field = page.wait().for_element(Locator::Css(&css)).await;
    let field = field.unwrap_or_else(|error| panic!("{name}: {error}"));
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// Chooses from the list of this name, by the value of the choice.
pub(crate) async fn pick(page: &Client, name: &str, value: &str) {
    let css = format!("main select[name='{name}']");
    let list = page.wait().for_element(Locator::Css(&css)).await.unwrap();
    list.select_by_value(value).await.unwrap();
}

/// Waits until the page says something.
pub(crate) async fn says(page: &Client, text: &str) {
    let path = format!("//body//*[contains(normalize-space(.), \"{text}\")]");
    let found = page.wait().for_element(Locator::XPath(&path)).await;
    found.unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// Waits until the page's heading begins so.
pub(crate) async fn arrive(page: &Client, heading: &str) {
    let path = format!("//h1[starts-with(normalize-space(.), \"{heading}\")]");
    let found = page.wait().for_element(Locator::XPath(&path)).await;
    found.unwrap_or_else(|error| panic!("{heading}: {error}"));
}
