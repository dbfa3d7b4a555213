//! Where the accessibility checker of the browser tests is installed; it is never committed.

use std::path::{Path, PathBuf};

/// The folder that npm installs into.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/axe")
}

/// The script that is injected into pages.
pub fn path() -> PathBuf {
    folder().join("node_modules/axe-core/axe.min.js")
}
