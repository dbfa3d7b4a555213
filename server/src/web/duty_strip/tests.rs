//! Duty at the head of the board, for each state that a team can be in.

use clinical::duty::Leave;

use crate::web::browser::Served;
use crate::web::local_time::LocalTime;
use crate::web::sample::{Sample, run};
use crate::web::sample_values::plan;

/// Gives the lines of the strip, as a person reads them.
async fn said(sample: &Sample, served: &Served, person: &str) -> String {
    sample.hand.advance(jiff::SignedDuration::from_secs(1));
    let page = served.get("/alerts", person).await.body;
    let strip = page.split("id=\"duty\"").nth(1).unwrap();
    let strip = strip.split("</div>").next().unwrap();
    let text = strip.split("<p").nth(1).unwrap();
    let text = text.split_once('>').unwrap().1;
    text.split(" <a").next().unwrap().to_owned()
}

fn leave(person: &str, cover: Option<&str>) -> Leave {
    Leave {
        person: person.parse().unwrap(),
        from: "2026-03-13T00:00:00Z".parse().unwrap(),
        until: "2026-03-16T00:00:00Z".parse().unwrap(),
        cover: cover.map(|it| it.parse().unwrap()),
    }
}

async fn locality(now: &str) -> (Sample, Served) {
    let sample = Sample::open(now).await;
    sample.ivor().await;
    let limits = plan(1, "2026-03-01T09:00:00Z", 135);
    let names = ["Mrs", "Mair", "Llewellyn"];
    sample
        .patient("mair", names, "1938-02-02", "9434765870", limits)
        .await;
    let mut write = sample.state.store.write().await.unwrap();
    let other = "UPDATE patient SET coordinator = $1 WHERE id = 'mair'";
    run(&mut write, other, &["nurse-2"]).await;
    write.commit().await.unwrap();
    let served = Served::start(&sample.state).await;
    (sample, served)
}

#[tokio::test]
async fn at_work_one_reads_for_how_many_and_until_when() {
    let (sample, served) = locality("2026-03-14T12:20:00Z").await;
    assert_eq!(
        said(&sample, &served, "nurse-1").await,
        "You look after 1 of the 2 patients of the North team until 20:00. Bilal Khan looks after 1 now."
    );
    assert_eq!(
        said(&sample, &served, "lead-1").await,
        "Anna Price looks after 1 patient of the North team now. Bilal Khan looks after 1 patient of the North team now. \
         You are at work until 20:00."
    );
}

#[tokio::test]
async fn a_cover_reads_for_whom_and_why() {
    let (sample, served) = locality("2026-03-14T12:20:00Z").await;
    sample.rota(&[leave("nurse-1", Some("nurse-2"))]).await;
    assert_eq!(
        said(&sample, &served, "nurse-2").await,
        "You look after the 2 patients of the North team until 20:00. 1 of them because Anna Price is on leave until 15 Mar."
    );
    assert_eq!(
        said(&sample, &served, "nurse-1").await,
        "Bilal Khan looks after 2 patients of the North team now. Your next shift begins Mon 16 Mar, 08:00."
    );
}

#[tokio::test]
async fn outside_the_staffed_hours_the_person_on_call_answers() {
    let (sample, served) = locality("2026-03-14T21:00:00Z").await;
    assert_eq!(
        said(&sample, &served, "nurse-1").await,
        "Omar Said is on call outside the staffed hours, and looks after 2 patients of the North team now. Your next shift \
         begins Sun 15 Mar, 08:00."
    );
    let on_call = said(&sample, &served, "ooh-1").await;
    let start = "You look after the 2 patients of the North team until Sun 15 Mar, 08:00.";
    assert!(on_call.starts_with(start), "{on_call}");
}

#[tokio::test]
async fn that_nobody_is_there_or_known_is_said_loudly() {
    let (sample, served) = locality("2026-03-14T21:00:00Z").await;
    let all = ["nurse-1", "nurse-2", "dr-rees", "lead-1", "ooh-1"];
    sample.rota(&all.map(|it| leave(it, None))).await;
    assert_eq!(
        said(&sample, &served, "nurse-1").await,
        "Nobody who answers for 2 patients of the North team is there now. Tell your team lead, and who runs the service. \
         Your next shift begins Mon 16 Mar, 08:00."
    );
    let page = served.get("/alerts", "nurse-1").await.body;
    assert!(page.contains("<p class=\"missed\">Nobody who answers"));

    let mut write = sample.state.store.write().await.unwrap();
    let withdrawn = "UPDATE team_duty SET withdrawn_at = recorded_at";
    run(&mut write, withdrawn, &[]).await;
    write.commit().await.unwrap();
    let no_rota = said(&sample, &served, "nurse-1").await;
    let start = "There is no rota for the North team, so it is not known who is on duty.";
    assert!(no_rota.starts_with(start), "{no_rota}");
}

#[tokio::test]
async fn a_team_without_patients_says_so() {
    let sample = Sample::open("2026-03-14T12:20:00Z").await;
    let served = Served::start(&sample.state).await;
    assert_eq!(
        said(&sample, &served, "nurse-1").await,
        "The North team has no patients. You are at work until 20:00."
    );
}

#[test]
fn the_end_of_today_is_midnight() {
    let zone = jiff::tz::TimeZone::get("Europe/London").unwrap();
    let local = LocalTime::new(zone, "2026-07-01T12:00:00Z".parse().unwrap());
    let said = |at: &str| super::ends(at.parse().unwrap(), &local);
    assert_eq!(said("2026-07-01T23:00:00Z"), "midnight");
    assert_eq!(said("2026-07-01T19:00:00Z"), "20:00");
    assert_eq!(said("2026-07-02T23:00:00Z"), "Fri 3 Jul, 00:00");
}
