//! A nurse at the pages of single alerts, through the real casework and database.

mod bulk;
mod forms;
mod offers;
mod page;

use clinical::{AlertNumber, Event, Outcome};

use crate::web::browser::{Answer, Served};
use crate::web::sample::{Sample, run};
use crate::web::sample_values::oxygen;

/// Mr Ivor Evans, whose oxygen was out of its urgent limits a minute ago: alert 1.
pub(super) async fn one_alert() -> (Sample, Served) {
    let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    sample
        .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
        .await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

/// The same, taken by nurse-1.
pub(super) async fn taken() -> (Sample, Served) {
    let (sample, served) = one_alert().await;
    take(&sample, "ivor", 1, "nurse-1").await;
    (sample, served)
}

/// Lets a person take an alert.
pub(super) async fn take(sample: &Sample, patient: &str, number: u32, person: &str) {
    let taken = Event::AlertTaken {
        alert: AlertNumber(number),
        by: person.parse().unwrap(),
        instead_of: None,
    };
    sample.happen(patient, taken).await;
}

/// Lets a person close an alert of Mr Ivor Evans.
pub(super) async fn close(sample: &Sample, number: u32, person: &str, outcome: Outcome) {
    let closed = Event::AlertClosed {
        alert: AlertNumber(number),
        by: person.parse().unwrap(),
        outcome,
        note: "Spoke to his daughter.".to_owned(),
        duplicate_of: None,
    };
    sample.happen("ivor", closed).await;
}

/// Gives the random id that a page's form carries.
pub(super) fn action_of(page: &Answer) -> String {
    let after = page.body.split("name=\"action\" value=\"").nth(1).unwrap();
    after.split('"').next().unwrap().to_owned()
}

/// Counts the journal's rows of a kind of event.
pub(super) async fn count(sample: &Sample, event: &str) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM journal WHERE event LIKE $1")
        .bind(format!("%\"event\":\"{event}\"%"))
        .fetch_one(sample.state.store.readers())
        .await
        .unwrap()
}

/// Adds a nurse of another team, and a planner who sees no records.
pub(super) async fn strangers(sample: &Sample) {
    let mut write = sample.state.store.write().await.unwrap();
    for statement in [
        "INSERT INTO team (id, name) VALUES ('south', 'South team')",
        "INSERT INTO person (id, name, role, team) VALUES ('south-1', 'Sue Tan', 'Nurse', 'south')",
        "INSERT INTO person (id, name, role, team) VALUES ('plan-1', 'Pia Lund', 'Planner', 'south')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('south-1', 1, 'nurse', 'south', 0)",
        "INSERT INTO role_grant (person, number, role, granted_at) VALUES ('plan-1', 1, 'planner', 0)",
    ] {
        run(&mut write, statement, &[]).await;
    }
    write.commit().await.unwrap();
}
