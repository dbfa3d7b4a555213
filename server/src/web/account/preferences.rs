//! What a person likes of the board: keyboard shortcuts and sound, both off unless they are turned on.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PersonId;

use super::keys::{ACTIONS, Keys};
use crate::store::preferences;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::Me;

const ON: &str = "on";

/// What a person has chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Preferences {
    /// The keys of the board; `None` while they are off.
    pub(crate) keys: Option<Keys>,
    /// Whether a new urgent alert may be heard.
    pub(crate) sound: bool,
}

struct KeyView {
    action: &'static str,
    label: &'static str,
    key: String,
}

#[derive(Template)]
#[template(path = "account/preferences.html")]
struct PreferencesPage {
    frame: Frame,
    shortcuts: bool,
    sound: bool,
    keys: Vec<KeyView>,
    wrong: Option<String>,
    saved: bool,
}

impl Preferences {
    /// Reads what a person has chosen; what cannot be read is off.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn read(state: &State, person: &PersonId) -> anyhow::Result<Self> {
        let chosen = preferences::of_person(state.store.readers(), person).await?;
        let is_on = |name: &str| chosen.get(name).is_some_and(|it| it == ON);
        let keys = Keys::read(|action| chosen.get(&format!("key_{action}")).cloned());
        Ok(Self {
            keys: keys.ok().filter(|_| is_on("shortcuts")),
            sound: is_on("sound"),
        })
    }
}

/// Shows what is chosen.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    saved: Result<Query<BTreeMap<String, String>>, QueryRejection>,
) -> Result<Response, PageError> {
    let chosen = preferences::of_person(state.store.readers(), &me.id).await?;
    let mut page = page(&state, &me, &chosen, None);
    page.saved = saved.is_ok_and(|Query(saved)| saved.contains_key("saved"));
    Ok(render(&page))
}

/// Keeps what is chosen, or shows the form again.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    filled: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    if let Err(wrong) = Keys::read(|action| filled.get(&format!("key_{action}")).cloned()) {
        let again = page(&state, &me, &filled, Some(wrong));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&again)).into_response());
    }
    let mut write = state.store.write().await?;
    for name in ["shortcuts", "sound"] {
        let value = filled.get(name).map_or("off", |_| ON);
        preferences::put(&mut write, &me.id, name, value).await?;
    }
    for (action, _, _) in ACTIONS {
        let name = format!("key_{action}");
        if let Some(key) = filled.get(&name) {
            preferences::put(&mut write, &me.id, &name, key.trim()).await?;
        }
    }
    write.commit().await.map_err(anyhow::Error::from)?;
    Ok(Redirect::to("/account/preferences?saved=1").into_response())
}

fn page(
    state: &State,
    me: &Me,
    chosen: &BTreeMap<String, String>,
    wrong: Option<String>,
) -> PreferencesPage {
    let is_on = |name: &str| chosen.get(name).is_some_and(|it| it == ON);
    let key = |(action, label, usual): (&'static str, &'static str, char)| KeyView {
        action,
        label,
        key: chosen
            .get(&format!("key_{action}"))
            .cloned()
            .unwrap_or_else(|| usual.to_string()),
    };
    PreferencesPage {
        frame: state.frame(Some(me)),
        shortcuts: is_on("shortcuts"),
        sound: is_on("sound"),
        keys: ACTIONS.map(key).into(),
        saved: false,
        wrong,
    }
}
