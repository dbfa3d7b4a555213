//! What the server says on a connection: receipts, where this box stands, and that a report is wanted.

use tokio::time::Instant;
use vitals::wire::Receipt;

use super::Session;
use crate::clock::Certainty;
use crate::crash;
use crate::outbox::ReceiptEffect;
use crate::uplink::messages::Word;
use crate::uplink::{Uplink, UplinkStatus};

impl Session<'_> {
    /// A message that cannot be believed is counted and changes nothing: the records stay and are sent again.
    pub(super) async fn receive(&mut self, topic: &[u8], payload: &[u8]) -> anyhow::Result<()> {
        let Uplink {
            messages,
            outbox,
            standing,
            reports,
            status,
            ..
        } = self.uplink;
        match messages.read(topic, payload) {
            Ok(Word::Receipt(receipt)) if receipt.epoch == outbox.epoch() => {
                self.take(&receipt).await
            }
            Ok(Word::Receipt(_)) => {
                UplinkStatus::count(&status.receipts_ignored);
                tracing::debug!("a receipt of another epoch was ignored");
                Ok(())
            }
            Ok(Word::Ask) => {
                reports.ask();
                Ok(())
            }
            Ok(Word::Standing(said)) => standing.hear(said, outbox).await.map(drop),
            Err(error) => {
                UplinkStatus::count(&status.receipts_ignored);
                tracing::warn!(error = %error, error.name = error.name(), "a message that is not the server's word to us was ignored");
                Ok(())
            }
        }
    }

    async fn take(&mut self, receipt: &Receipt) -> anyhow::Result<()> {
        let Uplink {
            outbox,
            clock,
            status,
            ..
        } = self.uplink;
        crash::point(crash::UPLINK_RECEIPT_ARRIVED);
        let now = clock.now();
        let effect = outbox.apply_receipt(receipt, now).await?;
        crash::point(crash::UPLINK_RECEIPT_MARKED);
        status.receipt_applied(now);
        self.window.answered(receipt, Instant::now());
        self.unheard.answered();
        log_effect(receipt, effect);
        Ok(())
    }

    /// A home that lets no time server be reached must not keep its readings for ever.
    pub(super) fn believe_unconfirmed(&self) {
        let clock = &self.uplink.clock;
        if clock.certainty() == Certainty::Unknown && clock.believe_unconfirmed() {
            tracing::warn!(
                "no time server has set the clock; it is believed, and readings are marked"
            );
        }
    }
}

fn log_effect(receipt: &Receipt, effect: ReceiptEffect) {
    tracing::debug!(
        receipt.receipted_len = effect.receipted_len,
        "a receipt was applied"
    );
    if effect.refused_len > 0 {
        let reasons: Vec<_> = receipt
            .refused
            .iter()
            .map(|it| (it.sequence.get(), it.reason))
            .collect();
        tracing::error!(receipt.refused = ?reasons, "the server refused records; they are kept and not sent again");
    }
    if effect.wanted_again_len > 0 {
        tracing::warn!(
            receipt.wanted_again_len = effect.wanted_again_len,
            "the server misses records that it had confirmed; they are sent again"
        );
    }
}
