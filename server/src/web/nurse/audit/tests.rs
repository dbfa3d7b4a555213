//! The trail on pages: seen by those who may, searched, taken out, and every look an entry.

use jiff::SignedDuration;

use crate::audit::chain::Recorded;
use crate::audit::head::Head;
use crate::audit::{Action, Actor, Entry, append, record};
use crate::store::audit;
use crate::web::browser::Served;
use crate::web::sample::{Sample, run};
use crate::web::snapshot;

const NOW: &str = "2026-03-16T12:20:00Z";
const LOOKED: &str = "/patients/ivor/looked";

async fn office() -> (Sample, Served) {
    let sample = Sample::open(NOW).await;
    sample.ivor().await;
    let mut write = sample.state.store.write().await.unwrap();
    for statement in [
        "INSERT INTO person (id, name, role, team) VALUES ('admin-1', 'Ines Boult', 'Manager', 'north')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('admin-1', 1, 'administrator', NULL, 0)",
        "INSERT INTO team (id, name) VALUES ('south', 'South team')",
        "INSERT INTO person (id, name, role, team) VALUES ('nurse-9', 'Siân Vaughan', 'Nurse', 'south')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-9', 1, 'nurse', 'south', 0)",
    ] {
        run(&mut write, statement, &[]).await;
    }
    write.commit().await.unwrap();
    let served = Served::start(&sample.state).await;
    (sample, served)
}

async fn happened(sample: &Sample, person: &str, action: Action, detail: Option<&str>) {
    let actor = Actor::person(&person.parse().unwrap(), "nurse").in_session("5f2c");
    let entry = Entry::new(actor, action).of(&"ivor".parse().unwrap());
    let entry = match detail {
        Some(detail) => entry.detail(detail),
        None => entry,
    };
    record(&sample.state.store, &entry, sample.state.clock.now())
        .await
        .unwrap();
}

/// A few days of people at a record, one of them by breaking the glass.
async fn days(sample: &Sample) {
    happened(sample, "nurse-1", Action::RecordViewed, None).await;
    sample.hand.advance(SignedDuration::from_hours(24));
    let reason = "He rang us with chest pain";
    happened(sample, "nurse-9", Action::BreakGlassOpened, Some(reason)).await;
    happened(sample, "nurse-9", Action::RecordViewed, None).await;
    happened(sample, "nurse-2", Action::PatientChanged, Some("referral")).await;
}

async fn entries(sample: &Sample) -> Vec<Recorded> {
    let all = audit::Filter::default();
    let readers = sample.state.store.readers();
    audit::newest_first(readers, &all, None, 500).await.unwrap()
}

#[tokio::test]
async fn who_cares_for_a_patient_sees_who_looked_and_nobody_else_does() {
    let (sample, served) = office().await;
    days(&sample).await;
    let page = served.get(LOOKED, "nurse-2").await;
    assert_eq!(page.status, 200);
    snapshot::check("looked", &page.body);
    let newest = &entries(&sample).await[0];
    assert_eq!(
        (
            newest.action.as_str(),
            newest.person.as_str(),
            newest.patient.as_deref()
        ),
        ("access_log_viewed", "nurse-2", Some("ivor"))
    );
    assert!(
        served
            .get("/patients/ivor", "nurse-2")
            .await
            .body
            .contains(LOOKED)
    );
    assert_eq!(
        served.get(LOOKED, "nurse-9").await.status,
        404,
        "another team's"
    );
    assert_eq!(served.get(LOOKED, "admin-1").await.status, 403);
    assert_eq!(
        served
            .get("/patients/nobody/looked", "nurse-1")
            .await
            .status,
        404
    );
    let odd = format!("{LOOKED}?before=yesterday");
    assert_eq!(served.get(&odd, "nurse-1").await.status, 400);
    let end = served.get(&format!("{LOOKED}?before=1"), "nurse-1").await;
    assert!(
        end.body.contains("There is nothing earlier"),
        "{}",
        end.body
    );
}

#[tokio::test]
async fn a_long_list_goes_on_over_pages_and_ends() {
    let (sample, served) = office().await;
    let actor = Actor::person(&"nurse-1".parse().unwrap(), "nurse");
    let looked = Entry::new(actor, Action::RecordViewed).of(&"ivor".parse().unwrap());
    for _ in 0..4 {
        let mut write = sample.state.store.write().await.unwrap();
        let now = sample.state.clock.now();
        append(&mut write, &vec![looked.clone(); 120], now)
            .await
            .unwrap();
        write.commit().await.unwrap();
        sample.hand.advance(SignedDuration::from_hours(24));
    }
    let mut path = LOOKED.to_owned();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = served.get(&path, "nurse-1").await.body;
        seen.push(page.matches("120 times").count());
        let Some((_, rest)) = page.split_once("looked?before=") else {
            break;
        };
        path = format!("{LOOKED}?before={}", rest.split('"').next().unwrap());
    }
    assert_eq!(seen, [2, 2], "a day is on one page");
}

#[tokio::test]
async fn an_administrator_sees_who_did_what_and_nothing_of_a_record() {
    let (sample, served) = office().await;
    days(&sample).await;
    let page = served.get("/audit", "admin-1").await;
    assert_eq!(page.status, 200);
    snapshot::check("audit", &page.body);
    assert!(
        !page.body.contains("chest pain"),
        "the reason is about the patient"
    );
    assert!(!page.body.contains("EVANS") && !page.body.contains("943 476 5919"));
    let newest = &entries(&sample).await[0];
    assert_eq!(
        (
            newest.action.as_str(),
            newest.person.as_str(),
            newest.detail.as_deref()
        ),
        (
            "access_log_viewed",
            "admin-1",
            Some("audit trail: everything")
        )
    );
    for person in ["nurse-1", "lead-1"] {
        for path in ["/audit", "/audit.csv"] {
            assert_eq!(
                served.get(path, person).await.status,
                403,
                "{person} {path}"
            );
        }
    }
    let nav = served.get("/administration", "admin-1").await.body;
    assert!(nav.contains("<a href=\"/audit\">Audit</a>"), "{nav}");
}

#[tokio::test]
async fn a_search_finds_by_each_of_its_parts_and_says_what_is_wrong() {
    let (sample, served) = office().await;
    days(&sample).await;
    for (query, found) in [
        ("person=nurse-9", 2),
        ("person=nurse-9&kind=record_viewed", 1),
        ("kind=break_glass_opened", 1),
        ("patient=ivor&to=2026-03-16", 1),
        (
            "patient=ivor&kind=patient_changed&from=2026-03-17&to=2026-03-17",
            1,
        ),
        ("patient=mair", 1),
    ] {
        let page = served.get(&format!("/audit?{query}"), "admin-1").await.body;
        let rows = page.matches("<tr role=\"row\"><td").count();
        // What was asked before about the same patient is found, too.
        assert!(rows >= found, "{query}: {rows}");
        assert!(
            page.contains(&format!("/audit.csv?{}", query.replace('&', "&#38;"))),
            "{page}"
        );
    }
    let asked = entries(&sample).await;
    let of_mair = asked
        .iter()
        .find(|it| it.patient.as_deref() == Some("mair"))
        .unwrap();
    assert_eq!(of_mair.detail.as_deref(), Some("audit trail: patient=mair"));
    for (query, said) in [
        ("patient=Ivor+Evans", "Names are not searched here"),
        ("kind=eaten", "Choose a kind"),
        ("from=yesterday", "Choose a day"),
        ("from=2026-03-17&to=2026-03-16", "not before the first"),
    ] {
        let page = served.get(&format!("/audit?{query}"), "admin-1").await;
        assert!(
            page.status == 422 && page.body.contains(said),
            "{}",
            page.body
        );
    }
    let page = served
        .get("/audit?patient=Ivor+Evans", "admin-1")
        .await
        .body;
    assert!(
        page.contains("value=\"Ivor Evans\""),
        "what was typed stays"
    );
    assert_eq!(served.get("/audit?before=x", "admin-1").await.status, 400);
}

#[tokio::test]
async fn the_result_is_taken_out_by_who_has_proved_lately_who_they_are() {
    let (sample, served) = office().await;
    days(&sample).await;
    let path = "/audit.csv?patient=ivor&to=2026-03-17";
    let file = served.get(path, "admin-1").await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(!file.body.contains("chest pain"), "{}", file.body);
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(
        lines[0],
        "Entry,Time,Who,Id,Roles,What,About,Patient,Detail"
    );
    assert!(
        lines[1].contains("Ines Boult,admin-1,Administrator,Took records out"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].contains("Bilal Khan,nurse-2,Care coordinator or nurse,Changed what is known of the patient,,ivor,referral"),
        "{}",
        lines[2]
    );
    assert_eq!(lines.len(), 6);
    let newest = &entries(&sample).await[0];
    assert_eq!(
        (newest.action.as_str(), newest.detail.as_deref()),
        ("exported", Some("audit trail: patient=ivor&to=2026-03-17"))
    );
    assert_eq!(served.get("/audit.csv?from=x", "admin-1").await.status, 400);
    sample.hand.advance(SignedDuration::from_mins(10));
    let asked = served.get(path, "admin-1").await;
    let back = "/step-up?back=%2Faudit%3Fpatient%3Divor%26to%3D2026-03-17";
    assert_eq!((asked.status, asked.header("location")), (303, Some(back)));
}

#[tokio::test]
async fn a_file_that_would_be_too_long_says_so() {
    let (sample, served) = office().await;
    let actor = Actor::person(&"nurse-1".parse().unwrap(), "nurse");
    let looked = Entry::new(actor, Action::RecordViewed);
    let mut write = sample.state.store.write().await.unwrap();
    let len = super::csv::EXPORT_LEN_MAX as usize;
    append(&mut write, &vec![looked; len], sample.state.clock.now())
        .await
        .unwrap();
    write.commit().await.unwrap();
    let file = served.get("/audit.csv", "admin-1").await.body;
    assert_eq!(file.lines().count(), len + 2);
    let last = file.lines().last().unwrap();
    assert!(
        last.starts_with("Only the newest 10000 entries are here"),
        "{last}"
    );
}

#[tokio::test]
async fn the_page_says_whether_the_trail_is_signed_and_as_it_was() {
    let (sample, served) = office().await;
    days(&sample).await;
    let page = served.get("/audit", "admin-1").await.body;
    assert!(page.contains("is not signed"), "{page}");
    let newest = entries(&sample).await.remove(0);
    let key = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let now = sample.state.clock.now();
    let mut write = sample.state.store.write().await.unwrap();
    let head = Head::sign(&key, newest.number, &newest.hash, now);
    audit::insert_head(&mut write, &head).await.unwrap();
    write.commit().await.unwrap();
    let page = served.get("/audit", "admin-1").await.body;
    let said = format!(
        "up to entry {}, and that entry is as it was signed",
        newest.number
    );
    assert!(page.contains(&said), "{page}");

    let mut write = sample.state.store.write().await.unwrap();
    run(&mut write, "DROP TRIGGER audit_update", &[]).await;
    run(
        &mut write,
        "UPDATE audit SET person = 'nurse-2' WHERE number = (SELECT MAX(number) FROM audit_head)",
        &[],
    )
    .await;
    write.commit().await.unwrap();
    let page = served.get("/audit", "admin-1").await.body;
    assert!(
        page.contains("The trail is not the one that was signed"),
        "{page}"
    );
    assert_eq!(page.matches("was changed</b>").count(), 1, "{page}");
}
