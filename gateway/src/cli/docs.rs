//! The program about itself: its version, its manual page, and completions for shells.

use clap::CommandFactory;

use super::Cli;

/// Prints the version.
pub(super) fn version(json: bool) {
    let version = env!("CARGO_PKG_VERSION");
    if json {
        println!(
            "{}",
            serde_json::json!({"name": "gateway", "version": version, "wire": vitals::wire::VERSION})
        );
    } else {
        println!("gateway {version}");
    }
}

/// Prints the completions of a shell.
pub(super) fn completions(shell: clap_complete::Shell) {
    clap_complete::generate(
        shell,
        &mut Cli::command(),
        "gateway",
        &mut std::io::stdout(),
    );
}

/// Prints the manual page: that of the program, then of each command.
///
/// # Errors
/// When the standard output is closed.
pub(super) fn man() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut out)?;
    for sub in command
        .get_subcommands()
        .filter(|it| it.get_name() != "help")
    {
        let named = sub
            .clone()
            .display_name(format!("gateway {}", sub.get_name()));
        clap_mangen::Man::new(named).render_options_section(&mut out)?;
    }
    Ok(())
}
