//! Renewal: a gateway gets its next certificate by the one that it shows or, once that has ended and an operator has
//! permitted it, by its signing key. What it had stays good until its end, so that an answer that is lost costs nothing.

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use tracing::info;
use vitals::GatewayId;
use vitals::enrol::{LATE_RENEWAL_MAX, LateRenewal, Refusal, RenewalAnswer, RenewalRequest};

use super::authority::{Authority, GATEWAY_CERTIFICATE_LIFE, GatewayKey};
use crate::store::certificates::KnownCertificate;
use crate::store::{Store, Write, certificates, gateways};

/// For how long an operator's permission of a late renewal holds.
pub const LATE_PERMIT_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most certificates that one gateway is given within the life of one. It needs two.
pub const ISSUED_LEN_MAX: i64 = 8;

type Answered = Result<RenewalAnswer, Refusal>;

/// Answers a gateway that has shown a certificate, whose fingerprint is given. Everything in its request but the key is
/// ignored.
///
/// # Errors
/// When the database fails, or there is no randomness. A refusal is an answer like any other.
pub async fn renew(
    store: &Store,
    authority: &Authority,
    shown: &str,
    request: &RenewalRequest,
    now: Timestamp,
) -> anyhow::Result<Answered> {
    let Ok(key) = GatewayKey::from_csr(&request.csr) else {
        return Ok(Err(Refusal::Malformed));
    };
    let mut write = store.write().await?;
    let Some(gateway) = certificates::trusted_gateway(&mut write, shown).await? else {
        return Ok(Err(Refusal::NotKnown));
    };
    gateways::lock(&mut write, &gateway).await?;
    let known = gateways::by_id(&mut write, &gateway).await?;
    if !known.is_some_and(|known| known.life.state.is_in_use()) {
        return Ok(Err(Refusal::NotKnown));
    }
    let next = Next {
        authority,
        gateway: &gateway,
        key: &key,
        now,
    };
    if let Some(known) = next.known(&mut write).await? {
        // A renewal is by a new key.
        if known.fingerprint == shown {
            return Ok(Err(Refusal::Malformed));
        }
        if let Some(answer) = next.again(known) {
            return Ok(Ok(answer));
        }
    }
    let answered = next.issue(&mut write).await?;
    if answered.is_ok() {
        write.commit().await.context("the renewal is not kept")?;
        info!(gateway.id = %gateway, "a gateway's certificate was renewed");
    }
    Ok(answered)
}

/// Answers a gateway whose certificate has ended.
///
/// # Errors
/// As [`renew`].
pub async fn renew_late(
    store: &Store,
    authority: &Authority,
    request: &LateRenewal,
    now: Timestamp,
) -> anyhow::Result<Answered> {
    let Ok(key) = GatewayKey::from_csr(&request.csr) else {
        return Ok(Err(Refusal::Malformed));
    };
    let gateway = &request.gateway;
    let mut write = store.write().await?;
    gateways::lock(&mut write, gateway).await?;
    let known = gateways::by_id(&mut write, gateway).await?;
    let is_believed = known.is_some_and(|known| {
        let is_ours = known.revoked_at.is_none() && known.life.state.is_in_use();
        is_ours && request.is_signed_by(&known.signing_public_key)
    });
    if !is_believed {
        return Ok(Err(Refusal::NotKnown));
    }
    let next = Next {
        authority,
        gateway,
        key: &key,
        now,
    };
    let known = next.known(&mut write).await?;
    if let Some(answer) = known.and_then(|known| next.again(known)) {
        return Ok(Ok(answer));
    }
    let ended_at = certificates::last_end(&mut write, gateway).await?;
    let permit = certificates::late_permit(&mut write, gateway).await?;
    if let Err(refusal) = may_renew_late(ended_at, permit, now) {
        return Ok(Err(refusal));
    }
    let answered = next.issue(&mut write).await?;
    if answered.is_ok() {
        certificates::use_late_permit(&mut write, gateway).await?;
        write.commit().await.context("the renewal is not kept")?;
        info!(gateway.id = %gateway, "a gateway's certificate, which had ended, was renewed");
    }
    Ok(answered)
}

/// Decides whether a certificate may be renewed that has ended, or will; `permit` is until when an operator permits it.
///
/// # Errors
/// When the gateway has none, it is good still, it ended too long ago, or nobody permits it.
pub fn may_renew_late(
    ends_at: Option<Timestamp>,
    permit: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let ends_at = ends_at.ok_or(Refusal::NotKnown)?;
    if now < ends_at {
        return Err(Refusal::StillGood);
    }
    if now.duration_since(ends_at) >= LATE_RENEWAL_MAX {
        return Err(Refusal::TooLate);
    }
    match permit {
        Some(until) if now < until => Ok(()),
        _ => Err(Refusal::NotPermitted),
    }
}

/// The certificate that a gateway asks for.
struct Next<'a> {
    authority: &'a Authority,
    gateway: &'a GatewayId,
    key: &'a GatewayKey,
    now: Timestamp,
}

impl Next<'_> {
    async fn known(&self, write: &mut Write<'_>) -> anyhow::Result<Option<KnownCertificate>> {
        certificates::of_key(write, self.gateway, &self.key.fingerprint()).await
    }

    /// Gives what this key was given before, if that is good for long enough to be of use.
    fn again(&self, known: KnownCertificate) -> Option<RenewalAnswer> {
        let left = known.expires_at.duration_since(self.now);
        (left > GATEWAY_CERTIFICATE_LIFE / 3).then_some(RenewalAnswer {
            certificate: known.pem,
        })
    }

    async fn issue(&self, write: &mut Write<'_>) -> anyhow::Result<Answered> {
        let since = self.now.saturating_sub(GATEWAY_CERTIFICATE_LIFE)?;
        if certificates::issued_since(write, self.gateway, since).await? >= ISSUED_LEN_MAX {
            return Ok(Err(Refusal::TooOften));
        }
        let issued = self.authority.issue(self.gateway, self.key, self.now)?;
        certificates::insert(write, self.gateway, &issued, self.now).await?;
        Ok(Ok(RenewalAnswer {
            certificate: issued.pem,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_has_ended_is_renewed_when_that_is_permitted_and_not_too_late() {
        let end: Timestamp = "2026-11-26T09:00:00Z".parse().unwrap();
        let second = SignedDuration::from_secs(1);
        let permit = Some(end + SignedDuration::from_hours(40 * 24));
        let may = |permit, now| may_renew_late(Some(end), permit, now);
        assert_eq!(may(permit, end - second), Err(Refusal::StillGood));
        assert_eq!(may(permit, end), Ok(()));
        assert_eq!(may(None, end), Err(Refusal::NotPermitted));
        assert_eq!(may(Some(end), end), Err(Refusal::NotPermitted));
        let last = end + LATE_RENEWAL_MAX;
        assert_eq!(may(permit, last - second), Ok(()));
        assert_eq!(may(permit, last), Err(Refusal::TooLate));
        assert_eq!(may_renew_late(None, permit, end), Err(Refusal::NotKnown));
    }
}
