//! Forms and addresses filled in with anything, by chance: nothing breaks, nothing that was typed is shown raw, and every
//! journal replays. What a run finds comes back with its `HEARTH_SEED`.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::browser::{Answer, Served};
use super::matrix_tests::contents::columns_where;
use super::matrix_tests::forms::{FORMS, Form, Places, cookie};
use super::matrix_tests::locality::{KINDS, OWN, locality};
use super::matrix_tests::table::table;
use super::matrix_tests::{PACE, heading, turned_to};
use super::sample::Sample;
use crate::percent;
use crate::replay;

/// How often each form is filled in by the chance of one seed.
const FORM_ROUNDS: u32 = 6;
/// How often each address is asked for by chance.
const PAGE_ROUNDS: u32 = 4;
/// What no page may hold as it was typed.
const MARK: &str = "<script>fuzz</script>";

/// What somebody might type, or a program send, already written as forms and addresses write it.
const NASTY: [&str; 32] = [
    "",
    "+++",
    "%00",
    "a%00b",
    "%FF%FE",
    "%",
    "%zz",
    "%E2%80%AEdrow",
    "%F0%9F%92%8A",
    "%3Cscript%3Efuzz%3C%2Fscript%3E",
    "%22%3E%3Cscript%3Efuzz%3C%2Fscript%3E",
    "%27%3B+DROP+TABLE+alert%3B--",
    "..%2F..%2Fetc%2Fpasswd",
    "%0D%0ASet-Cookie%3A+a%3Db",
    "0",
    "-1",
    "1e400",
    "NaN",
    "0.0000000000000000000000001",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999999",
    "9999-12-31",
    "-9999-01-01",
    "10000-01-01",
    "2026-02-30",
    "9999-12-31T23%3A59",
    "24%3A00",
    "no_such_code",
    "north-1%2F4294967295",
    "mon-sun+00%3A00-24%3A00",
];

/// Names that pages read from their addresses.
const QUERIES: [&str; 19] = [
    "after",
    "alert",
    "all",
    "back",
    "closed_number",
    "closed_patient",
    "code",
    "days",
    "done",
    "from",
    "mine",
    "next",
    "q",
    "scheduled",
    "show",
    "state",
    "team",
    "to",
    "week",
];

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        it ^ (it >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap();
        usize::try_from(self.next() % bound).unwrap()
    }

    fn nasty(&mut self) -> &'static str {
        NASTY[self.below(NASTY.len())]
    }
}

/// Gives the seeds of a run: always the same one, and then one of this run alone, or the one that is asked for.
fn seeds() -> [u64; 2] {
    let given = std::env::var("HEARTH_SEED").ok();
    let given = given.map(|it| it.parse().unwrap());
    [
        1,
        given.unwrap_or_else(|| RandomState::new().build_hasher().finish()),
    ]
}

/// A body and what it says that it is.
fn body(chance: &mut Chance, good: &str) -> (&'static str, Vec<u8>) {
    let form = "application/x-www-form-urlencoded";
    match chance.below(12) {
        0 => (form, Vec::new()),
        1 => {
            let len = chance.below(200);
            let bytes = (0..len).map(|_| chance.next().to_le_bytes()[0]);
            (form, bytes.collect())
        }
        2 => {
            let kinds = ["application/json", "text/plain", "multipart/form-data", "x"];
            (kinds[chance.below(kinds.len())], good.into())
        }
        3 => (
            form,
            good.as_bytes()[..chance.below(good.len() + 1)].to_vec(),
        ),
        _ => (form, twisted(chance, good).into_bytes()),
    }
}

/// Leaves fields out, repeats them, adds some, and writes anything into them.
fn twisted(chance: &mut Chance, good: &str) -> String {
    let mut pairs: Vec<String> = good.split('&').map(str::to_owned).collect();
    for _ in 0..=chance.below(3) {
        let at = chance.below(pairs.len());
        let (name, _) = pairs[at].split_once('=').unwrap_or(("x", ""));
        let bad = format!("{name}={}", chance.nasty());
        match chance.below(6) {
            0 if pairs.len() > 1 => drop(pairs.remove(at)),
            1 => pairs.push(bad),
            2 => pairs.insert(0, bad),
            3 => pairs.push(format!("{}={}", chance.nasty(), chance.nasty())),
            _ => pairs[at] = bad,
        }
    }
    pairs.join("&")
}

/// Says what is wrong with an answer, whatever was asked.
fn judge(answer: Option<&Answer>) -> Result<(), String> {
    let answer = answer.ok_or("there was no answer")?;
    let location = answer.header("location").unwrap_or("/");
    // In a file for spreadsheets a text stands as it is.
    let is_file = answer
        .header("content-type")
        .is_some_and(|it| it.starts_with("text/csv"));
    if answer.status >= 500 {
        Err(format!("{} {}", answer.status, answer.body))
    } else if answer.head.contains(MARK) || (answer.body.contains(MARK) && !is_file) {
        Err("what was typed is shown as it was typed".to_owned())
    } else if !location.starts_with('/') || location.starts_with("//") {
        Err(format!("it leads to {location}"))
    } else {
        Ok(())
    }
}

/// Looks at everything that may show what a form has changed, and gives how often the mark is shown, escaped.
async fn look(sample: &Sample, served: &Served, path: &str) -> Result<usize, String> {
    let pages: &[(&str, &str)] = match path.split('/').nth(1).unwrap() {
        "duty" => &[("/duty/north?done=1", "lead-1")],
        "administration" => &[
            ("/administration?done=1", "admin-1"),
            ("/administration/people/spare-1", "admin-1"),
            ("/administration/clinics/heart-clinic", "admin-1"),
        ],
        "alerts" | "handover" | "patients" => &[
            ("/alerts", "nurse-2"),
            ("/alerts/north-1/1", "nurse-2"),
            ("/alerts/north-1/3", "nurse-2"),
            ("/alerts/north-1/1/sbar", "nurse-2"),
            ("/handover", "nurse-2"),
            ("/patients", "nurse-2"),
            ("/patients/north-1?all=1&days=90", "nurse-2"),
            ("/patients/north-2?all=1", "nurse-2"),
            ("/patients/north-3?all=1", "nurse-2"),
            ("/patients/north-1/plan", "nurse-2"),
            ("/patients/north-1/details", "nurse-2"),
            ("/patients/north-1/agreement", "nurse-2"),
            ("/alerts/quality.csv", "nurse-2"),
            ("/patients/north-1/home", "nurse-2"),
            ("/patients/north-1/reach", "nurse-2"),
            ("/patients/north-1/visitors", "nurse-2"),
            ("/patients/north-1/looked", "nurse-2"),
            ("/visits/north-1", "visitor-1"),
            ("/me/north-1", "home-1"),
        ],
        "me" | "visits" => &[
            ("/me/north-1", "home-1"),
            ("/me/north-1/carers", "home-1"),
            ("/me/north-1/looked", "home-1"),
            ("/patients/north-1?all=1&days=90", "nurse-2"),
            ("/patients/north-1/home", "nurse-2"),
            ("/patients/north-1/looked", "nurse-2"),
        ],
        "break-glass" => &[("/break-glass/opened", "lead-1")],
        _ => &[
            ("/account/passkeys", "nurse-1"),
            ("/account/preferences", "nurse-1"),
        ],
    };
    let mut shown = 0;
    for (page, person) in pages {
        sample.hand.advance(PACE);
        let answer = served.get(page, person).await;
        judge(Some(&answer)).map_err(|it| format!("{page}: {it}"))?;
        shown += answer.body.matches("script&#62;fuzz").count();
    }
    Ok(shown)
}

/// Replays every journal, and looks that nothing is kept that PostgreSQL does not keep.
async fn is_whole(sample: &Sample) -> Result<(), String> {
    let checked = replay::check(&sample.state.store, None).await;
    let checked = checked.map_err(|error| format!("{error:#}"))?;
    if !checked.differences.is_empty() {
        return Err(checked.tell());
    }
    let found = columns_where(sample, "instr({}, char(0)) > 0").await;
    found
        .is_empty()
        .then_some(())
        .ok_or(format!("a NUL is kept: {found:?}"))
}

async fn asked() -> Sample {
    let base = locality().await;
    turned_to(&base, OWN.nurse).await;
    base
}

/// Writes the mark into every text of a form; texts that people write begin with a capital letter there.
fn marked(form: &str) -> String {
    let mark = percent::encoded(MARK.bytes());
    let pairs = form.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if value.starts_with(char::is_uppercase) => format!("{name}={mark}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn what_is_written_is_shown_as_it_is_and_never_as_a_script() {
    let base = asked().await;
    let (mut shown, mut otherwise) = (0, Vec::new());
    for (route, by, form, status) in FORMS {
        let marked = marked(form);
        if marked == *form {
            continue;
        }
        let sample = base.copy().await;
        let served = Served::start(&sample.state).await;
        let places = Places::of(&sample, &served, &OWN).await;
        let path = places.path(route);
        let marked = places.form(&served, by, &path, &marked).await;
        let answer = served.post(&path, by, &marked).await;
        let judged = judge(Some(&answer));
        otherwise.extend(judged.err().map(|it| format!("{path}: {it}")));
        if answer.status != *status {
            let said = heading(&answer.body);
            otherwise.push(format!("{path}: {} {said}", answer.status));
        }
        match look(&sample, &served, &path).await {
            Ok(found) => shown += found,
            Err(raw) => otherwise.push(format!("{path}: {raw}")),
        }
    }
    assert!(otherwise.is_empty(), "\n{}", otherwise.join("\n"));
    assert!(shown > FORMS.len() / 2, "it is shown only {shown} times");
}

/// Fills a form in by chance, again and again, and says what is wrong afterwards.
async fn filled_in(
    base: &Sample,
    (route, by, form, _): Form,
    chances: [Chance; 2],
) -> Result<(), String> {
    let sample = base.copy().await;
    let served = Served::start(&sample.state).await;
    let places = Places::of(&sample, &served, &OWN).await;
    let path = places.path(route);
    let good = places.form(&served, by, &path, form).await;
    for mut chance in chances {
        for _ in 0..FORM_ROUNDS {
            sample.hand.advance(PACE);
            let cookie = cookie(&sample, &served, by).await;
            let (kind, body) = body(&mut chance, &good);
            let host = &served.host;
            let headers = format!(
                "Host: {host}\r\nOrigin: http://{host}\r\n{cookie}Content-Type: {kind}\r\n"
            );
            let request = format!("POST {path}");
            let answer = served.exchange(&request, &headers, &body).await;
            let sent = String::from_utf8_lossy(&body);
            judge(answer.as_ref()).map_err(|it| format!("{request} {kind} {sent}: {it}"))?;
        }
    }
    let looked = look(&sample, &served, &path).await;
    looked.map_err(|it| format!("after {path}: {it}"))?;
    let whole = is_whole(&sample).await;
    whole.map_err(|it| format!("after {path}: {it}"))
}

#[tokio::test]
async fn no_form_breaks_the_server_whatever_is_sent() {
    let base = asked().await;
    let (seeds, mut broken) = (seeds(), Vec::new());
    for (number, form) in (0..).zip(FORMS) {
        let chances = seeds.map(|seed| Chance(seed.wrapping_add(number)));
        broken.extend(filled_in(&base, *form, chances).await.err());
    }
    let seed = seeds[1];
    assert!(
        broken.is_empty(),
        "HEARTH_SEED={seed}\n{}",
        broken.join("\n")
    );
}

#[tokio::test]
async fn no_address_breaks_the_server_whatever_it_asks_for() {
    let sample = asked().await;
    let served = Served::start(&sample.state).await;
    let places = Places::of(&sample, &served, &OWN).await;
    for seed in seeds() {
        let (mut chance, mut broken) = (Chance(seed), Vec::new());
        for line in table() {
            let mut kinds = KINDS.iter();
            let may = kinds.find(|(kind, _)| line.expected(kind, false) == Some(200));
            let goes_on = line.path == "/alerts/live";
            let (Some((_, person)), "GET", false) = (may, line.method, goes_on) else {
                continue;
            };
            for _ in 0..PAGE_ROUNDS {
                sample.hand.advance(PACE);
                let path = places.path(&anywhere(&mut chance, line.path));
                let cookie = served.cookie(person).await;
                let headers = format!("Host: {}\r\n{cookie}", served.host);
                let answer = served.exchange(&format!("GET {path}"), &headers, b"").await;
                let judged = judge(answer.as_ref());
                broken.extend(judged.err().map(|it| format!("GET {path}: {it}")));
            }
        }
        assert!(
            broken.is_empty(),
            "HEARTH_SEED={seed}\n{}",
            broken.join("\n")
        );
    }
}

/// Writes anything into the parts of an address, now and then, and asks it for anything.
fn anywhere(chance: &mut Chance, route: &str) -> String {
    let part = |part: &str, chance: &mut Chance| match part.starts_with('{') && chance.below(4) == 0
    {
        true => chance.nasty().to_owned(),
        false => part.to_owned(),
    };
    let parts: Vec<String> = route.split('/').map(|it| part(it, chance)).collect();
    let mut address = parts.join("/");
    for number in 0..chance.below(4) {
        address.push(if number == 0 { '?' } else { '&' });
        let name = QUERIES[chance.below(QUERIES.len())];
        address.push_str(&format!("{name}={}", chance.nasty()));
    }
    address
}
