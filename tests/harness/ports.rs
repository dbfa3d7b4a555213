//! Ports for programs that must be told theirs, and find it free again after they were killed.

use std::fs::{File, TryLockError};
use std::net::TcpListener;
use std::sync::Mutex;

/// Below Linux's usual range for outgoing connections (32768 to 60999): a port that a program gave up while it is
/// restarted must not become the near end of somebody's connection meanwhile.
const PORTS: std::ops::Range<u16> = 10_000..30_000;

/// Holds the ports of this process against every other test process until it ends.
static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// Finds a loopback port that no program uses and that no other test on this computer will be given.
///
/// # Errors
/// When there is none, or the temporary folder cannot be written.
pub fn free_port() -> std::io::Result<u16> {
    let folder = std::env::temp_dir().join("hearth-test-ports");
    std::fs::create_dir_all(&folder)?;
    let mut held = HELD
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for port in PORTS {
        let lock = File::create(folder.join(port.to_string()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            held.push(lock);
            return Ok(port);
        }
    }
    Err(std::io::Error::other("every port for tests is in use"))
}
