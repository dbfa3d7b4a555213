//! Renewal: a box keeps itself certified, and one that was off for too long is let in again only when somebody says so.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::clock::{Clock, ClockHand};
use gateway::crash::{RENEWAL_POINTS, RENEWAL_SWAPPED};
use gateway::enrol::renew::{Looked, Renewal};
use gateway::enrol::{self, Job, schedule};
use gateway::keys;
use hearth_tests::ports::free_port;
use jiff::{SignedDuration, Timestamp};
use server::clock::ManualClock;
use server::enrol::authority::{Authority, GATEWAY_CERTIFICATE_LIFE};
use server::enrol::endpoint::{self, Endpoint};
use server::enrol::jobs::{JobPlan, arm};
use server::enrol::tls::ServerTls;
use server::enrol::tries::Tries;
use server::seed::Seed;
use server::store::devices::DeviceKind;
use server::store::{Store, certificates, statuses};
use server::templates::Templates;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::GatewayId;

use crate::a_new_box::{Office, SEED, said};
use crate::certificates::{Enrolled, WAIT_MAX, one_cuff, says};

const MINUTES_PER_DAY: u32 = 24 * 60;
const DAY: SignedDuration = SignedDuration::from_hours(24);

#[tokio::test]
async fn a_running_box_renews_its_certificate_and_connects_by_the_new_one() {
    let mut office = Office::open().await;
    let homes = tempfile::tempdir().unwrap();
    let one = Enrolled::by(&office, &homes, "1");
    let (_sim, bus) = one_cuff(homes.path()).await;
    let first = one.home.file("gateway.pem");
    let log = homes.path().join("gateway.log");

    office.start_later(61 * MINUTES_PER_DAY).await;
    let mut gateway = one.start(&bus, homes.path(), 61 * MINUTES_PER_DAY);
    says(&log, "this box's certificate was renewed", WAIT_MAX).await;
    says(&log, "the uplink is connected", WAIT_MAX).await;
    gateway.stop().await.unwrap();
    let second = one.home.file("gateway.pem");
    assert_ne!(first, second);
    assert!(!one.home.state.join("tls.key").exists());

    // On day 95 the first certificate has ended.
    office.start_later(95 * MINUTES_PER_DAY).await;
    std::fs::remove_file(&log).unwrap();
    let mut gateway = one.start(&bus, homes.path(), 95 * MINUTES_PER_DAY);
    says(&log, "the uplink is connected", WAIT_MAX).await;
    let ends_at = schedule_of(&one).ends_at;
    told_end(&office, &one, ends_at).await;
    gateway.stop().await.unwrap();
    office.program.stop().await.unwrap();
}

fn schedule_of(one: &Enrolled) -> schedule::Validity {
    enrol::identity::validity(&one.home.state).unwrap()
}

/// Waits until the server was told when the box's certificate ends.
async fn told_end(office: &Office, one: &Enrolled, ends_at: Timestamp) {
    let store = office.store().await;
    let told = async {
        loop {
            let mut reader = store.readers().acquire().await.unwrap();
            let status = statuses::of(&mut reader, &one.id).await.unwrap();
            let told = status.and_then(|(status, _)| status.certificate_ends_at);
            if told == Some(ends_at) {
                return;
            }
            drop(reader);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(WAIT_MAX, told).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_power_cut_at_any_point_of_a_renewal_leaves_a_box_that_connects() {
    let mut office = Office::open().await;
    let names = ["1", "2", "3"];
    let homes = names.map(|_| tempfile::tempdir().unwrap());
    let boxes = std::array::from_fn::<_, 3, _>(|at| Enrolled::by(&office, &homes[at], names[at]));
    let ahead = 61 * MINUTES_PER_DAY;
    office.start_later(ahead).await;
    for ((point, home), one) in RENEWAL_POINTS.iter().zip(&homes).zip(&boxes) {
        let (_sim, bus) = one_cuff(home.path()).await;
        let first = one.home.file("gateway.pem");
        let mut dying = one.start_that_dies_at(point, &bus, home.path(), ahead);
        dying.ended(WAIT_MAX).await.unwrap();
        let is_swapped = *point == RENEWAL_SWAPPED;
        assert_eq!(one.home.file("gateway.pem") != first, is_swapped, "{point}");
        assert!(one.home.state.join("next.key").exists(), "{point}");

        let log = home.path().join("gateway.log");
        std::fs::remove_file(&log).unwrap();
        let mut gateway = one.start(&bus, home.path(), ahead);
        says(&log, "the uplink is connected", WAIT_MAX).await;
        if !is_swapped {
            says(&log, "this box's certificate was renewed", WAIT_MAX).await;
        }
        gateway.stop().await.unwrap();
        assert_ne!(one.home.file("gateway.pem"), first, "{point}");
        for name in ["next.key", "tls.key"] {
            assert!(!one.home.state.join(name).exists(), "{point}: {name}");
        }
        // However often it was asked, one certificate was made beside the first.
        let store = office.store().await;
        let mut reader = store.readers().acquire().await.unwrap();
        let begin = Timestamp::UNIX_EPOCH;
        let issued = certificates::issued_since(&mut reader, &one.id, begin).await;
        assert_eq!(issued.unwrap(), 2, "{point}");
        drop(reader);
        store.close().await;
    }
    office.program.stop().await.unwrap();
}

#[tokio::test]
async fn a_box_that_was_off_for_too_long_comes_back_when_an_operator_says_so() {
    let mut office = Office::open().await;
    let homes = tempfile::tempdir().unwrap();
    let one = Enrolled::by(&office, &homes, "1");
    let (_sim, bus) = one_cuff(homes.path()).await;
    let needless = office.run("renew-late", &[one.id.as_str()]);
    assert!(
        said(&needless).contains("renews by itself"),
        "{}",
        said(&needless)
    );

    let log = homes.path().join("gateway.log");
    office.start_later(100 * MINUTES_PER_DAY).await;
    let mut gateway = one.start(&bus, homes.path(), 100 * MINUTES_PER_DAY);
    says(&log, "server renew-late", WAIT_MAX).await;
    says(&log, "the uplink is down", WAIT_MAX).await;
    gateway.stop().await.unwrap();
    let whole = std::fs::read_to_string(&log).unwrap();
    assert!(!whole.contains("the uplink is connected"), "{whole}");
    assert!(whole.contains("days_left=-10"), "{whole}");

    let permitted = office.run("renew-late", &[one.id.as_str()]);
    assert!(permitted.status.success(), "{}", said(&permitted));
    let mut gateway = one.start(&bus, homes.path(), 100 * MINUTES_PER_DAY);
    says(&log, "this box's certificate was renewed", WAIT_MAX).await;
    says(&log, "the uplink is connected", WAIT_MAX).await;
    gateway.stop().await.unwrap();

    let revoked = office.run("revoke", &[one.id.as_str()]);
    assert!(revoked.status.success(), "{}", said(&revoked));
    let for_good = office.run("renew-late", &[one.id.as_str()]);
    assert!(said(&for_good).contains("revoked"), "{}", said(&for_good));
    office.program.stop().await.unwrap();
}

/// A server that enrols, whose clock is moved by hand.
struct DrivenServer {
    hand: ManualClock,
    store: Store,
    authority: Arc<Authority>,
    port: u16,
    serving: Option<(CancellationToken, JoinHandle<anyhow::Result<()>>)>,
}

impl DrivenServer {
    async fn new(folder: &Path, start: Timestamp) -> Self {
        let hand = ManualClock::new(start, 3);
        let url = format!("sqlite:{}/server.db", folder.display());
        let store = Store::migrate(&url).await.unwrap();
        let seed = folder.join("seed.toml");
        std::fs::write(&seed, SEED).unwrap();
        let seed = Seed::load(&seed, &Templates::load(None).unwrap()).unwrap();
        seed.apply(&store, start).await.unwrap();
        let authority = Authority::load_or_make(&folder.join("enrol"), &hand.clock()).unwrap();
        let mut it = Self {
            hand,
            store,
            authority: Arc::new(authority),
            port: free_port().unwrap(),
            serving: None,
        };
        it.serve().await;
        it
    }

    async fn serve(&mut self) {
        let clock = self.hand.clock();
        let names = ["localhost".to_owned()];
        let endpoint = Endpoint {
            store: self.store.clone(),
            authority: Arc::clone(&self.authority),
            tls: ServerTls::for_anybody(Arc::clone(&self.authority), &names, &clock).unwrap(),
            clock,
            tries: Tries::default(),
        };
        let stop = CancellationToken::new();
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let serving = tokio::spawn(endpoint::serve(listener, endpoint, stop.clone()));
        self.serving = Some((stop, serving));
    }

    async fn go_away(&mut self) {
        let (stop, serving) = self.serving.take().unwrap();
        stop.cancel();
        serving.await.unwrap().unwrap();
    }

    async fn job(&self) -> Job {
        let plan = JobPlan {
            patient: "patient-1".parse().unwrap(),
            devices: vec![("cuff-7".parse().unwrap(), DeviceKind::Cuff)],
            for_box: None,
            replaces: None,
        };
        let clock = self.hand.clock();
        let armed = arm(&self.store, &self.authority, &plan, &clock).await;
        Job {
            server: format!("https://localhost:{}", self.port).parse().unwrap(),
            fingerprint: self.authority.fingerprint().parse().unwrap(),
            code: armed.unwrap().code,
        }
    }
}

/// Such a server, and a box that was enrolled, whose clock is moved with it.
struct Driven {
    folder: TempDir,
    server: DrivenServer,
    renewal: Renewal,
    hand: ClockHand,
    gateway: GatewayId,
}

impl Driven {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A box that brings its code goes by the system's clock.
        let start = Clock::system().now();
        let server = DrivenServer::new(folder.path(), start).await;
        let state = folder.path().join("box");
        let enrolment = enrol::enrol(&state, server.job().await).await.unwrap();
        let lock = Arc::new(keys::lock_state(&state).unwrap());
        let (clock, hand) = Clock::manual(start);
        Self {
            folder,
            server,
            renewal: Renewal::new(&state, lock, clock),
            hand,
            gateway: enrolment.gateway,
        }
    }

    fn advance(&self, by: SignedDuration) {
        self.hand.advance_seconds(by.as_secs());
        self.server.hand.advance(by);
    }

    async fn look(&mut self) -> Looked {
        self.renewal.look().await
    }

    /// Looks, and gives why it could not renew.
    async fn failure(&mut self) -> String {
        match self.look().await {
            Looked::Failed(error) => format!("{error:#}"),
            other => panic!("{other:?}"),
        }
    }

    fn pem(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("box/gateway.pem")).unwrap()
    }
}

#[tokio::test]
async fn renewal_goes_by_the_clock_and_a_failure_is_tried_again_after_a_pause() {
    let mut it = Driven::new().await;
    let first = it.pem();
    assert!(matches!(it.look().await, Looked::Nothing));
    it.advance(DAY * 59);
    assert!(matches!(it.look().await, Looked::Nothing));
    it.advance(DAY);
    it.server.go_away().await;
    let away = it.failure().await;
    assert!(away.contains("localhost"), "{away}");
    assert_eq!(it.pem(), first);
    assert!(matches!(it.look().await, Looked::Nothing), "it pauses");

    it.server.serve().await;
    it.advance(schedule::RETRY_DELAY_MIN);
    let Looked::Renewed(validity) = it.look().await else {
        panic!("it is not renewed");
    };
    assert_ne!(it.pem(), first);
    let life = validity
        .ends_at
        .duration_since(it.server.hand.clock().now());
    assert!(GATEWAY_CERTIFICATE_LIFE - life <= SignedDuration::from_secs(1));
    it.advance(DAY * 59);
    assert!(matches!(it.look().await, Looked::Nothing));
    it.advance(DAY);
    assert!(matches!(it.look().await, Looked::Renewed(_)), "and again");
}

#[tokio::test]
async fn a_certificate_that_has_ended_waits_for_an_operator_and_then_for_nobody() {
    let mut it = Driven::new().await;
    it.advance(DAY * 91);
    let refused = it.failure().await;
    assert!(refused.contains("server renew-late"), "{refused}");
    let mut write = it.server.store.write().await.unwrap();
    let until = it.server.hand.clock().now() + DAY;
    certificates::permit_late(&mut write, &it.gateway, until)
        .await
        .unwrap();
    write.commit().await.unwrap();
    it.advance(schedule::RETRY_DELAY_MIN);
    assert!(matches!(it.look().await, Looked::Renewed(_)));

    it.advance(DAY * 121);
    let too_late = it.failure().await;
    assert!(too_late.contains("server install-job"), "{too_late}");
}
