//! Who this box is: its name, its certificate, and whether its keys are its own.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use vitals::report::{ErrorCode, Finding, Group};

use crate::clock::is_stamp;
use crate::config::Config;
use crate::enrol::schedule::Validity;
use crate::enrol::{enrolment, identity};

/// The most files of the state folder that are looked at.
const FILES_LEN_MAX: usize = 256;
/// By how much the clocks of the server, which dates certificates, and of the box may be apart.
const CLOCKS_APART_MAX: SignedDuration = SignedDuration::from_mins(5);

pub(super) async fn look(config: &Config, is_named: bool, now: Timestamp) -> Vec<Finding> {
    let name = match enrolment(&config.state_dir) {
        Ok(Some(enrolment)) => Finding::pass(
            Group::Identity,
            "name",
            format!("enrolled as {}", enrolment.gateway),
        ),
        Ok(None) if !is_named => Finding::fail(
            Group::Identity,
            "name",
            ErrorCode::NotEnrolled,
            "not enrolled",
        ),
        Ok(None) => {
            let detail = format!("registered by hand as {}", config.gateway_id);
            Finding::pass(Group::Identity, "name", detail)
        }
        Err(error) => Finding::fail(
            Group::Identity,
            "name",
            ErrorCode::NotEnrolled,
            format!("{error:#}"),
        ),
    };
    let keys = keys(&readable_by_others(&config.state_dir));
    let certificate = config
        .broker
        .tls_folder
        .as_deref()
        .map(|it| certificate(identity::validity(it), now));
    [name, keys].into_iter().chain(certificate).collect()
}

fn certificate(validity: anyhow::Result<Validity>, now: Timestamp) -> Finding {
    let validity = match validity {
        Ok(validity) => validity,
        Err(error) => {
            return Finding::skipped(Group::Identity, "certificate", format!("{error:#}"));
        }
    };
    let days = validity.ends_at.duration_since(now).as_hours() / 24;
    let (check, code) = ("certificate", ErrorCode::CertificateEnds);
    if is_stamp(now) {
        let detail = format!(
            "ends at {}; the box does not know the time",
            validity.ends_at
        );
        Finding::skipped(Group::Identity, check, detail)
    } else if now < validity.begins_at - CLOCKS_APART_MAX {
        let detail = "is not good yet, by this box's clock";
        Finding::fail(Group::Identity, check, ErrorCode::OutOfTime, detail)
    } else if validity.ends_at <= now {
        Finding::fail(
            Group::Identity,
            check,
            code,
            format!("ended {} days ago, by this box's clock", -days),
        )
    } else if validity.is_near_its_end(now) {
        Finding::warn(Group::Identity, check, code, format!("ends in {days} days"))
    } else {
        Finding::pass(Group::Identity, check, format!("good for {days} days"))
    }
}

fn keys(readable: &[PathBuf]) -> Finding {
    if readable.is_empty() {
        return Finding::pass(
            Group::Identity,
            "keys",
            "only the gateway's user can read them",
        );
    }
    let detail = format!("{} files can be read by others", readable.len());
    Finding::fail(Group::Identity, "keys", ErrorCode::KeysReadable, detail)
}

/// Gives the files of the state folder that other users can read; the folder itself counts.
pub(super) fn readable_by_others(state_dir: &Path) -> Vec<PathBuf> {
    let inside = std::fs::read_dir(state_dir).into_iter().flatten();
    let inside = inside.filter_map(Result::ok).map(|it| it.path());
    let is_open = |path: &PathBuf| {
        std::fs::symlink_metadata(path)
            .is_ok_and(|it| !it.is_symlink() && it.permissions().mode() & 0o077 != 0)
    };
    if !is_open(&state_dir.to_owned()) {
        // Nobody else gets in, whatever the files say.
        return Vec::new();
    }
    inside.take(FILES_LEN_MAX).filter(is_open).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::report::Outcome;

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_certificate_is_told_of_before_it_ends() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let judged = |now: &str| {
            let validity = Validity {
                begins_at: at("2026-09-01T00:00:00Z"),
                ends_at: at("2026-11-30T00:00:00Z"),
            };
            let finding = certificate(Ok(validity), at(now));
            (finding.outcome, finding.detail)
        };
        assert_eq!(
            judged("2026-11-01T00:00:00Z"),
            (Outcome::Pass, "good for 29 days".to_owned())
        );
        assert_eq!(
            judged("2026-11-20T00:00:00Z"),
            (Outcome::Warn, "ends in 10 days".to_owned())
        );
        assert_eq!(
            judged("2026-12-03T00:00:00Z"),
            (
                Outcome::Fail,
                "ended 3 days ago, by this box's clock".to_owned()
            )
        );
        assert_eq!(
            judged("2026-08-31T23:56:00Z").0,
            Outcome::Pass,
            "two clocks are never quite alike"
        );
        let early = "is not good yet, by this box's clock".to_owned();
        assert_eq!(judged("2026-08-01T00:00:00Z"), (Outcome::Fail, early));
        let (unknown, detail) = judged("1970-01-01T00:00:31Z");
        assert_eq!(unknown, Outcome::Skipped);
        assert!(detail.contains("does not know the time"), "{detail}");
    }

    #[test]
    fn keys_that_others_can_read_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("tag.key");
        std::fs::write(&key, "secret").unwrap();
        set(&key, 0o644);
        set(folder.path(), 0o700);
        assert_eq!(keys(&readable_by_others(folder.path())).code, None);
        set(folder.path(), 0o755);
        assert_eq!(
            readable_by_others(folder.path()),
            std::slice::from_ref(&key)
        );
        assert_eq!(keys(&[key]).code, Some(ErrorCode::KeysReadable));
    }
}
