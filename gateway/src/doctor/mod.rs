//! The doctor: looks at the box, its network, its Bluetooth and the running gateway, and says what is wrong.
//!
//! Each file gathers what is to be seen of one part and judges it in functions of their own, so that every judgement can
//! be tried without the fault. The same checks serve the installer beside the box and the office.

mod bluetooth;
mod fix;
mod gateway;
mod health;
mod host;
mod identity;
mod network;

use std::time::Duration;

use tokio::time::timeout;
use vitals::report::{FINDINGS_LEN_MAX, Finding, Group, REPORT_SCHEMA, Report};

use crate::clock::Clock;
use crate::config::Config;
pub use bluetooth::remove_bonds;
pub use fix::fix;
pub use health::{Health, Watch};

/// The longest that one group of checks may take; what it has not found out by then is said to be unknown.
const GROUP_WAIT_MAX: Duration = Duration::from_secs(20);

/// What the doctor looks at.
#[derive(Debug)]
pub struct Patient<'a> {
    /// How the box is configured.
    pub config: &'a Config,
    /// Whether it has a name: by its enrolment, or by hand.
    pub is_named: bool,
    /// What the running gateway says of itself, or why it says nothing.
    pub health: Result<Health, String>,
    /// The time.
    pub clock: &'a Clock,
}

/// Looks at everything. No check changes anything, and each is bounded.
pub async fn examine(patient: Patient<'_>) -> Report {
    let Patient {
        config,
        is_named,
        health,
        clock,
    } = patient;
    let now = clock.now();
    let (host, network, identity, bluetooth) = tokio::join!(
        bounded(Group::Box, host::look(config, now)),
        bounded(Group::Network, network::look(config, clock)),
        bounded(Group::Identity, identity::look(config, is_named, now)),
        bounded(Group::Bluetooth, bluetooth::look(config)),
    );
    let running = gateway::judge(config, &health);
    let mut findings = [host, network, identity, bluetooth, running].concat();
    findings.truncate(FINDINGS_LEN_MAX);
    findings.sort_by_key(|finding| finding.group);
    Report {
        schema: REPORT_SCHEMA,
        gateway: is_named.then(|| config.gateway_id.clone()),
        at: now,
        software_version: env!("CARGO_PKG_VERSION").to_owned(),
        findings,
        sign_off: None,
    }
}

async fn bounded(group: Group, look: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    timeout(GROUP_WAIT_MAX, look).await.unwrap_or_else(|_| {
        let waited = format!("no answer within {} s", GROUP_WAIT_MAX.as_secs());
        vec![Finding::skipped(group, "answers", waited)]
    })
}
