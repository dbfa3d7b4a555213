//! Every form that changes something leaves an entry in the audit trail. Each address that takes a form is listed here with the
//! kinds of its entries; and whatever any test posts is held against that: what grows the tables that are only appended to must
//! grow the trail, by an entry of such a kind.

use std::fs;
use std::path::Path;

use crate::store::Store;

use crate::audit::Action;

/// Everything that is appended to when a person changes something.
const APPENDED: &str = "SELECT (SELECT COUNT(*) FROM journal) + (SELECT COUNT(*) FROM patient_change) \
     + (SELECT COUNT(*) FROM agreement) + (SELECT COUNT(*) FROM assessment) + (SELECT COUNT(*) FROM referral_step) \
     + (SELECT COUNT(*) FROM office_change) + (SELECT COUNT(*) FROM role_grant) + (SELECT COUNT(*) FROM handover) \
     + (SELECT COUNT(*) FROM break_glass) + (SELECT COUNT(*) FROM set_up_code) + (SELECT COUNT(*) FROM passkey) \
     + (SELECT COUNT(*) FROM passkey WHERE removed_at IS NOT NULL) \
     + (SELECT COUNT(*) FROM set_up_code WHERE used_at IS NOT NULL) \
     + (SELECT COUNT(*) FROM account WHERE totp_confirmed_at IS NOT NULL) \
     + (SELECT COUNT(*) FROM home_access) + (SELECT COUNT(*) FROM home_access WHERE revoked_at IS NOT NULL) \
     + (SELECT COUNT(*) FROM reading_remark) + (SELECT COUNT(*) FROM visitor_consent) \
     + (SELECT COUNT(*) FROM plan_request) + (SELECT COUNT(*) FROM plan_request WHERE answer IS NOT NULL) \
     + (SELECT COUNT(*) FROM session WHERE ended_at IS NOT NULL)";

use Action::{
    AlertClosed, AlertEscalated, AlertHandedOver, AlertPutAside, AlertReopened, AlertTaken,
    BreakGlassClosed, BreakGlassOpened, ContactNoted, DutyChanged, HandoverSigned, HomeAccessGiven,
    HomeAccessRevoked, HomeCodeMade, OwnRolesChanged, PasskeyAdded, PasskeyRemoved, PasskeyRenamed,
    PasswordSet, PatientChanged, PersonChanged, PlaceChanged, PlanChanged, PlanRequestAnswered,
    PlanRequested, PlanWithdrawn, ProvedAgain, ReadingMarked, ReadingRemarked, SecondStepSet,
    SignInClosed, SignInFailed, SignInMade, SignInOpened, SignInReset, SignedIn, SignedOut,
    SignedOutEverywhere,
};

/// An address that takes a form, and what its entries say; none where it changes nothing that is anybody else's.
type Post = (&'static str, &'static [Action]);

const POSTS: &[Post] = &[
    // Notes that somebody is there, which only lengthens their session.
    ("/account/here", &[]),
    ("/account/passkeys", &[PasskeyAdded]),
    // Asks a device a question.
    ("/account/passkeys/begin", &[]),
    ("/account/passkeys/{number}/remove", &[PasskeyRemoved]),
    ("/account/passkeys/{number}/rename", &[PasskeyRenamed]),
    ("/account/password", &[PasswordSet]),
    // Keys and sound of one's own pages.
    ("/account/preferences", &[]),
    ("/account/sign-out-everywhere", &[SignedOutEverywhere]),
    ("/administration/areas/new", &[PlaceChanged]),
    ("/administration/areas/{area}", &[PlaceChanged]),
    ("/administration/clinics/new", &[PlaceChanged]),
    ("/administration/clinics/{clinic}", &[PlaceChanged]),
    ("/administration/organisation", &[PlaceChanged]),
    ("/administration/people/new", &[PersonChanged]),
    ("/administration/people/{person}/edit", &[PersonChanged]),
    ("/administration/people/{person}/leave", &[PersonChanged]),
    (
        "/administration/people/{person}/roles",
        &[PersonChanged, OwnRolesChanged],
    ),
    (
        "/administration/people/{person}/sign-in",
        &[SignInMade, SignInReset],
    ),
    (
        "/administration/people/{person}/sign-in/close",
        &[SignInClosed],
    ),
    (
        "/administration/people/{person}/sign-in/open",
        &[SignInOpened],
    ),
    ("/administration/teams/new", &[PlaceChanged]),
    ("/administration/teams/{team}", &[PlaceChanged]),
    // Asks what is to be done with several alerts.
    ("/alerts/bulk", &[]),
    (
        "/alerts/bulk/do",
        &[AlertTaken, AlertHandedOver, AlertPutAside, AlertClosed],
    ),
    ("/alerts/{patient}/{number}/close", &[AlertClosed]),
    ("/alerts/{patient}/{number}/escalate", &[AlertEscalated]),
    ("/alerts/{patient}/{number}/offer", &[AlertHandedOver]),
    (
        "/alerts/{patient}/{number}/offer/answer",
        &[AlertHandedOver],
    ),
    ("/alerts/{patient}/{number}/reopen", &[AlertReopened]),
    ("/alerts/{patient}/{number}/snooze", &[AlertPutAside]),
    ("/alerts/{patient}/{number}/take", &[AlertTaken]),
    ("/alerts/{patient}/{number}/wait", &[AlertPutAside]),
    ("/break-glass", &[BreakGlassOpened]),
    ("/break-glass/end", &[BreakGlassClosed]),
    ("/duty/{team}/go", &[DutyChanged]),
    ("/duty/{team}/join", &[DutyChanged]),
    ("/duty/{team}/leave", &[DutyChanged]),
    ("/duty/{team}/leave/{row}", &[DutyChanged]),
    ("/duty/{team}/settings", &[DutyChanged]),
    ("/duty/{team}/shift", &[DutyChanged]),
    ("/duty/{team}/shift/{row}", &[DutyChanged]),
    ("/handover/answer", &[AlertHandedOver]),
    ("/handover/sign", &[HandoverSigned]),
    ("/me", &[HomeAccessGiven, SignInFailed]),
    ("/me/{patient}/carers", &[HomeAccessGiven]),
    ("/me/{patient}/carers/{number}/revoke", &[HomeAccessRevoked]),
    (
        "/me/{patient}/readings/{reading}/not-me",
        &[ReadingRemarked],
    ),
    ("/patients/new", &[PatientChanged]),
    ("/patients/{patient}/agreement", &[PatientChanged]),
    ("/patients/{patient}/assessment", &[PatientChanged]),
    ("/patients/{patient}/contact", &[ContactNoted]),
    ("/patients/{patient}/coordinator", &[PatientChanged]),
    ("/patients/{patient}/details", &[PatientChanged]),
    ("/patients/{patient}/discharge", &[PatientChanged]),
    ("/patients/{patient}/home/carer", &[HomeAccessGiven]),
    ("/patients/{patient}/home/invite", &[HomeAccessGiven]),
    ("/patients/{patient}/home/{number}/code", &[HomeCodeMade]),
    (
        "/patients/{patient}/home/{number}/revoke",
        &[HomeAccessRevoked],
    ),
    ("/patients/{patient}/pause", &[PatientChanged]),
    (
        "/patients/{patient}/plan/edit",
        &[PlanChanged, PlanRequested],
    ),
    ("/patients/{patient}/plan/request", &[PlanRequestAnswered]),
    ("/patients/{patient}/plan/start", &[PlanChanged]),
    ("/patients/{patient}/plan/withdraw", &[PlanWithdrawn]),
    (
        "/patients/{patient}/readings/{reading}/mark",
        &[ReadingMarked],
    ),
    ("/patients/{patient}/reach", &[PatientChanged]),
    ("/patients/{patient}/referral", &[PatientChanged]),
    (
        "/patients/{patient}/referrals/{referral}",
        &[PatientChanged],
    ),
    ("/patients/{patient}/resume", &[PatientChanged]),
    ("/patients/{patient}/start", &[PatientChanged]),
    ("/patients/{patient}/tier", &[PatientChanged]),
    ("/patients/{patient}/visitors", &[PatientChanged]),
    ("/patients/{patient}/watch", &[PatientChanged]),
    ("/patients/{patient}/watch/end", &[PatientChanged]),
    ("/set-up", &[PasswordSet, SignInFailed]),
    ("/sign-in", &[SignedIn, SignInFailed]),
    ("/sign-in/code", &[SignedIn, SignInFailed]),
    ("/sign-in/passkey", &[SignedIn, SignInFailed]),
    // Asks a device a question.
    ("/sign-in/passkey/begin", &[]),
    ("/sign-in/second-step", &[SecondStepSet, SignInFailed]),
    ("/sign-out", &[SignedOut]),
    ("/start", &[SignedIn, SignInFailed]),
    ("/step-up", &[ProvedAgain, SignInFailed]),
    ("/step-up/passkey", &[ProvedAgain, SignInFailed]),
    ("/visits/{patient}", &[ContactNoted]),
    ("/your-sign-in", &[PasskeyAdded]),
    // Asks a device a question.
    ("/your-sign-in/begin", &[]),
    ("/your-sign-in/sign-out-everywhere", &[SignedOutEverywhere]),
    ("/your-sign-in/{number}/remove", &[PasskeyRemoved]),
];

/// How much there was before a form was sent.
pub(crate) struct Before {
    appended: i64,
    entries: i64,
}

impl Before {
    /// Counts.
    pub(crate) async fn read(store: &Store) -> Self {
        Self {
            appended: count(store, APPENDED).await,
            entries: count(store, "SELECT number FROM audit_tip").await,
        }
    }

    /// Fails when something was changed of which the trail does not tell.
    pub(crate) async fn check(&self, store: &Store, path: &str) {
        let path = path.split('?').next().unwrap();
        let Some((_, kinds)) = POSTS.iter().find(|(route, _)| leads_to(route, path)) else {
            return;
        };
        if count(store, APPENDED).await == self.appended {
            return;
        }
        let entries: Vec<String> =
            sqlx::query_scalar("SELECT action FROM audit WHERE number > $1 ORDER BY number")
                .bind(self.entries)
                .fetch_all(store.readers())
                .await
                .unwrap();
        let is_told = entries
            .iter()
            .any(|it| kinds.iter().any(|kind| kind.code() == it));
        assert!(
            is_told,
            "{path} changed something, and the trail says only {entries:?}"
        );
    }
}

async fn count(store: &Store, statement: &'static str) -> i64 {
    let counted = sqlx::query_scalar(statement).fetch_one(store.readers());
    counted.await.unwrap()
}

fn leads_to(route: &str, path: &str) -> bool {
    let (route, path) = (route.split('/'), path.split('/'));
    route.clone().count() == path.clone().count()
        && route
            .zip(path)
            .all(|(part, it)| part == it || part.starts_with('{'))
}

/// Finds the addresses that take forms, in the sources of this program.
fn routes(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let is_code = !path
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .ends_with("tests");
        for call in text.split(".route(").skip(1).filter(|_| is_code) {
            let call = &call[..end_of(call)];
            let taken = call.split_once('"').and_then(|(_, it)| it.split_once('"'));
            if let Some((address, _)) = taken.filter(|(_, it)| it.contains("post(")) {
                found.push(address.to_owned());
            } else {
                assert!(taken.is_some() || !call.contains("post("), "{call}");
            }
        }
    }
}

/// Where the parenthesis that is open at the start of a text is closed.
fn end_of(text: &str) -> usize {
    let mut depth = 1;
    let closing = text.find(|letter: char| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    closing.unwrap()
}

#[test]
fn every_address_that_takes_a_form_is_listed_with_what_the_trail_says_of_it() {
    let mut found = Vec::new();
    routes(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"),
        &mut found,
    );
    found.sort();
    let mut listed: Vec<&str> = POSTS.iter().map(|(route, _)| *route).collect();
    listed.sort_unstable();
    assert_eq!(found, listed);
}

#[test]
fn an_address_is_found_by_what_is_asked_for() {
    let found = |path: &str| {
        let found = POSTS.iter().find(|(route, _)| leads_to(route, path));
        found.map(|(route, _)| *route)
    };
    assert_eq!(
        found("/patients/ivor/watch/end"),
        Some("/patients/{patient}/watch/end")
    );
    assert_eq!(found("/patients/new"), Some("/patients/new"));
    assert_eq!(found("/patients"), None);
}
