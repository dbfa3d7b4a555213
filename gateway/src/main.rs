//! Entry point: arguments, logs, and the one thread that everything runs on.

use std::process::ExitCode;

use clap::Parser;
use gateway::cli::Cli;
use tracing_subscriber::EnvFilter;

/// Libraries may log device addresses, so they are silent unless RUST_LOG asks for them.
const LOG_FILTER_DEFAULT: &str = "gateway=info";

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _armed = fail::FailScenario::setup();
    let cli = Cli::parse();
    start_logging();
    // One thread is enough for one home, and takes the least memory.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(cli.run()));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Logs go to the standard error: plain, or as JSON where HEARTH_LOG_FORMAT is `json`.
fn start_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| LOG_FILTER_DEFAULT.into());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::env::var("HEARTH_LOG_FORMAT").is_ok_and(|format| format == "json") {
        logs.json().init();
    } else {
        logs.with_ansi(false).init();
    }
}
