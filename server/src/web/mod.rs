//! The pages that people use: the nurse's worklist, live, and one page for each patient.

mod account;
mod alert_state;
mod alert_view;
mod alerts;
mod answering;
mod assets;
mod board;
mod boards;
mod break_glass;
pub mod certificate;
mod chart;
mod chart_bands;
mod chart_flags;
mod chart_labels;
mod chart_scale;
mod close;
mod compression;
pub mod config;
mod conflict;
mod duty_strip;
mod error;
mod frame;
mod guard;
mod health;
mod home;
mod last_contact;
mod listing;
mod live;
mod local_time;
mod nurse;
mod own_grant;
mod parts;
mod patient_view;
mod plan_view;
mod same_origin;
mod serving;
mod session;
mod show;
mod sight;
mod spark;
mod take;
mod team_board;
mod throttle;
mod tiers;
mod trend;
mod words;

#[cfg(test)]
mod board_tests;
#[cfg(test)]
mod bounds_tests;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod matrix_tests;
#[cfg(test)]
mod palette;
#[cfg(test)]
mod posts_tests;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod sample_copy;
#[cfg(test)]
mod sample_staff;
#[cfg(test)]
mod sample_values;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod tls_tests;
#[cfg(test)]
mod worklist_tests;

use std::sync::Arc;

use anyhow::Context;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};
use clinical::{Decision, Event, PatientId, Refusal};
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::accounts::oidc::Provider;
use crate::accounts::passkeys::relying_party::RelyingParty;
use crate::accounts::sign_in::Door;
use crate::accounts::{Passwords, Policy, Vault};
use crate::audit::{Entry, Trail};
use crate::casework;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::store::{Store, Write};
use crate::templates::Templates;
use boards::Boards;
use certificate::Certificate;
use error::PageError;
use frame::Frame;
use local_time::LocalTime;
pub use nurse::plan::TRIALS_MAX;
use session::Me;
pub use throttle::Throttle;
pub use tiers::Tiers;

/// The most pages that may listen for changes at the same time; one more is asked to reload by hand.
pub const LIVE_PAGES_MAX: usize = 1_024;

/// What the pages need of the program around them.
#[derive(Debug, Clone)]
pub struct State {
    /// Where everything is kept.
    pub store: Store,
    /// Tells which patients to look at again.
    pub changes: Changes,
    /// Who looked at what, and who changed what.
    pub trail: Trail,
    /// The time.
    pub clock: Clock,
    /// The zone that times are shown in.
    pub time_zone: TimeZone,
    /// What the service is called.
    pub service_name: String,
    /// How close an eye is kept on the patients of the list.
    pub tiers: Tiers,
    /// What the operator decided about sign-in.
    pub policy: Policy,
    /// Where passwords are worked on.
    pub passwords: Passwords,
    /// By what the secrets of one-time codes are opened.
    pub vault: Vault,
    /// When somebody looks at readings, in words such as `8am to 8pm, every day`.
    pub monitoring_hours: String,
    /// What plans start from and how far they may go.
    pub templates: Arc<Templates>,
    /// How many plans may be tried on their patients' histories at the same time: [`TRIALS_MAX`].
    pub trials: Arc<Semaphore>,
    /// The names that browsers reach the pages by, besides those of this machine; the first is what links are made of.
    pub names: Vec<String>,
    /// Who has come how often.
    pub throttle: Throttle,
    /// Who asks for passkeys; `None` where the pages have no name.
    pub passkeys: Option<RelyingParty>,
    /// Another service by which people may sign in.
    pub oidc: Option<Arc<Provider>>,
}

impl State {
    fn local_time(&self) -> LocalTime {
        LocalTime::new(self.time_zone.clone(), self.clock.now())
    }

    fn door(&self) -> Door<'_> {
        Door {
            store: &self.store,
            clock: &self.clock,
            policy: &self.policy,
            passwords: &self.passwords,
            vault: &self.vault,
        }
    }

    fn frame(&self, me: Option<&Me>) -> Frame {
        Frame {
            service_name: self.service_name.clone(),
            monitoring_hours: self.monitoring_hours.clone(),
            me: me.cloned(),
            build: assets::build(),
        }
    }

    /// Lets an event of a person happen to a patient's case, commits it with its entry in the audit trail, and tells the
    /// open pages.
    async fn happen(
        &self,
        me: &Me,
        patient: &PatientId,
        event: &Event,
    ) -> anyhow::Result<Result<Vec<Decision>, Refusal>> {
        let write = self.store.write().await?;
        self.happen_with(write, me, patient, event).await
    }

    /// Does the same together with what was written before; when the case refuses, none of it is kept.
    async fn happen_with(
        &self,
        mut write: Write<'_>,
        me: &Me,
        patient: &PatientId,
        event: &Event,
    ) -> anyhow::Result<Result<Vec<Decision>, Refusal>> {
        let outcome = casework::handle(&mut write, patient, event, self.clock.now()).await?;
        if outcome.is_ok() {
            let entry = Entry::of_event(me.actor(), patient, event);
            self.commit(write, &entry).await?;
            self.changes.announce(patient.clone());
        }
        Ok(outcome)
    }

    /// Commits what a person did with its entry in the audit trail: both, or neither.
    async fn commit(&self, mut write: Write<'_>, entry: &Entry) -> anyhow::Result<()> {
        self.trail.append(&mut write, entry).await?;
        let committed = write.commit().await;
        committed.context("what a person did cannot be committed")
    }
}

/// The boards that live pages share, and how many pages there may be.
#[derive(Clone)]
struct Live {
    boards: Boards,
    places: Arc<Semaphore>,
    shutdown: CancellationToken,
}

/// Serves the pages until shutdown, over TLS if there is a certificate, then ends the live streams and finishes what is
/// under way.
///
/// # Errors
/// Never; what is wrong with one connection is no matter of the next.
pub async fn serve(
    listener: TcpListener,
    state: State,
    certificate: Option<Certificate>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let state = Arc::new(state);
    let live = Live {
        boards: Boards::new(),
        places: Arc::new(Semaphore::new(LIVE_PAGES_MAX)),
        shutdown: shutdown.clone(),
    };
    let keeping = boards::keep_current(Arc::clone(&state), live.boards.clone(), shutdown.clone());
    let mut router = router(state, live);
    let certificate = certificate.map(Arc::new);
    if certificate.is_some() {
        router = router.layer(from_fn(guard::only_over_tls));
    }
    let looking = certificate
        .clone()
        .map(|it| it.keep_current(shutdown.clone()));
    let looking = futures::future::OptionFuture::from(looking);
    tokio::join!(
        serving::serve(listener, certificate, router, shutdown),
        keeping,
        looking
    );
    Ok(())
}

fn router(state: Arc<State>, live: Live) -> Router {
    let stream = Router::new()
        .route("/alerts/live", get(live::get))
        .with_state(Arc::clone(&state))
        .layer(Extension(live));
    let refuse = |_| PageError::OtherOrigin.into_response();
    pages()
        .with_state(Arc::clone(&state))
        .layer(from_fn(guard::no_nul))
        .layer(from_fn(guard::in_time))
        .layer(compression::layer())
        .layer(from_fn(compression::for_own_pages))
        .merge(stream)
        .layer(CsrfLayer::new().with_rejection_response(refuse))
        .layer(from_fn_with_state(Arc::clone(&state), same_origin::check))
        .layer(from_fn_with_state(state, throttle::by_caller))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(guard::BODY_LEN_MAX))
        .layer(from_fn(guard::own_words))
        .layer(from_fn(guard::strict_headers))
}

fn pages() -> Router<Arc<State>> {
    Router::new()
        .merge(account::routes())
        .route("/alerts", get(alerts::get))
        .route(
            "/alerts/{patient}/{number}/take",
            axum::routing::post(take::post),
        )
        .route(
            "/alerts/{patient}/{number}/close",
            get(close::get).post(close::post),
        )
        .route(
            "/break-glass",
            get(break_glass::get).post(break_glass::post),
        )
        .route("/break-glass/end", axum::routing::post(break_glass::end))
        .route("/break-glass/opened", get(break_glass::opened))
        .merge(home::routes())
        .merge(nurse::alert::routes())
        .merge(nurse::home::routes())
        .merge(nurse::patient::routes())
        .merge(nurse::plan::routes())
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/static/{build}/{name}", get(assets::get))
        .route("/favicon.ico", get(assets::favicon))
        .merge(nurse::duty::routes())
        .merge(nurse::handover::routes())
        .merge(nurse::office::routes())
        .merge(nurse::audit::routes())
        .merge(nurse::quality::routes())
        .merge(nurse::visits::routes())
        .fallback(|| async { PageError::NotFound.into_response() })
        .method_not_allowed_fallback(|| async { PageError::WrongMethod.into_response() })
}
