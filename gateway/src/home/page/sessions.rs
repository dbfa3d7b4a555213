//! Who is signed in: a random token in a cookie, of which only the hash is kept. A restart forgets it.

use std::collections::VecDeque;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use tokio::time::Instant;

use crate::clock;

/// The cookie's name.
pub(super) const COOKIE: &str = "hearth_home";
/// How long a browser stays signed in: nobody at home should have to look for a PIN every day.
pub(super) const SESSION_AGE_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
/// The most browsers that are signed in; one more signs the oldest out.
pub(super) const SESSIONS_LEN_MAX: usize = 16;
const TOKEN_LEN: usize = 32;

/// Those who are signed in, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Sessions(VecDeque<Session>);

#[derive(Debug)]
struct Session {
    token_hash: Vec<u8>,
    began_at: Instant,
}

impl Sessions {
    /// Signs a browser in, and gives the token for its cookie.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub(super) fn begin(&mut self, now: Instant) -> anyhow::Result<String> {
        let mut token = [0; TOKEN_LEN];
        clock::fill_random(&mut token)?;
        let token = hex::encode(token);
        self.drop_old(now);
        if self.0.len() >= SESSIONS_LEN_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Session {
            token_hash: hash(&token),
            began_at: now,
        });
        Ok(token)
    }

    /// Tells whether a browser with this token is signed in.
    pub(super) fn has(&mut self, token: &str, now: Instant) -> bool {
        self.drop_old(now);
        let token_hash = hash(token);
        self.0.iter().any(|it| it.token_hash == token_hash)
    }

    /// Signs a browser out.
    pub(super) fn end(&mut self, token: &str) {
        let token_hash = hash(token);
        self.0.retain(|it| it.token_hash != token_hash);
    }

    fn drop_old(&mut self, now: Instant) {
        self.0.retain(|it| now - it.began_at < SESSION_AGE_MAX);
    }
}

fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_session_lasts_until_it_is_old_or_signed_out() {
        let mut sessions = Sessions::default();
        let now = Instant::now();
        let token = sessions.begin(now).unwrap();
        assert!(sessions.has(&token, now));
        assert!(!sessions.has(&hex::encode([0; TOKEN_LEN]), now));
        assert!(!sessions.has("", now));
        assert!(!sessions.has(&token, now + SESSION_AGE_MAX));
        let token = sessions.begin(now).unwrap();
        sessions.end(&token);
        assert!(!sessions.has(&token, now));
    }

    #[tokio::test(start_paused = true)]
    async fn one_browser_too_many_signs_the_oldest_out() {
        let mut sessions = Sessions::default();
        let now = Instant::now();
        let first = sessions.begin(now).unwrap();
        let second = sessions.begin(now).unwrap();
        for _ in 2..=SESSIONS_LEN_MAX {
            sessions.begin(now).unwrap();
        }
        assert!(!sessions.has(&first, now));
        assert!(sessions.has(&second, now));
        assert_eq!(sessions.0.len(), SESSIONS_LEN_MAX);
    }
}
