//! Every page that people use: its route, an address of it, who may open it, and what it says. A new page is one more line.

/// Who sits at the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Nobody who is signed in.
    Nobody,
    /// A nurse of the patient's team.
    Ann,
    /// Her colleague, who is an administrator of the service too.
    Bo,
    /// Their team lead.
    Lee,
    /// A nurse of another team, who has opened a record of theirs.
    Cy,
    /// Their GP, who may prescribe.
    Dee,
    /// A volunteer who visits patients of their team.
    Vi,
    /// The patient, at home.
    Ivy,
    /// Her daughter, whom she lets see everything.
    Mair,
    /// A nurse who has typed the password, and not yet the code.
    Coding,
    /// A nurse who has to set the second step up.
    Enrolling,
}

/// One page.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The route as the sources write it.
    pub route: &'static str,
    /// Its address. What stands in braces is looked up while the test runs.
    pub path: &'static str,
    /// Who opens it.
    pub who: Who,
    /// What its main part says.
    pub says: &'static str,
    /// The family name of the one patient that it is about: each of its buttons says it.
    pub about: Option<&'static str>,
    /// The button that sends its form as it is, and what is wrong with the form then.
    pub wrong: Option<(&'static str, &'static str)>,
    /// What its picture is called, if one is kept.
    pub picture: Option<&'static str>,
}

const fn page(route: &'static str, path: &'static str, who: Who, says: &'static str) -> Page {
    Page {
        route,
        path,
        who,
        says,
        about: None,
        wrong: None,
        picture: None,
    }
}

/// The button of most forms.
const SEND: &str = "main form[method=post] .actions button";

impl Page {
    /// It is about the patient of the tests.
    const fn of_ivy(mut self) -> Self {
        self.about = Some("Example");
        self
    }

    /// Its form is wrong when it is sent as it is.
    const fn wrong(mut self, says: &'static str) -> Self {
        self.wrong = Some((SEND, says));
        self
    }

    /// The same, of one of several forms or buttons.
    const fn wrong_by(mut self, button: &'static str, says: &'static str) -> Self {
        self.wrong = Some((button, says));
        self
    }

    /// A picture of it is kept.
    const fn pictured(mut self, name: &'static str) -> Self {
        self.picture = Some(name);
        self
    }
}

use Who::{Ann, Bo, Coding, Cy, Dee, Enrolling, Ivy, Lee, Mair, Nobody, Vi};

/// Every page, in the order in which they are opened.
#[rustfmt::skip]
pub const PAGES: &[Page] = &[
    // Signing in, and one's own account.
    page("/sign-in", "/sign-in", Nobody, "Name for signing in").wrong("not right").pictured("sign-in"),
    page("/set-up", "/set-up", Nobody, "Your code").wrong("code").pictured("set-up"),
    page("/sign-in/code", "/sign-in/code", Coding, "Six digits").wrong("code"),
    page("/sign-in/second-step", "/sign-in/second-step", Enrolling, "Let the app read this picture").wrong("code").pictured("second-step"),
    page("/account", "/account", Ann, "Change your password").wrong("password").pictured("account"),
    page("/account/passkeys", "/account/passkeys", Ann, "A passkey is a key"),
    page("/account/preferences", "/account/preferences", Ann, "Keyboard shortcuts").pictured("preferences"),

    // The list of alerts, and one alert.
    page("/alerts", "/alerts", Ann, "Open alerts").pictured("alerts"),
    page("/alerts/{patient}/{number}", "/alerts/patient-1/2", Ann, "Why it was raised").of_ivy().pictured("alert"),
    page("/alerts/{patient}/{number}/close", "/alerts/patient-1/2/close", Ann, "What happened?").of_ivy().wrong("Choose").pictured("close"),
    page("/alerts/{patient}/{number}/wait", "/alerts/patient-1/2/wait", Ann, "Until when?").of_ivy().wrong("Choose"),
    page("/alerts/{patient}/{number}/snooze", "/alerts/patient-1/2/snooze", Ann, "Why is it put aside?").of_ivy().wrong("why"),
    page("/alerts/{patient}/{number}/offer", "/alerts/patient-1/2/offer", Ann, "Who is to take it?").of_ivy().wrong("Choose"),
    page("/alerts/{patient}/{number}/escalate", "/alerts/patient-1/2/escalate", Ann, "Recommendation").of_ivy().wrong("Choose").pictured("escalate"),
    page("/alerts/{patient}/{number}/sbar", "/alerts/patient-1/1/sbar", Ann, "Situation").of_ivy(),
    page("/alerts/{patient}/{number}/reopen", "/alerts/patient-1/1/reopen", Ann, "Why is it to be open again?").of_ivy().wrong("why"),
    page("/patients/{patient}/alerts", "/patients/patient-1/alerts", Ann, "Closed alerts").of_ivy(),
    page("/patients/{patient}/readings/{reading}", "/patients/patient-1/readings/{reading}", Ann, "The way that it came").of_ivy().pictured("reading"),

    // Patients, and what is done about one.
    page("/patients", "/patients", Ann, "Find by name").pictured("patients"),
    page("/patients/new", "/patients/new", Ann, "Family name").wrong("Enter").pictured("add-a-patient"),
    page("/patients/{patient}", "/patients/patient-1", Ann, "Latest values").of_ivy().pictured("patient"),
    page("/patients/{patient}/agreement", "/patients/patient-2/agreement", Ann, "What they aim for").wrong("Write"),
    page("/patients/{patient}/assessment", "/patients/patient-1/assessment", Ann, "Who judged it?").of_ivy().wrong("Choose"),
    page("/patients/{patient}/contact", "/patients/patient-1/contact", Ann, "What came of it?").of_ivy().wrong("Choose").pictured("contact"),
    page("/patients/{patient}/coordinator", "/patients/patient-1/coordinator", Ann, "coordinator").of_ivy(),
    page("/patients/{patient}/details", "/patients/patient-1/details", Ann, "Date of birth").of_ivy(),
    page("/patients/{patient}/pause", "/patients/patient-1/pause", Ann, "Why are readings paused?").of_ivy().wrong("Choose"),
    page("/patients/{patient}/discharge", "/patients/patient-1/discharge", Ann, "Why does monitoring end?").of_ivy().wrong("Choose"),
    page("/patients/{patient}/readings/{reading}/mark", "/patients/patient-1/readings/{reading}/mark", Ann, "what is wrong with it?").of_ivy().wrong("Choose"),
    page("/patients/{patient}/referral", "/patients/patient-1/referral", Ann, "Which clinic?").of_ivy().wrong("Write"),
    page("/patients/{patient}/referrals/{referral}", "/patients/patient-1/referrals/1", Ann, "What became of it?").of_ivy().wrong("Choose"),
    page("/patients/{patient}/start", "/patients/patient-3/start", Ann, "Why does it start again?").wrong("Write"),
    page("/patients/{patient}/tier", "/patients/patient-1/tier", Ann, "How close an eye is kept?").of_ivy().wrong("Write"),
    page("/patients/{patient}/watch", "/patients/patient-1/watch", Ann, "eye on").of_ivy().wrong("Write"),

    page("/patients/{patient}/looked", "/patients/patient-1/looked", Ann, "Looked at the record").of_ivy().pictured("looked"),
    page("/patients/{patient}/reach", "/patients/patient-1/reach", Ann, "What else a caller or visitor needs to know").of_ivy(),
    page("/patients/{patient}/visitors", "/patients/patient-1/visitors", Ann, "What did the patient say?").of_ivy().wrong("Choose what the patient said"),
    page("/patients/{patient}/home", "/patients/patient-1/home", Ann, "Mair Example").of_ivy().pictured("at-home"),
    page("/patients/{patient}/home/carer", "/patients/patient-1/home/carer", Ann, "Name of the carer").of_ivy().wrong("Write the carer"),

    // The plan.
    page("/patients/{patient}/plan", "/patients/patient-1/plan", Ann, "Take back what you asked").of_ivy().pictured("plan"),
    page("/patients/{patient}/plan", "/patients/patient-1/plan", Dee, "Look at it and decide").of_ivy()
        .wrong_by("button[value=refuse]", "Say why you refuse it").pictured("plan-request"),
    page("/patients/{patient}/plan/edit", "/patients/patient-1/plan/edit?request=1", Dee, "was asked of a prescriber").of_ivy(),
    page("/patients/{patient}/plan/edit", "/patients/patient-1/plan/edit", Ann, "Why, and for how long").of_ivy().wrong_by("button[value=save]", "why").pictured("plan-edit"),
    page("/patients/{patient}/plan/start", "/patients/patient-1/plan/start", Ann, "Choose one for each condition").of_ivy().wrong("Choose").pictured("plan-start"),

    // The team: who works when, handing over, and how the alerts are.
    page("/handover", "/handover", Ann, "What the next nurse is to know").wrong("Choose who takes over").pictured("handover"),
    page("/handover", "/handover?done=signed", Bo, "Offered to you").pictured("handover-offered"),
    page("/duty", "/duty", Bo, "Rota"),
    page("/duty/{team}", "/duty/north", Bo, "Who answers now").pictured("duty"),
    page("/duty/{team}/shift", "/duty/north/shift", Bo, "Who works?").wrong("Choose who works"),
    page("/duty/{team}/shift/{row}", "/duty/north/shift/{shift}", Bo, "Last day of this shift").wrong("nobody covers"),
    page("/duty/{team}/leave", "/duty/north/leave", Bo, "Who is away?").wrong("Choose who is away").pictured("leave"),
    page("/duty/{team}/leave/{row}", "/duty/north/leave/{leave}", Bo, "Last day"),
    page("/duty/{team}/join", "/duty/north/join", Bo, "Who joins?").wrong("Choose who joins"),
    page("/duty/{team}/go", "/duty/north/go", Bo, "Who leaves?").wrong("Choose who leaves"),
    page("/duty/{team}/settings", "/duty/north/settings", Bo, "When must somebody be at work?"),
    page("/alerts/quality", "/alerts/quality", Bo, "Too many alerts").pictured("quality"),

    // Administration.
    page("/administration", "/administration", Bo, "Add a person").pictured("administration"),
    page("/administration/organisation", "/administration/organisation", Bo, "Name"),
    page("/administration/areas/new", "/administration/areas/new", Bo, "Name").wrong("Write a name"),
    page("/administration/areas/{area}", "/administration/areas/city", Bo, "Name"),
    page("/administration/teams/new", "/administration/teams/new", Bo, "Team lead").wrong("Write a name"),
    page("/administration/teams/{team}", "/administration/teams/north", Bo, "Name"),
    page("/administration/clinics/new", "/administration/clinics/new", Bo, "Days and times").wrong("Write"),
    page("/administration/clinics/{clinic}", "/administration/clinics/heart", Bo, "Does it go on?"),
    page("/administration/people/new", "/administration/people/new", Bo, "What they do").wrong("Write the name").pictured("add-a-person"),
    page("/administration/people/{person}", "/administration/people/nurse-ann", Bo, "Roles").pictured("person"),
    page("/administration/people/{person}/edit", "/administration/people/nurse-ann/edit", Bo, "What they do"),
    page("/administration/people/{person}/roles", "/administration/people/nurse-ann/roles", Bo, "What may they do?"),
    page("/administration/people/{person}/sign-in", "/administration/people/nurse-ann/sign-in", Bo, "Ann Archer"),
    page("/administration/people/{person}/sign-in/close", "/administration/people/nurse-ann/sign-in/close", Bo, "Ann Archer"),
    page("/administration/people/{person}/sign-in/open", "/administration/people/nurse-ann/sign-in/open", Bo, "Ann Archer"),
    page("/audit", "/audit", Bo, "Roles that people gave themselves").pictured("audit"),
    page("/audit", "/audit?patient=patient-1&kind=record_viewed", Bo, "Whose record"),
    page("/step-up", "/step-up?back=%2Faccount", Bo, "Your password").wrong("not right").pictured("step-up"),
    page("/administration/people/{person}/leave", "/administration/people/nurse-ann/leave", Bo, "Last day").wrong("Choose the last day"),

    // Another team's patient.
    page("/break-glass", "/break-glass", Cy, "Why do you need it?").wrong("Check both").pictured("break-glass"),
    page("/patients/{patient}", "/patients/patient-1?days=30&show=alerts", Cy, "Latest values").of_ivy(),
    page("/break-glass/opened", "/break-glass/opened", Lee, "Cy Cooper"),
    page("/alerts", "/alerts?show=urgent", Lee, "Only those of “Urgent” are shown"),

    // Volunteers who visit.
    page("/visits", "/visits", Vi, "Mrs Ivy Example").pictured("visits"),
    page("/visits/{patient}", "/visits/patient-1", Vi, "agreed that visitors see these").wrong("Choose what came of the visit").pictured("visit"),
    page("/visits/{patient}", "/visits/patient-2", Vi, "Not known: ask the team."),

    // At home.
    page("/start", "/start", Nobody, "Use the code on your card").wrong("code does not work").pictured("start"),
    page("/me", "/me", Mair, "Whose pages do you want?").wrong("code does not work"),
    page("/me/{patient}", "/me/patient-1", Ivy, "What to do now").pictured("me"),
    page("/me/{patient}", "/me/patient-1", Mair, "The last blood pressure was"),
    page("/me/{patient}/readings", "/me/patient-1/readings", Ivy, "That was not me").pictured("me-readings"),
    page("/me/{patient}/readings/{reading}/not-me", "/me/patient-1/readings/{reading}/not-me", Ivy, "Yes, it was somebody else"),
    page("/me/{patient}/carers", "/me/patient-1/carers", Ivy, "Mair Example").wrong("Write").pictured("me-carers"),
    page("/me/{patient}/looked", "/me/patient-1/looked", Ivy, "Ann Archer"),
    page("/your-sign-in", "/your-sign-in", Ivy, "You need no password").pictured("your-sign-in"),
];

/// What answers a GET, and is no page.
pub const NOT_PAGES: &[(&str, &str)] = &[
    ("/", "leads to what the person works with"),
    ("/alerts/live", "a stream of events"),
    ("/alerts/quality.csv", "a table to download"),
    ("/audit.csv", "a table to download"),
    ("/favicon.ico", "a picture"),
    ("/livez", "for the machine that watches the server"),
    ("/readyz", "for the machine that watches the server"),
    ("/sign-in/oidc", "leads to another service"),
    ("/static/{build}/{name}", "style, scripts and pictures"),
];
