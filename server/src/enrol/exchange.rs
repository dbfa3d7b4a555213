//! The exchange: a right code is burnt, and its box gets a name, a certificate and the server's half of a key, in one
//! transaction. The same box may hear the same answer again while the code lives: it may have lost the first.

use anyhow::{Context, ensure};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use vitals::enrol::agreement::AGREEMENT_KEY_LEN;
use vitals::enrol::{AgreementKey, Answer, Refusal, Request};

use super::authority::{Authority, GatewayKey};
use super::jobs::device_of;
use super::life::Permit;
use crate::clock::Clock;
use crate::store::gateways::Registration;
use crate::store::install_jobs::{InstallJob, UsedBy};
use crate::store::{Store, Write, certificates, devices, gateways, install_jobs};

/// Answers a request whose proof was checked.
///
/// # Errors
/// When the database fails, or there is no randomness. A refusal is an answer like any other.
pub async fn exchange(
    store: &Store,
    authority: &Authority,
    request: &Request,
    clock: &Clock,
) -> anyhow::Result<Result<Answer, Refusal>> {
    let now = clock.now();
    let Ok(key) = GatewayKey::from_csr(&request.keys.csr) else {
        return Ok(Err(Refusal::Malformed));
    };
    let mut write = store.write().await?;
    let half = authority.codes().half(&request.code);
    let Some(job) = install_jobs::lock(&mut write, &half).await? else {
        return Ok(Err(Refusal::WrongCode));
    };
    if !authority.codes().matches(&request.code, &job.code.whole) {
        install_jobs::count_wrong(&mut write, &job.gateway).await?;
        write.commit().await.context("a wrong try is not counted")?;
        return Ok(Err(Refusal::WrongCode));
    }
    let used_by = digest_of(request, &key);
    let is_same_box = job.used.as_ref().is_some_and(|used| used.keys == used_by);
    let permit = match job.life.permit(now, is_same_box) {
        Ok(permit) => permit,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if permit == Permit::Again {
        return again(&mut write, authority, &job).await.map(Ok);
    }
    let enrolled = Enrolling {
        authority,
        request,
        key: &key,
        job: &job,
        used_by,
        now,
    };
    let answer = enrolled.enrol(&mut write, clock).await?;
    if answer.is_ok() {
        write
            .commit()
            .await
            .context("the exchange cannot be committed")?;
    }
    Ok(answer)
}

/// What a box needs to be enrolled by.
struct Enrolling<'a> {
    authority: &'a Authority,
    request: &'a Request,
    key: &'a GatewayKey,
    job: &'a InstallJob,
    used_by: String,
    now: Timestamp,
}

impl Enrolling<'_> {
    async fn enrol(
        self,
        write: &mut Write<'_>,
        clock: &Clock,
    ) -> anyhow::Result<Result<Answer, Refusal>> {
        let (job, gateway) = (self.job, &self.job.gateway);
        let mut secret = [0; AGREEMENT_KEY_LEN];
        clock.fill_random(&mut secret)?;
        let ours = AgreementKey::new(secret);
        let keys = &self.request.keys;
        let Some(tag_key) = ours.tag_key_on_server(gateway, &keys.agreement) else {
            return Ok(Err(Refusal::Malformed));
        };
        ensure!(
            gateways::by_id(write, gateway).await?.is_none(),
            "{gateway} was registered by hand while its install job was open"
        );
        let registration = Registration {
            id: gateway.clone(),
            tag_key,
            signing_public_key: keys.signing,
        };
        gateways::put(write, &registration, self.now).await?;
        for device in &job.devices {
            if devices::spoken_for_by(write, &device.id).await?.is_some() {
                return Ok(Err(Refusal::DeviceTaken));
            }
            devices::bind(write, &device_of(job, device)?, self.now).await?;
        }
        let issued = self.authority.issue(gateway, self.key, self.now)?;
        certificates::insert(write, gateway, &issued, self.now).await?;
        let used = UsedBy {
            keys: self.used_by,
            agreement_public_key: hex::encode(ours.public_key()),
        };
        install_jobs::burn(write, gateway, &used, self.now).await?;
        Ok(Ok(answer(
            self.authority,
            job,
            issued.pem,
            used.agreement_public_key,
        )))
    }
}

async fn again(
    write: &mut Write<'_>,
    authority: &Authority,
    job: &InstallJob,
) -> anyhow::Result<Answer> {
    let used = job.used.as_ref().context("a used job names its box")?;
    let pem = certificates::first_of(write, &job.gateway)
        .await?
        .context("an enrolled gateway has a certificate")?;
    let half = used.agreement_public_key.clone();
    Ok(answer(authority, job, pem, half))
}

fn answer(authority: &Authority, job: &InstallJob, certificate: String, half: String) -> Answer {
    Answer {
        gateway: job.gateway.clone(),
        certificate,
        ca: authority.certificate_pem().to_owned(),
        agreement_public_key: half,
        devices: job.devices.clone(),
    }
}

/// Two requests are the same box's when all its keys are the same; a signing request is made anew each time.
fn digest_of(request: &Request, key: &GatewayKey) -> String {
    let keys = [
        key.fingerprint(),
        hex::encode(request.keys.signing),
        hex::encode(request.keys.agreement),
    ];
    hex::encode(digest(&SHA256, keys.concat().as_bytes()))
}
