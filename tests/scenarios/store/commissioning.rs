//! Test readings: what a box records before its sign-off is kept, receipted and proved, and seen by nothing that judges.

use jiff::{SignedDuration, Timestamp};
use server::boxes::BoxState;
use server::boxes::steps::{self, Word};
use server::store::boxes::{self, Change};
use server::verify::{Wrong, verify};
use vitals::topic::Kind;
use vitals::wire::{Envelope, Standing, StandingKind};

use crate::home::{Home, attempt, pressure};
use crate::world::World;

const ANN: Word<'_> = Word { by: "Ann", why: "" };
const TESTS: &str = "SELECT COUNT(*) FROM test_record";
const READINGS: &str = "SELECT (SELECT COUNT(*) FROM reading) + (SELECT COUNT(*) FROM attempt)";
const ALERTS: &str = "SELECT COUNT(*) FROM alert";
const JOURNAL: &str = "SELECT COUNT(*) FROM journal";

impl World {
    /// Lets the life of home 1's box begin as an enrolment does.
    pub(crate) async fn is_set_up(&self) {
        let begun = Change {
            at: self.now,
            by: "a test".to_owned(),
            from: None,
            to: BoxState::Commissioning,
            why: String::new(),
        };
        let mut write = self.store.write().await.unwrap();
        let begun = boxes::append(&mut write, &self.home_1.id, &begun).await;
        assert!(begun.unwrap());
        write.commit().await.unwrap();
    }

    pub(crate) async fn is_signed_off(&self, at: Timestamp) {
        let id = &self.home_1.id;
        steps::sign_off(&self.store, id, ANN, at).await.unwrap();
    }
}

/// What a home was told of its standing.
fn told(home: &Home, sealed: &[(vitals::topic::Topic, Vec<u8>)]) -> Vec<Standing> {
    let open = |(topic, payload): &(vitals::topic::Topic, Vec<u8>)| {
        assert_eq!((&topic.gateway, topic.kind), (&home.id, Kind::Standing));
        let envelope = Envelope::read(topic, payload).unwrap();
        Standing::from_body(envelope.open(&home.tag_key()).unwrap()).unwrap()
    };
    sealed.iter().map(open).collect()
}

fn standing(number: u64, standing: StandingKind) -> Standing {
    Standing {
        number,
        standing,
        takes_over_since: None,
    }
}

pub(crate) async fn nothing_that_a_box_records_before_its_sign_off_counts(mut world: World) {
    world.is_set_up().await;
    let journal_len = world.count(JOURNAL).await;
    let records = [
        // Far beyond the urgent limit; the second one says itself what it is.
        pressure("cuff-1", "07:50", 230, 140),
        pressure("cuff-1", "07:52", 231, 140).marked(true),
        attempt("cuff-1", "07:54"),
    ];
    let message = world.home_1.send(&records);
    let taken = world.take(std::slice::from_ref(&message)).await;
    let said = world.home_1.receipt(&taken.receipts);
    assert_eq!((said.stored, said.refused.len()), (vec![(1, 3)], 0));
    assert_eq!(
        told(&world.home_1, &taken.standings),
        [standing(1, StandingKind::Commissioning)]
    );
    world.take(&[message]).await;
    assert_eq!(world.count(TESTS).await, 3, "everything may arrive twice");

    world.wait(5);
    world.is_signed_off(world.now).await;
    world.wait(1);
    // The device repeats its memory, which the box numbers anew and does not mark any more.
    let again = world
        .home_1
        .send(&records.clone().map(|it| it.marked(false)));
    let taken = world.take(&[again]).await;
    assert_eq!(world.home_1.receipt(&taken.receipts).stored, [(4, 6)]);
    assert!(taken.patients.is_empty() && taken.standings.is_empty());
    assert_eq!(
        (world.count(TESTS).await, world.count(READINGS).await),
        (3, 0)
    );
    assert_eq!(world.count(ALERTS).await, 0);
    assert_eq!(world.count(JOURNAL).await, journal_len, "nothing happened");

    let message = world.home_1.send(&[
        pressure("cuff-1", "08:05", 190, 120),
        pressure("cuff-1", "08:05", 120, 75),
        // Taken before the box knew of the sign-off.
        pressure("cuff-1", "08:06", 232, 140).marked(true),
    ]);
    world.take(&[message]).await;
    assert_eq!(
        (world.count(TESTS).await, world.count(READINGS).await),
        (4, 2)
    );
    assert_eq!(world.count(ALERTS).await, 1);
    let status = "SELECT COUNT(*) FROM alert WHERE why LIKE '%190%' AND why NOT LIKE '%23%'";
    assert_eq!(world.count(status).await, 1);
    world.is_replayed_and_rebuilt().await;

    no_reading_is_hidden_among_the_tests(world).await;
}

async fn no_reading_is_hidden_among_the_tests(world: World) {
    let head = world.home_1.head(world.now);
    world.take(&[head]).await;
    let report = verify(&world.store).await.unwrap();
    assert_eq!((report.findings.len(), report.entries_len), (0, 9));
    // A reading cannot be hidden among the tests.
    world.tamper("INSERT INTO test_record (id, kind, patient, device, measured_at, received_at, stored_at, gateway, epoch, \
                  sequence) SELECT id, 'reading', patient, device, measured_at, received_at, stored_at, gateway, epoch, \
                  sequence FROM reading WHERE sequence = 8").await;
    world.tamper("DELETE FROM alert_evidence WHERE reading = (SELECT id FROM reading WHERE sequence = 8)").await;
    world.tamper("DELETE FROM reading WHERE sequence = 8").await;
    let report = verify(&world.store).await.unwrap();
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|it| (it.sequence, it.what))
        .collect();
    assert_eq!(found, [(8, Wrong::ReadingChanged)]);
}

pub(crate) async fn what_was_a_reading_stays_one(mut world: World) {
    let record = pressure("cuff-1", "07:50", 190, 120);
    let message = world.home_1.send(std::slice::from_ref(&record));
    world.take(&[message]).await;
    let again = world.home_1.send(&[record.marked(true)]);
    let taken = world.take(&[again]).await;
    assert_eq!(world.home_1.receipt(&taken.receipts).stored, [(2, 2)]);
    assert_eq!(
        (world.count(TESTS).await, world.count(READINGS).await),
        (0, 1)
    );
    let report = verify(&world.store).await.unwrap();
    assert_eq!(report.findings, []);
}

pub(crate) async fn a_box_on_its_way_back_delivers_what_it_took_at_home(mut world: World) {
    let before = pressure("cuff-1", "07:50", 190, 120);
    let after = pressure("cuff-1", "08:10", 191, 120);
    world.wait(5);
    let (id, now) = (&world.home_1.id, world.now);
    steps::go_back(&world.store, id, BoxState::Returning, ANN, now)
        .await
        .unwrap();
    world.now += SignedDuration::from_mins(10);
    let message = world.home_1.send(&[before, after]);
    let taken = world.take(&[message]).await;
    assert_eq!(world.home_1.receipt(&taken.receipts).stored, [(1, 2)]);
    assert_eq!(
        told(&world.home_1, &taken.standings),
        [standing(1, StandingKind::Ended)]
    );
    assert_eq!(
        (world.count(TESTS).await, world.count(READINGS).await),
        (1, 1)
    );
    let why = world.texts("SELECT why FROM alert").await.remove(0);
    assert!(why.contains("190"), "{why}");
}
