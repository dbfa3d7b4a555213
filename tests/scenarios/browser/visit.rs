//! A nurse's visit: a line with an alert on it, and a browser in which somebody has said who they are.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Browser, Look};
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};

/// A line, its server's pages, and a driver for browsers.
pub(crate) struct Visit {
    pub(crate) line: Line,
    pub(crate) browser: Browser,
    _folder: tempfile::TempDir,
}

impl Visit {
    /// Starts everything; one ordinary reading has arrived.
    pub(crate) async fn begin() -> Self {
        let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
            .await
            .unwrap();
        line.home.start_gateway().unwrap();
        line.cuff(128, 76).await.unwrap();
        line.settle().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let browser = Browser::start(folder.path()).await.unwrap();
        Self {
            line,
            browser,
            _folder: folder,
        }
    }

    /// Opens a browser, and says on the page that asks who is using it.
    pub(crate) async fn sit_down(&self, person: &str, look: Look) -> Client {
        let page = self.browser.open(look).await.unwrap();
        page.goto(&self.line.server.page("/")).await.unwrap();
        let button = format!("//button[contains(., '{person}')]");
        page.find(Locator::XPath(&button))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        page.wait()
            .for_element(Locator::Css("#board"))
            .await
            .unwrap();
        page
    }
}
