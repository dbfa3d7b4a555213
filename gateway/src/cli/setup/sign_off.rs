//! The last step: the patient was shown how, and the installer asks the office to let monitoring start.

use anyhow::{bail, ensure};
use vitals::report::SignOff;

use super::Visit;
use crate::clock::Clock;
use crate::config::Config;
use crate::control::client;

/// What is answered by options where nobody can be asked.
#[derive(Debug, clap::Args)]
pub(super) struct SignOffArgs {
    /// Who signs: the installer's name as the office knows it.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// The patient, or who helps them, was shown how to measure and did it.
    #[arg(long)]
    patient_shown: bool,
    /// It was read out that nobody watches all the time, and whom to call.
    #[arg(long)]
    safety_text_read: bool,
    /// The leaflet was left.
    #[arg(long)]
    leaflet_left: bool,
}

const SAFETY_TEXT: &str = "\
    Read this out: Nobody watches your readings all the time. Your team looks at them in its hours; the leaflet says when.\n\
    \x20   If you feel very unwell, do not wait for us: call 999. If it cannot wait until your team is there, call 111.";

pub(super) async fn sign(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let config = visit.config()?;
    if visit.notes.sign_off.is_none() {
        let signed = signed(visit)?;
        ensure!(
            signed.is_complete(),
            "the visit is not over: everything has to be done, and somebody signs with at most {} letters; run `gateway setup` again",
            vitals::report::NAME_LEN_MAX
        );
        visit.notes.sign_off = Some(signed);
        visit.keep_notes(&config)?;
    }
    send(visit, &config).await
}

/// What the options leave open is asked.
fn signed(visit: &Visit<'_>) -> anyhow::Result<SignOff> {
    let given = &visit.args.sign_off;
    let asker = visit.asker;
    let or_ask = |given: bool, question: &str, option: &str| {
        if given {
            return Ok(true);
        }
        asker.confirm(question, &format!("give {option} once it is done"))
    };
    let patient_shown = or_ask(
        given.patient_shown,
        "Did the patient, or who helps them, measure by themselves?",
        "--patient-shown",
    )?;
    if !given.safety_text_read {
        eprintln!("{SAFETY_TEXT}");
    }
    let safety_text_read = or_ask(
        given.safety_text_read,
        "Was this read out?",
        "--safety-text-read",
    )?;
    let leaflet_left = or_ask(
        given.leaflet_left,
        "Was the leaflet left?",
        "--leaflet-left",
    )?;
    let by = match &given.by {
        Some(by) => by.clone(),
        None => asker.text("Your name, as the office knows it", "give it with --by")?,
    };
    Ok(SignOff {
        at: Clock::system().now(),
        by,
        patient_shown,
        safety_text_read,
        leaflet_left,
        signals_dbm: visit.notes.signals_dbm.clone(),
    })
}

/// Hands it to the running gateway, which tells the server at every connection until it has answered.
async fn send(visit: &mut Visit<'_>, config: &Config) -> anyhow::Result<()> {
    let Some(sign_off) = visit.notes.sign_off.clone() else {
        bail!("nobody has signed yet");
    };
    client::sign_off(&config.state_dir, sign_off).await?;
    visit.say("✓ handed to the office: monitoring starts when they accept it");
    Ok(())
}
