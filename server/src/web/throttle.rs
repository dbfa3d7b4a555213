//! How often the pages may be asked for: by one caller, and by one person who is signed in. A live page is one request,
//! however long it stays open. It is not stored; a restart forgets it.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use clinical::PersonId;
use jiff::{SignedDuration, Timestamp};

use super::error::PageError;
use crate::connections::network;
use crate::rates::{Buckets, Rate};

/// A person may ask for ten pages a second, and for so many at once as a browser asks for that opens again with all that
/// was open in it.
const BY_PERSON: Rate = Rate {
    every: SignedDuration::from_millis(100),
    burst: 60,
};
/// A whole hospital may come from one address, so this only holds off floods; style, script and icon count too.
const BY_CALLER: Rate = Rate {
    every: SignedDuration::from_millis(10),
    burst: 1000,
};
/// The most people whose rate is remembered.
const PEOPLE_LEN_MAX: usize = 4096;
/// The most callers whose rate is remembered.
const CALLERS_LEN_MAX: usize = 16 * 1024;

/// Everybody's buckets.
#[derive(Debug, Clone)]
pub struct Throttle(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    people: Mutex<Buckets<PersonId>>,
    callers: Mutex<Buckets<IpAddr>>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self(Arc::new(Inner {
            people: Mutex::new(Buckets::new(BY_PERSON, PEOPLE_LEN_MAX)),
            callers: Mutex::new(Buckets::new(BY_CALLER, CALLERS_LEN_MAX)),
        }))
    }
}

impl Throttle {
    /// Counts a request of who is signed in.
    ///
    /// # Errors
    /// [`PageError::TooOften`].
    pub(crate) fn person(&self, person: &PersonId, now: Timestamp) -> Result<(), PageError> {
        let mut people = self.0.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.take(person, now).map_err(PageError::TooOften)
    }

    fn caller(&self, address: IpAddr, now: Timestamp) -> Result<(), PageError> {
        let mut callers = self
            .0
            .callers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        callers
            .take(&network(address), now)
            .map_err(PageError::TooOften)
    }
}

/// Lets a request pass if its caller does not come too often.
pub(crate) async fn by_caller(
    State(state): State<Arc<super::State>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match state.throttle.caller(peer.ip(), state.clock.now()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::browser::Served;
    use crate::web::sample::Sample;

    #[tokio::test]
    async fn a_person_who_asks_too_often_is_told_when_to_try_again() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        for _ in 0..BY_PERSON.burst {
            assert_eq!(served.get("/patients/ivor", "nurse-1").await.status, 200);
        }
        let refused = served.get("/patients/ivor", "nurse-1").await;
        assert_eq!(refused.status, 429);
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert!(refused.body.contains("Wait a second"), "{}", refused.body);
        assert_eq!(served.get("/patients/ivor", "nurse-2").await.status, 200);
        sample.hand.advance(SignedDuration::from_secs(1));
        assert_eq!(served.get("/patients/ivor", "nurse-1").await.status, 200);
    }

    #[tokio::test]
    async fn a_caller_who_asks_too_often_is_refused_before_anything_is_looked_up() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        let served = Served::start(&sample.state).await;
        let now = sample.state.clock.now();
        let caller: IpAddr = "127.0.0.1".parse().unwrap();
        while sample.state.throttle.caller(caller, now).is_ok() {}
        for path in ["/alerts", "/livez", "/favicon.ico"] {
            let refused = served.get(path, "").await;
            assert_eq!(refused.status, 429, "{path}");
            assert!(refused.header("content-security-policy").is_some());
        }
        let other: IpAddr = "192.0.2.1".parse().unwrap();
        assert!(sample.state.throttle.caller(other, now).is_ok());
        sample.hand.advance(BY_CALLER.every);
        assert_eq!(served.get("/livez", "").await.status, 200);
        assert_eq!(served.get("/livez", "").await.status, 429);
    }
}
