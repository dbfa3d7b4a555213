//! The kernel makes the box's disk read-only while the gateway runs, as it does with a memory card that wears out: the light
//! says call, what was heard is held, and all of it is kept once the disk can be written again.

use crate::account;
use crate::guest::{CUFF, Guest, STATE_DIR};

/// A disk in memory, which is a disk to the kernel and not to us: only such a one is made read-only below.
const DISK: &str = "/dev/ram0";

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    let disk = format!("mke2fs -F {DISK} >/dev/null && mount -t ext4 {DISK} {STATE_DIR}");
    guest.machine.run(&disk).await?;
    guest.start_gateway(&[CUFF]).await?;
    guest.switch_on(CUFF).await?;
    guest.measure(150, 1).await?;
    guest.kept(1).await?;
    guest.session_ended().await?;
    guest.light("waiting").await?;

    // The kernel's own emergency: unlike `mount`, it asks nobody who has files open for writing.
    guest.machine.run("echo u >/proc/sysrq-trigger").await?;
    guest.light("call").await?;
    // The cuff forgets what it has delivered, so the first of these lives in the gateway's memory alone.
    guest.measure(151, 1).await?;
    guest
        .says("nothing can be written to the disk of the outbox")
        .await?;
    guest
        .says("a value could not be committed; it is held")
        .await?;
    guest.measure(152, 1).await?;

    let mended = format!("mount -o remount,rw {DISK} {STATE_DIR}");
    guest.machine.run(&mended).await?;
    guest.kept(3).await?;
    guest.light("waiting").await?;
    account::settle(guest, &["cuff"], 3).await
}
