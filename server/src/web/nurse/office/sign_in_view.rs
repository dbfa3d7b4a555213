//! How a person signs in, as an administrator sees it: nothing of what they type.

use clinical::PersonId;

use crate::audit::Action;
use crate::store::audit::{self, Filter};
use crate::store::{accounts, passkeys, set_up_codes};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::local_time::Shown;
use crate::web::words;

/// A person's sign-in.
pub(super) struct SignInView {
    /// The name that they type.
    pub(super) username: String,
    /// Since when they are kept from signing in.
    pub(super) closed: Option<Shown>,
    /// Whether they have set a password.
    pub(super) has_password: bool,
    /// Whether they have set up one-time codes.
    pub(super) has_second_step: bool,
    /// How many passkeys they have.
    pub(super) passkeys: String,
    /// When they last signed in.
    pub(super) last: Option<Shown>,
    /// Until when the code is good that they have not used.
    pub(super) code_until: Option<Shown>,
}

impl SignInView {
    /// Reads it; `None` when they have none.
    ///
    /// # Errors
    /// When the database does not answer, or holds a time that is none.
    pub(super) async fn of(state: &State, person: &PersonId) -> Result<Option<Self>, PageError> {
        let (readers, local) = (state.store.readers(), state.local_time());
        let Some(account) = accounts::of_person(readers, person).await? else {
            return Ok(None);
        };
        let sign_ins = Filter {
            person: Some(person.to_string()),
            action: Some(Action::SignedIn),
            ..Filter::default()
        };
        let last = audit::newest_first(readers, &sign_ins, None, 1).await?;
        let code_until = set_up_codes::good_until(readers, person, local.now()).await?;
        let passkeys_len = passkeys::of_person(readers, person).await?.len();
        let shown = |at: Option<i64>| at.map(|at| local.show_stored(at)).transpose();
        Ok(Some(Self {
            closed: shown(account.disabled_at)?,
            has_password: account.password_hash.is_some(),
            has_second_step: account.has_second_step(),
            passkeys: words::count(
                i64::try_from(passkeys_len).unwrap_or(i64::MAX),
                "passkey",
                "passkeys",
            ),
            last: shown(last.first().map(|it| it.at))?,
            code_until: shown(code_until)?,
            username: account.username,
        }))
    }
}
