//! Enrolment: a code is exchanged once, and a revoked gateway is believed no more.

use jiff::SignedDuration;
use rcgen::{CertificateParams, KeyPair as TlsKey};
use ring::signature::{Ed25519KeyPair, KeyPair};
use server::clock::{Clock, ManualClock};
use server::enrol::authority::Authority;
use server::enrol::exchange::exchange;
use server::enrol::jobs::{Armed, JobPlan, arm};
use server::enrol::life::CODE_LIFE;
use server::store::devices::{DeviceKind, owner_of};
use server::store::gateways;
use tempfile::TempDir;
use vitals::enrol::exchange::PublicKeys;
use vitals::enrol::refusal::WRONG_TRIES_MAX;
use vitals::enrol::{AgreementKey, Answer, Code, Refusal, Request};
use vitals::topic::Kind;
use vitals::{GatewayId, TagKey};

use crate::home::pressure;
use crate::world::{World, patient};

/// A box before it has a name.
pub(crate) struct NewBox {
    pub(crate) tls: TlsKey,
    pub(crate) signing: Ed25519KeyPair,
    agreement: AgreementKey,
}

impl NewBox {
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            tls: TlsKey::generate().unwrap(),
            signing: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(),
            agreement: AgreementKey::new([seed; 32]),
        }
    }

    pub(crate) fn request(&self, code: &Code) -> Request {
        let csr = CertificateParams::default().serialize_request(&self.tls);
        let keys = PublicKeys {
            csr: csr.unwrap().der().to_vec(),
            signing: self.signing.public_key().as_ref().try_into().unwrap(),
            agreement: self.agreement.public_key(),
        };
        let sign = |bytes: &[u8]| self.signing.sign(bytes).as_ref().try_into().unwrap();
        let sent = Request::new(code.clone(), keys, sign).to_body().unwrap();
        Request::from_body(sent.as_bytes()).unwrap()
    }
}

/// The office, which arms jobs and answers boxes.
pub(crate) struct Office<'a> {
    pub(crate) world: &'a World,
    pub(crate) authority: Authority,
    pub(crate) hand: ManualClock,
    pub(crate) clock: Clock,
    _folder: TempDir,
}

impl<'a> Office<'a> {
    pub(crate) fn of(world: &'a World) -> Self {
        let hand = ManualClock::new(world.now, 7);
        let folder = tempfile::tempdir().unwrap();
        let clock = hand.clock();
        Self {
            world,
            authority: Authority::load_or_make(folder.path(), &clock).unwrap(),
            hand,
            clock,
            _folder: folder,
        }
    }

    async fn try_arm(&self, number: u8, devices: &[&str]) -> anyhow::Result<Armed> {
        self.try_arm_for(number, devices, None).await
    }

    pub(crate) async fn try_arm_for(
        &self,
        number: u8,
        devices: &[&str],
        for_box: Option<&GatewayId>,
    ) -> anyhow::Result<Armed> {
        let devices = devices
            .iter()
            .map(|id| (id.parse().unwrap(), DeviceKind::Cuff));
        let plan = JobPlan {
            patient: patient(number),
            devices: devices.collect(),
            for_box: for_box.cloned(),
            replaces: None,
        };
        self.arm_plan(&plan).await
    }

    pub(crate) async fn arm_plan(&self, plan: &JobPlan) -> anyhow::Result<Armed> {
        arm(&self.world.store, &self.authority, plan, &self.clock).await
    }

    pub(crate) async fn arm(&self, device: &str) -> Armed {
        self.try_arm(1, &[device]).await.unwrap()
    }

    pub(crate) async fn exchange(&self, request: &Request) -> Result<Answer, Refusal> {
        exchange(&self.world.store, &self.authority, request, &self.clock)
            .await
            .unwrap()
    }
}

/// Another code that begins with the same half.
fn nearly(code: &Code) -> Code {
    let last = if code.letters()[7] == b'B' { 'C' } else { 'B' };
    let mut text = code.for_job_sheet();
    text.pop();
    text.push(last);
    text.parse().unwrap()
}

pub(crate) async fn a_box_gets_a_name_a_certificate_and_a_key(world: World) {
    let office = Office::of(&world);
    let (armed, new_box) = (office.arm("cuff-9").await, NewBox::new(5));
    let answer = office
        .exchange(&new_box.request(&armed.code))
        .await
        .unwrap();
    assert_eq!(answer.gateway, armed.gateway);
    assert_eq!(answer.ca, office.authority.certificate_pem());
    assert_eq!(answer.devices[0].id.as_str(), "cuff-9");

    let mut reader = world.store.readers().acquire().await.unwrap();
    let known = gateways::by_id(&mut reader, &answer.gateway)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        known.signing_public_key.as_slice(),
        new_box.signing.public_key().as_ref()
    );
    let server = answer.agreement_key().unwrap();
    let ours = new_box
        .agreement
        .tag_key_on_gateway(&answer.gateway, &server)
        .unwrap();
    let tag = TagKey::new(&ours).tag(&answer.gateway, Kind::Status, "{}");
    assert!(
        known
            .tag_key
            .matches(&answer.gateway, Kind::Status, "{}", &tag)
    );
    let cuff = &answer.devices[0].id;
    let owner = owner_of(&mut reader, cuff, &answer.gateway);
    assert_eq!(owner.await.unwrap().unwrap().patient, patient(1));
    drop(reader);

    let letters = String::from_utf8(armed.code.letters().to_vec()).unwrap();
    let kept = "SELECT devices || code_half || code_whole || used_by || agreement_public_key FROM install_job";
    for text in world.texts(kept).await {
        assert!(!text.contains(&letters), "a code is not stored");
    }
}

pub(crate) async fn the_same_box_hears_the_same_answer_again(world: World) {
    let office = Office::of(&world);
    let (armed, new_box) = (office.arm("cuff-9").await, NewBox::new(5));
    let first = office
        .exchange(&new_box.request(&armed.code))
        .await
        .unwrap();
    office.hand.advance(SignedDuration::from_hours(23));
    let again = office
        .exchange(&new_box.request(&armed.code))
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(world.count("SELECT COUNT(*) FROM certificate").await, 1);
    office.hand.advance(SignedDuration::from_hours(1));
    let late = office.exchange(&new_box.request(&armed.code)).await;
    assert_eq!(late.unwrap_err(), Refusal::Expired);
}

pub(crate) async fn a_code_is_used_once(world: World) {
    let office = Office::of(&world);
    let (armed, new_box) = (office.arm("cuff-9").await, NewBox::new(5));
    office
        .exchange(&new_box.request(&armed.code))
        .await
        .unwrap();
    let other = NewBox::new(6);
    let mut half_same = NewBox::new(5);
    half_same.tls = TlsKey::generate().unwrap();
    for stranger in [other, half_same] {
        let refused = office.exchange(&stranger.request(&armed.code)).await;
        assert_eq!(refused.unwrap_err(), Refusal::Used);
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM certificate").await, 1);
}

pub(crate) async fn wrong_codes_lock_their_job_only(world: World) {
    let office = Office::of(&world);
    let (armed, new_box) = (office.arm("cuff-9").await, NewBox::new(5));
    let other = office.arm("cuff-10").await;
    let wrong = new_box.request(&nearly(&armed.code));
    for _ in 1..WRONG_TRIES_MAX {
        let refused = office.exchange(&wrong).await;
        assert_eq!(refused.unwrap_err(), Refusal::WrongCode);
    }
    let tries = "SELECT MAX(wrong_tries) FROM install_job";
    assert_eq!(world.count(tries).await, i64::from(WRONG_TRIES_MAX) - 1);
    let last = office.exchange(&wrong).await;
    assert_eq!(last.unwrap_err(), Refusal::WrongCode);
    let right = office.exchange(&new_box.request(&armed.code)).await;
    assert_eq!(right.unwrap_err(), Refusal::Locked);
    // Who has not got the code does not learn that it is locked.
    let refused = office.exchange(&wrong).await;
    assert_eq!(refused.unwrap_err(), Refusal::WrongCode);
    office
        .exchange(&new_box.request(&other.code))
        .await
        .unwrap();
}

pub(crate) async fn two_boxes_at_once_use_a_code_once(world: World) {
    let office = Office::of(&world);
    let armed = office.arm("cuff-9").await;
    let requests = [5, 6, 7, 8].map(|seed| NewBox::new(seed).request(&armed.code));
    let [a, b, c, d] = requests.each_ref().map(|request| office.exchange(request));
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    let (good, refused): (Vec<_>, Vec<_>) = [a, b, c, d].into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    for answer in refused {
        assert_eq!(answer.unwrap_err(), Refusal::Used);
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM certificate").await, 1);
}

pub(crate) async fn a_code_expires(world: World) {
    let office = Office::of(&world);
    let (armed, new_box) = (office.arm("cuff-9").await, NewBox::new(5));
    office.hand.advance(CODE_LIFE);
    let refused = office.exchange(&new_box.request(&armed.code)).await;
    assert_eq!(refused.unwrap_err(), Refusal::Expired);
    assert_eq!(
        world
            .count("SELECT COUNT(*) FROM device WHERE id = 'cuff-9'")
            .await,
        0
    );
    let unknown = office
        .exchange(&new_box.request(&"BBBB-BBBB".parse().unwrap()))
        .await;
    assert_eq!(unknown.unwrap_err(), Refusal::WrongCode);
}

pub(crate) async fn a_job_is_armed_for_what_is_there_and_free(world: World) {
    let office = Office::of(&world);
    for (number, devices, said) in [
        (99, vec!["cuff-9"], "no patient"),
        (1, vec!["cuff-1"], "belongs to gateway-1"),
        (1, vec!["cuff-9", "cuff-9"], "named twice"),
        (1, vec![], "1 to 32 devices"),
    ] {
        let error = office.try_arm(number, &devices).await.unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    // Two open jobs for one device: the box that comes first gets it.
    let (one, two) = (office.arm("cuff-9").await, office.arm("cuff-9").await);
    office
        .exchange(&NewBox::new(5).request(&one.code))
        .await
        .unwrap();
    let late = office.exchange(&NewBox::new(6).request(&two.code)).await;
    assert_eq!(late.unwrap_err(), Refusal::DeviceTaken);
    assert_eq!(world.count("SELECT COUNT(*) FROM certificate").await, 1);
    assert_eq!(world.count("SELECT COUNT(*) FROM gateway").await, 3);
}

pub(crate) async fn what_a_revoked_gateway_says_is_set_aside(mut world: World) {
    let good = world.home_1.send(&[pressure("cuff-1", "07:50", 190, 120)]);
    let late = world.home_1.send(&[pressure("cuff-1", "07:55", 195, 120)]);
    assert!(world.take(&[good]).await.set_aside.is_empty());
    let mut write = world.store.write().await.unwrap();
    let revoked = gateways::revoke(&mut write, &world.home_1.id, world.now).await;
    assert_eq!(revoked.unwrap(), Some(world.now));
    let later = world.now + SignedDuration::from_hours(1);
    let again = gateways::revoke(&mut write, &world.home_1.id, later).await;
    assert_eq!(
        again.unwrap(),
        Some(world.now),
        "it stays revoked since then"
    );
    let nobody = gateways::revoke(&mut write, &"gw-none".parse().unwrap(), later).await;
    assert_eq!(nobody.unwrap(), None);
    write.commit().await.unwrap();

    let taken = world.take(&[late]).await;
    assert_eq!(taken.set_aside[0].reason, "revoked");
    assert!(taken.receipts.is_empty());
    let credentials = server::lifecycle::credentials(world.store.clone());
    assert!(
        credentials(world.home_1.id.clone())
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        credentials(world.home_2.id.clone())
            .await
            .unwrap()
            .is_some()
    );
    // What it said before stays proved.
    let report = server::verify::verify(&world.store).await.unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

pub(crate) async fn a_box_takes_over_from_a_revoked_one(world: World) {
    let office = Office::of(&world);
    let mut write = world.store.write().await.unwrap();
    gateways::revoke(&mut write, &world.home_1.id, world.now)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let label = "SELECT label FROM device WHERE id = 'cuff-1'";
    let before = world.texts(label).await;
    let armed = office.arm("cuff-1").await;
    office
        .exchange(&NewBox::new(5).request(&armed.code))
        .await
        .unwrap();
    assert_eq!(world.texts(label).await, before);
    let gateway = world
        .texts("SELECT gateway FROM device WHERE id = 'cuff-1'")
        .await;
    assert_eq!(gateway, [armed.gateway.as_str()]);
}
