//! Style, scripts and pictures, held in the program and served under a path that names their content.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use ring::digest;

use super::error::PageError;

const BUILD_LEN: usize = 8;

/// One stylesheet for all pages, in parts: the tokens and what all pages use, then what only some pages use.
pub(crate) const STYLE: &str = concat!(
    include_str!("../../static/site.css"),
    include_str!("../../static/parts/office.css"),
    include_str!("../../static/parts/handover.css"),
    include_str!("../../static/parts/alert.css"),
    include_str!("../../static/parts/plan.css"),
    include_str!("../../static/parts/board.css"),
    include_str!("../../static/parts/patient.css"),
);

struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
}

const ASSETS: [Asset; 9] = [
    Asset {
        name: "site.css",
        content_type: "text/css; charset=utf-8",
        content: STYLE,
    },
    Asset {
        name: "alerts.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../static/alerts.js"),
    },
    Asset {
        name: "keys.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../static/keys.js"),
    },
    Asset {
        name: "sound.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../static/sound.js"),
    },
    Asset {
        name: "bulk.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../static/bulk.js"),
    },
    Asset {
        name: "sbar.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../static/sbar.js"),
    },
    Asset {
        name: "passkey.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../static/passkey.js"),
    },
    Asset {
        name: "favicon.svg",
        content_type: "image/svg+xml",
        content: include_str!("../../static/favicon.svg"),
    },
    Asset {
        name: "favicon-urgent.svg",
        content_type: "image/svg+xml",
        content: include_str!("../../static/favicon-urgent.svg"),
    },
];

static BUILD: LazyLock<String> = LazyLock::new(|| {
    let mut context = digest::Context::new(&digest::SHA256);
    for asset in &ASSETS {
        context.update(asset.content.as_bytes());
    }
    context.update(env!("CARGO_PKG_VERSION").as_bytes());
    hex::encode(&context.finish().as_ref()[..BUILD_LEN])
});

/// Names the content of all assets and the program's version: an open page of another build is out of date.
pub(crate) fn build() -> &'static str {
    &BUILD
}

/// Serves one asset; a browser may keep it for as long as it likes, since its path changes with its content.
pub(crate) async fn get(Path((build_asked, name)): Path<(String, String)>) -> Response {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let Some(asset) = asset.filter(|_| build_asked == build()) else {
        return PageError::NotFound.into_response();
    };
    (
        [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ],
        asset.content,
    )
        .into_response()
}

/// Serves the icon at the address that browsers ask by themselves.
pub(crate) async fn favicon() -> Response {
    get(Path((build().to_owned(), "favicon.svg".to_owned()))).await
}
