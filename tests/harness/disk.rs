//! A disk of our own for a gateway: so small that it can be filled, or one that lets nothing be written.
//!
//! Both are mounts in a namespace of the gateway's own (`unshare`), so nothing else sees them and they go when it ends.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::program::{Launch, Program};

/// How a gateway finds its state folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// A copy of it on a disk of so many KiB.
    Small {
        /// The disk's size.
        kib: u32,
    },
    /// As it is, but nothing can be written.
    ReadOnly,
}

const SMALL: &str = r#"
set -e
state=$1 size=$2; shift 2
mount -t tmpfs -o "size=$size,mode=700" none /mnt
cp -a "$state/." /mnt/
mount --move /mnt "$state"
exec setpriv --pdeathsig KILL -- "$@"
"#;

const READ_ONLY: &str = r#"
set -e
state=$1; shift 2
mount --bind "$state" "$state"
mount -o remount,bind,ro "$state"
exec setpriv --pdeathsig KILL -- "$@"
"#;

/// Makes of a launch one whose state folder is on such a disk.
pub fn launch_on(disk: Disk, launch: &Launch, state_dir: &Path) -> Launch {
    let (script, size) = match disk {
        Disk::Small { kib } => (SMALL, format!("{kib}k")),
        Disk::ReadOnly => (READ_ONLY, String::new()),
    };
    launch.wrapped(
        Path::new("/usr/bin/unshare"),
        [
            "--user",
            "--map-root-user",
            "--mount",
            "--",
            "sh",
            "-c",
            script,
            "sh",
            &state_dir.display().to_string(),
            &size,
        ],
    )
}

/// Gives a folder as the program sees it.
///
/// # Errors
/// When the program is gone.
pub fn as_seen_by(program: &Program, folder: &Path) -> anyhow::Result<PathBuf> {
    let id = program.id().context("the program is gone")?;
    let below_root = folder.strip_prefix("/")?;
    Ok(PathBuf::from(format!("/proc/{id}/root")).join(below_root))
}

/// Makes the disk of a folder read-only while a program runs on it that was started with a disk of its own. As on a disk
/// that the kernel makes read-only, what the program has open it can write to still, and is not told that it is in vain.
///
/// # Errors
/// When the system refuses.
pub fn make_read_only(program: &Program, folder: &Path) -> anyhow::Result<()> {
    let folder = folder.display();
    inside(
        program,
        &format!("mount --bind '{folder}' '{folder}' && mount -o remount,bind,ro '{folder}'"),
    )
}

/// Makes a disk writable that was made read-only.
///
/// # Errors
/// When the system refuses.
pub fn make_writable(program: &Program, folder: &Path) -> anyhow::Result<()> {
    inside(program, &format!("umount '{}'", folder.display()))
}

/// Carries a command out where the program's mounts are.
fn inside(program: &Program, command: &str) -> anyhow::Result<()> {
    let id = program.id().context("the program is gone")?.to_string();
    let status = Command::new("nsenter")
        .args([
            "--target",
            &id,
            "--user",
            "--mount",
            "--preserve-credentials",
        ])
        .args(["--", "sh", "-c", command])
        .status()?;
    ensure!(status.success(), "{command}: {status}");
    Ok(())
}

/// Fills the disk of a folder with a file, to the last byte.
///
/// # Errors
/// When something else than the missing room ends it.
pub fn fill(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("filler");
    let mut file = std::fs::File::create(&path)?;
    // In ever smaller pieces: a large one that does not fit leaves room.
    let mut piece = vec![0; 64 * 1024];
    loop {
        match std::io::Write::write(&mut file, &piece) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                if piece.len() == 1 {
                    return Ok(path);
                }
                piece.truncate(piece.len() / 2);
            }
            Err(error) => bail!("the disk cannot be filled: {error}"),
        }
    }
}
