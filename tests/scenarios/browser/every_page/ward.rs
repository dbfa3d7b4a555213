//! A full ward: alerts of every priority and in every state, long names, a handover, leave, a plan that waits, a patient who
//! was discharged, a record that another team opened, what a prescriber is asked, and who comes in at home.

use std::collections::BTreeMap;

use fantoccini::Client;
use hearth_tests::browser::Look;
use hearth_tests::nurse::Nurse;
use hearth_tests::pages::Who;
use hearth_tests::seed;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::at_home::{code_of, come_in};
use crate::states::EVERY_STATE;
use crate::visit::Visit;

/// What would take a real ward days: a rota, a clinic, a message that was refused, an alert of the patient with a long name.
const DAYS: [&str; 6] = [
    "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-bo', 9, 'administrator', NULL, 0)",
    "INSERT INTO shift (team, number, person, hours, from_at, recorded_at) VALUES ('north', 1, 'nurse-ann', \
     '[\"mon-sun 00:00-24:00\"]', 0, 0)",
    "INSERT INTO shift (team, number, person, hours, from_at, recorded_at) VALUES ('north', 2, 'nurse-bo', \
     '[\"mon-fri 09:00-17:00\", \"sat 09:00-13:00\"]', 0, 0)",
    "INSERT INTO clinic (id, name, area, days, contact, ended_at) VALUES ('heart', 'Heart failure clinic of the \
     community hospital', 'city', 'Tuesdays 9am to 12 noon', 'Clinic desk, 020 7946 0999', NULL)",
    "INSERT INTO quarantine (digest, gateway, kind, reason, detail, payload, arrived_at) VALUES ('0a', 'gw-home', 'entry', \
     'tag', 'the tag is wrong', '00', 0)",
    "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, evidence_len, \
     opened_at, newest_measured_at, respond_by, step) SELECT 'patient-2', 1, 'blood_pressure', 'urgent', 'active', 'new', \
     'nurse-bo', 'Systolic 191 mmHg (urgent limit: 180 or over) and diastolic 117 mmHg (soon limit: 85 or over), 3 times \
     in 2 hours', 3, MAX(opened_at), MAX(opened_at), MAX(opened_at) + 900000000, 'coordinator' FROM alert",
];

const IVY: &str = "/patients/patient-1";

/// The ward, and where in it to find what has no address of its own choosing.
pub(super) struct Ward {
    pub(super) visit: Visit,
    places: BTreeMap<&'static str, String>,
    /// The codes of the cards by which the patient and her daughter come in.
    codes: BTreeMap<Who, String>,
}

impl Ward {
    /// Lets everything happen that makes a ward full.
    pub(super) async fn open() -> Self {
        let mut visit = Visit::begin().await;
        let seed = seed::ward(&visit.line.home).unwrap();
        visit.line.server.seed(&seed).unwrap();
        let [ann, bo, lee, cy] = ["nurse-ann", "nurse-bo", "lead-lee", "nurse-cy"]
            .map(|person| Nurse::at(&visit.line.server, person));
        visit.line.cuff_fails().await.unwrap();
        visit.line.cuff(186, 112).await.unwrap();
        visit.line.settle().await.unwrap();
        pass_on(&ann, &lee).await;
        visit.line.cuff(187, 113).await.unwrap();
        visit.line.settle().await.unwrap();
        let today = today(&ann).await;
        look_after(&ann, today).await;
        for statement in DAYS {
            visit.line.put(statement).await.unwrap();
        }
        plan_ahead(&ann, &bo, today).await;
        ask_a_prescriber(&ann, today).await;
        let codes = let_in(&ann).await;
        let form =
            "nhs_number=9990000018&born_on=1945-07-14&reason=She+is+in+our+emergency+department";
        send(&cy, "/break-glass", form).await;
        visit.line.put(EVERY_STATE).await.unwrap();
        let patient = ann.page(IVY).await.unwrap();
        let duty = bo.page("/duty/north").await.unwrap();
        let places = [
            ("{reading}", between(&patient, "/readings/", "/mark")),
            ("{shift}", between(&duty, "/duty/north/shift/", "\"")),
            ("{leave}", between(&duty, "/duty/north/leave/", "\"")),
        ];
        let places = places.map(|(name, text)| (name, text.to_owned()));
        Self {
            visit,
            places: places.into(),
            codes: codes.into(),
        }
    }

    /// Gives the address of a page of the table.
    pub(super) fn address(&self, path: &str) -> String {
        let found = self.places.iter();
        let path = found.fold(path.to_owned(), |path, (name, place)| {
            path.replace(name, place)
        });
        self.visit.line.server.page(&path)
    }

    /// Opens a browser in which one of them sits.
    pub(super) async fn seat(&self, who: Who) -> Client {
        let person = match who {
            Who::Nobody => return self.visit.browser.open(Look::DESK).await.unwrap(),
            Who::Ann => "Ann",
            Who::Bo => "Bo",
            Who::Lee => "Lee",
            Who::Cy => "Cy",
            Who::Dee => "Dee",
            Who::Vi => "Vi",
            Who::Ivy | Who::Mair => {
                return come_in(&self.visit, &self.codes[&who], Look::DESK).await;
            }
            Who::Coding | Who::Enrolling => "Ona",
        };
        let page = self.visit.sit_down(person, Look::DESK).await;
        let half = match who {
            Who::Coding => "UPDATE session SET stage = 'code' WHERE person = 'ooh-ona'",
            Who::Enrolling => "UPDATE session SET stage = 'enrol' WHERE person = 'ooh-ona'",
            _ => return page,
        };
        self.visit.line.put(half).await.unwrap();
        page
    }
}

/// Sends a form that is right.
async fn send(nurse: &Nurse, path: &str, form: &str) {
    let (status, answer) = nurse.send(path, form).await.unwrap();
    assert_eq!(status, 303, "{path}: {answer}");
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let found = text
        .split_once(before)
        .unwrap_or_else(|| panic!("{before} is not there"));
    found.1.split_once(after).unwrap().0
}

/// Gives the hidden field of a form.
async fn hidden(nurse: &Nurse, path: &str, name: &str) -> String {
    let page = nurse.page(path).await.unwrap();
    between(&page, &format!("name=\"{name}\" value=\""), "\"").to_owned()
}

/// Asks the server what day it is.
async fn today(nurse: &Nurse) -> Date {
    let page = nurse.page("/handover").await.unwrap();
    let now: Timestamp = between(&page, "<time datetime=\"", "\"").parse().unwrap();
    now.in_tz("Europe/London").unwrap().date()
}

/// Ann takes the alert and escalates it to Lee, who closes it.
async fn pass_on(ann: &Nurse, lee: &Nurse) {
    let alert = "/alerts/patient-1/1";
    send(ann, &format!("{alert}/take"), "").await;
    let action = hidden(ann, &format!("{alert}/escalate"), "action").await;
    let form = format!(
        "action={action}&to=lead-lee&situation=Blood+pressure+186+over+112&background=On+three+medicines&\
         assessment=Missed+her+tablets+for+two+days&recommendation=see_today"
    );
    let page = ann.page(&format!("{alert}/escalate")).await.unwrap();
    let code = between(&page, "name=\"recommendation\" value=\"", "\"");
    send(
        ann,
        &format!("{alert}/escalate"),
        &form.replace("see_today", code),
    )
    .await;
    send(lee, &format!("{alert}/take"), "").await;
    send(
        lee,
        &format!("{alert}/close"),
        "outcome=referred&note=Seen+at+home",
    )
    .await;
}

/// Ann takes the second alert, and writes down what there is to say about the patients.
async fn look_after(ann: &Nurse, today: Date) {
    send(ann, "/alerts/patient-1/2/take", "").await;
    let soon = today.saturating_add(7.days());
    for (path, form) in [
        (
            format!("{IVY}/agreement"),
            "after=0&target=Under+135+over+85,+to+go+on+singing&rescue=&escalation=Rest,+measure+again,+and+call+the+team&\
             agreed_with=The+patient"
                .to_owned(),
        ),
        (
            format!("{IVY}/assessment"),
            format!("place=both&why=Lives+with+her+daughter&reviewer=nurse-bo&review_on={soon}"),
        ),
        (
            format!("{IVY}/referral"),
            "clinic=Hypertension+clinic&why=High+in+spite+of+three+medicines&transport=wheelchair".to_owned(),
        ),
        (format!("{IVY}/watch"), format!("note=Ankles+swell+since+Monday&until={soon}")),
        (
            format!("{IVY}/contact"),
            "alert=none&how=visit&result=spoke_with_carer&note=Her+daughter+fills+the+box+of+tablets".to_owned(),
        ),
        (format!("{IVY}/tier"), format!("tier=closest&reason=Widowed+last+week&until={soon}")),
        ("/patients/patient-3/discharge".to_owned(), "reason=goals_met&note=".to_owned()),
    ] {
        send(ann, &path, &form).await;
    }
}

/// A plan that waits for its day, a leave, and a handover from Ann to Bo.
async fn plan_ahead(ann: &Nurse, bo: &Nurse, today: Date) {
    let edit = format!("{IVY}/plan/edit");
    let based_on = hidden(ann, &edit, "based_on").await;
    let (from, review) = (
        today.saturating_add(10.days()),
        today.saturating_add(60.days()),
    );
    let form = format!(
        "based_on={based_on}&limits.pulse.urgent_high=125&view=agreed&reason=Less+often+from+then+on&review_by={review}&\
         from={from}&action=save"
    );
    send(ann, &edit, &form).await;
    let leave = "/duty/north/leave";
    let lock = hidden(bo, leave, "lock").await;
    let last = from.saturating_add(4.days());
    let form = format!("lock={lock}&person=nurse-ann&first={from}&last={last}&cover=nurse-bo");
    send(bo, leave, &form).await;
    let form = "to=nurse-bo&note=Mrs+Example:+ring+her+daughter+at+six.&alert=patient-1/2";
    send(ann, "/handover/sign", form).await;
}

/// Ann asks for limits that only a prescriber may set.
async fn ask_a_prescriber(ann: &Nurse, today: Date) {
    let edit = format!("{IVY}/plan/edit");
    let based_on = hidden(ann, &edit, "based_on").await;
    let review = today.saturating_add(60.days());
    let form = format!(
        "based_on={based_on}&limits.spo2.urgent_low=80&limits.spo2.soon_low=84&view=agreed&reason=Usual+for+her+since+the+\
         winter&review_by={review}&action=ask"
    );
    send(ann, &edit, &form).await;
}

/// The patient and her daughter get a card each, and visitors learn how to reach her and how she is.
async fn let_in(ann: &Nurse) -> [(Who, String); 2] {
    let reach = format!("{IVY}/reach");
    let before = hidden(ann, &reach, "before").await;
    let form =
        format!("before={before}&phone=020+7946+0123&address=1+High+Street&note=Let+it+ring");
    send(ann, &reach, &form).await;
    let form = "may=yes&how=Said+so+on+the+phone";
    send(ann, &format!("{IVY}/visitors"), form).await;
    let (_, own) = ann.send(&format!("{IVY}/home/invite"), "").await.unwrap();
    let carer = "name=Mair+Example&relation=Daughter&sees=readings&sees=alerts&sees=contacts&consent=Said+so";
    let (_, carer) = ann.send(&format!("{IVY}/home/carer"), carer).await.unwrap();
    [(Who::Ivy, code_of(&own)), (Who::Mair, code_of(&carer))]
}
