//! What shells and manuals want to know: `ftrack completions` and `ftrack man`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::failure::Failure;
use crate::terminal::output;

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack completions bash > ~/.local/share/bash-completion/completions/ftrack
  ftrack completions zsh > ~/.zfunc/_ftrack
  ftrack completions fish > ~/.config/fish/completions/ftrack.fish")]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

/// Write the pages of the manual, one for each command.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ftrack man ~/.local/share/man/man1")]
pub(crate) struct Manual {
    /// The folder to write to; it is made if it is missing, and pages in it are replaced.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn completions(
    options: &Completions,
    command: &mut Command,
) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(options.shell, command, "ftrack", &mut text);
    let mut output = output::standard();
    output.write_all(&text)?;
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn manual(options: &Manual, command: Command) -> Result<ExitCode, Failure> {
    let folder = &options.folder;
    let failed = |source| Failure::File {
        what: "write the manual to",
        path: folder.clone(),
        source,
    };
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(command, folder).map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}
