//! The accessibility checker of the browser tests: where it is installed, since it is never committed, and what it is asked.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// What the checker is asked: every rule of WCAG 2.2 up to AA, and what it calls best practice. Where colours are forced it
/// reads the colours that the page asked for, not those that are painted, so contrast is left to our own list there.
pub const CHECK: &str = "const done = arguments[arguments.length - 1]; \
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']; \
    const rules = { 'color-contrast': { enabled: !matchMedia('(forced-colors: active)').matches } }; \
    axe.run({ runOnly: { type: 'tag', values }, rules, resultTypes: ['violations'] }) \
        .then(done, error => done({ error: `${error}` }));";

/// The folder that npm installs into.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/axe")
}

/// The script that is injected into pages.
pub fn path() -> PathBuf {
    folder().join("node_modules/axe-core/axe.min.js")
}

/// Gives the script that is injected into pages.
///
/// # Errors
/// When the checker is not installed.
pub fn script() -> anyhow::Result<String> {
    let path = path();
    std::fs::read_to_string(&path).with_context(|| {
        format!(
            "axe-core is missing at {}; run `cargo check-all` once",
            path.display()
        )
    })
}
