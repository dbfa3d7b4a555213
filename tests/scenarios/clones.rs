//! Clones: a state folder that was copied makes two boxes of one name, and that is said once; a box that restarts is none.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use server::clock::Clock;
use server::ingest::clones::Sign;
use server::store::clones;

use crate::a_new_box::{NewBox, Office, said};
use crate::certificates::{Enrolled, WAIT_MAX, one_cuff, says};

/// How long two boxes may take to take over from each other a few times.
const TURNS_WAIT_MAX: Duration = Duration::from_secs(60);
const CONNECTED: &str = "the uplink is connected";
const FOUND: &str = "is used in two places";

/// Makes another box of the same identity.
fn copy(one: &Enrolled, folder: &Path, office: &Office) -> Enrolled {
    let broker = format!(
        "address = \"localhost:{}\"\ntls = true\nretry_delay_seconds_max = 1",
        office.mqtt_port
    );
    let home = NewBox::in_folder(folder, "copy", &broker);
    std::fs::create_dir(&home.state).unwrap();
    for file in std::fs::read_dir(&one.home.state).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), home.state.join(file.file_name())).unwrap();
    }
    Enrolled {
        id: one.id.clone(),
        home,
    }
}

fn times(log: &Path, text: &str) -> usize {
    std::fs::read_to_string(log).map_or(0, |whole| whole.matches(text).count())
}

async fn said_times(log: &Path, text: &str, least: usize) {
    let said = async {
        while times(log, text) < least {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(TURNS_WAIT_MAX, said).await;
    assert!(
        waited.is_ok(),
        "{text:?} was said {} times",
        times(log, text)
    );
}

async fn found(office: &Office, now: Timestamp) -> Vec<(String, Sign)> {
    let store = office.store().await;
    let mut reader = store.readers().acquire().await.unwrap();
    let open = clones::open(&mut reader, now).await.unwrap();
    drop(reader);
    store.close().await;
    open.into_iter()
        .map(|it| (it.gateway.to_string(), it.sign))
        .collect()
}

#[tokio::test]
async fn a_copied_box_is_noticed_once_and_a_restarted_one_is_not() {
    let mut office = Office::open().await;
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [first, second, third] = folders.each_ref();
    let one = Enrolled::by(&office, first, "1");
    let copy = copy(&one, second.path(), &office);
    let honest = Enrolled::by(&office, third, "2");
    let server_log = office.folder.path().join("server.log");

    let (_sim, bus) = one_cuff(third.path()).await;
    let honest_log = third.path().join("gateway.log");
    for start in 1..=4 {
        let mut gateway = honest.start(&bus, third.path(), 0);
        said_times(&honest_log, CONNECTED, start).await;
        gateway.stop().await.unwrap();
    }

    let (_first_sim, first_bus) = one_cuff(first.path()).await;
    let (_second_sim, second_bus) = one_cuff(second.path()).await;
    let first_log = first.path().join("gateway.log");
    let mut genuine = one.start(&first_bus, first.path(), 0);
    says(&first_log, CONNECTED, WAIT_MAX).await;
    assert_eq!(times(&server_log, FOUND), 0);
    let mut other = copy.start(&second_bus, second.path(), 0);
    said_times(&server_log, FOUND, 1).await;
    // It goes on, and is not said again.
    let turns = times(&first_log, CONNECTED);
    said_times(&first_log, CONNECTED, turns + 4).await;
    assert_eq!(times(&server_log, FOUND), 1);
    let whole = std::fs::read_to_string(&server_log).unwrap();
    let line = whole.lines().find(|line| line.contains(FOUND)).unwrap();
    assert!(
        line.contains(one.id.as_str()) && line.contains("server revoke"),
        "{line}"
    );

    let now = Clock::system().now();
    assert_eq!(
        found(&office, now).await,
        [(one.id.to_string(), Sign::Runs)]
    );
    other.stop().await.unwrap();
    genuine.stop().await.unwrap();
    let revoked = office.run("revoke", &[one.id.as_str()]);
    assert!(revoked.status.success(), "{}", said(&revoked));
    assert_eq!(found(&office, now).await, []);
    office.program.stop().await.unwrap();
}
