//! Who may see and do what: every route by every kind of person, for a patient of their own team and for one of another.

pub(crate) mod contents;
mod doors;
pub(crate) mod forms;
pub(crate) mod locality;
pub(crate) mod routes;
mod story;
pub(crate) mod table;

use jiff::SignedDuration;

use super::browser::{Answer, Served};
use super::sample::Sample;
use contents::contents;
use forms::{FORMS, Places};
use locality::{FOREIGN, KINDS, OWN, Patient, locality};
pub(crate) use story::turned_to;
use table::{Line, table};

/// Nobody comes so often that they have to wait.
pub(crate) const PACE: SignedDuration = SignedDuration::from_millis(100);

#[test]
fn every_route_has_a_line_and_every_line_a_route() {
    let lines = table();
    let written = lines
        .iter()
        .map(|it| (it.method.to_owned(), it.path.to_owned()));
    let written: Vec<routes::Route> = written.collect();
    let declared = routes::declared();
    let missing: Vec<_> = declared.iter().filter(|it| !written.contains(it)).collect();
    assert!(missing.is_empty(), "no line says who may: {missing:?}");
    let gone: Vec<_> = written.iter().filter(|it| !declared.contains(it)).collect();
    assert!(gone.is_empty(), "there is no such route: {gone:?}");
    assert_eq!(written.len(), declared.len(), "a route has two lines");
}

/// One locality with one person in it who asks.
struct Asking {
    sample: Sample,
    served: Served,
    kind: &'static str,
    person: &'static str,
    places: [Places; 2],
}

impl Asking {
    async fn of(kind: &'static str) -> Self {
        let sample = locality().await;
        let (_, person) = KINDS.into_iter().find(|(name, _)| *name == kind).unwrap();
        turned_to(&sample, person).await;
        let served = Served::start(&sample.state).await;
        let places = [
            Places::of(&sample, &served, &OWN).await,
            Places::of(&sample, &served, &FOREIGN).await,
        ];
        Self {
            sample,
            served,
            kind,
            person,
            places,
        }
    }

    /// Asks one cell. What changes something does so in a copy, so that the next cell is asked of the same locality.
    async fn ask(&self, line: &Line, places: &Places, expected: u16) -> Result<(), String> {
        let is_refused = [403, 404].contains(&expected) || self.is_sent_away(line);
        let answer = if line.method == "POST" && !is_refused {
            let copy = self.sample.copy().await;
            let served = Served::start(&copy.state).await;
            self.send(&served, (line, expected), places).await
        } else {
            self.sample.hand.advance(PACE);
            self.send(&self.served, (line, expected), places).await
        };
        self.judge(line, &answer, expected)
    }

    fn is_sent_away(&self, line: &Line) -> bool {
        self.person.is_empty()
            && line.expected(self.kind, false) == Some(303)
            && !["/set-up", "/start"].contains(&line.path)
    }

    fn is_at_home(&self) -> bool {
        self.person.starts_with("home-")
    }

    async fn send(
        &self,
        served: &Served,
        (line, expected): (&Line, u16),
        places: &Places,
    ) -> Answer {
        let path = places.path(line.path);
        match (line.path, expected, line.method) {
            // It goes on for ever.
            ("/alerts/live", 200, _) => return self.listen(served).await,
            (_, _, "GET") => return served.get(&path, self.person).await,
            _ => {}
        }
        let form = FORMS.iter().find(|(path, ..)| *path == line.path);
        let (_, _, form, _) = form.unwrap();
        let form = places.form(served, self.person, &path, form).await;
        served.post(&path, self.person, &form).await
    }

    /// Gives the beginning of a page's live stream.
    async fn listen(&self, served: &Served) -> Answer {
        let tick = served.events(self.person).await.next("tick").await;
        Answer {
            status: 200,
            head: String::new(),
            body: tick.unwrap(),
        }
    }

    fn judge(&self, line: &Line, answer: &Answer, expected: u16) -> Result<(), String> {
        let cell = format!("{} {} by {}", line.method, line.path, self.kind);
        if answer.status != expected {
            let said = heading(&answer.body);
            return Err(format!(
                "{cell}: {} and not {expected} {said}",
                answer.status
            ));
        }
        if let Some(name) = self.hidden(line).find(|it| names(answer, it)) {
            return Err(format!("{cell}: names {}", name.0));
        }
        let location = answer.header("location").unwrap_or_default();
        let said = match expected {
            303 if self.is_sent_away(line) => asks_who_it_is(line.path, location),
            303 => location.starts_with('/') && !location.starts_with("//"),
            403 if self.is_at_home() => answer.body.contains("This page is for the team"),
            403 => answer.body.contains("Your role does not include this"),
            404 if is_of_home(line.path) => answer.body.contains("We cannot find that page"),
            404 => answer.body.contains("Page not found"),
            _ => true,
        };
        said.then_some(()).ok_or(format!(
            "{cell}: says something else: {}",
            heading(&answer.body)
        ))
    }

    /// Lists the patients of whom this person is told nothing.
    fn hidden(&self, line: &Line) -> impl Iterator<Item = &'static Patient> {
        let told_len = match self.kind {
            "nurse" | "lead" | "gp" => OWN.patients.len(),
            "visitor" if line.path.starts_with("/visits") => OWN.patients.len(),
            "patient" | "carer" if is_of_home(line.path) => 1,
            _ => 0,
        };
        let own = OWN.patients.iter().skip(told_len);
        own.chain(&FOREIGN.patients)
    }
}

/// Tells whether a page is for people at home.
pub(crate) fn is_of_home(path: &str) -> bool {
    path == "/start"
        || path == "/me"
        || path.starts_with("/me/")
        || path.starts_with("/your-sign-in")
}

/// Tells whether an answer leads to where a page's people say who they are.
fn asks_who_it_is(path: &str, location: &str) -> bool {
    let door = if is_of_home(path) {
        "/start"
    } else {
        "/sign-in"
    };
    location.starts_with(door)
}

/// Tells whether an answer says who a patient is, in whatever letters.
fn names(answer: &Answer, (_, [_, given, family], _, nhs): &Patient) -> bool {
    let text = format!("{}{}", answer.head, answer.body).to_lowercase();
    let (start, rest) = nhs.split_at(3);
    let (middle, end) = rest.split_at(3);
    [
        given,
        family,
        nhs,
        &format!("{start} {middle} {end}").as_str(),
    ]
    .iter()
    .any(|it| text.contains(&it.to_lowercase()))
}

/// Gives what a page says first.
pub(crate) fn heading(page: &str) -> String {
    let heading = page.split("<h1").nth(1).unwrap_or(page);
    heading.chars().take(200).collect()
}

/// Asks every cell of a column, and says all that are otherwise.
async fn column(kind: &'static str) {
    let asking = Asking::of(kind).await;
    let before = contents(&asking.sample).await;
    let mut otherwise = Vec::new();
    for line in table() {
        for places in &asking.places {
            if let Some(expected) = line.expected(kind, places.is_foreign()) {
                let asked = asking.ask(&line, places, expected).await;
                let side = if places.is_foreign() {
                    "foreign"
                } else {
                    "own"
                };
                otherwise.extend(asked.err().map(|it| format!("{side}: {it}")));
            }
        }
    }
    assert!(otherwise.is_empty(), "\n{}", otherwise.join("\n"));
    for (table, rows) in contents(&asking.sample).await {
        assert_eq!(
            before[&table], rows,
            "looking, or being refused, changed {table}"
        );
    }
}

#[tokio::test]
async fn nobody_who_is_not_signed_in_sees_or_does_anything() {
    column("nobody").await;
}

#[tokio::test]
async fn a_nurse_cares_for_the_patients_of_her_team() {
    column("nurse").await;
}

#[tokio::test]
async fn a_team_lead_does_what_a_nurse_does_and_changes_the_rota() {
    column("lead").await;
}

#[tokio::test]
async fn a_gp_lead_cares_and_plans_and_registers_nobody() {
    column("gp").await;
}

#[tokio::test]
async fn a_planner_sees_numbers_and_no_patient() {
    column("planner").await;
}

#[tokio::test]
async fn an_installer_sees_no_patient() {
    column("fitter").await;
}

#[tokio::test]
async fn an_administrator_sees_staff_and_no_patient() {
    column("admin").await;
}

#[tokio::test]
async fn a_visitor_sees_no_record() {
    column("visitor").await;
}

#[tokio::test]
async fn a_patient_sees_their_own_pages_and_decides_who_else_does() {
    column("patient").await;
}

#[tokio::test]
async fn a_carer_sees_the_pages_of_whom_they_help_and_decides_nothing() {
    column("carer").await;
}
