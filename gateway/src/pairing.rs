//! The pairings in hand: the devices that the radio speaks with, and the digits that somebody reads off its display.
//!
//! The radio says whom it speaks with, BlueZ's questions are answered about that device only, and an installer's
//! command brings the digits. Each adapter speaks with one device at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use vitals::DeviceId;

/// How long a device that shows digits is waited for, and how long the digits; BlueZ itself gives up after 60 s.
pub const DIGITS_WAIT: Duration = Duration::from_secs(50);

/// How long a pairing may take once it has its digits.
const OUTCOME_WAIT: Duration = Duration::from_secs(30);

/// The greatest passkey: six decimal digits (Bluetooth Core 5.4, Vol 3, Part H, 2.3.5.3).
const PASSKEY_MAX: u32 = 999_999;

/// Is a passkey of six digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Passkey(u32);

impl Passkey {
    /// Reads six digits, spaces between them or not; `None` when they are not six.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
        let six = digits.len() == 6 && digits.bytes().all(|it| it.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| six)?;
        (number <= PASSKEY_MAX).then_some(Self(number))
    }

    /// Gives it as the number that BlueZ takes.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl std::fmt::Debug for Passkey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passkey(…)")
    }
}

/// Is why digits did not pair a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotPaired {
    /// The device never asked.
    #[error(
        "the device shows no digits; hold its button until it shows some, keep it within a metre, and try again"
    )]
    NotAsked,
    /// Somebody has already given the digits.
    #[error("the digits were given already; wait until the device shows new ones")]
    Given,
    /// The device did not take them.
    #[error("the device did not take the digits; it shows new ones in a moment: enter those")]
    Refused,
}

/// Is what the radio, BlueZ's questions and the installer's command share about the pairings in hand.
#[derive(Debug)]
pub struct PairingDesk {
    /// One for each adapter at most.
    in_hand: Mutex<Vec<InHand>>,
    /// Counts the changes of what is in hand.
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct InHand {
    device: DeviceId,
    path: String,
    /// Whether the device wanted digits.
    asked: bool,
    wanted: Option<oneshot::Sender<Passkey>>,
    outcome: Option<oneshot::Sender<bool>>,
}

impl Default for PairingDesk {
    fn default() -> Self {
        Self {
            in_hand: Mutex::default(),
            changes: watch::channel(0).0,
        }
    }
}

impl PairingDesk {
    /// Takes a device in hand, known to BlueZ by its object path, until what this gives is dropped.
    pub fn take<'a>(&'a self, device: &DeviceId, path: &str) -> Hold<'a> {
        let in_hand = InHand {
            device: device.clone(),
            path: path.to_owned(),
            asked: false,
            wanted: None,
            outcome: None,
        };
        self.change(|it| it.push(in_hand));
        Hold {
            desk: self,
            path: path.to_owned(),
        }
    }

    /// Tells whether BlueZ's question about the device of this path is about one in hand.
    pub fn is_in_hand(&self, path: &str) -> bool {
        self.lock().iter().any(|it| it.path == path)
    }

    /// Waits for the digits that a device in hand shows; `None` when nobody gives them in time, or it is another.
    pub async fn digits(&self, path: &str) -> Option<Passkey> {
        let (wanted, given) = oneshot::channel();
        let asks = self.change(|it| match of(it, path) {
            Some(in_hand) => {
                in_hand.asked = true;
                in_hand.wanted = Some(wanted);
                true
            }
            None => false,
        });
        if !asks {
            return None;
        }
        timeout(DIGITS_WAIT, given).await.ok()?.ok()
    }

    /// Takes back what was asked for: BlueZ asks an agent one question at a time.
    pub fn cancel(&self) {
        self.change(|it| it.iter_mut().for_each(|in_hand| in_hand.wanted = None));
    }

    /// Tells whether a device shows digits and waits for somebody to enter them.
    pub fn wants_digits(&self, device: &DeviceId) -> bool {
        let in_hand = self.lock();
        let mut of_device = in_hand.iter().filter(|it| it.device == *device);
        of_device.any(|it| it.wanted.is_some())
    }

    /// Hears of each change of what is in hand.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Gives the digits that a device shows, and waits for how its pairing went; one that has not asked yet is waited
    /// for.
    ///
    /// # Errors
    /// When it does not ask in time, or does not take them.
    pub async fn enter(&self, device: &DeviceId, passkey: Passkey) -> Result<(), NotPaired> {
        let mut changes = self.changes.subscribe();
        let entering = async {
            loop {
                changes.borrow_and_update();
                if let Some(outcome) = self.give(device, passkey) {
                    return outcome;
                }
                if changes.changed().await.is_err() {
                    return Err(NotPaired::NotAsked);
                }
            }
        };
        let outcome = timeout(DIGITS_WAIT, entering)
            .await
            .map_err(|_| NotPaired::NotAsked)??;
        match timeout(OUTCOME_WAIT, outcome).await {
            Ok(Ok(true)) => Ok(()),
            _ => Err(NotPaired::Refused),
        }
    }

    /// Gives the digits if the device wants them now, and with what the outcome will come.
    fn give(
        &self,
        device: &DeviceId,
        passkey: Passkey,
    ) -> Option<Result<oneshot::Receiver<bool>, NotPaired>> {
        let mut guard = self.lock();
        let in_hand = guard.iter_mut().find(|it| it.device == *device)?;
        if in_hand.outcome.is_some() {
            return Some(Err(NotPaired::Given));
        }
        let wanted = in_hand.wanted.take()?;
        let (tell, outcome) = oneshot::channel();
        in_hand.outcome = Some(tell);
        // One that has stopped waiting will be heard of by its outcome.
        let _ = wanted.send(passkey);
        Some(Ok(outcome))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<InHand>) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changes.send_modify(|count| *count += 1);
        changed
    }

    fn lock(&self) -> MutexGuard<'_, Vec<InHand>> {
        // What is kept is whole after each change, so a panic elsewhere has not spoilt it.
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of<'a>(in_hand: &'a mut [InHand], path: &str) -> Option<&'a mut InHand> {
    in_hand.iter_mut().find(|it| it.path == path)
}

/// Is the device being in hand; dropping it puts the device down.
#[derive(Debug)]
pub struct Hold<'a> {
    desk: &'a PairingDesk,
    path: String,
}

impl Hold<'_> {
    /// Tells whether the device wanted digits: such a device does pair.
    pub fn was_asked_for_digits(&self) -> bool {
        of(&mut self.desk.lock(), &self.path).is_some_and(|it| it.asked)
    }

    /// Says how the pairing went, to whoever gave the digits.
    pub fn tell(&self, paired: bool) {
        let outcome = of(&mut self.desk.lock(), &self.path).and_then(|it| it.outcome.take());
        if let Some(outcome) = outcome {
            // Whoever gave the digits may have left.
            let _ = outcome.send(paired);
        }
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.desk
            .change(|it| it.retain(|in_hand| in_hand.path != self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUFF: &str = "/org/bluez/hci0/dev_C2_00_00_00_00_01";

    fn cuff() -> DeviceId {
        "cuff".parse().unwrap()
    }

    fn digits(text: &str) -> Passkey {
        Passkey::parse(text).unwrap()
    }

    #[test]
    fn a_passkey_is_six_digits() {
        assert_eq!(digits("012345").number(), 12345);
        assert_eq!(digits("999 999\n").number(), 999_999);
        for odd in ["", "12345", "1234567", "12345a", "-12345", "+12345"] {
            assert_eq!(Passkey::parse(odd), None, "{odd}");
        }
        assert_eq!(format!("{:?}", digits("012345")), "Passkey(…)");
    }

    #[tokio::test(start_paused = true)]
    async fn digits_reach_the_device_in_hand_whoever_comes_first() {
        let desk = PairingDesk::default();
        let device = cuff();
        let installer = desk.enter(&device, Passkey(7));
        let radio = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            let hold = desk.take(&cuff(), CUFF);
            assert_eq!(desk.digits(CUFF).await, Some(Passkey(7)));
            assert!(hold.was_asked_for_digits());
            hold.tell(true);
        };
        let (entered, ()) = tokio::join!(installer, radio);
        assert_eq!(entered, Ok(()));
        assert!(!desk.is_in_hand(CUFF));
    }

    #[tokio::test(start_paused = true)]
    async fn wrong_digits_are_said_to_be_wrong() {
        let desk = PairingDesk::default();
        let hold = desk.take(&cuff(), CUFF);
        let radio = async {
            desk.digits(CUFF).await;
            assert_eq!(
                desk.enter(&cuff(), Passkey(8)).await,
                Err(NotPaired::Given),
                "one pairing takes digits once"
            );
            hold.tell(false);
        };
        let device = cuff();
        let (entered, ()) = tokio::join!(desk.enter(&device, Passkey(7)), radio);
        assert_eq!(entered, Err(NotPaired::Refused));
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_device_in_hand_is_answered_for() {
        let desk = PairingDesk::default();
        assert_eq!(desk.digits(CUFF).await, None, "nothing is in hand");
        let hold = desk.take(&cuff(), CUFF);
        assert!(desk.is_in_hand(CUFF));
        assert!(!desk.is_in_hand("/org/bluez/hci0/dev_C2_00_00_00_00_02"));
        assert_eq!(
            desk.digits("/org/bluez/hci0/dev_C2_00_00_00_00_02").await,
            None
        );
        assert!(!hold.was_asked_for_digits());
        let other = "scale".parse().unwrap();
        let entered = tokio::join!(desk.digits(CUFF), desk.enter(&other, Passkey(7)));
        assert_eq!(entered, (None, Err(NotPaired::NotAsked)));
    }

    #[tokio::test(start_paused = true)]
    async fn two_devices_in_hand_are_told_apart() {
        const SCALE: &str = "/org/bluez/hci1/dev_C2_00_00_00_00_02";
        let desk = PairingDesk::default();
        let scale = "scale".parse().unwrap();
        let _first = desk.take(&cuff(), CUFF);
        let second = desk.take(&scale, SCALE);
        let installer = async {
            let mut changes = desk.changes();
            while !desk.wants_digits(&scale) {
                changes.changed().await.unwrap();
            }
            assert!(!desk.wants_digits(&cuff()));
            desk.enter(&scale, Passkey(7)).await
        };
        let radio = async {
            assert_eq!(desk.digits(SCALE).await, Some(Passkey(7)));
            second.tell(true);
            drop(second);
        };
        let (entered, ()) = tokio::join!(installer, radio);
        assert_eq!(entered, Ok(()));
        assert!(desk.is_in_hand(CUFF) && !desk.is_in_hand(SCALE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_taken_back_is_not_answered() {
        let desk = PairingDesk::default();
        let _hold = desk.take(&cuff(), CUFF);
        let take_back = async { desk.cancel() };
        let (digits, ()) = tokio::join!(desk.digits(CUFF), take_back);
        assert_eq!(digits, None);
        assert_eq!(
            desk.enter(&cuff(), Passkey(7)).await,
            Err(NotPaired::NotAsked)
        );
    }
}
