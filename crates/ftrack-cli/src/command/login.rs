//! `ftrack login`.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use clap::Args;
use ftrack::{Session, StartSession};
use serde_json::json;

use crate::connection::profile::{DEFAULT, Profile, Profiles};
use crate::failure::Failure;
use crate::options::{Connection, Deletion, Sentence};
use crate::terminal::output;
use crate::terminal::secret;

/// Keep server, user and API key in a profile, so that commands need no environment.
///
/// What is not given by options or the environment is asked for; the key is not shown while it is typed. Where there is
/// no terminal, the first line of standard input is the key. It is tried before it is kept, in a file that only you can
/// read; with `--dry-run` it is only tried. Commands use the profile that `--profile` or `FTRACK_PROFILE` names, else
/// `default`; the environment variables `FTRACK_SERVER`, `FTRACK_API_USER` and `FTRACK_API_KEY` win over it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack login
  ftrack login --profile testing --server https://testing.ftrackapp.com --user ada
  ftrack login --server https://studio.ftrackapp.com --user ada < key.txt
  ftrack login --forget --profile testing

Exit codes: 0, 1 if it failed or the answer was no, 2 for wrong usage and without --yes where nobody can answer, 3 if there is no such profile, 4 if the server refused.")]
pub(crate) struct Options {
    /// Remove the profile. Asks before it does so.
    #[arg(long)]
    forget: bool,
    #[command(flatten)]
    deletion: Deletion,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let said = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let connection = &options.connection;
    let name = said(&connection.profile).unwrap_or_else(|| DEFAULT.to_owned());
    let profiles = Profiles::from_environment()?;
    if options.forget {
        return forget(&profiles, &name, &options.deletion);
    }
    // A name that cannot be one is said before anybody types a key.
    profiles.path(&name)?;
    let kept = profiles.read(&name).ok().flatten();
    let kept_server = kept.as_ref().map(|kept| kept.server.as_str());
    let kept_user = kept.as_ref().map(|kept| kept.user.as_str());
    let profile = Profile {
        server: given(said(&connection.server), "server", "Server", kept_server)?,
        user: given(said(&connection.user), "user", "User", kept_user)?,
        api_key: key()?,
    };
    check(&profile)?;
    let change = &options.deletion.change;
    let path = if change.dry_run {
        profiles.path(&name)?
    } else {
        profiles.write(&name, &profile)?
    };
    let (server, user, path) = (&profile.server, &profile.user, path.to_string_lossy());
    let sentence = Sentence {
        done: "logged in",
        planned: "would keep the login",
        what: format!("to {server} as {user} (profile {name}, {path})"),
    };
    let report = json!({ "profile": name, "server": server, "user": user, "path": path });
    change.tell(&sentence, report)?;
    Ok(ExitCode::SUCCESS)
}

fn forget(profiles: &Profiles, name: &str, deletion: &Deletion) -> Result<ExitCode, Failure> {
    if !profiles.path(name)?.exists() {
        return Err(no_profile(name));
    }
    let what = format!("the profile {name}");
    deletion.confirm(|| Ok(format!("remove {what}")))?;
    // Somebody else may have removed it meanwhile.
    if !deletion.change.dry_run && !profiles.remove(name)? {
        return Err(no_profile(name));
    }
    let sentence = Sentence {
        done: "removed",
        planned: "would remove",
        what,
    };
    let report = json!({ "profile": name });
    deletion.change.tell(&sentence, report)?;
    Ok(ExitCode::SUCCESS)
}

fn no_profile(name: &str) -> Failure {
    Failure::NotFound(format!("there is no profile {name:?}"))
}

/// A session that works is the proof.
fn check(profile: &Profile) -> Result<(), Failure> {
    let session = Session::builder()
        .server_url(&profile.server)
        .api_user(&profile.user)
        .api_key(profile.api_key.as_str())
        .connect()
        .map_err(|error| {
            Failure::from(error).hint("nothing was kept: check server, user and key")
        })?;
    session.close();
    Ok(())
}

/// What is given, else what is typed; an empty line takes what was kept before.
fn given(
    given: Option<String>,
    option: &str,
    label: &str,
    kept: Option<&str>,
) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(format!(
            "the {option} is missing: say --{option}, since there is no terminal to ask on"
        )));
    }
    let prompt = match kept {
        Some(kept) => format!("{label} [{kept}]: "),
        None => format!("{label}: "),
    };
    output::prompt(&prompt)?;
    match (line()?, kept) {
        (line, Some(kept)) if line.is_empty() => Ok(kept.to_owned()),
        (line, None) if line.is_empty() => Err(Failure::Usage(format!("the {option} is missing"))),
        (line, _) => Ok(line),
    }
}

/// The key: from the environment, else typed where nobody sees it, else from standard input.
fn key() -> Result<String, Failure> {
    if let Ok(key) = std::env::var("FTRACK_API_KEY")
        && !key.is_empty()
    {
        return Ok(key);
    }
    let key = if std::io::stdin().is_terminal() {
        secret::ask("API key: ")?
    } else {
        line()?
    };
    match key.trim() {
        "" => Err(Failure::Usage("the API key is missing".to_owned())),
        key => Ok(key.to_owned()),
    }
}

fn line() -> Result<String, Failure> {
    let mut line = String::new();
    let mut input = std::io::stdin().lock();
    input.read_line(&mut line).map_err(Failure::Input)?;
    Ok(line.trim().to_owned())
}
