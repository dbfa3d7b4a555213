//! A patient's details: names, date of birth, NHS number. What they were before a change is kept.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;

use super::about::About;
use super::done;
use super::form::{Field, Filled, Sent, needed};
use crate::audit::{Action, Entry};
use crate::nhs_number::NhsNumber;
use crate::rights::Right;
use crate::store::demographics::{self, Details};
use crate::store::patients::Patient;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;
use crate::web::words;

/// The longest name, in characters.
pub(super) const NAME_LEN_MAX: usize = 100;
/// The longest title, in characters.
pub(super) const TITLE_LEN_MAX: usize = 30;
/// Nobody was born before this year.
const BORN_YEAR_MIN: i16 = 1890;

/// A person's details as they were typed and checked.
pub(super) struct Typed {
    /// How they are addressed.
    pub(super) title: String,
    /// The given name.
    pub(super) given_name: String,
    /// The family name.
    pub(super) family_name: String,
    /// The date of birth.
    pub(super) born_on: Date,
    /// The NHS number.
    pub(super) nhs_number: NhsNumber,
}

/// The fields of a person's details, with what is wrong once they were sent; and the details when nothing is.
pub(super) fn fields(filled: &Filled, is_sent: bool, today: Date) -> (Vec<Field>, Option<Typed>) {
    let text = |name: &str| filled.text(name).to_owned();
    let name = |name: &str, missing: &str| needed(filled.text(name), NAME_LEN_MAX, missing);
    let born = filled.date("born_on");
    let number: Result<NhsNumber, _> = filled.text("nhs_number").parse();
    let born_wrong = match born {
        None => Some("Enter the date of birth, such as 14/07/1945".to_owned()),
        Some(date) if date > today => Some("The date of birth has not come yet".to_owned()),
        Some(date) if date.year() < BORN_YEAR_MIN => {
            Some(format!("Enter a year of birth from {BORN_YEAR_MIN} on"))
        }
        Some(_) => None,
    };
    let wrongs = [
        needed(
            filled.text("title"),
            TITLE_LEN_MAX,
            "Enter a title, such as Mr, Mrs or Mx",
        ),
        name("given_name", "Enter the given name"),
        name("family_name", "Enter the family name"),
        born_wrong,
        number
            .as_ref()
            .err()
            .map(|error| sentence(&error.to_string())),
    ];
    let is_right = wrongs.iter().all(Option::is_none);
    let typed = match (is_right, born, number) {
        (true, Some(born_on), Ok(nhs_number)) => Some(Typed {
            title: text("title"),
            given_name: text("given_name"),
            family_name: text("family_name"),
            born_on,
            nhs_number,
        }),
        _ => None,
    };
    let fields = [
        Field::line("title", "Title", filled),
        Field::line("given_name", "Given name", filled),
        Field::line("family_name", "Family name", filled),
        Field::date("born_on", "Date of birth", filled),
        Field::line("nhs_number", "NHS number", filled).hint("Ten digits, such as 943 476 5919."),
    ];
    let fields = fields.into_iter().zip(wrongs);
    let fields = fields.map(|(field, wrong)| field.wrong(wrong.filter(|_| is_sent)));
    (fields.collect(), typed)
}

/// Begins a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Shows the form.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let acquired = state.store.readers().acquire().await;
    let mut connection = acquired.map_err(anyhow::Error::from)?;
    let details = demographics::of(&mut connection, &about.id).await?;
    let (it, born) = (&details.patient, details.patient.born_on.to_string());
    let number = words::nhs_number(it.nhs_number.as_str());
    let filled = Filled::with(&[
        ("title", &it.title),
        ("given_name", &it.given_name),
        ("family_name", &it.family_name),
        ("born_on", &born),
        ("nhs_number", &number),
    ]);
    let (fields, _) = fields(&filled, false, about.local.today());
    Ok(page(&about, details.changes_len, fields))
}

/// Changes the details.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let after: i64 = filled
        .text("after")
        .parse()
        .map_err(|_| PageError::BadForm)?;
    let (mut fields, typed) = fields(&filled, true, about.local.today());
    let Some(typed) = typed else {
        return Ok(page(&about, after, fields));
    };
    let registered = demographics::by_nhs_number(state.store.readers(), &typed.nhs_number).await?;
    if registered.is_some_and(|it| it != about.id) {
        let wrong = "Another patient has this NHS number. Check it; if it is right, ask your team lead to find out who.";
        if let Some(field) = fields.last_mut() {
            field.wrong = Some(wrong.to_owned());
        }
        return Ok(page(&about, after, fields));
    }
    let mut write = state.store.write().await?;
    let before = demographics::of(&mut write, &about.id).await?;
    let changed = changed(&before, typed);
    if before.changes_len != after
        || !demographics::change(&mut write, &before, &changed, &me.id, state.clock.now()).await?
    {
        return Ok(about.was_changed("The details"));
    }
    let entry = Entry::new(me.actor(), Action::PatientChanged).of(&about.id);
    state.commit(write, &entry.detail("details")).await?;
    state.changes.announce(about.id.clone());
    Ok(Redirect::to(&done::href(&about.id, "details")).into_response())
}

fn changed(before: &Details, typed: Typed) -> Patient {
    Patient {
        title: typed.title,
        given_name: typed.given_name,
        family_name: typed.family_name,
        born_on: typed.born_on,
        nhs_number: typed.nhs_number,
        ..before.patient.clone()
    }
}

fn page(about: &About<'_>, after: i64, fields: Vec<Field>) -> Response {
    let mut page = about.form("Details of", "Change the details of");
    page.hidden = vec![("after".to_owned(), after.to_string())];
    page.fields = fields;
    page.answer()
}

#[cfg(test)]
mod tests {
    use crate::web::browser::Served;
    use crate::web::sample::Sample;
    use crate::web::snapshot;

    const DETAILS: &str = "/patients/ivor/details";
    const RIGHT: &str = "after=0&title=Mr&given_name=Ifor&family_name=Evans&born_on=14/07/1946&nhs_number=943+476+5919";

    #[tokio::test]
    async fn details_are_changed_once_and_what_they_were_is_kept() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        snapshot::check("details", &served.get(DETAILS, "nurse-1").await.body);
        assert_eq!(served.post(DETAILS, "nurse-1", RIGHT).await.status, 303);
        let page = served.get("/patients/ivor", "nurse-1").await.body;
        assert!(page.contains("EVANS, Ifor (Mr)") && page.contains("14-Jul-1946"));
        let late = served.post(DETAILS, "nurse-2", RIGHT).await;
        assert_eq!(late.status, 409);
        let before: String = sqlx::query_scalar("SELECT before FROM patient_change")
            .fetch_one(sample.state.store.readers())
            .await
            .unwrap();
        assert!(before.contains("\"given_name\":\"Ivor\"") && before.contains("1945-07-14"));
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_beside_its_field() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let plan = crate::web::sample_values::plan(1, "2026-03-01T09:00:00Z", 135);
        let names = ["Mrs", "Mair", "Price"];
        sample
            .patient("mair", names, "1950-01-31", "9990000018", plan)
            .await;
        let served = Served::start(&sample.state).await;
        for (from, to, said) in [
            ("given_name=Ifor", "given_name=", "Enter the given name"),
            ("14/07/1946", "14/07/2046", "has not come yet"),
            ("14/07/1946", "14/14/1946", "such as 14/07/1945"),
            ("943+476+5919", "943+476+5918", "look for a mistyped digit"),
            (
                "943+476+5919",
                "999+000+0018",
                "Another patient has this NHS number",
            ),
        ] {
            let page = served
                .post(DETAILS, "nurse-1", &RIGHT.replace(from, to))
                .await;
            assert_eq!(page.status, 422, "{to}");
            assert!(page.body.contains(said), "{to}");
            assert!(
                page.body.contains("value=\"Evans\""),
                "what was typed is kept"
            );
        }
        sample.grants("dr-rees", &["gp_lead"]).await;
        assert_eq!(served.get(DETAILS, "dr-rees").await.status, 403);
        assert_eq!(
            served.get("/patients/x/details", "nurse-1").await.status,
            404
        );
    }
}
