//! Seed files for servers under test: fictional people, and the gateways that the homes made keys for.

use std::path::Path;

use anyhow::Context;
use toml::{Table, Value};

use crate::home::{Home, device_id};

/// Who looks at the demonstration: one of the sample's care coordinators.
pub const DEMONSTRATION_NURSE: &str = "nurse-okafor";

/// A team of two nurses who are always at work, and one patient with usual hypertension and oxygen limits, written as an operator would.
const ONE_PATIENT: &str = r#"
[[organisation]]
name = "Test services"

[[area]]
id = "city"
name = "City"

[[team]]
id = "north"
name = "North team"
staffed = ["mon-sun 00:00-24:00"]
lead = "lead-lee"
on_call = "ooh-ona"

[[person]]
id = "nurse-ann"
name = "Ann Archer"
role = "care coordinator"
team = "north"

[[person]]
id = "nurse-bo"
name = "Bo Baxter"
role = "care coordinator"
team = "north"

[[person]]
id = "lead-lee"
name = "Lee Lowe"
role = "team lead"
team = "north"

[[person]]
id = "ooh-ona"
name = "Ona Orr"
role = "out-of-hours nurse"
team = "north"

[[patient]]
id = "patient-1"
title = "Mrs"
given_name = "Ivy"
family_name = "Example"
born_on = "1945-07-14"
nhs_number = "9990000018"
team = "north"
coordinator = "nurse-ann"

[patient.plan]
set_by = "nurse-ann"
reason = "Test limits: NICE NG136 home target 135/85, severe 180/120; COVID Oximetry@home 92 and 94."

[patient.plan.limits]
systolic = { urgent_low = "90", soon_low = "100", soon_high = "135", urgent_high = "180" }
diastolic = { soon_high = "85", urgent_high = "120" }
pulse = { urgent_low = "40", soon_low = "50", soon_high = "111", urgent_high = "131" }
spo2 = { urgent_low = "92", soon_low = "94" }
weight = { soon_high = "90", urgent_high = "95" }
"#;

/// Writes the seed file of a server with one home, whose devices are patient-1's.
///
/// # Errors
/// When the gateway does not give its keys.
pub fn one_patient(home: &Home) -> anyhow::Result<String> {
    let mut seed: Table = ONE_PATIENT.parse()?;
    register(&mut seed, home, "patient-1")?;
    Ok(seed.to_string())
}

/// Who and what a full ward has beside that patient: colleagues, another team with a patient of its own, a patient whose name
/// is as long as names get, and one who will be discharged.
const WARD: &str = r#"
[[team]]
id = "south"
name = "South and West Valleys team for care at home"
area = "city"
staffed = ["mon-sun 00:00-24:00"]
lead = "lead-sol"
on_call = "ooh-una"

[[person]]
id = "nurse-cy"
name = "Cy Cooper"
role = "care coordinator"
team = "south"

[[person]]
id = "lead-sol"
name = "Sol Singh"
role = "team lead"
team = "south"

[[person]]
id = "ooh-una"
name = "Una Underhill"
role = "out-of-hours nurse"
team = "south"

[[person]]
id = "dr-dee"
name = "Dr Deborah Daventry-Featherstonehaugh"
role = "GP"
team = "north"
roles = ["gp_lead"]
prescriber = true

[[person]]
id = "visitor-vi"
name = "Vi Vaughan"
role = "volunteer"
team = "north"
roles = ["visitor"]

[[patient]]
id = "patient-2"
title = "Mr"
given_name = "Maximilian-Konstantin"
family_name = "Wolfeschlegelsteinhausen-Bergerdorff"
born_on = "1931-01-02"
nhs_number = "9990000026"
team = "north"
coordinator = "nurse-bo"

[patient.plan]
set_by = "dr-dee"
reason = "Test limits: NICE NG136 home target 135/85."

[patient.plan.limits]
systolic = { soon_high = "135", urgent_high = "180" }

[[patient]]
id = "patient-3"
title = "Ms"
given_name = "Olwen"
family_name = "Sample"
born_on = "1961-02-27"
nhs_number = "9990000034"
team = "north"
coordinator = "nurse-ann"

[patient.plan]
set_by = "dr-dee"
reason = "Test limits: NICE NG136 home target 135/85."

[patient.plan.limits]
systolic = { soon_high = "135", urgent_high = "180" }

[[patient]]
id = "patient-9"
title = "Mr"
given_name = "Huw"
family_name = "Elsewhere"
born_on = "1950-01-31"
nhs_number = "9990000042"
team = "south"
coordinator = "nurse-cy"

[patient.plan]
set_by = "lead-sol"
reason = "Test limits: NICE NG136 home target 135/85."

[patient.plan.limits]
systolic = { soon_high = "135", urgent_high = "180" }
"#;

/// Writes the seed file of a full ward: the one patient, whose devices are this home's, and what [`WARD`] adds.
///
/// # Errors
/// When the gateway does not give its keys.
pub fn ward(home: &Home) -> anyhow::Result<String> {
    let mut seed: Table = format!("{ONE_PATIENT}{WARD}").parse()?;
    register(&mut seed, home, "patient-1")?;
    Ok(seed.to_string())
}

/// Writes the seed file of a server with one gateway, as it describes itself, and five cuffs of one patient.
///
/// # Errors
/// When the description cannot be read.
pub fn five_devices(described: &str) -> anyhow::Result<String> {
    let mut seed: Table = ONE_PATIENT.parse()?;
    add_gateway(&mut seed, described)?;
    for number in 0..5 {
        add_device(
            &mut seed,
            &format!("device-{number}"),
            "cuff",
            "a cuff",
            "gw-home",
            "patient-1",
        );
    }
    Ok(seed.to_string())
}

/// The gateway of [`crowd`].
pub const CROWD_GATEWAY: &str = "gw-ward";

/// Names the scale of a patient of [`crowd`].
pub fn crowd_scale(patient: usize) -> String {
    format!("scale-{patient}")
}

/// Names a nurse of [`crowd`].
pub fn crowd_nurse(nurse: usize) -> String {
    format!("nurse-{nurse}")
}

/// Writes the seed file of a service with so many patients, each with a scale, and as many more nurses of their team as
/// wanted. One gateway, as it describes itself, serves them all.
///
/// # Errors
/// When the description cannot be read.
pub fn crowd(described: &str, patients: usize, nurses: usize) -> anyhow::Result<String> {
    let mut seed: Table = ONE_PATIENT.parse()?;
    add_gateway(&mut seed, described)?;
    let one = list(&seed, "patient")?.first().and_then(Value::as_table);
    let one = one.context("one patient")?.clone();
    seed.remove("patient");
    for (number, nhs_number) in (0..patients).zip(nhs_numbers()) {
        let id = format!("patient-{number}");
        let mut patient = one.clone();
        patient.insert("id".to_owned(), id.clone().into());
        patient.insert("nhs_number".to_owned(), nhs_number.into());
        add(&mut seed, "patient", patient);
        let scale = crowd_scale(number);
        add_device(&mut seed, &scale, "scale", "a scale", CROWD_GATEWAY, &id);
    }
    for number in 0..nurses {
        let entries = [
            ("id", crowd_nurse(number)),
            ("name", format!("Nurse {number}")),
            ("role", "care coordinator".to_owned()),
            ("team", "north".to_owned()),
        ];
        let person = entries.map(|(key, value)| (key.to_owned(), Value::String(value)));
        add(&mut seed, "person", person.into_iter().collect());
    }
    Ok(seed.to_string())
}

/// Gives numbers that nobody has, with their check digits.
fn nhs_numbers() -> impl Iterator<Item = String> {
    (999_000_000_u32..).filter_map(|first| {
        let digits = first.to_string();
        let weighed = digits
            .bytes()
            .map(|it| u32::from(it - b'0'))
            .zip((2..=10).rev());
        let sum: u32 = weighed.map(|(digit, weight)| digit * weight).sum();
        match 11 - sum % 11 {
            11 => Some(format!("{digits}0")),
            10 => None,
            check => Some(format!("{digits}{check}")),
        }
    })
}

/// Writes the seed file of the demonstration: the people of the sample in `config/`, and one of its patients in each
/// home. The sample's own gateways and devices are left out, since their keys are on no machine.
///
/// # Errors
/// When the sample has fewer patients than there are homes.
pub fn demonstration(homes: &[Home]) -> anyhow::Result<String> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/seed.toml");
    let mut seed: Table = std::fs::read_to_string(&sample)?.parse()?;
    seed.remove("gateway");
    seed.remove("device");
    let patients: Vec<String> = list(&seed, "patient")?
        .iter()
        .filter_map(|it| Some(it.get("id")?.as_str()?.to_owned()))
        .collect();
    for (number, home) in homes.iter().enumerate() {
        let patient = patients
            .get(number)
            .context("the sample has fewer patients than there are homes")?;
        register(&mut seed, home, patient)?;
    }
    Ok(seed.to_string())
}

fn list<'a>(seed: &'a Table, key: &str) -> anyhow::Result<&'a Vec<Value>> {
    seed.get(key)
        .and_then(Value::as_array)
        .with_context(|| format!("the seed has no {key}"))
}

fn add(seed: &mut Table, key: &str, value: Table) {
    let entry = seed.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = entry {
        list.push(Value::Table(value));
    }
}

/// Adds a home's gateway, as it describes itself, and its devices.
fn register(seed: &mut Table, home: &Home, patient: &str) -> anyhow::Result<()> {
    add_gateway(seed, &home.registration()?)?;
    for device in home.devices()? {
        let kind = format!("{:?}", device.kind).to_lowercase();
        let label = format!("{} {}", device.manufacturer, device.model);
        let id = device_id(home.gateway_id(), &device.label);
        add_device(seed, &id, &kind, &label, home.gateway_id(), patient);
    }
    Ok(())
}

fn add_gateway(seed: &mut Table, described: &str) -> anyhow::Result<()> {
    let described: Table = described
        .parse()
        .context("`gateway register` prints TOML")?;
    let gateway = list(&described, "gateway")?
        .first()
        .and_then(Value::as_table)
        .context("one gateway")?;
    add(seed, "gateway", gateway.clone());
    Ok(())
}

fn add_device(seed: &mut Table, id: &str, kind: &str, label: &str, gateway: &str, patient: &str) {
    let entries = [
        ("id", id),
        ("kind", kind),
        ("label", label),
        ("gateway", gateway),
        ("patient", patient),
    ];
    let table = entries
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::String(value.to_owned())));
    add(seed, "device", table.collect());
}
