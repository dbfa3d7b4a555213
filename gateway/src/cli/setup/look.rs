//! The first two steps: the box, and the way from this home to the server.

use vitals::report::{Finding, Group, Outcome};

use super::Visit;
use crate::cli::told::Told;
use crate::cli::{doctor, status};

pub(super) async fn at_box(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    show(visit, &[Group::Box, Group::Bluetooth]).await
}

pub(super) async fn at_internet(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    show(visit, &[Group::Network]).await
}

/// Warnings are said and passed by; the first failure ends the visit until it is mended.
async fn show(visit: &mut Visit<'_>, groups: &[Group]) -> anyhow::Result<()> {
    let (config, is_named) = visit.args.config.load_unnamed()?;
    let health = status::health(&config).await;
    let report = doctor::report(&config, is_named, health).await;
    let findings: Vec<Finding> = report
        .findings
        .into_iter()
        .filter(|finding| groups.contains(&finding.group))
        .collect();
    for finding in &findings {
        visit.say(format!(
            "{} {} – {}",
            finding.outcome, finding.check, finding.detail
        ));
        if let (Outcome::Warn, Some(code)) = (finding.outcome, finding.code) {
            visit.say(format!("  {code}: {}", code.explained().next));
        }
    }
    let failed = findings.into_iter().find(|it| it.outcome == Outcome::Fail);
    match failed {
        Some(Finding {
            check,
            detail,
            code: Some(code),
            ..
        }) => Err(anyhow::anyhow!("{check}: {detail}").context(Told::new(code))),
        _ => Ok(()),
    }
}
