//! The exchange: a right code is burnt, and its box gets a name, a certificate and the server's half of a key, in one
//! transaction. The same box may hear the same answer again while the code lives: it may have lost the first.

use anyhow::{Context, ensure};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use vitals::GatewayId;
use vitals::enrol::agreement::AGREEMENT_KEY_LEN;
use vitals::enrol::{AgreementKey, Answer, Refusal, Request};
use vitals::wire::Standing;

use super::authority::{Authority, GatewayKey};
use super::jobs::device_of;
use super::life::Permit;
use crate::boxes::BoxState;
use crate::boxes::steps::{self, Word};
use crate::clock::Clock;
use crate::store::boxes::Change;
use crate::store::gateways::Registration;
use crate::store::install_jobs::{InstallJob, UsedBy};
use crate::store::{Store, Write, boxes, certificates, devices, gateways, install_jobs, patients};

/// Who begins the life of a box: whoever brought the code of its install job.
const BY_ITS_CODE: &str = "the install job's code";

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
        let former = match self.out_of_stock(write).await? {
            Ok(former) => former,
            Err(refusal) => return Ok(Err(refusal)),
        };
        gateways::put(write, &registration, self.now).await?;
        self.begin_its_life(write, former.as_ref()).await?;
        if let Some(old) = &job.replaces {
            self.replace(write, old).await?;
        }
        for device in &job.devices {
            match devices::spoken_for_by(write, &device.id).await? {
                // It came with the place of the old box.
                Some(by) if by == *gateway => continue,
                Some(_) => return Ok(Err(Refusal::DeviceTaken)),
                None => {}
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
        let told = Told {
            certificate: issued.pem,
            half: used.agreement_public_key,
            home: patients::home_hint(write, &job.patient).await?,
            standing: standing_of(write, gateway).await?,
        };
        Ok(Ok(answer(self.authority, job, told)))
    }
}

impl Enrolling<'_> {
    /// Finds the name that this box had before, if it was enrolled before and is in stock now.
    async fn out_of_stock(
        &self,
        write: &mut Write<'_>,
    ) -> anyhow::Result<Result<Option<GatewayId>, Refusal>> {
        let mut former = None;
        for (name, state) in boxes::of_key(write, &self.request.keys.signing).await? {
            match state {
                BoxState::Reissued => {}
                BoxState::Stock => former = Some(name),
                _ => return Ok(Err(Refusal::NotInStock)),
            }
        }
        let is_another = self.job.for_box.is_some() && self.job.for_box != former;
        Ok(if is_another {
            Err(Refusal::AnotherBox)
        } else {
            Ok(former)
        })
    }

    /// Takes the place of another box: its devices, and its right to anything but to deliver what it has. One that was
    /// revoked or taken back meanwhile stays where it is.
    async fn replace(&self, write: &mut Write<'_>, old: &GatewayId) -> anyhow::Result<()> {
        let new = &self.job.gateway;
        devices::hand_over(write, old, new, self.now).await?;
        gateways::takes_over(write, new, self.now).await?;
        let known = gateways::by_id(write, old).await?;
        let known = known.context("a box that is to be replaced is registered")?;
        if known.life.state.may_become(BoxState::Draining).is_err() {
            return Ok(());
        }
        let word = Word {
            by: BY_ITS_CODE,
            why: &format!("replaced by {new}"),
        };
        steps::change(write, old, &known, BoxState::Draining, word, self.now).await
    }

    async fn begin_its_life(
        &self,
        write: &mut Write<'_>,
        former: Option<&GatewayId>,
    ) -> anyhow::Result<()> {
        let gateway = &self.job.gateway;
        let mut changes = Vec::new();
        if let Some(former) = former {
            let why = format!("enrolled again as {gateway}");
            let from = Some(BoxState::Stock);
            changes.push((former, from, BoxState::Reissued, why));
        }
        let why = format!("enrolled for {}", self.job.patient);
        changes.push((gateway, None, BoxState::Commissioning, why));
        for (id, from, to, why) in changes {
            let change = Change {
                at: self.now,
                by: BY_ITS_CODE.to_owned(),
                from,
                to,
                why,
            };
            ensure!(
                boxes::append(write, id, &change).await?,
                "{id} was changed while its install job was open"
            );
        }
        Ok(())
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
    let told = Told {
        certificate: pem,
        half: used.agreement_public_key.clone(),
        home: patients::home_hint(write, &job.patient).await?,
        standing: standing_of(write, &job.gateway).await?,
    };
    Ok(answer(authority, job, told))
}

async fn standing_of(write: &mut Write<'_>, gateway: &GatewayId) -> anyhow::Result<Standing> {
    let known = gateways::by_id(write, gateway).await?;
    let known = known.context("an enrolled gateway is registered")?;
    Ok(known.life.standing())
}

/// What a box is told of its own.
struct Told {
    certificate: String,
    half: String,
    home: String,
    standing: Standing,
}

fn answer(authority: &Authority, job: &InstallJob, told: Told) -> Answer {
    Answer {
        gateway: job.gateway.clone(),
        certificate: told.certificate,
        ca: authority.certificate_pem().to_owned(),
        agreement_public_key: told.half,
        devices: job.devices.clone(),
        home: Some(told.home),
        standing: Some(told.standing),
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
