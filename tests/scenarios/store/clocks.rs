//! Devices' clocks: one that is wrong is one technical item, which is gone when the clock is right again.

use vitals::{Record, TimeBasis};

use crate::home::pressure;
use crate::world::World;

const ALERTS: &str = "SELECT problem || ' ' || priority || ' ' || condition_is || ': ' || why FROM alert \
                      WHERE patient = 'patient-1' ORDER BY number";

/// A pressure whose device's clock was ahead of the home's by so much when the gateway took it. In November the home's
/// wall time is UTC.
fn dated(at: &str, ahead_seconds: i64) -> Record {
    let Record::Reading(mut reading) = pressure("cuff-1", at, 128, 79) else {
        panic!("a pressure is a reading");
    };
    reading.times.basis = TimeBasis::DeviceClock {
        offset_seconds: -ahead_seconds,
    };
    Record::Reading(reading)
}

pub(crate) async fn a_wrong_clock_is_one_item_until_it_is_right(mut world: World) {
    const NINE_YEARS_SECONDS: i64 = 284_000_000;
    // A memory that is sent at once carries one offset.
    let memory = [
        dated("07:40", -NINE_YEARS_SECONDS),
        dated("07:45", -NINE_YEARS_SECONDS),
        dated("07:50", -NINE_YEARS_SECONDS),
    ];
    let message = world.home_1.send(&memory);
    world.take(&[message]).await;
    let raised = world.texts(ALERTS).await;
    assert_eq!(
        raised,
        [
            "kit technical active: The clock of device cuff-1 is 3287 days behind: readings are dated right all the same; \
             set it by hand if it stays so"
        ]
    );
    let raised = "SELECT COUNT(*) FROM journal WHERE decisions LIKE '%clock_wrong%'";
    assert_eq!(world.count(raised).await, 1, "not one for each reading");

    world.wait(10);
    let message = world.home_1.send(&[dated("08:09", -3)]);
    world.take(&[message]).await;
    let cleared = world.texts(ALERTS).await;
    assert!(
        cleared[0].starts_with("kit technical cleared"),
        "{cleared:?}"
    );
    world.is_replayed_and_rebuilt().await;
}
