//! The radio is stopped in the middle of a session: the device is let go, and nothing taken is lost.

use crate::home::{Home, cuff, in_own_process, patiently, pressure};

#[test]
fn a_value_in_hand_is_committed_and_the_device_let_go() {
    in_own_process(
        "stopping::a_value_in_hand_is_committed_and_the_device_let_go",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            home.measure("cuff", &pressure(128)).await;
            let request = patiently(home.requests.recv()).await.unwrap();
            home.shutdown.cancel();
            let standing = home.sim.status();
            assert!(standing[0].connected, "held until the value is committed");
            request.committed.send(()).unwrap();
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}
