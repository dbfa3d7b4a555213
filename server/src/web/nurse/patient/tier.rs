//! Overriding the tier by which a patient's worklist rows are ordered, with a reason and an end, or taking that back.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::Event;
use clinical::worklist::{LABEL, Tier};

use super::about::About;
use super::done;
use super::form::{Field, Filled, Input, Offer, Sent, needed};
use crate::rights::Right;
use crate::store::cases;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// The longest reason, in characters.
const REASON_LEN_MAX: usize = 500;
/// How the form says that no tier is set.
const WORKED_OUT: &str = "worked_out";

fn code(tier: Tier) -> &'static str {
    match tier {
        Tier::Usual => "usual",
        Tier::Closer => "closer",
        Tier::Closest => "closest",
    }
}

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::EditPlans, &patient).await?;
    let case = cases::read(state.store.readers(), &about.id).await?;
    let now = case.map(|case| state.tiers.worked_out(&case, about.local.now()));
    let set = now.as_ref().is_some_and(|it| it.overridden.is_some());
    let chosen = now
        .as_ref()
        .filter(|_| set)
        .map_or(WORKED_OUT, |it| code(it.tier));
    let filled = Filled::with(&[("tier", chosen)]);
    Ok(page(&about, &filled, [None, None, None]))
}

/// Sets the tier, or takes the override back.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::EditPlans, &patient).await?;
    let filled = Filled::read(sent)?;
    let chosen = filled.text("tier");
    let tier = Tier::ALL.into_iter().find(|tier| code(*tier) == chosen);
    let reason = filled.text("reason");
    let until = filled
        .date("until")
        .and_then(|date| about.local.midnight(date));
    let is_known = tier.is_some() || chosen == WORKED_OUT;
    let wrongs = [
        (!is_known).then(|| "Choose how close an eye is kept".to_owned()),
        needed(reason, REASON_LEN_MAX, "Write why, in a few words"),
        (tier.is_some() && until.is_none_or(|until| until <= about.local.now()))
            .then(|| "Choose a day after today on which this ends".to_owned()),
    ];
    if wrongs.iter().any(Option::is_some) {
        return Ok(page(&about, &filled, wrongs));
    }
    let event = Event::TierSet {
        tier,
        by: me.id.clone(),
        reason: reason.to_owned(),
        until: until.filter(|_| tier.is_some()),
    };
    Ok(match state.happen(&me, &about.id, &event).await? {
        Ok(_) => Redirect::to(&done::href(&about.id, "tier")).into_response(),
        Err(refusal) => about.refusal(&refusal),
    })
}

fn page(about: &About<'_>, filled: &Filled, wrongs: [Option<String>; 3]) -> Response {
    let [tier, reason, until] = wrongs;
    let chosen = filled.text("tier");
    let tiers = Tier::ALL.into_iter().map(|tier| {
        let code = code(tier);
        Offer::new(code, tier.words(), code == chosen)
    });
    let worked_out = Offer::new(WORKED_OUT, "as it is worked out", chosen == WORKED_OUT);
    let offers = tiers.chain([worked_out]).collect();
    let mut page = about.form("Worklist order of", "Change the worklist order of");
    page.lead = vec![
        LABEL.to_owned(),
        "It decides between alerts that are as bad and due at the same time, and hides nobody."
            .to_owned(),
    ];
    page.fields = vec![
        Field::new("tier", "How close an eye is kept?", Input::Radio(offers)).wrong(tier),
        Field::area("reason", "Why?", filled).wrong(reason),
        Field::date("until", "The day on which this ends", filled)
            .hint("Leave it empty when it is worked out again.")
            .wrong(until),
    ];
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::snapshot;

    const TIER: &str = "/patients/ivor/tier";

    #[tokio::test]
    async fn a_clinician_overrides_the_tier_with_a_reason_and_an_end() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        snapshot::check("tier", &served.get(TIER, "dr-rees").await.body);
        for (form, said) in [
            ("", "Choose how close an eye is kept"),
            ("tier=closest&until=2026-03-20", "Write why"),
            ("tier=closest&reason=Widowed", "Choose a day after today"),
            (
                "tier=closest&reason=Widowed&until=2026-03-14",
                "Choose a day after today",
            ),
        ] {
            let page = served.post(TIER, "dr-rees", form).await;
            assert!(
                page.status == 422 && page.body.contains(said),
                "{form}: {said}"
            );
        }
        let form = "tier=closest&reason=Widowed+last+week&until=2026-03-20";
        assert_eq!(served.post(TIER, "dr-rees", form).await.status, 303);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        assert!(page.contains("<b>the closest eye</b>"));
        assert!(page.contains("Worklist order, not a validated risk score."));
        assert!(page.contains("until Fri 20 Mar, 00:00: Widowed last week"));
        let form = "tier=worked_out&reason=Has+company+now";
        assert_eq!(served.post(TIER, "nurse-1", form).await.status, 303);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        assert!(page.contains("<b>as usual</b>") && !page.contains("the closest eye</b>"));
        sample.grants("nurse-2", &["visitor"]).await;
        assert_eq!(served.post(TIER, "nurse-2", form).await.status, 403);
        assert_eq!(served.get("/patients/x/tier", "nurse-1").await.status, 404);
    }
}
