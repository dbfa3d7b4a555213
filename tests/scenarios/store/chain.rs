//! The chain: verify names what the keeper of the database has done to it.

use server::verify::{Wrong, verify};

use crate::home::{attempt, pressure};
use crate::world::World;

async fn five_records(world: &mut World) {
    let records: Vec<_> = (10..15)
        .map(|minute| attempt("cuff-1", &format!("07:{minute}")))
        .collect();
    let at = world.now;
    let batch = [
        world.home_1.send(&records[..3]),
        world.home_1.head(at),
        world.home_1.send(&records[3..]),
        world.home_1.head(at),
        // Sent again under another number, as a device's memory is.
        world
            .home_1
            .send(&[records[0].clone(), pressure("cuff-1", "07:30", 120, 75)]),
    ];
    let taken = world.take(&batch).await;
    assert_eq!(taken.set_aside, []);
    // A head that arrives twice is one head.
    world.take(&batch[1..2]).await;
}

pub(crate) async fn an_untouched_chain_is_proved(mut world: World) {
    five_records(&mut world).await;
    let bad = world.home_2.entry_of_text("{}".to_owned());
    let message = world.home_2.message(&[bad]);
    world.take(&[message]).await;
    let report = verify(&world.store).await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.entries_len, 8);
    assert_eq!(report.heads_len, 2);
}

async fn wrong(world: &World) -> (u64, Wrong) {
    let report = verify(&world.store).await.unwrap();
    assert_eq!(report.findings.len(), 1);
    (report.findings[0].sequence, report.findings[0].what)
}

pub(crate) async fn what_was_tampered_with_is_named(mut world: World) {
    five_records(&mut world).await;
    let genesis = world.home_1.epoch.genesis(&world.home_1.id);
    let genesis = format!("UPDATE entry SET previous = '{genesis}' WHERE sequence = 1");
    for (tamper, undo, found) in [
        (
            "UPDATE entry SET record = REPLACE(record, '07:11', '07:12') WHERE sequence = 2",
            "UPDATE entry SET record = REPLACE(record, '07:12', '07:11') WHERE sequence = 2",
            (2, Wrong::Edited),
        ),
        (
            "UPDATE entry SET previous = hash WHERE sequence = 1",
            &genesis,
            (1, Wrong::Reordered),
        ),
        (
            "UPDATE attempt SET measured_at = measured_at - 60000000 WHERE sequence = 4",
            "UPDATE attempt SET measured_at = measured_at + 60000000 WHERE sequence = 4",
            (4, Wrong::ReadingChanged),
        ),
        (
            "UPDATE reading SET received_at = received_at + 1",
            "UPDATE reading SET received_at = received_at - 1",
            (7, Wrong::ReadingChanged),
        ),
        (
            "UPDATE head SET signature = REPLACE(signature, 'a', 'b') WHERE sequence = 3",
            "DELETE FROM head WHERE sequence = 3",
            (3, Wrong::HeadForged),
        ),
    ] {
        world.tamper(tamper).await;
        assert_eq!(wrong(&world).await, found, "{tamper}");
        world.tamper(undo).await;
        assert_eq!(verify(&world.store).await.unwrap().findings, [], "{undo}");
    }
    // Two entries change places.
    for statement in [
        "UPDATE attempt SET sequence = 6 WHERE sequence IN (2, 3)",
        "UPDATE entry SET sequence = 99 WHERE sequence = 2",
        "UPDATE entry SET sequence = 2 WHERE sequence = 3",
        "UPDATE entry SET sequence = 3 WHERE sequence = 99",
    ] {
        world.tamper(statement).await;
    }
    assert_eq!(wrong(&world).await, (2, Wrong::Reordered));
    // And one of them disappears.
    world.tamper("DELETE FROM entry WHERE sequence = 2").await;
    assert_eq!(wrong(&world).await, (2, Wrong::Missing));
}

pub(crate) async fn an_end_that_was_cut_off_is_missed(mut world: World) {
    let at = world.now;
    let records: Vec<_> = (10..13)
        .map(|minute| attempt("cuff-1", &format!("07:{minute}")))
        .collect();
    let batch = [world.home_1.send(&records), world.home_1.head(at)];
    world.take(&batch).await;
    assert_eq!(verify(&world.store).await.unwrap().findings, []);
    world.tamper("DELETE FROM attempt WHERE sequence = 3").await;
    assert_eq!(wrong(&world).await, (3, Wrong::ReadingChanged));
    world.tamper("DELETE FROM entry WHERE sequence = 3").await;
    assert_eq!(wrong(&world).await, (3, Wrong::Missing));

    // A keeper who writes a whole chain anew can hash it, and cannot sign it.
    world.tamper("DELETE FROM attempt").await;
    world.tamper("DELETE FROM entry").await;
    world.tamper("DELETE FROM epoch").await;
    let mut keeper = crate::home::Home::new("gateway-1", 1);
    let others: Vec<_> = (20..23)
        .map(|minute| attempt("cuff-1", &format!("07:{minute}")))
        .collect();
    world.take(&[keeper.send(&others)]).await;
    assert_eq!(wrong(&world).await, (3, Wrong::NotAsSigned));
}
