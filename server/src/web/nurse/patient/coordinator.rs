//! The care coordinator: who answers for a patient from now on.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::{Event, PersonId};

use super::about::{About, caring};
use super::done;
use super::form::{Field, Filled, Input, Sent};
use crate::rights::Right;
use crate::store::demographics;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let now = current(&about).await?;
    page(&about, &now, &now, None).await
}

/// Makes somebody answerable.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let (now, seen, chosen) = (
        current(&about).await?,
        filled.text("now"),
        filled.text("coordinator"),
    );
    if seen != now {
        return Ok(about.was_changed("The care coordinator"));
    }
    let offers = caring(&state, &about.team().await?, chosen).await?;
    let coordinator: Option<PersonId> = offers
        .iter()
        .find(|offer| offer.chosen)
        .and_then(|offer| offer.value.parse().ok());
    let Some(coordinator) = coordinator else {
        let wrong = "Choose who answers from now on".to_owned();
        return page(&about, &now, chosen, Some(wrong)).await;
    };
    if coordinator.as_str() == now {
        return Ok(Redirect::to(&about.banner.href).into_response());
    }
    let event = Event::CoordinatorAssigned { coordinator };
    Ok(match state.happen(&me, &about.id, &event).await? {
        Ok(_) => Redirect::to(&done::href(&about.id, "coordinator")).into_response(),
        Err(refusal) => about.refusal(&refusal),
    })
}

async fn current(about: &About<'_>) -> Result<String, PageError> {
    let acquired = about.state.store.readers().acquire().await;
    let mut connection = acquired.map_err(anyhow::Error::from)?;
    let details = demographics::of(&mut connection, &about.id).await?;
    Ok(details.patient.coordinator.to_string())
}

async fn page(
    about: &About<'_>,
    now: &str,
    chosen: &str,
    wrong: Option<String>,
) -> Result<Response, PageError> {
    let offers = caring(about.state, &about.team().await?, chosen).await?;
    let mut page = about.form("Care coordinator of", "Change the care coordinator of");
    page.lead = vec![
        "The one person who answers for every alert that nobody has taken. Alerts that somebody has taken stay theirs."
            .to_owned(),
    ];
    page.hidden = vec![("now".to_owned(), now.to_owned())];
    page.fields = vec![
        Field::new(
            "coordinator",
            "Who answers from now on?",
            Input::Select(offers),
        )
        .wrong(wrong),
    ];
    Ok(page.answer())
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;

    const COORDINATOR: &str = "/patients/ivor/coordinator";

    #[tokio::test]
    async fn somebody_of_the_team_answers_from_now_on() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        sample.grants("ooh-1", &["visitor"]).await;
        let served = Served::start(&sample.state).await;
        let page = served.get(COORDINATOR, "nurse-1").await.body;
        assert!(page.contains("<option value=\"nurse-1\" selected>Anna Price</option>"));
        assert!(!page.contains("Omar Said"), "a visitor answers for nobody");
        for nobody in ["", "ooh-1", "nobody"] {
            let form = format!("now=nurse-1&coordinator={nobody}");
            assert_eq!(served.post(COORDINATOR, "nurse-1", &form).await.status, 422);
        }
        let form = "now=nurse-1&coordinator=nurse-2";
        assert_eq!(served.post(COORDINATOR, "nurse-1", form).await.status, 303);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        assert!(page.contains("Care coordinator <b>Bilal Khan</b>"));
        let late = served.post(COORDINATOR, "nurse-1", form).await;
        assert_eq!(late.status, 409, "somebody else had the same idea");
        assert_eq!(
            served
                .get("/patients/x/coordinator", "nurse-1")
                .await
                .status,
            404
        );
        assert_eq!(served.get(COORDINATOR, "ooh-1").await.status, 403);
    }
}
