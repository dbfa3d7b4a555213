//! Setting the second step up: a picture for the phone, and the first code that the phone shows.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{self, ConnectInfo, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use qrcode::QrCode;
use qrcode::render::svg;

use super::code::{Filled, WRONG};
use super::sign_in::After;
use super::{enter, note, say};
use crate::accounts::sessions::{Session, Stage};
use crate::accounts::totp::OneTimeCodes;
use crate::store::accounts;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::{Known, next_step};

/// The picture's width, in CSS pixels: a phone reads it from a screen at arm's length.
const PICTURE_LEN_MIN: u32 = 220;

#[derive(Template)]
#[template(path = "account/enrol.html")]
struct EnrolPage {
    frame: Frame,
    picture: String,
    secret: String,
    next: String,
    wrong: Option<String>,
}

/// Shows the picture.
pub(crate) async fn get(
    Known(session): Known,
    extract::State(state): extract::State<Arc<State>>,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Response, PageError> {
    if session.stage != Stage::Enrol {
        return Ok(Redirect::to(next_step(session.stage).unwrap_or("/")).into_response());
    }
    let after = after.map(|Query(after)| after).unwrap_or_default();
    form(&state, &session, after.next, None).await
}

/// Takes the first code, or shows the picture again.
pub(crate) async fn post(
    Known(session): Known,
    extract::State(state): extract::State<Arc<State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    filled: Result<Form<Filled>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(filled) = filled.map_err(|_| PageError::BadForm)?;
    if session.stage != Stage::Enrol {
        return Ok(Redirect::to(next_step(session.stage).unwrap_or("/")).into_response());
    }
    let door = state.door();
    let tried = door.by_code(&session, &filled.code, peer.ip()).await;
    note(&state, tried.as_ref(), peer.ip()).await?;
    match tried {
        Ok(begun) => Ok(enter(&state, &begun, &filled.next)),
        Err(refused) => {
            let said = say(&state, refused, WRONG)?;
            form(
                &state,
                &session,
                filled.next,
                Some((said.status, said.text)),
            )
            .await
        }
    }
}

async fn form(
    state: &State,
    session: &Session,
    next: String,
    wrong: Option<(StatusCode, String)>,
) -> Result<Response, PageError> {
    let codes = match state.door().offer(session).await {
        Ok(codes) => codes,
        Err(refused) => {
            say(state, refused, WRONG)?;
            return Ok(Redirect::to("/sign-in").into_response());
        }
    };
    let person = session
        .row
        .person
        .parse()
        .map_err(|_| PageError::NotFound)?;
    let account = accounts::of_person(state.store.readers(), &person).await?;
    let username = account.map(|it| it.username).unwrap_or_default();
    let (status, wrong) = wrong.map_or((StatusCode::OK, None), |(status, text)| {
        (status, Some(text))
    });
    let page = EnrolPage {
        frame: state.frame(None),
        picture: picture(&codes, &state.service_name, &username)?,
        secret: grouped(&codes.secret()),
        next,
        wrong,
    };
    Ok((status, render(&page)).into_response())
}

fn picture(codes: &OneTimeCodes, service: &str, username: &str) -> anyhow::Result<String> {
    let code = QrCode::new(codes.address(service, username))?;
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(PICTURE_LEN_MIN, PICTURE_LEN_MIN)
        .build();
    // What comes before the picture itself is for files.
    let (_, svg) = drawn.split_once("?>").unwrap_or(("", drawn.as_str()));
    Ok(svg.replacen(
        "<svg ",
        "<svg role=\"img\" aria-labelledby=\"picture-is\" ",
        1,
    ))
}

fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}
