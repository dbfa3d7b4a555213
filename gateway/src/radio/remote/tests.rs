//! How a command waits for a device, and what it says when it waited in vain.

use tempfile::TempDir;
use vitals::enrol::JobDevice;

use super::*;
use crate::bindings::{self, Stored};
use crate::keys;

const PATH: &str = "/org/bluez/hci0/dev_02_00_00_00_00_01";

fn cuff() -> DeviceId {
    "cuff".parse().unwrap()
}

/// A home with a cuff that was bound.
async fn remote() -> (TempDir, Remote) {
    let folder = tempfile::tempdir().unwrap();
    let job = JobDevice {
        id: cuff(),
        kind: "cuff".to_owned(),
    };
    let devices = bindings::merge(Vec::new(), &[job], &Stored::default()).unwrap();
    let lock = Arc::new(keys::lock_state(folder.path()).unwrap());
    let register = Register::new(devices, folder.path().to_owned(), lock);
    let remote = Remote {
        air: Arc::new(Air::new(Arc::new(register))),
        status: Arc::default(),
        desk: Arc::default(),
        quirks: Table::default(),
        timings: RadioTimings::default(),
    };
    let address = [2, 0, 0, 0, 0, 1].into();
    remote.bind(&cuff(), address).await.unwrap();
    (folder, remote)
}

fn met(ending: Ending, values_len: usize) -> Met {
    Met {
        at: Timestamp::UNIX_EPOCH,
        ending,
        values_len,
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_was_met_well_is_said_at_once_and_another_is_waited_for() {
    let (_folder, remote) = remote().await;
    let device = cuff();
    let waiting = remote.meet(&device);
    let radio = async {
        tokio::task::yield_now().await;
        remote.status.met(&device, met(Ending::Failed, 0));
        tokio::task::yield_now().await;
        remote.status.met(&device, met(Ending::LinkLost, 2));
    };
    let (meeting, ()) = tokio::join!(waiting, radio);
    assert_eq!(meeting.unwrap(), Meeting::Met(met(Ending::LinkLost, 2)));
    let started = Instant::now();
    remote.meet(&device).await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_shows_digits_is_said_to() {
    let (_folder, remote) = remote().await;
    let device = cuff();
    let _hold = remote.desk.take(&device, PATH);
    let digits = remote.desk.digits(PATH);
    let meeting = remote.meet(&device);
    tokio::select! {
        meeting = meeting => assert_eq!(meeting.unwrap(), Meeting::WantsDigits),
        digits = digits => panic!("nobody entered {digits:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_in_vain_ends_with_what_to_do() {
    let (_folder, remote) = remote().await;
    let device = cuff();
    for (last, why) in [
        (None, "was not heard"),
        (Some(met(Ending::Failed, 0)), "the connection failed"),
        (Some(met(Ending::NotPaired, 0)), "hold its button"),
    ] {
        if let Some(met) = last {
            remote.status.met(&device, met);
        }
        let started = Instant::now();
        let error = remote.meet(&device).await.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(started.elapsed(), MEET_WAIT);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_device_that_is_forgotten_ends() {
    let (folder, remote) = remote().await;
    let device = cuff();
    let (meeting, forgotten) = tokio::join!(remote.meet(&device), remote.forget(&device));
    assert!(
        meeting
            .unwrap_err()
            .to_string()
            .contains("bound to nothing")
    );
    // There is no BlueZ here.
    assert!(forgotten.unwrap_err().to_string().contains("it is unbound"));
    assert_eq!(bindings::load(folder.path()).unwrap(), Stored::default());
}
