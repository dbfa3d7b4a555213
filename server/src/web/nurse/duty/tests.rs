//! Duty as its pages are used: read by the team, changed by its lead and administrators, refused with the gap in a sentence.

use crate::web::browser::{Answer, Served};
use crate::web::sample::{Sample, run};
use crate::web::snapshot;

/// Monday, 12:20.
const NOW: &str = "2026-03-16T12:20:00Z";

/// The sample with a team lead, an administrator, an installer, and a nurse of another team.
async fn office() -> (Sample, Served) {
    let sample = Sample::open(NOW).await;
    sample.ivor().await;
    let mut write = sample.state.store.write().await.unwrap();
    for statement in [
        "INSERT INTO team (id, name) VALUES ('south', 'South team')",
        "INSERT INTO person (id, name, role, team) VALUES ('admin-1', 'Ines Boult', 'Manager', 'south')",
        "INSERT INTO person (id, name, role, team) VALUES ('fitter-1', 'Ffion Rhys', 'Installer', 'south')",
        "INSERT INTO person (id, name, role, team) VALUES ('nurse-9', 'Nia Webb', 'Nurse', 'south')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('lead-1', 2, 'team_lead', 'north', 0)",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('admin-1', 1, 'administrator', NULL, 0)",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('fitter-1', 1, 'installer', NULL, 0)",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-9', 1, 'nurse', 'south', 0)",
    ] {
        run(&mut write, statement, &[]).await;
    }
    write.commit().await.unwrap();
    let served = Served::start(&sample.state).await;
    (sample, served)
}

/// Finds the lock that a form holds.
fn lock(form: &Answer) -> String {
    let (_, rest) = form.body.split_once("name=\"lock\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Opens a form, fills it and sends it.
async fn fill(served: &Served, path: &str, person: &str, fields: &str) -> Answer {
    let form = served.get(path, person).await;
    assert_eq!(form.status, 200, "{path}");
    let body = format!("lock={}&{fields}", lock(&form));
    served.post(path, person, &body).await
}

/// Finds the address of the first row of a kind.
fn row(week: &str, kind: &str) -> String {
    let start = format!("/duty/north/{kind}/");
    let (_, rest) = week.split_once(&start).unwrap();
    format!("{start}{}", rest.split('"').next().unwrap())
}

const EARLY: &str = "person=nurse-1&day=mon&day=tue&day=wed&day=thu&day=fri&day=sat&day=sun&from=08:00&until=20:00&first=2026-03-16&last=";

#[tokio::test]
async fn a_week_is_read_by_the_team_and_by_nobody_else() {
    let (_sample, served) = office().await;
    let week = served.get("/duty/north", "nurse-1").await;
    assert_eq!(week.status, 200);
    snapshot::check("duty-week", &week.body);
    assert!(!week.body.contains("Add a shift"), "a nurse only reads");
    let ward = served.get("/duty", "nurse-1").await;
    assert_eq!(ward.header("location"), Some("/duty/north"));
    let both = served.get("/duty", "admin-1").await;
    assert_eq!(both.status, 200);
    snapshot::check("duty-teams", &both.body);
    assert_eq!(served.get("/duty/north", "nurse-9").await.status, 404);
    assert_eq!(served.get("/duty/nowhere", "lead-1").await.status, 404);
    assert_eq!(served.get("/duty/north", "fitter-1").await.status, 403);
    for path in ["shift", "leave", "join", "go", "settings"] {
        let path = format!("/duty/north/{path}");
        assert_eq!(served.get(&path, "nurse-1").await.status, 403, "{path}");
        assert_eq!(served.post(&path, "nurse-1", "lock=1").await.status, 403);
        assert_eq!(served.get(&path, "admin-1").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_shift_is_added_handed_over_and_refused_where_it_leaves_a_gap() {
    let (_sample, served) = office().await;
    let path = "/duty/north/shift";
    snapshot::check("duty-shift", &served.get(path, "lead-1").await.body);
    let missing = fill(
        &served,
        path,
        "lead-1",
        "from=x&until=17:00&first=2026-03-15",
    )
    .await;
    assert_eq!(missing.status, 422);
    snapshot::check("duty-shift-missing", &missing.body);
    let short = "person=nurse-1&day=mon&from=08:00&until=20:00&first=2026-03-16";
    let gap = fill(&served, path, "lead-1", short).await;
    assert_eq!(gap.status, 422, "with one shift, the others do not count");
    assert!(
        gap.body
            .contains("Tuesday 08:00-20:00 nobody covers the North team"),
        "{}",
        gap.body
    );
    assert!(
        gap.body.contains("value=\"mon\" checked"),
        "what was chosen is kept"
    );

    let done = fill(&served, path, "lead-1", EARLY).await;
    assert_eq!(done.status, 303);
    let week = served
        .get(done.header("location").unwrap(), "lead-1")
        .await
        .body;
    assert!(
        week.contains("Saved. Shift of Anna Price added: Mon–Sun 08:00–20:00"),
        "{week}"
    );
    let end = row(&week, "shift");
    let gap = fill(&served, &end, "lead-1", "last=2026-03-31&next=").await;
    assert_eq!(gap.status, 422);
    assert!(
        gap.body.contains("nobody covers the North team"),
        "{}",
        gap.body
    );
    let given = fill(&served, &end, "lead-1", "last=2026-03-31&next=nurse-2").await;
    assert_eq!(given.status, 303, "{}", given.body);
    let week = served
        .get("/duty/north?week=2026-03-30", "lead-1")
        .await
        .body;
    assert!(week.contains("Shift of Anna Price (Mon–Sun 08:00–20:00) ends on Tue 31 Mar 2026, then Bilal Khan works it"));
    assert_eq!(week.matches("08:00–20:00<").count(), 7, "{week}");
    assert_eq!(
        served.get(&end, "lead-1").await.status,
        404,
        "that row is no more"
    );
}

#[tokio::test]
async fn who_was_slower_is_told_and_loses_nothing() {
    let (_sample, served) = office().await;
    let path = "/duty/north/leave";
    let form = lock(&served.get(path, "lead-1").await);
    let other = "person=nurse-2&first=2026-03-18&last=2026-03-19&cover=nurse-1";
    assert_eq!(fill(&served, path, "admin-1", other).await.status, 303);
    let body = format!("lock={form}&person=nurse-1&first=2026-03-20&last=2026-03-20&cover=lead-1");
    let late = served.post(path, "lead-1", &body).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("Somebody else changed this meanwhile"));
    assert!(
        late.body.contains("value=\"2026-03-20\""),
        "what was typed is kept"
    );
    let again = format!("lock={}&{}", lock(&late), body.split_once('&').unwrap().1);
    assert_eq!(served.post(path, "lead-1", &again).await.status, 303);
    let week = served.get("/duty/north", "lead-1").await.body;
    assert!(week.contains("Away, Anna Price covers") && week.contains("Away, Lena Marsh covers"));
}

#[tokio::test]
async fn who_is_on_call_goes_nowhere_without_a_cover_and_a_leave_ends_early() {
    let (_sample, served) = office().await;
    let path = "/duty/north/leave";
    let away = "person=ooh-1&first=2026-03-18&last=2026-03-19&cover=";
    let gap = fill(&served, path, "lead-1", away).await;
    assert_eq!(gap.status, 422);
    assert!(
        gap.body
            .contains("Wednesday 18 March 00:00-24:00 nobody is on call for the North team"),
        "{}",
        gap.body
    );
    let done = fill(&served, path, "lead-1", &format!("{away}lead-1")).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let week = served.get("/duty/north", "lead-1").await.body;
    let end = row(&week, "leave");
    let beyond = fill(&served, &end, "lead-1", "last=2026-03-25").await;
    assert_eq!(beyond.status, 422);
    assert_eq!(
        fill(&served, &end, "lead-1", "last=2026-03-18")
            .await
            .status,
        303
    );
    let own = fill(
        &served,
        path,
        "lead-1",
        "person=nurse-2&first=2026-03-18&last=2026-03-17&cover=x%20y",
    )
    .await;
    assert_eq!(own.status, 422);
    let own = fill(
        &served,
        path,
        "lead-1",
        "person=nurse-2&first=2026-03-18&last=2026-03-18&cover=nurse-2",
    )
    .await;
    assert!(
        own.body.contains("Bilal Khan cannot cover for Bilal Khan"),
        "{}",
        own.body
    );
}

#[tokio::test]
async fn members_come_and_go_and_nobody_goes_who_is_needed() {
    let (_sample, served) = office().await;
    let joins = fill(
        &served,
        "/duty/north/join",
        "lead-1",
        "person=nurse-9&first=2026-04-01",
    )
    .await;
    assert_eq!(joins.status, 303, "{}", joins.body);
    let week = served.get("/duty/north", "lead-1").await.body;
    assert!(
        week.contains("<b>Nia Webb</b>: in the team from Wed 1 Apr 2026"),
        "{week}"
    );
    let unknown = fill(
        &served,
        "/duty/north/join",
        "lead-1",
        "person=nobody&first=2026-03-01",
    )
    .await;
    assert_eq!(unknown.status, 422);
    let go = "/duty/north/go";
    let needed = fill(&served, go, "lead-1", "person=nurse-1&last=2026-03-20").await;
    assert!(
        needed
            .body
            .contains("Anna Price is the care coordinator of 1 patient after that day"),
        "{}",
        needed.body
    );
    let on_call = fill(&served, go, "lead-1", "person=ooh-1&last=2026-03-20").await;
    assert!(
        on_call
            .body
            .contains("Omar Said is person on call of the North team"),
        "{}",
        on_call.body
    );
    assert_eq!(
        fill(&served, go, "lead-1", "person=nurse-2&last=2026-03-20")
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn lead_on_call_and_hours_are_changed() {
    let (_sample, served) = office().await;
    let settings = "/duty/north/settings";
    let same = fill(
        &served,
        settings,
        "lead-1",
        "lead=lead-1&on_call=ooh-1&staffed=mon-sun+08:00-20:00",
    )
    .await;
    assert!(
        same.body.contains("Everything is as it was"),
        "{}",
        same.body
    );
    let bad = fill(
        &served,
        settings,
        "lead-1",
        "lead=lead-1&on_call=ooh-1&staffed=mon+8-20",
    )
    .await;
    assert!(bad.body.contains("“mon 8-20” are no hours"), "{}", bad.body);
    let done = fill(
        &served,
        settings,
        "lead-1",
        "lead=nurse-1&on_call=ooh-1&staffed=mon-sat+08:00-20:00",
    )
    .await;
    assert_eq!(done.status, 303, "{}", done.body);
    let week = served.get("/duty/north", "lead-1").await.body;
    assert!(
        week.contains(
            "From now on Anna Price leads the team, and staffed hours are Mon–Sat 08:00–20:00"
        ),
        "{week}"
    );
}
