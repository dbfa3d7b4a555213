//! What was agreed with a patient in words: what they aim for, their rescue medicine, and what they do when they feel worse.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};

use super::about::About;
use super::done;
use super::form::{Field, Filled, Sent, needed, too_long};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::agreements::{self, Agreement};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// The longest of its texts, in characters.
const TEXT_LEN_MAX: usize = 1_000;
/// The longest name of who agreed, in characters.
const WHO_LEN_MAX: usize = 100;

/// Shows the form with what holds now.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::EditPlans, &patient).await?;
    let latest = agreements::latest(state.store.readers(), &about.id).await?;
    let (number, filled) = match latest {
        None => (0, Filled::with(&[("agreed_with", "The patient")])),
        Some(it) => {
            let texts = [
                ("target", it.agreement.target.as_str()),
                ("rescue", &it.agreement.rescue),
                ("escalation", &it.agreement.escalation),
                ("agreed_with", &it.agreement.agreed_with),
            ];
            (it.number, Filled::with(&texts))
        }
    };
    Ok(page(&about, number, &filled, false))
}

/// Records it as what holds from now on.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::EditPlans, &patient).await?;
    let filled = Filled::read(sent)?;
    let after: i64 = filled
        .text("after")
        .parse()
        .map_err(|_| PageError::BadForm)?;
    let page = page(&about, after, &filled, true);
    if !page.status().is_success() {
        return Ok(page);
    }
    let text = |name: &str| filled.text(name).to_owned();
    let agreement = Agreement {
        target: text("target"),
        rescue: text("rescue"),
        escalation: text("escalation"),
        agreed_with: text("agreed_with"),
    };
    let now = state.clock.now();
    let mut write = state.store.write().await?;
    if !agreements::add(&mut write, &about.id, after, &agreement, &me.id, now).await? {
        return Ok(about.was_changed("What was agreed"));
    }
    let entry = Entry::new(me.actor(), Action::PatientChanged).of(&about.id);
    state
        .commit(write, &entry.detail("what was agreed"))
        .await?;
    Ok(Redirect::to(&done::href(&about.id, "agreement")).into_response())
}

fn page(about: &About<'_>, after: i64, filled: &Filled, is_sent: bool) -> Response {
    let check = |found: Option<String>| found.filter(|_| is_sent);
    let (target, escalation) = (filled.text("target"), filled.text("escalation"));
    let mut page = about.form("What was agreed with", "Record what was agreed with");
    page.hidden = vec![("after".to_owned(), after.to_string())];
    page.fields = vec![
        Field::area("target", "What they aim for, in their own words", filled)
            .hint("Such as: blood pressure under 135 over 85, so that I can go on gardening.")
            .wrong(check(needed(
                target,
                TEXT_LEN_MAX,
                "Write what they aim for",
            ))),
        Field::area("rescue", "Rescue medicine, and when it is taken", filled)
            .hint("Leave it empty when there is none.")
            .wrong(check(too_long(filled.text("rescue"), TEXT_LEN_MAX))),
        Field::area(
            "escalation",
            "What they do when they feel worse, and whom they call",
            filled,
        )
        .wrong(check(needed(
            escalation,
            TEXT_LEN_MAX,
            "Write what they do when they feel worse",
        ))),
        Field::line("agreed_with", "Who agreed", filled)
            .hint("The patient, or who speaks for them.")
            .wrong(check(needed(
                filled.text("agreed_with"),
                WHO_LEN_MAX,
                "Write who agreed",
            ))),
    ];
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::snapshot;

    const AGREEMENT: &str = "/patients/ivor/agreement";

    #[tokio::test]
    async fn what_was_agreed_is_on_the_plan_card_and_a_second_writer_is_told() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        snapshot::check("agreement", &served.get(AGREEMENT, "nurse-1").await.body);
        let form =
            "after=0&target=Garden+again&rescue=&escalation=Call+111&agreed_with=His+daughter";
        assert_eq!(served.post(AGREEMENT, "nurse-1", form).await.status, 303);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        for said in [
            "Garden again",
            "None agreed.",
            "Call 111",
            "His daughter, recorded by Anna Price",
        ] {
            assert!(page.contains(said), "{said}");
        }
        let second = served.post(AGREEMENT, "nurse-2", form).await;
        assert_eq!(second.status, 409);
        assert!(second.body.contains("Somebody else changed"));
        let empty = served.post(AGREEMENT, "nurse-1", "after=1&rescue=x").await;
        assert_eq!(empty.status, 422);
        assert!(
            empty.body.contains("Write what they aim for") && empty.body.contains(">x</textarea>")
        );
        let long = format!(
            "after=1&target={}&escalation=y&agreed_with=z",
            "x".repeat(1_001)
        );
        let long = served.post(AGREEMENT, "nurse-1", &long).await;
        assert!(long.status == 422 && long.body.contains("it has 1001"));
        assert_eq!(
            served
                .get("/patients/other/agreement", "nurse-1")
                .await
                .status,
            404
        );
        sample.grants("nurse-2", &["visitor"]).await;
        assert_eq!(served.get(AGREEMENT, "nurse-2").await.status, 403);
    }
}
