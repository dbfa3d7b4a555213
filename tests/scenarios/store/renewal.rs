//! Renewal: who gets the next certificate of a gateway, and who does not.

use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, DnType, KeyPair as TlsKey};
use ring::digest::{SHA256, digest};
use server::boxes::BoxState;
use server::boxes::steps::{self, Word};
use server::enrol::authority::GATEWAY_CERTIFICATE_LIFE;
use server::enrol::renewal::{ISSUED_LEN_MAX, LATE_PERMIT_LIFE, renew, renew_late};
use server::store::{certificates, gateways};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use vitals::GatewayId;
use vitals::enrol::{LATE_RENEWAL_MAX, LateRenewal, Refusal, RenewalAnswer, RenewalRequest};

use crate::enrol::{NewBox, Office};
use crate::world::World;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A box that was enrolled, and the fingerprint of its first certificate.
struct Enrolled<'a> {
    office: Office<'a>,
    id: GatewayId,
    keys: NewBox,
    first: String,
}

impl<'a> Enrolled<'a> {
    async fn in_world(world: &'a World) -> Self {
        let office = Office::of(world);
        let (armed, keys) = (office.arm("cuff-9").await, NewBox::new(5));
        let answer = office.exchange(&keys.request(&armed.code)).await.unwrap();
        Self {
            office,
            id: answer.gateway,
            keys,
            first: fingerprint(&answer.certificate),
        }
    }

    fn now(&self) -> Timestamp {
        self.office.clock.now()
    }

    async fn renew(&self, shown: &str, csr: &[u8]) -> Result<RenewalAnswer, Refusal> {
        let request = RenewalRequest { csr: csr.to_vec() };
        let body = request.to_body().unwrap();
        let request = RenewalRequest::from_body(body.as_bytes()).unwrap();
        let (store, authority) = (&self.office.world.store, &self.office.authority);
        renew(store, authority, shown, &request, self.now())
            .await
            .unwrap()
    }

    async fn renew_late(&self, signed_by: &NewBox, csr: &[u8]) -> Result<RenewalAnswer, Refusal> {
        let sign = |bytes: &[u8]| signed_by.signing.sign(bytes).as_ref().try_into().unwrap();
        let request = LateRenewal::new(self.id.clone(), csr.to_vec(), sign);
        let (store, authority) = (&self.office.world.store, &self.office.authority);
        renew_late(store, authority, &request, self.now())
            .await
            .unwrap()
    }

    async fn permit(&self) {
        let mut write = self.office.world.store.write().await.unwrap();
        let until = self.now() + LATE_PERMIT_LIFE;
        certificates::permit_late(&mut write, &self.id, until)
            .await
            .unwrap();
        write.commit().await.unwrap();
    }

    async fn revoke(&self) {
        let mut write = self.office.world.store.write().await.unwrap();
        gateways::revoke(&mut write, &self.id, self.now())
            .await
            .unwrap();
        write.commit().await.unwrap();
    }

    async fn is_trusted(&self, fingerprint: &str) -> bool {
        let mut reader = self.office.world.store.readers().acquire().await.unwrap();
        let found = certificates::trusted_gateway(&mut reader, fingerprint).await;
        found.unwrap() == Some(self.id.clone())
    }

    async fn issued(&self) -> i64 {
        let count = "SELECT COUNT(*) FROM certificate";
        self.office.world.count(count).await
    }
}

/// Asks for a certificate of a key, in another's name.
fn csr(key: &TlsKey) -> Vec<u8> {
    let mut params = CertificateParams::default();
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "gateway-1");
    params.serialize_request(key).unwrap().der().to_vec()
}

fn new_csr() -> Vec<u8> {
    csr(&TlsKey::generate().unwrap())
}

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn fingerprint(pem: &str) -> String {
    hex::encode(digest(&SHA256, &der(pem)))
}

pub(crate) async fn a_certificate_is_renewed_by_the_one_before_and_a_new_key(world: World) {
    let it = Enrolled::in_world(&world).await;
    it.office.hand.advance(DAY * 60);
    let key = TlsKey::generate().unwrap();
    let answer = it.renew(&it.first, &csr(&key)).await.unwrap();
    let named = der(&answer.certificate);
    let has = |bytes: &[u8]| named.windows(bytes.len()).any(|window| window == bytes);
    assert!(has(it.id.as_str().as_bytes()) && has(key.public_key_raw()));
    assert!(!has(b"gateway-1"), "the request's subject is ignored");

    // Both are good, and the next renewal may be by either.
    let second = fingerprint(&answer.certificate);
    assert!(it.is_trusted(&it.first).await && it.is_trusted(&second).await);
    it.renew(&it.first, &new_csr()).await.unwrap();
    it.renew(&second, &new_csr()).await.unwrap();
    for (shown, key) in [(&it.first, &it.keys.tls), (&second, &key)] {
        let same_key = it.renew(shown, &csr(key)).await;
        assert_eq!(same_key, Err(Refusal::Malformed));
    }
}

pub(crate) async fn a_lost_answer_is_given_again_and_two_at_once_get_one(world: World) {
    let it = Enrolled::in_world(&world).await;
    let key = TlsKey::generate().unwrap();
    let (one, other) = (csr(&key), csr(&key));
    let (one, other) = tokio::join!(it.renew(&it.first, &one), it.renew(&it.first, &other));
    assert_eq!(one, other);
    it.office.hand.advance(DAY * 29);
    assert_eq!(it.renew(&it.first, &csr(&key)).await, one);
    assert_eq!(it.issued().await, 2);
    // By now it would have to be renewed again at once.
    it.office.hand.advance(DAY * 40);
    let fresh = it.renew(&it.first, &csr(&key)).await.unwrap();
    assert_ne!(Ok(fresh), one);
    assert_eq!(it.issued().await, 3);
}

pub(crate) async fn who_is_not_known_renews_nothing(world: World) {
    let it = Enrolled::in_world(&world).await;
    let unknown = it.renew(&"ab".repeat(32), &new_csr()).await;
    assert_eq!(unknown, Err(Refusal::NotKnown));
    let no_csr = it.renew(&it.first, b"no").await;
    assert_eq!(no_csr, Err(Refusal::Malformed));
    for _ in 1..ISSUED_LEN_MAX {
        it.renew(&it.first, &new_csr()).await.unwrap();
    }
    let too_often = it.renew(&it.first, &new_csr()).await;
    assert_eq!(too_often, Err(Refusal::TooOften));
    it.office.hand.advance(GATEWAY_CERTIFICATE_LIFE);
    it.renew(&it.first, &new_csr()).await.unwrap();

    it.revoke().await;
    let revoked = it.renew(&it.first, &new_csr()).await;
    assert_eq!(revoked, Err(Refusal::NotKnown));
    it.office.hand.advance(DAY * 100);
    it.permit().await;
    let revoked = it.renew_late(&it.keys, &new_csr()).await;
    assert_eq!(revoked, Err(Refusal::NotKnown));
}

pub(crate) async fn a_box_on_its_way_back_renews_nothing(world: World) {
    let it = Enrolled::in_world(&world).await;
    it.renew(&it.first, &new_csr()).await.unwrap();
    let ann = Word { by: "Ann", why: "" };
    let store = &it.office.world.store;
    steps::sign_off(store, &it.id, ann, it.now()).await.unwrap();
    it.renew(&it.first, &new_csr()).await.unwrap();
    let to = BoxState::Returning;
    steps::go_back(store, &it.id, to, ann, it.now())
        .await
        .unwrap();
    let refused = it.renew(&it.first, &new_csr()).await;
    assert_eq!(refused, Err(Refusal::NotKnown));
    it.office.hand.advance(DAY * 100);
    it.permit().await;
    let refused = it.renew_late(&it.keys, &new_csr()).await;
    assert_eq!(refused, Err(Refusal::NotKnown));
}

pub(crate) async fn an_ended_certificate_is_renewed_once_when_an_operator_permits_it(world: World) {
    let it = Enrolled::in_world(&world).await;
    let good = it.renew_late(&it.keys, &new_csr()).await;
    assert_eq!(good, Err(Refusal::StillGood));
    it.office.hand.advance(GATEWAY_CERTIFICATE_LIFE + DAY * 10);
    let key = TlsKey::generate().unwrap();
    let nobody_said_so = it.renew_late(&it.keys, &csr(&key)).await;
    assert_eq!(nobody_said_so, Err(Refusal::NotPermitted));
    it.permit().await;
    let thief = it.renew_late(&NewBox::new(6), &csr(&key)).await;
    assert_eq!(thief, Err(Refusal::NotKnown));
    let answer = it.renew_late(&it.keys, &csr(&key)).await.unwrap();
    assert!(it.is_trusted(&fingerprint(&answer.certificate)).await);
    assert_eq!(it.renew_late(&it.keys, &csr(&key)).await, Ok(answer));
    assert_eq!(it.issued().await, 2);

    // The permission was for once.
    it.office.hand.advance(GATEWAY_CERTIFICATE_LIFE);
    let again = it.renew_late(&it.keys, &new_csr()).await;
    assert_eq!(again, Err(Refusal::NotPermitted));
    it.permit().await;
    it.office.hand.advance(LATE_PERMIT_LIFE);
    let forgotten = it.renew_late(&it.keys, &new_csr()).await;
    assert_eq!(forgotten, Err(Refusal::NotPermitted));
    it.permit().await;
    it.office.hand.advance(LATE_RENEWAL_MAX - LATE_PERMIT_LIFE);
    let too_late = it.renew_late(&it.keys, &new_csr()).await;
    assert_eq!(too_late, Err(Refusal::TooLate));
}
