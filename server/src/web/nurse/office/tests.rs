//! Administration as an administrator does it, and as nobody else can.

use crate::web::browser::{Answer, Served};
use crate::web::sample::{Sample, run};
use crate::web::snapshot;

const NOW: &str = "2026-03-16T12:20:00Z";

pub(super) async fn office() -> (Sample, Served) {
    let sample = Sample::open(NOW).await;
    sample.ivor().await;
    let mut write = sample.state.store.write().await.unwrap();
    for statement in [
        "INSERT INTO person (id, name, role, team) VALUES ('admin-1', 'Ines Boult', 'Manager', 'north')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('admin-1', 1, 'administrator', NULL, 0)",
    ] {
        run(&mut write, statement, &[]).await;
    }
    write.commit().await.unwrap();
    let served = Served::start(&sample.state).await;
    (sample, served)
}

/// Opens a form as the administrator, fills it and sends it.
pub(super) async fn fill(served: &Served, path: &str, fields: &str) -> Answer {
    let form = served.get(path, "admin-1").await;
    assert_eq!(form.status, 200, "{path}");
    let (_, rest) = form.body.split_once("name=\"lock\" value=\"").unwrap();
    let lock = rest.split('"').next().unwrap();
    let lock = lock
        .replace("&#38;", "%26")
        .replace('|', "%7C")
        .replace(' ', "+");
    let body = format!("lock={lock}&{fields}");
    served.post(path, "admin-1", &body).await
}

async fn overview(served: &Served) -> String {
    served.get("/administration?done=1", "admin-1").await.body
}

#[tokio::test]
async fn only_an_administrator_administers() {
    let (_sample, served) = office().await;
    snapshot::check(
        "office",
        &served.get("/administration", "admin-1").await.body,
    );
    let person = "/administration/people/nurse-1";
    snapshot::check("office-person", &served.get(person, "admin-1").await.body);
    for path in [
        "/administration",
        "/administration/organisation",
        "/administration/areas/new",
        "/administration/areas/city",
        "/administration/teams/new",
        "/administration/teams/north",
        "/administration/clinics/new",
        "/administration/people/new",
        person,
        "/administration/people/nurse-1/edit",
        "/administration/people/nurse-1/roles",
        "/administration/people/nurse-1/leave",
    ] {
        assert_eq!(served.get(path, "lead-1").await.status, 403, "{path}");
        assert_eq!(served.get(path, "admin-1").await.status, 200, "{path}");
    }
    for path in [
        "/administration/areas/nowhere",
        "/administration/teams/nowhere",
        "/administration/clinics/nowhere",
        "/administration/people/nobody",
    ] {
        assert_eq!(served.get(path, "admin-1").await.status, 404, "{path}");
    }
    let leave = served
        .post(
            "/administration/people/nurse-1/leave",
            "lead-1",
            "last=2026-03-31",
        )
        .await;
    assert_eq!(leave.status, 403);
}

#[tokio::test]
async fn places_are_added_changed_and_ended() {
    let (_sample, served) = office().await;
    let empty = fill(&served, "/administration/areas/new", "name=++").await;
    assert_eq!(empty.status, 422);
    assert_eq!(
        fill(&served, "/administration/areas/new", "name=Bro+Morgannwg")
            .await
            .status,
        303
    );
    let page = overview(&served).await;
    assert!(page.contains("Saved. Area Bro Morgannwg added."), "{page}");
    let clinic = "name=Heart+clinic&area=bro-morgannwg&days=Tuesdays&contact=01632+960001";
    let half = fill(
        &served,
        "/administration/clinics/new",
        "name=Heart+clinic&area=x",
    )
    .await;
    assert_eq!(half.status, 422);
    snapshot::check("office-clinic-missing", &half.body);
    assert_eq!(
        fill(&served, "/administration/clinics/new", clinic)
            .await
            .status,
        303
    );
    let path = "/administration/clinics/heart-clinic";
    let moved = clinic.replace("Tuesdays", "Fridays");
    assert_eq!(
        fill(&served, path, &format!("{moved}&goes_on=yes"))
            .await
            .status,
        303
    );
    assert!(
        overview(&served)
            .await
            .contains("<b>Heart clinic</b>: Fridays. 01632 960001")
    );
    let stale = served
        .post(path, "admin-1", &format!("lock=old&{clinic}&goes_on=no"))
        .await;
    assert_eq!(stale.status, 409);
    assert!(
        stale.body.contains("value=\"Tuesdays\""),
        "what was typed is kept"
    );
    assert_eq!(
        fill(&served, path, &format!("{moved}&goes_on=no"))
            .await
            .status,
        303
    );
    assert_eq!(served.get(path, "admin-1").await.status, 404);
}

#[tokio::test]
async fn places_get_other_names() {
    let (_sample, served) = office().await;
    assert_eq!(
        fill(&served, "/administration/organisation", "name=Gofal+Cymru")
            .await
            .status,
        303
    );
    assert_eq!(
        fill(&served, "/administration/areas/city", "name=Town")
            .await
            .status,
        303
    );
    assert_eq!(
        fill(&served, "/administration/teams/north", "name=North+one")
            .await
            .status,
        303
    );
    let page = overview(&served).await;
    assert!(
        page.contains("<b>Gofal Cymru</b>")
            && page.contains("<h3>Town</h3>")
            && page.contains("<b>North one</b>"),
        "{page}"
    );
    let long = format!("name={}", "x".repeat(81));
    assert_eq!(
        fill(&served, "/administration/teams/north", &long)
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn a_team_has_somebody_who_answers_from_the_first_moment() {
    let (_sample, served) = office().await;
    let path = "/administration/teams/new";
    assert_eq!(
        fill(&served, path, "name=South&area=city&lead=&on_call=nobody")
            .await
            .status,
        422
    );
    let added = fill(
        &served,
        path,
        "name=South+team&area=city&lead=lead-1&on_call=ooh-1",
    )
    .await;
    assert_eq!(
        added.header("location"),
        Some("/duty/south-team"),
        "{}",
        added.body
    );
    let duty = served.get("/duty/south-team", "admin-1").await.body;
    assert!(
        duty.contains("Rota of the South team") && !duty.contains("Somebody is missing"),
        "{duty}"
    );
    assert!(duty.contains("Team South team added"), "{duty}");
}

#[tokio::test]
async fn a_person_is_added_given_roles_and_changed() {
    let (_sample, served) = office().await;
    let path = "/administration/people/new";
    let half = fill(&served, path, "name=&role=Nurse&team=nowhere&prescriber=").await;
    assert_eq!(half.status, 422);
    let person = "name=Si%C3%A2n+Lloyd&role=Nurse&team=north&prescriber=no";
    let added = fill(&served, path, person).await;
    let roles = "/administration/people/sian-lloyd/roles";
    assert_eq!(added.header("location"), Some(roles), "{}", added.body);
    let again = fill(&served, path, person).await;
    assert_eq!(
        again.header("location"),
        Some("/administration/people/sian-lloyd-2/roles")
    );
    assert_eq!(
        served.get("/alerts/quality", "sian-lloyd").await.status,
        403,
        "no role yet"
    );
    for bad in [
        "grant=planner%2Fnorth",
        "grant=nurse%2F",
        "grant=nurse%2Fnowhere",
        "grant=x",
    ] {
        assert_eq!(fill(&served, roles, bad).await.status, 422, "{bad}");
    }
    assert_eq!(
        fill(&served, roles, "grant=nurse%2Fnorth").await.status,
        303
    );
    assert_eq!(
        served.get("/alerts/quality", "sian-lloyd").await.status,
        200
    );
    let stale = served
        .post(roles, "admin-1", "lock=old&grant=planner%2F")
        .await;
    assert_eq!(stale.status, 409);
    let own = fill(
        &served,
        "/administration/people/admin-1/roles",
        "grant=planner%2F",
    )
    .await;
    assert!(own.body.contains("role from yourself"), "{}", own.body);
    assert_eq!(own.status, 422);
    let edit = "/administration/people/sian-lloyd/edit";
    let changed = "name=Si%C3%A2n+Lloyd&role=Matron&team=north&prescriber=yes";
    assert_eq!(fill(&served, edit, changed).await.status, 303);
    let page = served
        .get("/administration/people/sian-lloyd", "admin-1")
        .await
        .body;
    assert!(page.contains("Matron, North team. Prescriber."), "{page}");
    assert!(
        page.contains("Ines Boult: Roles of Siân Lloyd: Care coordinator or nurse, North team."),
        "{page}"
    );
}

#[tokio::test]
async fn nobody_leaves_who_is_still_needed() {
    let (_sample, served) = office().await;
    let leave = |person: &str| format!("/administration/people/{person}/leave");
    let soon = "last=2026-03-31";
    let early = fill(&served, &leave("nurse-2"), "last=2026-03-01").await;
    assert_eq!(early.status, 422);
    let needed = fill(&served, &leave("nurse-1"), soon).await;
    assert_eq!(needed.status, 422);
    let said = "Anna Price cannot leave yet. Give 1 patient another care coordinator first.";
    assert!(needed.body.contains(said), "{}", needed.body);
    let on_call = fill(&served, &leave("ooh-1"), soon).await;
    assert!(
        on_call
            .body
            .contains("Name another lead or person on call of their team first"),
        "{}",
        on_call.body
    );
    assert_eq!(
        fill(&served, &leave("admin-1"), soon).await.status,
        422,
        "not oneself"
    );

    assert_eq!(fill(&served, &leave("nurse-2"), soon).await.status, 303);
    let page = served
        .get("/administration/people/nurse-2", "admin-1")
        .await
        .body;
    assert!(
        page.contains("<b>leaves, last day 31 Mar 2026.</b>"),
        "{page}"
    );
    assert!(
        page.contains("<li>Care coordinator or nurse, North team</li>"),
        "until then"
    );
    let duty = served.get("/duty/north", "admin-1").await.body;
    assert!(
        duty.contains("<b>Bilal Khan</b>: in the team until Tue 31 Mar 2026"),
        "{duty}"
    );
    assert_eq!(
        fill(&served, &leave("nurse-2"), "last=2026-03-15")
            .await
            .status,
        303
    );
    let page = served
        .get("/administration/people/nurse-2", "admin-1")
        .await
        .body;
    assert!(
        page.contains("left, last day 15 Mar 2026") && page.contains("No role"),
        "{page}"
    );
    let back = fill(&served, &leave("nurse-2"), "what=back&last=").await;
    assert_eq!(back.status, 303, "{}", back.body);
    let page = served
        .get("/administration/people/nurse-2", "admin-1")
        .await
        .body;
    assert!(!page.contains("last day 15 Mar 2026.</b>"), "{page}");
}

#[tokio::test]
async fn who_leaves_a_gap_in_a_rota_does_not_leave_and_the_gap_is_named() {
    let (sample, served) = office().await;
    let mut write = sample.state.store.write().await.unwrap();
    let shift = "INSERT INTO shift (team, number, person, hours, from_at, recorded_at) VALUES ('north', 1, 'nurse-2', \
                 '[\"mon-sun 08:00-20:00\"]', 0, 0)";
    run(&mut write, shift, &[]).await;
    write.commit().await.unwrap();
    let gap = fill(
        &served,
        "/administration/people/nurse-2/leave",
        "last=2026-03-31",
    )
    .await;
    assert_eq!(gap.status, 422);
    assert!(
        gap.body.contains("nobody covers the North team"),
        "{}",
        gap.body
    );
    let member = "SELECT COUNT(*) FROM member WHERE person = 'nurse-2' AND until_at IS NULL AND withdrawn_at IS NULL";
    let left: i64 = sqlx::query_scalar(member)
        .fetch_one(sample.state.store.readers())
        .await
        .unwrap();
    assert_eq!(left, 1, "nothing was changed");
}
