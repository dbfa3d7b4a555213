//! A nurse's visit: a line with an alert on it, and a browser in which somebody has signed in.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Browser, Look};
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::nurse::{Nurse, PASSWORD};

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

    /// Opens a browser in which `Ann`, `Bo`, their lead `Lee`, `Ona`, who is on call, or whoever else works there signs in as
    /// people do.
    pub(crate) async fn sit_down(&self, person: &str, look: Look) -> Client {
        let address = self.line.server.page("/");
        self.sit_down_at(&address, person, look).await
    }

    /// The same at another address of the same server.
    pub(crate) async fn sit_down_at(&self, address: &str, person: &str, look: Look) -> Client {
        let id = match person {
            "Lee" => "lead-lee".to_owned(),
            "Ona" => "ooh-ona".to_owned(),
            "Dee" => "dr-dee".to_owned(),
            "Vi" => "visitor-vi".to_owned(),
            nurse => format!("nurse-{}", nurse.to_lowercase()),
        };
        Nurse::at(&self.line.server, &id).sign_in().await.unwrap();
        let page = self.browser.open(look).await.unwrap();
        page.goto(address).await.unwrap();
        for (field, text) in [("#username", id.as_str()), ("#password", PASSWORD)] {
            let field = page.find(Locator::Css(field)).await.unwrap();
            field.send_keys(text).await.unwrap();
        }
        let button = page.find(Locator::Css("main .button")).await.unwrap();
        button.click().await.unwrap();
        page.wait()
            .for_element(Locator::Css("body:has([action='/sign-out']) .foot"))
            .await
            .unwrap();
        page
    }
}
