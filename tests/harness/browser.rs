//! A real browser: Debian's Chromium, driven through its own ChromeDriver.

use std::path::Path;

use anyhow::{Context, ensure};
use axum::http::{Request, header};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::ports::free_port;
use crate::program::{Launch, Program};
use crate::{axe, wait};

const DRIVER: &str = "/usr/bin/chromedriver";

/// Without these, Chromium looks for its maker's hosts at every start.
const ARGUMENTS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// How high a screen is, in CSS pixels.
pub const SCREEN_HEIGHT: u32 = 900;

/// The narrowest window that Chromium makes.
const WINDOW_WIDTH_MIN: u32 = 500;

/// A running ChromeDriver; each [`Browser::open`] is a browser of its own.
#[derive(Debug)]
pub struct Browser {
    port: u16,
    _driver: Program,
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Width of the window, in CSS pixels.
    pub width: u32,
    /// Whether scripts run.
    pub javascript: bool,
    /// Whether the reader prefers a dark page.
    pub dark: bool,
}

impl Look {
    /// A nurse's desk.
    pub const DESK: Self = Self {
        width: 1280,
        javascript: true,
        dark: false,
    };
}

/// A screen that is played: unlike [`Look`], it can be changed while a page is open.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Its width, in CSS pixels.
    pub width: u32,
    /// How many of its own pixels make a CSS pixel in each direction: 2 when the reader has enlarged the page to 200 %.
    pub density: u32,
    /// Whether the reader prefers a dark page.
    pub dark: bool,
    /// Whether the reader's own colours are forced onto the page.
    pub forced: bool,
    /// Whether the reader's letters are twice as large as others', and nothing else is.
    pub large_text: bool,
    /// Whether it is paper.
    pub paper: bool,
}

impl Screen {
    /// A nurse's desk.
    pub const DESK: Self = Self {
        width: 1280,
        density: 1,
        dark: false,
        forced: false,
        large_text: false,
        paper: false,
    };
    /// The narrowest phone, and a desk whose page is enlarged to 400 %.
    pub const PHONE: Self = Self {
        width: 320,
        ..Self::DESK
    };
    /// A desk whose page is enlarged to 200 %.
    pub const ENLARGED: Self = Self {
        width: 640,
        density: 2,
        ..Self::DESK
    };

    /// The same for a reader who prefers a dark page.
    #[must_use]
    pub fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// The same for a reader whose own colours are forced onto the page.
    #[must_use]
    pub fn forced(self) -> Self {
        Self {
            forced: true,
            ..self
        }
    }

    /// The same for a reader whose letters are twice as large.
    #[must_use]
    pub fn large_text(self) -> Self {
        Self {
            large_text: true,
            ..self
        }
    }

    /// The same on paper.
    #[must_use]
    pub fn paper(self) -> Self {
        Self {
            paper: true,
            ..self
        }
    }
}

impl Browser {
    /// Starts the driver.
    ///
    /// # Errors
    /// When it is not installed.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        ensure!(
            Path::new(DRIVER).exists(),
            "ChromeDriver is missing: apt-get install chromium chromium-driver"
        );
        let port = free_port()?;
        let driver = Launch::new("chromedriver", Path::new(DRIVER))
            .args([format!("--port={port}")])
            .start(folder)?;
        Ok(Self {
            port,
            _driver: driver,
        })
    }

    /// Opens a browser.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open(&self, look: Look) -> anyhow::Result<Client> {
        let mut emulation = Value::Null;
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(|it| (*it).to_owned()).collect();
        arguments.push(format!("--window-size={},900", look.width));
        if look.width < WINDOW_WIDTH_MIN {
            // A window does not get as narrow as a phone; an emulated screen does.
            let metrics =
                json!({ "width": look.width, "height": 900, "pixelRatio": 1, "touch": false });
            emulation = json!({ "deviceMetrics": metrics });
        }
        if look.dark {
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let mut options = json!({ "args": arguments });
        if !emulation.is_null() {
            options["mobileEmulation"] = emulation;
        }
        if !look.javascript {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let capabilities = [("goog:chromeOptions".to_owned(), options)]
            .into_iter()
            .collect();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let address = format!("http://127.0.0.1:{}", self.port);
        wait::until("ChromeDriver answers", async || {
            builder.connect(&address).await.ok()
        })
        .await
    }

    /// Puts a device into a browser that holds passkeys and recognises whoever uses it (WebAuthn, 11.3).
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn put_device_in(&self, page: &Client) -> anyhow::Result<()> {
        let device = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
        });
        self.tell(page, "webauthn/authenticator", &device).await
    }

    /// Shows the page that is open as another screen would: as wide, as dense, in its colours, or on paper.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn show(&self, page: &Client, screen: Screen) -> anyhow::Result<()> {
        let metrics = json!({
            "width": screen.width,
            "height": SCREEN_HEIGHT,
            "deviceScaleFactor": screen.density,
            "mobile": false,
        });
        self.devtools(page, "Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let scheme = if screen.dark { "dark" } else { "light" };
        let forced = if screen.forced { "active" } else { "none" };
        let media = json!({
            "media": if screen.paper { "print" } else { "" },
            "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                { "name": "forced-colors", "value": forced },
            ],
        });
        self.devtools(page, "Emulation.setEmulatedMedia", media)
            .await?;
        let size = if screen.large_text { 32 } else { 16 };
        let sizes = json!({ "fontSizes": { "standard": size } });
        self.devtools(page, "Page.setFontSizes", sizes).await
    }

    /// Sends a command of Chromium's own protocol.
    async fn devtools(&self, page: &Client, command: &str, params: Value) -> anyhow::Result<()> {
        let body = json!({ "cmd": command, "params": params });
        self.tell(page, "goog/cdp/execute", &body).await
    }

    /// Sends the driver a command that the client library does not know.
    async fn tell(&self, page: &Client, command: &str, body: &Value) -> anyhow::Result<()> {
        let session = page.session_id().await?.context("the browser is closed")?;
        let request = Request::post(format!(
            "http://127.0.0.1:{}/session/{session}/{command}",
            self.port
        ))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.to_string())?;
        let client = HttpClient::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await?;
        let status = answer.status();
        ensure!(
            status.is_success(),
            "ChromeDriver does not do {command}: {status}"
        );
        Ok(())
    }
}

/// Asks the accessibility checker for the page's violations of WCAG 2.2 AA and of its own best practices: an empty list is
/// what we want.
///
/// # Errors
/// When the checker is not installed or cannot run.
pub async fn violations(page: &Client) -> anyhow::Result<Vec<String>> {
    let is_there = page.execute("return !!window.axe;", Vec::new()).await?;
    if is_there.as_bool() != Some(true) {
        page.execute(&axe::script()?, Vec::new()).await?;
    }
    let result: Value = page.execute_async(axe::CHECK, Vec::new()).await?;
    let violations = result["violations"]
        .as_array()
        .with_context(|| format!("axe did not run: {result}"))?;
    let tell = |it: &Value| format!("{}: {} {}", it["id"], it["help"], it["nodes"][0]["html"]);
    Ok(violations.iter().map(tell).collect())
}

/// Tells by how many CSS pixels the page is wider than its window: nothing may have to be scrolled sideways.
///
/// # Errors
/// When the page cannot be asked.
pub async fn overhang(page: &Client) -> anyhow::Result<i64> {
    let script =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth;";
    page.execute(script, Vec::new())
        .await?
        .as_i64()
        .context("not a number")
}
