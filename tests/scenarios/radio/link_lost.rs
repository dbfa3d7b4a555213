//! A link that is lost while the device dumps its memory: the rest comes the next time.

use firmware_sim::bluez::Fault;

use crate::home::{Home, cuff, in_own_process, pressure};

fn lose_link_after(values: u32, last_unconfirmed: bool) -> Fault {
    Fault::LinkLost {
        device: "cuff".to_owned(),
        after_values: Some(values),
        last_unconfirmed,
    }
}

#[test]
fn the_rest_of_a_dump_comes_in_the_next_session() {
    in_own_process(
        "link_lost::the_rest_of_a_dump_comes_in_the_next_session",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            home.sim.fault(lose_link_after(2, false)).await.unwrap();
            for systolic in 101..=105 {
                home.measure("cuff", &pressure(systolic)).await;
            }
            for systolic in 101..=105 {
                assert_eq!(home.commit_next().await.raw.as_slice(), pressure(systolic));
            }
            home.let_go("cuff").await;
            let last = home.sim.delivered("cuff").await.unwrap().pop().unwrap();
            assert!(last.session > 1, "the link was not lost at all");
            home.end().await;
        },
    );
}

#[test]
fn a_value_whose_confirmation_was_lost_comes_twice() {
    in_own_process(
        "link_lost::a_value_whose_confirmation_was_lost_comes_twice",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            home.sim.fault(lose_link_after(1, true)).await.unwrap();
            home.measure("cuff", &pressure(111)).await;
            let first = home.commit_next().await;
            let second = home.commit_next().await;
            assert_eq!(first.raw.as_slice(), pressure(111));
            assert_eq!(first, second, "what follows can tell that it is the same");
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}
