//! Referring a patient to a core clinic, and noting what became of a referral.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};

use super::about::About;
use super::done;
use super::form::{Field, Filled, Input, Offer, Sent, needed, too_long};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::referrals::{self, RecordedStep, Referral, Standing, Step, Transport};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// The most steps of a patient's referrals that are read.
pub(super) const STEPS_MAX: i64 = 200;
/// The longest name of a clinic, in characters.
const CLINIC_LEN_MAX: usize = 120;
/// The longest reason or note, in characters.
const TEXT_LEN_MAX: usize = 2_000;

/// Shows the form of a new referral.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    Ok(ask_page(&about, &Filled::default(), [None, None, None]))
}

/// Refers the patient.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let (clinic, why) = (filled.text("clinic"), filled.text("why"));
    let transport = Transport::from_code(filled.text("transport"));
    let wrongs = [
        needed(clinic, CLINIC_LEN_MAX, "Write which clinic"),
        needed(why, TEXT_LEN_MAX, "Write why"),
        transport
            .is_none()
            .then(|| "Choose what the patient needs to get there".to_owned()),
    ];
    let (Some(transport), [None, None, None]) = (transport, &wrongs) else {
        return Ok(ask_page(&about, &filled, wrongs));
    };
    let referral = Referral {
        clinic: clinic.to_owned(),
        why: why.to_owned(),
        transport,
    };
    let mut write = state.store.write().await?;
    referrals::ask(&mut write, &about.id, &referral, &me.id, state.clock.now()).await?;
    let entry = Entry::new(me.actor(), Action::PatientChanged).of(&about.id);
    state.commit(write, &entry.detail("referral")).await?;
    Ok(back(&about))
}

/// Shows the form of what became of a referral.
pub(crate) async fn get_step(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, referral)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let last = last_step(&about, referral).await?;
    let number = last.number.to_string();
    let filled = Filled::with(&[("after", &number)]);
    Ok(step_page(&about, &last, &filled, [None, None, None]))
}

/// Notes what became of a referral.
pub(crate) async fn post_step(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((patient, referral)): Path<(String, i64)>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let last = last_step(&about, referral).await?;
    let filled = Filled::read(sent)?;
    let after: i64 = filled
        .text("after")
        .parse()
        .map_err(|_| PageError::BadForm)?;
    let standing = Standing::from_code(filled.text("standing"));
    let standing = standing.filter(|it| *it != Standing::Asked);
    let (on_day, note) = (filled.date("on_day"), filled.text("note"));
    let needs_day = matches!(standing, Some(Standing::Booked | Standing::Seen));
    let is_declined = standing == Some(Standing::Declined);
    let wrongs = [
        standing
            .is_none()
            .then(|| "Choose what became of it".to_owned()),
        (needs_day && on_day.is_none()).then(|| "Choose the day of the appointment".to_owned()),
        if is_declined {
            needed(note, TEXT_LEN_MAX, "Write who declined, and why")
        } else {
            too_long(note, TEXT_LEN_MAX)
        },
    ];
    let (Some(standing), [None, None, None]) = (standing, &wrongs) else {
        return Ok(step_page(&about, &last, &filled, wrongs));
    };
    let step = Step {
        standing,
        on_day: on_day.filter(|_| needs_day),
        note: note.to_owned(),
    };
    let mut write = state.store.write().await?;
    let place = (referral, after);
    let now = state.clock.now();
    if !referrals::add_step(&mut write, &about.id, place, &step, &me.id, now).await? {
        return Ok(about.was_changed("The referral"));
    }
    let entry = Entry::new(me.actor(), Action::PatientChanged).of(&about.id);
    state.commit(write, &entry.detail("referral")).await?;
    Ok(back(&about))
}

fn back(about: &About<'_>) -> Response {
    let to = done::href(&about.id, "referral");
    Redirect::to(&to).into_response()
}

async fn last_step(about: &About<'_>, referral: i64) -> Result<RecordedStep, PageError> {
    let steps = referrals::of(about.state.store.readers(), &about.id, STEPS_MAX).await?;
    let last = steps.into_iter().rfind(|it| it.referral == referral);
    last.ok_or(PageError::NotFound)
}

fn ask_page(about: &About<'_>, filled: &Filled, wrongs: [Option<String>; 3]) -> Response {
    let [clinic, why, transport] = wrongs;
    let chosen = filled.text("transport");
    let kinds = Transport::ALL.map(|it| Offer::new(it.code(), it.label(), it.code() == chosen));
    let mut page = about.form("Refer to a clinic:", "Refer");
    page.fields = vec![
        Field::line("clinic", "Which clinic?", filled).wrong(clinic),
        Field::area("why", "Why?", filled).wrong(why),
        Field::new(
            "transport",
            "What does the patient need to get there?",
            Input::Radio(kinds.into()),
        )
        .wrong(transport),
    ];
    page.answer()
}

fn step_page(
    about: &About<'_>,
    last: &RecordedStep,
    filled: &Filled,
    wrongs: [Option<String>; 3],
) -> Response {
    let [standing, on_day, note] = wrongs;
    let chosen = filled.text("standing");
    let standings = Standing::ALL
        .into_iter()
        .filter(|it| *it != Standing::Asked);
    let offers = standings.map(|it| Offer::new(it.code(), it.label(), it.code() == chosen));
    let heading = format!("What became of the referral to {}:", last.of.clinic);
    let mut page = about.form(&heading, "Note what became of the referral of");
    page.lead = vec![format!(
        "{} by {}, {}. {}.",
        last.step.standing.label(),
        last.by,
        about.local.show(last.at).text,
        last.of.transport.label()
    )];
    page.hidden = vec![("after".to_owned(), filled.text("after").to_owned())];
    page.fields = vec![
        Field::new(
            "standing",
            "What became of it?",
            Input::Radio(offers.collect()),
        )
        .wrong(standing),
        Field::date("on_day", "The day of the appointment", filled).wrong(on_day),
        Field::area("note", "What there is to say", filled).wrong(note),
    ];
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::snapshot;

    const REFERRAL: &str = "/patients/ivor/referral";
    const STEP: &str = "/patients/ivor/referrals/1";

    #[tokio::test]
    async fn a_referral_goes_its_way_step_by_step() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        snapshot::check("referral", &served.get(REFERRAL, "nurse-1").await.body);
        let missing = served.post(REFERRAL, "nurse-1", "why=x").await;
        assert!(missing.status == 422 && missing.body.contains("Write which clinic"));
        let form = "clinic=Heart+failure+clinic&why=New+breathlessness&transport=wheelchair";
        assert_eq!(served.post(REFERRAL, "nurse-1", form).await.status, 303);
        let list = served.get("/patients", "nurse-1").await.body;
        assert!(list.contains("Heart failure clinic: asked"), "{list}");

        snapshot::check("referral-step", &served.get(STEP, "nurse-1").await.body);
        for (form, said) in [
            ("after=1", "Choose what became of it"),
            ("after=1&standing=asked", "Choose what became of it"),
            (
                "after=1&standing=booked",
                "Choose the day of the appointment",
            ),
            ("after=1&standing=declined", "Write who declined"),
        ] {
            let page = served.post(STEP, "nurse-1", form).await;
            assert!(
                page.status == 422 && page.body.contains(said),
                "{form}: {said}"
            );
        }
        let booked = "after=1&standing=booked&on_day=2026-03-20&note=At+ten";
        assert_eq!(served.post(STEP, "nurse-1", booked).await.status, 303);
        assert_eq!(served.post(STEP, "nurse-2", booked).await.status, 409);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        for said in [
            "Vehicle that takes a wheelchair",
            "Booked",
            "20 Mar 2026",
            "At ten",
        ] {
            assert!(page.contains(said), "{said}");
        }
        let seen = "after=2&standing=seen&on_day=2026-03-20";
        assert_eq!(served.post(STEP, "nurse-1", seen).await.status, 303);
        let list = served.get("/patients", "nurse-1").await.body;
        assert!(!list.contains("Heart failure clinic"), "it is over");
        for path in ["/patients/ivor/referrals/2", "/patients/x/referral"] {
            assert_eq!(served.get(path, "nurse-1").await.status, 404, "{path}");
        }
        sample.grants("dr-rees", &["gp_lead"]).await;
        assert_eq!(served.get(REFERRAL, "dr-rees").await.status, 403);
    }
}
