//! A nurse's board in a real browser, which says itself when a row was on the screen.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use fantoccini::{Client, Locator};
use hearth_tests::browser::{Browser, Look};
use hearth_tests::nurse::PASSWORD;
use hearth_tests::server_program::ServerProgram;
use jiff::Timestamp;

/// Notes for each weight of one row when the frame after its change began, in milliseconds since 1970.
const WATCH: &str = "const id = arguments[0]; window.shown = {}; \
    const look = () => { const said = document.getElementById(id)?.textContent.match(/Weight ([0-9.]+) kg/); \
    if (said && !(said[1] in window.shown)) window.shown[said[1]] = performance.timeOrigin + performance.now(); }; \
    new MutationObserver(() => requestAnimationFrame(look)) \
    .observe(document.getElementById('board'), { subtree: true, childList: true, characterData: true });";

/// A browser with the board on its screen.
pub(crate) struct Screen {
    page: Client,
    _browser: Browser,
}

impl Screen {
    /// Signs a nurse in who has set her password, and watches the row of an alert.
    ///
    /// # Errors
    /// When there is no browser, or it does not show the board.
    pub(crate) async fn open(
        server: &ServerProgram,
        nurse: &str,
        alert: &str,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        let browser = Browser::start(logs).await?;
        let page = browser.open(Look::DESK).await?;
        page.goto(&server.page("/")).await?;
        for (field, text) in [("#username", nurse), ("#password", PASSWORD)] {
            page.find(Locator::Css(field))
                .await?
                .send_keys(text)
                .await?;
        }
        page.find(Locator::Css("main .button"))
            .await?
            .click()
            .await?;
        page.wait().for_element(Locator::Css("#board")).await?;
        page.execute(WATCH, vec![alert.into()]).await?;
        Ok(Self {
            page,
            _browser: browser,
        })
    }

    /// Gives when each weight was on the screen, and closes the browser.
    ///
    /// # Errors
    /// When the browser is gone.
    pub(crate) async fn shown(self) -> anyhow::Result<BTreeMap<String, Timestamp>> {
        let shown = self.page.execute("return window.shown;", vec![]).await?;
        let shown = shown.as_object().context("the page has watched nothing")?;
        let mut times = BTreeMap::new();
        for (weight, at) in shown {
            let seconds = at.as_f64().context("no time")? / 1000.0;
            let since = jiff::SignedDuration::try_from_secs_f64(seconds)?;
            times.insert(weight.clone(), Timestamp::UNIX_EPOCH + since);
        }
        self.page.close().await?;
        Ok(times)
    }
}
