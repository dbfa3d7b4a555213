//! Who this box is: its name, its certificate, and whether its keys are its own.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use vitals::report::{ErrorCode, Finding, Group};

use crate::config::Config;
use crate::enrol::enrolment;

/// The most files of the state folder that are looked at.
const FILES_LEN_MAX: usize = 256;

pub(super) async fn look(config: &Config, is_named: bool) -> Vec<Finding> {
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
    vec![name, keys(&readable_by_others(&config.state_dir))]
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

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
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
