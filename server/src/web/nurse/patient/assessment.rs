//! Assessing whether a patient can be looked after at home or in a clinic, with who judged it and when it is judged again.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PersonId;

use super::about::{About, caring};
use super::done;
use super::form::{Field, Filled, Input, Offer, Sent, needed};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::assessments::{self, Assessment, Place};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// The longest reason, in characters.
const WHY_LEN_MAX: usize = 2_000;

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::with(&[("reviewer", me.id.as_str())]);
    let reviewers = caring(&state, &about.team().await?, me.id.as_str()).await?;
    Ok(page(&about, &filled, reviewers, [None, None, None, None]))
}

/// Records an assessment.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let place = Place::from_code(filled.text("place"));
    let why = filled.text("why");
    let reviewers = caring(&state, &about.team().await?, filled.text("reviewer")).await?;
    let reviewer = reviewers.iter().find(|offer| offer.chosen);
    let reviewer: Option<PersonId> = reviewer.and_then(|it| it.value.parse().ok());
    let review_on = filled
        .date("review_on")
        .filter(|day| *day > about.local.today());
    let wrongs = [
        place
            .is_none()
            .then(|| "Choose where the patient can be looked after".to_owned()),
        needed(why, WHY_LEN_MAX, "Write why"),
        reviewer
            .is_none()
            .then(|| "Choose who judged it".to_owned()),
        review_on
            .is_none()
            .then(|| "Choose a day after today on which it is judged again".to_owned()),
    ];
    let (Some(place), Some(reviewer), Some(review_on), None) =
        (place, reviewer, review_on, &wrongs[1])
    else {
        return Ok(page(&about, &filled, reviewers, wrongs));
    };
    let assessment = Assessment {
        place,
        why: why.to_owned(),
        reviewer,
        review_on,
    };
    let mut write = state.store.write().await?;
    assessments::add(
        &mut write,
        &about.id,
        &assessment,
        &me.id,
        state.clock.now(),
    )
    .await?;
    let entry = Entry::new(me.actor(), Action::PatientChanged).of(&about.id);
    state.commit(write, &entry.detail("assessment")).await?;
    let to = done::href(&about.id, "assessment");
    Ok(Redirect::to(&to).into_response())
}

fn page(
    about: &About<'_>,
    filled: &Filled,
    reviewers: Vec<Offer>,
    wrongs: [Option<String>; 4],
) -> Response {
    let [place, why, reviewer, review_on] = wrongs;
    let chosen = filled.text("place");
    let places = Place::ALL.map(|it| Offer::new(it.code(), it.label(), it.code() == chosen));
    let mut page = about.form("Home or clinic:", "Record the assessment of");
    page.fields = vec![
        Field::new("place", "Where can the patient be looked after?", Input::Radio(places.into()))
            .wrong(place),
        Field::area("why", "Why?", filled)
            .hint("Such as: how ill they are, who is at home, whether they can use the devices, what they want.")
            .wrong(why),
        Field::new("reviewer", "Who judged it?", Input::Select(reviewers)).wrong(reviewer),
        Field::date("review_on", "The day on which it is judged again", filled).wrong(review_on),
    ];
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::snapshot;

    const ASSESSMENT: &str = "/patients/ivor/assessment";

    #[tokio::test]
    async fn an_assessment_names_its_reviewer_and_when_it_is_looked_at_again() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        snapshot::check("assessment", &served.get(ASSESSMENT, "nurse-1").await.body);
        for (form, said) in [
            ("", "Choose where the patient can be looked after"),
            (
                "place=home&reviewer=dr-rees&review_on=2026-04-10",
                "Write why",
            ),
            (
                "place=home&why=x&reviewer=nobody&review_on=2026-04-10",
                "Choose who judged it",
            ),
            (
                "place=home&why=x&reviewer=dr-rees&review_on=2026-03-14",
                "Choose a day after today",
            ),
        ] {
            let page = served.post(ASSESSMENT, "nurse-1", form).await;
            assert!(
                page.status == 422 && page.body.contains(said),
                "{form}: {said}"
            );
        }
        let form = "place=both&why=Lives+with+his+daughter&reviewer=dr-rees&review_on=2026-04-10";
        assert_eq!(served.post(ASSESSMENT, "nurse-1", form).await.status, 303);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        for said in [
            "At home, with visits to a clinic",
            "Lives with his daughter",
            "Dr Carys Rees",
            "10 Apr 2026",
        ] {
            assert!(page.contains(said), "{said}");
        }
        let list = served.get("/patients", "nurse-1").await.body;
        assert!(
            list.contains("home or clinic is judged again by 10 Apr 2026"),
            "{list}"
        );
        sample.grants("dr-rees", &["gp_lead"]).await;
        assert_eq!(served.post(ASSESSMENT, "dr-rees", form).await.status, 403);
        assert_eq!(
            served.get("/patients/x/assessment", "nurse-1").await.status,
            404
        );
    }
}
