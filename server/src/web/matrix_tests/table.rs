//! Who may do what: one line for each route, one column for each kind of person.
//!
//! A cell is the status of the answer. `200/404` is 200 for a patient or a rota of the person's own team, and 404 for one of
//! another team; for who cares for patients there is no such page, rather than one that is refused. 303 leads on after a
//! change, and whoever has not signed in to where they do; 422 and 409 are the form again, which says what is wrong.

use super::locality::KINDS;

/// The table. The first line names the columns, a line that begins with `#` says what follows.
const TABLE: &str = "
                                                           nobody   nurse    lead      gp planner  fitter   admin visitor patient   carer
# Signing in, and what everybody may ask for
GET  /livez                                                   200     200     200     200     200     200     200     200     200     200
GET  /readyz                                                  200     200     200     200     200     200     200     200     200     200
GET  /favicon.ico                                             200     200     200     200     200     200     200     200     200     200
GET  /static/{build}/{name}                                   200     200     200     200     200     200     200     200     200     200
GET  /sign-in                                                 200     200     200     200     200     200     200     200     200     200
POST /sign-in                                                 422     422     422     422     422     422     422     422     422     422
POST /sign-in/passkey/begin                                   200     200     200     200     200     200     200     200     200     200
POST /sign-in/passkey                                         422     422     422     422     422     422     422     422     422     422
# No other service to sign in by is named in this locality
GET  /sign-in/oidc                                            404     404     404     404     404     404     404     404     404     404
GET  /sign-in/oidc/back                                       404     404     404     404     404     404     404     404     404     404
# Only for half a proof; who has the whole is sent on, who has none is asked
GET  /sign-in/code                                            303     303     303     303     303     303     303     303     303     303
GET  /sign-in/second-step                                     303     303     303     303     303     303     303     303     303     303
POST /sign-in/code                                            303     303     303     303     303     303     303     303     303     303
POST /sign-in/second-step                                     303     303     303     303     303     303     303     303     303     303
GET  /set-up                                                  200     200     200     200     200     200     200     200     200     200
POST /set-up                                                  303     303     303     303     303     303     303     303     303     303
POST /sign-out                                                303     303     303     303     303     303     303     303     303     303
# One's own account
GET  /                                                        303     303     303     303     303     303     303     303     303     303
GET  /account                                                 303     200     200     200     200     200     200     200     403     403
POST /account/here                                            303     204     204     204     204     204     204     204     403     403
GET  /account/preferences                                     303     200     200     200     200     200     200     200     403     403
POST /account/preferences                                     303     303     303     303     303     303     303     303     403     403
POST /account/password                                        303     422     422     422     422     422     422     422     403     403
POST /account/sign-out-everywhere                             303     303     303     303     303     303     303     303     403     403
GET  /account/passkeys                                        303     200     200     200     200     200     200     200     403     403
POST /account/passkeys                                        303     422     422     422     422     422     422     422     403     403
POST /account/passkeys/begin                                  303     200     200     200     200     200     200     200     403     403
POST /account/passkeys/{number}/rename                        303     303     303     303     303     303     303     303     403     403
POST /account/passkeys/{number}/remove                        303     303     303     303     303     303     303     303     403     403
# Proving again who one is
GET  /step-up                                                 303     200     200     200     200     200     200     200     403     403
POST /step-up                                                 303     422     422     422     422     422     422     422     403     403
POST /step-up/passkey                                         303     422     422     422     422     422     422     422     403     403
# People at home: what they see of the patient; whoever is of the staff has no such page
GET  /start                                                   200     200     200     200     200     200     200     200     200     200
POST /start                                                   303     303     303     303     303     303     303     303     303     303
GET  /me                                                      303     404     404     404     404     404     404     404     303     200
POST /me                                                      303     404     404     404     404     404     404     404     404     303
GET  /me/{patient}                                            303     404     404     404     404     404     404     404 200/404 200/404
GET  /me/{patient}/readings                                   303     404     404     404     404     404     404     404 200/404 200/404
GET  /me/{patient}/readings/{reading}/not-me                  303     404     404     404     404     404     404     404 200/404 200/404
POST /me/{patient}/readings/{reading}/not-me                  303     404     404     404     404     404     404     404 303/404 303/404
# Only the patient asks who looked, and decides who else sees this
GET  /me/{patient}/looked                                     303     404     404     404     404     404     404     404 200/404     404
GET  /me/{patient}/carers                                     303     404     404     404     404     404     404     404 200/404     404
POST /me/{patient}/carers                                     303     404     404     404     404     404     404     404 200/404     404
POST /me/{patient}/carers/{number}/revoke                     303     404     404     404     404     404     404     404 303/404     404
GET  /your-sign-in                                            303     404     404     404     404     404     404     404     200     200
POST /your-sign-in                                            303     404     404     404     404     404     404     404     422     422
POST /your-sign-in/begin                                      303     404     404     404     404     404     404     404     200     200
POST /your-sign-in/{number}/remove                            303     404     404     404     404     404     404     404     303     303
POST /your-sign-in/sign-out-everywhere                        303     404     404     404     404     404     404     404     303     303
# Alerts
GET  /alerts                                                  303     200     200     200     403     403     403     403     403     403
GET  /alerts/live                                             303     200     200     200     403     403     403     403     403     403
GET  /alerts/quality                                          303     200     200     200     200     403     403     403     403     403
GET  /alerts/quality.csv                                      303     200     200     200     200     403     403     403     403     403
POST /alerts/bulk                                             303 200/409 200/409 200/409     403     403     403     403     403     403
POST /alerts/bulk/do                                          303 200/409 200/409 200/409     403     403     403     403     403     403
GET  /alerts/{patient}/{number}                               303 200/404 200/404 200/404     403     403     403     403     403     403
POST /alerts/{patient}/{number}/take                          303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /alerts/{patient}/{number}/close                         303 200/404 200/404 200/404     403     403     403     403     403     403
POST /alerts/{patient}/{number}/close                         303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /alerts/{patient}/{number}/offer                         303 200/404 200/404 200/404     403     403     403     403     403     403
POST /alerts/{patient}/{number}/offer                         303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /alerts/{patient}/{number}/wait                          303 200/404 200/404 200/404     403     403     403     403     403     403
POST /alerts/{patient}/{number}/wait                          303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /alerts/{patient}/{number}/snooze                        303 200/404 200/404 200/404     403     403     403     403     403     403
POST /alerts/{patient}/{number}/snooze                        303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /alerts/{patient}/{number}/escalate                      303 200/404 200/404 200/404     403     403     403     403     403     403
POST /alerts/{patient}/{number}/escalate                      303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /alerts/{patient}/{number}/reopen                        303 200/404 200/404 200/404     403     403     403     403     403     403
POST /alerts/{patient}/{number}/reopen                        303 303/404 303/404 303/404     403     403     403     403     403     403
POST /alerts/{patient}/{number}/offer/answer                  303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /alerts/{patient}/{number}/sbar                          303 303/404 303/404 303/404     403     403     403     403     403     403
# Handing over
GET  /handover                                                303     200     200     200     403     403     403     403     403     403
POST /handover/sign                                           303 303/409 303/409 303/409     403     403     403     403     403     403
POST /handover/answer                                         303 303/409 303/409 303/409     403     403     403     403     403     403
# Another team's patient, for an hour and a reason; and who is told of it
GET  /break-glass                                             303     200     200     200     403     403     403     403     403     403
POST /break-glass                                             303 303/303 303/303 303/303     403     403     403     403     403     403
POST /break-glass/end                                         303     303     303     303     303     303     303     303     403     403
GET  /break-glass/opened                                      303     403     200     403     403     403     200     403     403     403
# Patients
GET  /patients                                                303     200     200     200     403     403     403     403     403     403
GET  /patients/new                                            303     200     200     403     403     403     403     403     403     403
POST /patients/new                                            303     303     303     403     403     403     403     403     403     403
GET  /patients/{patient}                                      303 200/404 200/404 200/404     403     403     403     403     403     403
GET  /patients/{patient}/alerts                               303 200/404 200/404 200/404     403     403     403     403     403     403
GET  /patients/{patient}/readings/{reading}                   303 200/404 200/404 200/404     403     403     403     403     403     403
GET  /patients/{patient}/readings/{reading}/mark              303 200/404 200/404 200/404     403     403     403     403     403     403
POST /patients/{patient}/readings/{reading}/mark              303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /patients/{patient}/agreement                            303 200/404 200/404 200/404     403     403     403     403     403     403
POST /patients/{patient}/agreement                            303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /patients/{patient}/contact                              303 200/404 200/404 200/404     403     403     403     403     403     403
POST /patients/{patient}/contact                              303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /patients/{patient}/tier                                 303 200/404 200/404 200/404     403     403     403     403     403     403
POST /patients/{patient}/tier                                 303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /patients/{patient}/watch                                303 200/404 200/404 200/404     403     403     403     403     403     403
POST /patients/{patient}/watch                                303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /patients/{patient}/assessment                           303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/assessment                           303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/coordinator                          303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/coordinator                          303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/details                              303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/details                              303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/pause                                303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/pause                                303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/discharge                            303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/discharge                            303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/start                                303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/start                                303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/referral                             303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/referral                             303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/referrals/{referral}                 303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/referrals/{referral}                 303 303/404 303/404     403     403     403     403     403     403     403
POST /patients/{patient}/resume                               303 303/404 303/404     403     403     403     403     403     403     403
POST /patients/{patient}/watch/end                            303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /patients/{patient}/looked                               303 200/404 200/404 200/404     403     403     403     403     403     403
GET  /patients/{patient}/home                                 303 200/404 200/404     403     403     403     403     403     403     403
GET  /patients/{patient}/home/carer                           303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/home/carer                           303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/home/invite                          303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/home/{number}/code                   303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/home/{number}/revoke                 303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/reach                                303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/reach                                303 303/404 303/404     403     403     403     403     403     403     403
GET  /patients/{patient}/visitors                             303 200/404 200/404     403     403     403     403     403     403     403
POST /patients/{patient}/visitors                             303 303/404 303/404     403     403     403     403     403     403     403
# Visits: how to reach a patient and whether they measure, for who sees records too
GET  /visits                                                  303     200     200     200     403     403     403     200     403     403
GET  /visits/{patient}                                        303 200/404 200/404 200/404     403     403     403 200/404     403     403
POST /visits/{patient}                                        303 303/404 303/404 303/404     403     403     403 303/404     403     403
# Plans
GET  /patients/{patient}/plan                                 303 200/404 200/404 200/404     403     403     403     403     403     403
GET  /patients/{patient}/plan/edit                            303 200/404 200/404 200/404     403     403     403     403     403     403
POST /patients/{patient}/plan/edit                            303 303/404 303/404 303/404     403     403     403     403     403     403
GET  /patients/{patient}/plan/start                           303 200/404 200/404 200/404     403     403     403     403     403     403
POST /patients/{patient}/plan/start                           303 200/404 200/404 200/404     403     403     403     403     403     403
POST /patients/{patient}/plan/withdraw                        303 303/404 303/404 303/404     403     403     403     403     403     403
POST /patients/{patient}/plan/request                         303 303/404 303/404 303/404     403     403     403     403     403     403
# Rotas: a team's nurses read them, its lead and administrators change them
GET  /duty                                                    303     303     303     303     403     403     200     403     403     403
GET  /duty/{team}                                             303 200/404 200/404 200/404     403     403 200/200     403     403     403
GET  /duty/{team}/shift                                       303     403 200/404     403     403     403 200/200     403     403     403
POST /duty/{team}/shift                                       303     403 303/404     403     403     403 303/303     403     403     403
GET  /duty/{team}/shift/{row}                                 303     403 200/404     403     403     403 200/200     403     403     403
POST /duty/{team}/shift/{row}                                 303     403 303/404     403     403     403 303/303     403     403     403
GET  /duty/{team}/leave                                       303     403 200/404     403     403     403 200/200     403     403     403
POST /duty/{team}/leave                                       303     403 303/404     403     403     403 303/303     403     403     403
GET  /duty/{team}/leave/{row}                                 303     403 200/404     403     403     403 200/200     403     403     403
POST /duty/{team}/leave/{row}                                 303     403 303/404     403     403     403 303/303     403     403     403
GET  /duty/{team}/join                                        303     403 200/404     403     403     403 200/200     403     403     403
POST /duty/{team}/join                                        303     403 303/404     403     403     403 303/303     403     403     403
GET  /duty/{team}/go                                          303     403 200/404     403     403     403 200/200     403     403     403
POST /duty/{team}/go                                          303     403 303/404     403     403     403 303/303     403     403     403
GET  /duty/{team}/settings                                    303     403 200/404     403     403     403 200/200     403     403     403
POST /duty/{team}/settings                                    303     403 303/404     403     403     403 303/303     403     403     403
# The office
GET  /administration                                          303     403     403     403     403     403     200     403     403     403
GET  /administration/people/{person}                          303     403     403     403     403     403     200     403     403     403
GET  /administration/organisation                             303     403     403     403     403     403     200     403     403     403
POST /administration/organisation                             303     403     403     403     403     403     303     403     403     403
GET  /administration/areas/new                                303     403     403     403     403     403     200     403     403     403
POST /administration/areas/new                                303     403     403     403     403     403     303     403     403     403
GET  /administration/areas/{area}                             303     403     403     403     403     403     200     403     403     403
POST /administration/areas/{area}                             303     403     403     403     403     403     303     403     403     403
GET  /administration/teams/new                                303     403     403     403     403     403     200     403     403     403
POST /administration/teams/new                                303     403     403     403     403     403     303     403     403     403
GET  /administration/teams/{team}                             303     403     403     403     403     403     200     403     403     403
POST /administration/teams/{team}                             303     403     403     403     403     403     303     403     403     403
GET  /administration/clinics/new                              303     403     403     403     403     403     200     403     403     403
POST /administration/clinics/new                              303     403     403     403     403     403     303     403     403     403
GET  /administration/clinics/{clinic}                         303     403     403     403     403     403     200     403     403     403
POST /administration/clinics/{clinic}                         303     403     403     403     403     403     303     403     403     403
GET  /administration/people/new                               303     403     403     403     403     403     200     403     403     403
POST /administration/people/new                               303     403     403     403     403     403     303     403     403     403
GET  /administration/people/{person}/edit                     303     403     403     403     403     403     200     403     403     403
POST /administration/people/{person}/edit                     303     403     403     403     403     403     303     403     403     403
GET  /administration/people/{person}/roles                    303     403     403     403     403     403     200     403     403     403
POST /administration/people/{person}/roles                    303     403     403     403     403     403     303     403     403     403
GET  /administration/people/{person}/leave                    303     403     403     403     403     403     200     403     403     403
POST /administration/people/{person}/leave                    303     403     403     403     403     403     303     403     403     403
GET  /administration/people/{person}/sign-in                  303     403     403     403     403     403     200     403     403     403
POST /administration/people/{person}/sign-in                  303     403     403     403     403     403     200     403     403     403
GET  /administration/people/{person}/sign-in/close            303     403     403     403     403     403     200     403     403     403
POST /administration/people/{person}/sign-in/close            303     403     403     403     403     403     303     403     403     403
GET  /administration/people/{person}/sign-in/open             303     403     403     403     403     403     200     403     403     403
POST /administration/people/{person}/sign-in/open             303     403     403     403     403     403     303     403     403     403
# The audit
GET  /audit                                                   303     403     403     403     403     403     200     403     403     403
GET  /audit.csv                                               303     403     403     403     403     403     200     403     403     403
";

/// One route.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    cells: Vec<&'static str>,
}

impl Line {
    /// Gives the status for a kind of person; `None` for another team's patient where the route is about none.
    pub(crate) fn expected(&self, kind: &str, is_foreign: bool) -> Option<u16> {
        let column = KINDS.iter().position(|(name, _)| *name == kind).unwrap();
        let cell = self.cells[column];
        let status = match (cell.split_once('/'), is_foreign) {
            (Some((_, foreign)), true) => foreign,
            (Some((own, _)), false) => own,
            // Who may not do it at all may do it to nobody.
            (None, false) => cell,
            (None, true) if self.is_about_a_team() => cell,
            (None, true) => return None,
        };
        Some(status.parse().unwrap())
    }

    fn is_about_a_team(&self) -> bool {
        self.cells.iter().any(|cell| cell.contains('/'))
    }
}

/// Reads the table.
pub(crate) fn table() -> Vec<Line> {
    let mut lines = TABLE.lines().filter(|it| !it.is_empty());
    let columns: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let kinds: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(columns, kinds);
    let lines = lines.filter(|it| !it.starts_with('#')).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, path, cells @ ..] = words.as_slice() else {
            panic!("{line}");
        };
        assert_eq!(cells.len(), KINDS.len(), "{line}");
        Line {
            method,
            path,
            cells: cells.to_vec(),
        }
    });
    lines.collect()
}
