//! The sign-in of a person in the office: made, made anew, closed and opened; and that there is always somebody who can.

use jiff::SignedDuration;

use super::tests::{fill, office};
use crate::web::browser::Served;
use crate::web::sample::{Sample, run};
use crate::web::snapshot;

const SIGN_IN: &str = "/administration/people/nurse-2/sign-in";
const PERSON: &str = "/administration/people/nurse-2";

async fn trail(sample: &Sample) -> Vec<String> {
    let trail = "SELECT person || ' ' || action || ' ' || COALESCE(subject, '') FROM audit \
                 WHERE action NOT LIKE '%viewed' ORDER BY number";
    let rows = sqlx::query_scalar(trail).fetch_all(sample.state.store.readers());
    rows.await.unwrap()
}

fn code_in(page: &str) -> String {
    let (_, rest) = page.split_once("id=\"code\"><b>").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

async fn set_up(served: &Served, code: &str) -> u16 {
    let form = format!("code={code}&password=wet+stone+pillow");
    served.post("/set-up", "", &form).await.status
}

#[tokio::test]
async fn a_sign_in_is_made_with_a_code_that_is_shown_once() {
    let (sample, served) = office().await;
    let none = served.get(PERSON, "admin-1").await.body;
    assert!(none.contains("Bilal Khan cannot sign in yet"), "{none}");
    snapshot::check("office-sign-in", &served.get(SIGN_IN, "admin-1").await.body);
    for (form, said) in [
        ("username=b", "2 to 100 letters"),
        ("username=b+khan", "2 to 100 letters"),
        ("username=admin-1", "Somebody else signs in as admin-1"),
    ] {
        let again = fill(&served, SIGN_IN, form).await;
        assert!(
            again.status == 422 && again.body.contains(said),
            "{}",
            again.body
        );
    }
    let made = fill(&served, SIGN_IN, "username=Bilal.Khan").await;
    assert_eq!(made.status, 200, "{}", made.body);
    let code = code_in(&made.body);
    snapshot::check("office-code", &made.body.replace(&code, "CODE"));
    let twice = served
        .post(SIGN_IN, "admin-1", "lock=none&username=bilal.khan")
        .await;
    assert_eq!(twice.status, 409, "the page that made it is stale");
    let page = served.get(PERSON, "admin-1").await.body;
    assert!(
        !page.contains(&code) && page.contains("It is good until"),
        "{page}"
    );
    snapshot::check("office-person-sign-in", &page);
    assert_eq!(set_up(&served, &code).await, 303);
    let page = served.get(PERSON, "admin-1").await.body;
    assert!(
        page.contains("Last signed in") && page.contains("Password: set"),
        "{page}"
    );

    let anew = fill(&served, SIGN_IN, "username=bilal.khan&forget=yes").await;
    assert_eq!(anew.status, 200);
    assert_ne!(code_in(&anew.body), code);
    let entries = trail(&sample).await;
    assert_eq!(
        entries,
        [
            "admin-1 sign_in_made nurse-2",
            "nurse-2 password_set ",
            "nurse-2 signed_in ",
            "admin-1 sign_in_reset nurse-2"
        ]
    );
}

#[tokio::test]
async fn a_sign_in_is_closed_at_once_and_opened_again() {
    let (sample, served) = office().await;
    let (close, open) = (format!("{SIGN_IN}/close"), format!("{SIGN_IN}/open"));
    for path in [&close, &open] {
        assert_eq!(
            served.get(path, "admin-1").await.status,
            404,
            "there is none yet"
        );
    }
    assert_eq!(served.get("/alerts", "nurse-2").await.status, 200);
    snapshot::check(
        "office-sign-in-close",
        &served.get(&close, "admin-1").await.body,
    );
    let stale = served.post(&close, "admin-1", "lock=old").await;
    assert_eq!(stale.status, 409);
    assert_eq!(served.get("/alerts", "nurse-2").await.status, 200);
    let closed = fill(&served, &close, "").await;
    assert_eq!(
        closed.header("location"),
        Some("/administration/people/nurse-2#sign-in")
    );
    assert_eq!(
        served.get("/alerts", "nurse-2").await.status,
        303,
        "out at once"
    );
    let page = served.get(PERSON, "admin-1").await.body;
    assert!(
        page.contains("Closed since") && page.contains("sign-in/open"),
        "{page}"
    );
    assert_eq!(fill(&served, &open, "").await.status, 303);
    let page = served.get(PERSON, "admin-1").await.body;
    assert!(!page.contains("Closed since"), "{page}");
    let own = fill(&served, "/administration/people/admin-1/sign-in/close", "").await;
    assert!(
        own.status == 422 && own.body.contains("your own"),
        "{}",
        own.body
    );
    for path in [SIGN_IN, &close, &open] {
        assert_eq!(served.get(path, "lead-1").await.status, 403);
        assert_eq!(served.post(path, "lead-1", "lock=x").await.status, 403);
        let nobody = path.replace("nurse-2", "nobody");
        assert_eq!(served.get(&nobody, "admin-1").await.status, 404);
        assert_eq!(served.post(&nobody, "admin-1", "lock=x").await.status, 404);
    }
    assert_eq!(
        trail(&sample).await,
        [
            "admin-1 sign_in_closed nurse-2",
            "admin-1 sign_in_opened nurse-2"
        ]
    );
}

#[tokio::test]
async fn who_has_left_is_given_no_code_and_is_out() {
    let (_sample, served) = office().await;
    assert_eq!(served.get("/account", "nurse-2").await.status, 200);
    let leave = "/administration/people/nurse-2/leave";
    assert_eq!(fill(&served, leave, "last=2026-03-15").await.status, 303);
    assert_eq!(
        served.get("/account", "nurse-2").await.status,
        303,
        "out at once"
    );
    let refused = fill(&served, SIGN_IN, "username=bilal").await;
    assert!(
        refused.status == 422 && refused.body.contains("does not work here any more"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn somebody_always_administers_and_can_sign_in() {
    let (sample, served) = office().await;
    let mut write = sample.state.store.write().await.unwrap();
    let grant = "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('lead-1', 7, 'administrator', NULL, 0)";
    run(&mut write, grant, &[]).await;
    // admin-1 leaves in two weeks, and lead-1 is the one who stays.
    run(
        &mut write,
        "UPDATE person SET left_at = 1775000000000000 WHERE id = 'admin-1'",
        &[],
    )
    .await;
    write.commit().await.unwrap();
    served.get("/account", "lead-1").await;
    let people = "/administration/people/lead-1";
    for (path, form) in [("roles", "grant=nurse%2Fnorth"), ("sign-in/close", "")] {
        let refused = fill(&served, &format!("{people}/{path}"), form).await;
        let said = "Nobody else would administer the service";
        assert!(
            refused.status == 422 && refused.body.contains(said),
            "{}",
            refused.body
        );
    }
    // nurse-1 has the role and no sign-in: that helps nobody.
    let nurse = "/administration/people/nurse-1/roles";
    let given = fill(&served, nurse, "grant=administrator%2F&grant=nurse%2Fnorth").await;
    assert_eq!(given.status, 303);
    let roles = format!("{people}/roles");
    assert_eq!(
        fill(&served, &roles, "grant=nurse%2Fnorth").await.status,
        422
    );
    served.get("/account", "nurse-1").await;
    assert_eq!(
        fill(&served, &roles, "grant=nurse%2Fnorth").await.status,
        303
    );
}

#[tokio::test]
async fn an_administrator_who_lets_herself_see_patients_is_told_of() {
    let (sample, served) = office().await;
    sample.grants("lead-1", &["team_lead"]).await;
    let roles = "/administration/people/admin-1/roles";
    let form = served.get(roles, "admin-1").await.body;
    assert!(form.contains("These are your own roles"), "{form}");
    let own = fill(&served, roles, "grant=administrator%2F&grant=nurse%2Fnorth").await;
    assert_eq!(own.status, 303);
    assert_eq!(trail(&sample).await, ["admin-1 own_roles_changed admin-1"]);
    for (path, person) in [
        ("/administration", "admin-1"),
        ("/break-glass/opened", "lead-1"),
    ] {
        let told = served.get(path, person).await.body;
        let said = "<b>Ines Boult</b>: Care coordinator or nurse, North team";
        assert!(told.contains(said), "{path}: {told}");
    }
    let lead = served.get("/break-glass/opened", "lead-1").await.body;
    snapshot::check("opened-own-grant", &lead);
    sample.hand.advance(SignedDuration::from_hours(31 * 24));
    let later = served.get("/administration", "admin-1").await.body;
    assert!(
        !later.contains("Roles that people gave themselves"),
        "{later}"
    );
}

#[tokio::test]
async fn what_is_risky_asks_first_and_keeps_what_was_typed() {
    let (sample, served) = office().await;
    served.get("/administration", "admin-1").await;
    served.get("/account", "nurse-2").await;
    let lock = |page: &str| {
        let (_, rest) = page.split_once("name=\"lock\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let paths = ["sign-in", "sign-in/close", "roles", "leave"];
    let paths = paths.map(|it| format!("{PERSON}/{it}"));
    let mut locks = Vec::new();
    for path in &paths {
        locks.push(lock(&served.get(path, "admin-1").await.body));
    }
    sample.hand.advance(SignedDuration::from_mins(10));
    for (path, lock) in paths.iter().zip(locks) {
        let asked = served.get(path, "admin-1").await;
        let back = format!("/step-up?back={}", path.replace('/', "%2F"));
        assert_eq!(
            (asked.status, asked.header("location")),
            (303, Some(back.as_str()))
        );
        let lock = lock.replace('/', "%2F");
        let form = format!("lock={lock}&username=bilal.k&grant=planner%2F&last=2026-03-31");
        let kept = served.post(path, "admin-1", &form).await;
        assert_eq!(kept.status, 403, "{path}");
        assert!(
            kept.body
                .contains("href=\"/step-up?back=%2Faccount\" target=\"_blank\""),
            "{}",
            kept.body
        );
    }
    let form = "lock=nurse-2%2Fopen&username=bilal.k";
    let kept = served.post(SIGN_IN, "admin-1", form).await.body;
    assert!(kept.contains("value=\"bilal.k\""), "{kept}");
    snapshot::check("office-prove-again", &kept);
    assert_eq!(trail(&sample).await, [] as [&str; 0]);
}
