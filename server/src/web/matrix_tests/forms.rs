//! One good form for every address that takes one, with the parts that depend on the team in braces.

use super::locality::{CARERS_NUMBER, OWN, Side, card, invited};
use crate::accounts::sessions::{self, Stage};
use crate::accounts::token;
use crate::web::browser::Served;
use crate::web::sample::Sample;
use crate::web::session::cookie_of;
use crate::web::{State, assets};

/// An address that takes a form, who may fill it in, the form as they do, and the status of the answer.
pub(crate) type Form = (&'static str, &'static str, &'static str, u16);

/// All of them. `half` is who has given a password and no code yet, `new` who has no second step yet, and nobody who has
/// not signed in.
#[rustfmt::skip]
pub(crate) const FORMS: &[Form] = &[
    ("/sign-in", "", "username=nobody&password=wet+stone+pillow&next=%2Fpatients", 422),
    ("/sign-in/code", "half", "code=000000&next=%2Fpatients", 422),
    ("/sign-in/second-step", "new", "code=000000&next=%2Fpatients", 422),
    ("/sign-in/passkey", "", "word=x&answer=x&next=%2Fpatients", 422),
    ("/sign-in/passkey/begin", "", "", 200),
    ("/set-up", "", "code={code}&password=wet+stone+pillow", 303),
    ("/sign-out", "nurse-1", "", 303),
    ("/account/here", "nurse-1", "", 204),
    ("/account/preferences", "nurse-1", "shortcuts=on&sound=on&key_take=x", 303),
    ("/account/password", "nurse-1", "old=x&new=wet+stone+pillow", 422),
    ("/account/sign-out-everywhere", "nurse-1", "", 303),
    ("/account/passkeys", "nurse-1", "name=x&word=x&answer=x", 422),
    ("/account/passkeys/begin", "nurse-1", "", 200),
    ("/account/passkeys/{number}/rename", "nurse-1", "name=My+telephone", 303),
    ("/account/passkeys/{number}/remove", "nurse-1", "", 303),
    ("/start", "", "code={card}", 303),
    ("/step-up", "nurse-1", "password=x&code=x&back=%2Faccount", 422),
    ("/step-up/passkey", "nurse-1", "word=x&answer=x&back=%2Faccount", 422),
    ("/me", "home-2", "code={card}", 303),
    ("/me/{patient}/carers", "home-1", "name=Non+Ellis&relation=niece&sees=readings", 200),
    ("/me/{patient}/carers/{number}/revoke", "home-1", "", 303),
    ("/me/{patient}/readings/{reading}/not-me", "home-1", "", 303),
    ("/your-sign-in", "home-1", "name=x&word=x&answer=x", 422),
    ("/your-sign-in/begin", "home-1", "", 200),
    ("/your-sign-in/{number}/remove", "home-1", "", 303),
    ("/your-sign-in/sign-out-everywhere", "home-1", "", 303),
    ("/visits/{patient}", "visitor-1", "result=no_answer&note=Rang+the+bell", 303),
    ("/break-glass", "nurse-1", "nhs_number={nhs}&born_on={born}&reason=He+rang+us+instead+of+his+team", 303),
    ("/break-glass/end", "nurse-1", "", 303),
    ("/alerts/bulk", "nurse-1", "alert={patient}%2F4&do=take", 200),
    ("/alerts/bulk/do", "nurse-1", "alert={patient}%2F4&do=take&action={action}", 200),
    ("/alerts/{patient}/{number}/take", "nurse-1", "", 303),
    ("/alerts/{patient}/{number}/close", "nurse-1", "outcome=duplicate&note=Rang+111&duplicate_of=2", 303),
    ("/alerts/{patient}/{number}/offer", "nurse-1", "action={action}&to={colleague}", 303),
    ("/alerts/{patient}/{number}/offer/answer", "nurse-1", "action={action}&answer=accept", 303),
    ("/alerts/{patient}/{number}/wait", "nurse-1", "action={action}&span=time&until=2026-03-14T12:40", 303),
    ("/alerts/{patient}/{number}/snooze", "nurse-1", "action={action}&span=time&until=2026-03-14T12:40&reason=She+rests", 303),
    ("/alerts/{patient}/{number}/escalate", "nurse-1",
     "action={action}&to={colleague}&situation=Low+oxygen&background=COPD&assessment=Worse&recommendation=call_now", 303),
    ("/alerts/{patient}/{number}/reopen", "nurse-1", "action={action}&reason=Too+early", 303),
    ("/handover/sign", "nurse-1", "to=nurse-2&note=Dizzy&alert={patient}%2F1", 303),
    ("/handover/answer", "nurse-1", "answer=accept&alert={patient}%2F2", 303),
    ("/patients/new", "nurse-1",
     "title=Mrs&given_name=Edith&family_name=Testcase&born_on=2/5/1948&nhs_number=999+000+0018&coordinator=nurse-2\
      &template=general&step=plan&reason=Observation&view=not_asked&because=Asleep", 303),
    ("/patients/{patient}/agreement", "nurse-1", "after=0&target=Walk&rescue=None&escalation=Ring+us&agreed_with=The+patient", 303),
    ("/patients/{patient}/assessment", "nurse-1", "place=home&why=Well&reviewer={colleague}&review_on=2026-06-01", 303),
    ("/patients/{patient}/contact", "nurse-1", "alert=1&how=phone&result=no_answer&note=Rang&retry_at=2026-03-14T12:40", 303),
    ("/patients/{patient}/coordinator", "nurse-1", "now={nurse}&coordinator={colleague}", 303),
    ("/patients/{patient}/details", "nurse-1",
     "after=0&title=Dr&given_name=Other&family_name=Name&born_on={born}&nhs_number={nhs}", 303),
    ("/patients/{patient}/discharge", "nurse-1", "reason=goals_met&note=Well", 303),
    ("/patients/{patient}/home/carer", "nurse-1", "name=Non+Ellis&relation=niece&sees=readings&consent=Said+so", 200),
    ("/patients/{patient}/home/invite", "nurse-1", "", 200),
    ("/patients/{patient}/home/{number}/code", "nurse-1", "", 200),
    ("/patients/{patient}/home/{number}/revoke", "nurse-1", "", 303),
    ("/patients/{patient}/reach", "nurse-1", "before={before}&phone=01632+960003&address=High+Street&note=Let+it+ring", 303),
    ("/patients/{patient}/visitors", "nurse-1", "may=yes&how=Said+so", 303),
    ("/patients/{patient}/pause", "nurse-1", "reason=other&note=Away&from=2026-06-01&until=2026-06-08", 303),
    ("/patients/{patient}/resume", "nurse-1", "", 303),
    ("/patients/{patient}/readings/{reading}/mark", "nurse-1", "reason=device_fault&note=Cold+hand", 303),
    ("/patients/{patient}/referral", "nurse-1", "clinic=Heart+clinic&why=Breathless&transport=own", 303),
    ("/patients/{patient}/referrals/{referral}", "nurse-1", "after=1&standing=booked&on_day=2026-04-01&note=Morning", 303),
    ("/patients/{patient}/start", "nurse-1", "reason=Worse+again", 303),
    ("/patients/{patient}/tier", "nurse-1", "tier=closer&reason=Worse&until=2026-04-01", 303),
    ("/patients/{patient}/watch", "nurse-1", "note=Dizzy&until=2026-03-16", 303),
    ("/patients/{patient}/watch/end", "nurse-1", "", 303),
    ("/patients/{patient}/plan/edit", "nurse-1",
     "based_on=2&limits.systolic.soon_high=131&view=disagreed&because.disagreed=Higher&reason=Lower&review_by=2026-06-01&action=save", 303),
    ("/patients/{patient}/plan/start", "nurse-1", "template.hypertension=yes", 200),
    ("/patients/{patient}/plan/request", "nurse-1", "request=1&action=withdraw", 303),
    ("/patients/{patient}/plan/withdraw", "nurse-1", "withdraw_reason=It+stays", 303),
    ("/duty/{team}/shift", "lead-1", "lock={lock}&person={nurse}&day=mon&from=09:00&until=10:00&first=2026-03-16&last=", 303),
    ("/duty/{team}/shift/{row}", "lead-1", "lock={lock}&last=2026-03-31&next={spare}", 303),
    ("/duty/{team}/leave", "lead-1", "lock={lock}&person={nurse}&first=2026-03-25&last=2026-03-25&cover={colleague}", 303),
    ("/duty/{team}/leave/{row}", "lead-1", "lock={lock}&last=2026-03-18", 303),
    ("/duty/{team}/join", "lead-1", "lock={lock}&person=visitor-1&first=2026-04-01", 303),
    ("/duty/{team}/go", "lead-1", "lock={lock}&person={spare}&last=2026-03-20", 303),
    ("/duty/{team}/settings", "lead-1", "lock={lock}&lead={nurse}&on_call=ooh-1&staffed=mon-sat+08:00-20:00", 303),
    ("/administration/organisation", "admin-1", "lock={lock}&name=Gofal", 303),
    ("/administration/areas/new", "admin-1", "lock={lock}&name=Bro", 303),
    ("/administration/areas/{area}", "admin-1", "lock={lock}&name=Town", 303),
    ("/administration/teams/new", "admin-1", "lock={lock}&name=West&area=city&lead=lead-1&on_call=ooh-1", 303),
    ("/administration/teams/{team}", "admin-1", "lock={lock}&name=North+one", 303),
    ("/administration/clinics/new", "admin-1", "lock={lock}&name=Lung+clinic&area=city&days=Fridays&contact=01632+960002", 303),
    ("/administration/clinics/{clinic}", "admin-1",
     "lock={lock}&name=Heart+clinic&area=city&days=Fridays&contact=01632+960002&goes_on=yes", 303),
    ("/administration/people/new", "admin-1", "lock={lock}&name=Sian+Lloyd&role=Nurse&team=north&prescriber=no", 303),
    ("/administration/people/{person}/edit", "admin-1", "lock={lock}&name=Sol+Tan&role=Matron&team=north&prescriber=yes", 303),
    ("/administration/people/{person}/roles", "admin-1", "lock={lock}&grant=nurse%2Fnorth&grant=planner%2F", 303),
    ("/administration/people/{person}/leave", "admin-1", "lock={lock}&last=2026-03-31", 303),
    ("/administration/people/{person}/sign-in", "admin-1", "lock={lock}&username=sol.tan&forget=no", 200),
    ("/administration/people/{person}/sign-in/close", "admin-1", "lock={lock}", 303),
    ("/administration/people/{person}/sign-in/open", "admin-1", "lock={lock}", 303),
];

/// Gives the header line by which a request is of whoever fills a form in.
pub(crate) async fn cookie(sample: &Sample, served: &Served, by: &str) -> String {
    let stage = match by {
        "half" => Stage::Code,
        "new" => Stage::Enrol,
        person => return served.cookie(person).await,
    };
    let State { policy, clock, .. } = &sample.state;
    let person = "spare-1".parse().unwrap();
    let mut write = sample.state.store.write().await.unwrap();
    let fresh = sessions::begin(&mut write, &person, stage, policy, clock).await;
    write.commit().await.unwrap();
    let set = cookie_of(&fresh.unwrap().token);
    format!("Cookie: {}\r\n", set.split(';').next().unwrap())
}

/// What stands in the place of braces, for one team in one locality.
pub(crate) struct Places {
    side: &'static Side,
    reading: String,
    shift: String,
    leave: String,
    code: String,
    card: String,
}

impl Places {
    /// Looks what there is.
    pub(crate) async fn of(sample: &Sample, served: &Served, side: &'static Side) -> Self {
        let reading = "SELECT id FROM reading WHERE patient = $1 ORDER BY measured_at LIMIT 1";
        let reading = sqlx::query_scalar(reading)
            .bind(side.patients[0].0)
            .fetch_one(sample.state.store.readers())
            .await
            .unwrap();
        let path = format!("/duty/{}?week=2026-03-16", side.team);
        let week = served.get(&path, "admin-1").await.body;
        let row = |kind: &str| -> String {
            let start = format!("/duty/{}/{kind}/", side.team);
            let rest = week.split_once(&start).unwrap().1;
            rest.split('"').next().unwrap().to_owned()
        };
        let is_own = side.team == OWN.team;
        Self {
            side,
            reading,
            shift: row("shift"),
            leave: row("leave"),
            code: match is_own {
                true => invited(sample).await,
                false => String::new(),
            },
            card: match is_own {
                true => card(sample).await,
                false => String::new(),
            },
        }
    }

    /// Writes an address.
    pub(crate) fn path(&self, route: &str) -> String {
        let number = match route {
            it if it.starts_with("/account/") => "1",
            it if it.contains("/carers/") || it.contains("/home/") => CARERS_NUMBER,
            it if it.contains("/offer/answer") => "2",
            it if it.ends_with("/reopen") || it.ends_with("/sbar") => "3",
            it if it.ends_with("/take") => "4",
            _ => "1",
        };
        let row = if route.contains("/leave/") {
            &self.leave
        } else {
            &self.shift
        };
        let [first, quiet, gone] = &self.side.patients;
        let patient = match route {
            "/patients/{patient}/discharge" | "/patients/{patient}/home/invite" => quiet.0,
            "/patients/{patient}/start" => gone.0,
            _ => first.0,
        };
        self.filled(&route.replace("{patient}", patient))
            .replace("{number}", number)
            .replace("{row}", row)
            .replace("{referral}", "1")
            .replace("{area}", "city")
            .replace("{clinic}", "heart-clinic")
            .replace("{person}", "spare-1")
            .replace("{build}", assets::build())
            .replace("{name}", "site.css")
    }

    /// Fills a form in as a person: what changes with every form is read from the page that shows it to them.
    pub(crate) async fn form(
        &self,
        served: &Served,
        person: &str,
        path: &str,
        form: &str,
    ) -> String {
        let form = self.filled(form);
        if !form.contains("{lock}") {
            return form;
        }
        let page = served.get(path, person).await.body;
        let lock = page.split("name=\"lock\" value=\"").nth(1);
        let lock = lock.and_then(|it| it.split('"').next());
        let lock = lock.unwrap_or("none").replace(' ', "+");
        form.replace("{lock}", &lock.replace("&#38;", "%26").replace('|', "%7C"))
    }

    fn filled(&self, text: &str) -> String {
        let side = self.side;
        let (patient, _, born, nhs) = side.patients[0];
        text.replace("{patient}", patient)
            .replace("{team}", side.team)
            .replace("{nurse}", side.nurse)
            .replace("{colleague}", side.colleague)
            .replace("{spare}", side.spare)
            .replace("{reading}", &self.reading)
            .replace("{born}", born)
            .replace("{nhs}", nhs)
            .replace("{code}", &self.code)
            .replace("{card}", &self.card)
            .replace("{before}", &token::digest_of("\n\n"))
            .replace("{action}", "00112233445566778899aabbccddeeff")
    }

    /// Tells whether the places are those of the team of whoever asks.
    pub(crate) fn is_foreign(&self) -> bool {
        self.side.team != OWN.team
    }
}
