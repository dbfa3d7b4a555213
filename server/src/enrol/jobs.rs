//! Arming an install job: a patient, the devices of the home, and a code for the box that will hear them.

use anyhow::{Context, bail, ensure};
use clinical::PatientId;
use jiff::Timestamp;
use vitals::GatewayId;
use vitals::enrol::{Code, JOB_DEVICES_LEN_MAX, JobDevice};

use super::authority::Authority;
use super::life::Life;
use crate::boxes::BoxState;
use crate::clock::Clock;
use crate::store::devices::{self, Device, DeviceKind};
use crate::store::install_jobs::{self, InstallJob};
use crate::store::{Store, gateways, patients};

/// How often a code or a name is drawn again because another job has one like it.
const DRAWS_MAX: u32 = 16;

/// What a job is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPlan {
    /// Whose home it is for.
    pub patient: PatientId,
    /// The devices of that home.
    pub devices: Vec<(vitals::DeviceId, DeviceKind)>,
    /// The box out of stock that it is kept for.
    pub for_box: Option<GatewayId>,
    /// The box whose place its box takes.
    pub replaces: Option<GatewayId>,
}

/// Plans the replacement of a box: the same patient, and all its devices.
///
/// # Errors
/// When there is no such box, it is in no home, has no devices, or the database fails.
pub async fn replacement(store: &Store, old: &GatewayId) -> anyhow::Result<JobPlan> {
    let mut connection = store.readers().acquire().await?;
    let known = gateways::by_id(&mut connection, old).await?;
    let known =
        known.with_context(|| format!("there is no box {old}; `server boxes` lists them"))?;
    let may_go = known.life.state.may_become(BoxState::Draining);
    may_go.with_context(|| format!("{old} cannot be replaced"))?;
    let devices = devices::of_gateway(&mut connection, old).await?;
    let first = devices
        .first()
        .with_context(|| format!("{old} has no devices, so there is nothing to take over"))?;
    Ok(JobPlan {
        patient: first.patient.clone(),
        devices: devices.iter().map(|it| (it.id.clone(), it.kind)).collect(),
        for_box: None,
        replaces: Some(old.clone()),
    })
}

/// A job that waits for its box.
#[derive(Debug)]
pub struct Armed {
    /// The name that the box gets.
    pub gateway: GatewayId,
    /// What the installer types. This is the only time that it can be shown.
    pub code: Code,
    /// When it stops to be good.
    pub expires_at: Timestamp,
}

/// Arms a job.
///
/// # Errors
/// When the patient is not known, a device is listed twice or belongs to another box, the box that it is kept for is not
/// in stock, or the database fails.
pub async fn arm(
    store: &Store,
    authority: &Authority,
    plan: &JobPlan,
    clock: &Clock,
) -> anyhow::Result<Armed> {
    check(store, plan).await?;
    let devices: Vec<JobDevice> = plan
        .devices
        .iter()
        .map(|(id, kind)| JobDevice {
            id: id.clone(),
            kind: kind.code().to_owned(),
        })
        .collect();
    let now = clock.now();
    for _ in 0..DRAWS_MAX {
        let code = Code::draw(|bytes| clock.fill_random(bytes))?;
        let life = Life::armed_at(now);
        let job = InstallJob {
            gateway: draw_name(clock)?,
            patient: plan.patient.clone(),
            devices: devices.clone(),
            for_box: plan.for_box.clone(),
            replaces: plan.replaces.clone(),
            code: authority.codes().store(&code),
            life,
            used: None,
        };
        let mut write = store.write().await?;
        if install_jobs::arm(&mut write, &job, now).await? {
            write
                .commit()
                .await
                .context("the job cannot be committed")?;
            return Ok(Armed {
                gateway: job.gateway,
                code,
                expires_at: life.expires_at,
            });
        }
    }
    bail!("no free code was found in {DRAWS_MAX} draws; wait until older install jobs have expired")
}

async fn check(store: &Store, plan: &JobPlan) -> anyhow::Result<()> {
    let JobPlan {
        patient,
        devices,
        for_box,
        replaces,
    } = plan;
    ensure!(
        (1..=JOB_DEVICES_LEN_MAX).contains(&devices.len()),
        "a job has 1 to {JOB_DEVICES_LEN_MAX} devices; name each with --device ID=KIND"
    );
    let mut connection = store.readers().acquire().await?;
    ensure!(
        patients::ids(&mut connection).await?.contains(patient),
        "there is no patient {patient}; register them with `server seed` first"
    );
    if let Some(id) = for_box {
        let known = gateways::by_id(&mut connection, id).await?;
        let known = known.with_context(|| format!("there is no box {id}"))?;
        let may_go = known.life.state.may_become(BoxState::Reissued);
        may_go.with_context(|| format!("no job can be kept for {id}"))?;
    }
    for (index, (id, _)) in devices.iter().enumerate() {
        ensure!(
            devices[..index].iter().all(|(other, _)| other != id),
            "the device {id} is named twice"
        );
        let spoken_for = devices::spoken_for_by(&mut connection, id).await?;
        if let Some(gateway) = spoken_for.filter(|it| replaces.as_ref() != Some(it)) {
            bail!(
                "the device {id} belongs to {gateway} already; to put another box in its place, use --replaces {gateway}; if \
                 that box is out of use and has sent everything, run `server revoke` for it first"
            );
        }
    }
    Ok(())
}

/// The name of a box: six letters, in lower case, drawn as those of codes are.
fn draw_name(clock: &Clock) -> anyhow::Result<GatewayId> {
    let letters = Code::draw(|bytes| clock.fill_random(bytes))?;
    let name: String = letters.letters()[..6]
        .iter()
        .map(|letter| char::from(letter.to_ascii_lowercase()))
        .collect();
    Ok(GatewayId::try_from(format!("gw-{name}"))?)
}

/// Gives the device that a job binds to its box.
///
/// # Errors
/// When the job names a kind that this program does not know.
pub(super) fn device_of(job: &InstallJob, device: &JobDevice) -> anyhow::Result<Device> {
    let kind = DeviceKind::from_code(&device.kind)
        .with_context(|| format!("the kind of device {} is not known", device.id))?;
    Ok(Device {
        id: device.id.clone(),
        kind,
        label: kind.label().to_owned(),
        gateway: job.gateway.clone(),
        patient: job.patient.clone(),
        user_index: None,
    })
}
