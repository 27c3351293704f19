//! `ftrack serve`.

use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;

use ftrack_server::{SchemaVersion, Server, ServerLimits};

use crate::connection::profile::{Profile, Profiles};
use crate::failure::Failure;
use crate::terminal::output;

/// The environment variable that holds the key of the administrator.
const API_KEY_VARIABLE: &str = "FTRACK_SERVER_API_KEY";

/// Run a local server to develop and test against.
///
/// When it is ready, one line on standard output says where it listens, and with which user and key. It stops on
/// SIGINT and SIGTERM, and exits with 1 if it could not write its snapshot then.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack serve --demo --profile local
  ftrack serve --data studio --listen 127.0.0.1:8090 --profile local
  eval \"$(ftrack serve --demo --env &)\"; ftrack query Project; kill $FTRACK_SERVER_PID")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line, and they go together in any way"
)]
pub(crate) struct Options {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: String,
    /// Keep everything in this folder; without it, it is gone when the server stops.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Begin with a production in it to look at.
    #[arg(long)]
    pub(crate) demo: bool,
    /// Begin with the entities of this file alone, without the studio; it must hold the user and their roles.
    ///
    /// Each line is a JSON object, one entity: its concrete type under `__entity_type__` and the attributes of its own
    /// row, with foreign keys in place of references. Attributes that are not mentioned get their defaults. A data
    /// folder that has data keeps it, and the file is not read. Files of components and API keys are not in it.
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub(crate) from: Option<PathBuf>,
    /// Write all entities to this file when the server stops, to begin with them again.
    ///
    /// The file is replaced when the new one is complete; it may be the one of `--from`. A server that is killed
    /// leaves it as it was.
    #[arg(long, value_name = "FILE")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Let clients reset the server and make it fail, to test against it.
    ///
    /// With credentials, `POST /_local/reset` goes back to the state at the start, and `POST /_local/faults` makes
    /// requests to come fail: `{"kind": "status", "status": 503, "action": "create", "path": "/api", "count": 2}`, or
    /// one of the kinds `delay` (with `delay_ms`), `cut` (with `after_bytes`), `garbage`, `disconnect` and
    /// `drop_websockets`. `DELETE /_local/faults` forgets them. Never use it where data matters.
    #[arg(long)]
    pub(crate) testing: bool,
    /// The address at which clients reach the server, if it is another than they say by `Host`.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Believe `X-Forwarded-Host` and `X-Forwarded-Proto` of this proxy; may be repeated.
    #[arg(long = "trusted-proxy", value_name = "ADDRESS")]
    pub(crate) trusted_proxies: Vec<std::net::IpAddr>,
    /// Let case count where queries compare text: `name is "task"` does not find `Task` then.
    #[arg(long)]
    pub(crate) case_sensitive: bool,
    /// The name of the user who may do everything.
    #[arg(long, value_name = "NAME", default_value = "admin")]
    pub(crate) user: String,
    /// The API key of that user. Defaults to the one that they have in the data folder, or to a new one.
    ///
    /// Other users of the machine can see what stands on a command line: `--api-key-file` and the environment variable
    /// `FTRACK_SERVER_API_KEY` keep it from them.
    #[arg(long, value_name = "KEY", conflicts_with = "api_key_file", hide = true)]
    pub(crate) api_key: Option<String>,
    /// Read the API key of that user from the first line of this file [env: `FTRACK_SERVER_API_KEY` holds the key].
    #[arg(long, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// The entity types to have: those of a file with the answer of another server to `query_schemas`.
    ///
    /// A data folder remembers them.
    #[arg(long, value_name = "FILE", conflicts_with = "schema_version")]
    pub(crate) schema: Option<PathBuf>,
    /// The entity types to have: those of server 4.13 (128) or of an older one (116).
    ///
    /// Defaults to those that the data was stored with, and to 128 for a new server.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) schema_version: Option<SchemaVersion>,
    /// The program that encodes videos for the web, when it is not the `ffmpeg` in the PATH.
    ///
    /// Without such a program the server refuses to encode videos; images need none.
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) ffmpeg: Option<PathBuf>,
    /// Let clients ask for more or less of something; may be repeated.
    ///
    /// The names are those of the table of bounds in the documentation of the server, such as `operations=1000`,
    /// `steps=1000000000` or `time=120`; times are in seconds.
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limit)]
    pub(crate) limits: Vec<(String, u64)>,
    /// Print the line as a JSON object with `url`, `user` and `api_key`.
    #[arg(long, conflicts_with = "env")]
    pub(crate) json: bool,
    /// Print shell commands that set the environment of clients, for `eval`.
    ///
    /// Standard output is closed after them, so that the shell goes on; `FTRACK_SERVER_PID` is what to kill in the end.
    #[arg(long)]
    pub(crate) env: bool,
    /// Write server, user and key to this profile, and remove it when the server stops.
    ///
    /// Commands in other terminals use it if they are told to by `--profile` or `FTRACK_PROFILE`, and also on their own
    /// if it is the only profile or called `default`.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

fn limit(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is expected")?;
    let value = value
        .parse()
        .map_err(|error| format!("{value} cannot be a limit: {error}"))?;
    Ok((name.to_owned(), value))
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let (stop, stopped) = mpsc::channel();
    let on_signal = move || {
        // A second signal finds nobody waiting, which is fine: the server is stopping already.
        let _ = stop.send(());
    };
    ctrlc::set_handler(on_signal).map_err(Failure::Signals)?;

    let mut builder = Server::builder()
        .listen(&options.listen)
        .demo(options.demo)
        .testing(options.testing)
        .case_sensitive(options.case_sensitive)
        .user(&options.user);
    if let Some(url) = &options.public_url {
        builder = builder.public_url(url);
    }
    for proxy in &options.trusted_proxies {
        builder = builder.trusted_proxy(*proxy);
    }
    if let Some(program) = &options.ffmpeg {
        builder = builder.ffmpeg(program);
    }
    if let Some(folder) = &options.data {
        builder = builder.data_dir(folder);
    }
    if let Some(file) = &options.from {
        builder = builder.from_file(file);
    }
    if let Some(file) = &options.snapshot {
        builder = builder.snapshot_on_stop(file);
    }
    if let Some(file) = &options.schema {
        builder = builder.schema_file(file);
    }
    if let Some(version) = options.schema_version {
        builder = builder.schema_version(version);
    }
    if let Some(key) = api_key(options)? {
        builder = builder.api_key(key);
    }
    let mut limits = ServerLimits::default();
    for (name, value) in &options.limits {
        limits.set(name, *value)?;
    }
    let server = builder.limits(limits).start()?;
    let profile = options
        .profile
        .as_deref()
        .map(|name| Announced::write(name, options, server.url(), server.api_key()))
        .transpose()?;
    announce(
        &mut output::standard(),
        options,
        server.url(),
        server.api_key(),
    )?;
    if options.env {
        output::close_standard()?;
    }
    // The sender lives in the handler, so this ends with a signal only.
    let _ = stopped.recv();
    drop(profile);
    server.close()?;
    Ok(ExitCode::SUCCESS)
}

/// The key from the command line, a file or the environment, in this order.
fn api_key(options: &Options) -> Result<Option<String>, Failure> {
    if let Some(key) = &options.api_key {
        return Ok(Some(key.clone()));
    }
    if let Some(path) = &options.api_key_file {
        let unreadable = |source| Failure::File {
            what: "read the API key from",
            path: path.clone(),
            source,
        };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let key = text.lines().next().unwrap_or_default().trim();
        if key.is_empty() {
            let source =
                std::io::Error::new(std::io::ErrorKind::InvalidData, "its first line is empty");
            return Err(unreadable(source));
        }
        return Ok(Some(key.to_owned()));
    }
    let key = std::env::var(API_KEY_VARIABLE).ok();
    Ok(key.filter(|key| !key.is_empty()))
}

/// The line that scripts wait for.
fn announce(
    output: &mut impl Write,
    options: &Options,
    url: &str,
    key: &str,
) -> Result<(), Failure> {
    let user = &options.user;
    if options.json {
        writeln!(
            output,
            "{}",
            serde_json::json!({"url": url, "user": user, "api_key": key})
        )?;
    } else if options.env {
        let id = std::process::id().to_string();
        for (name, value) in [
            ("FTRACK_SERVER", url),
            ("FTRACK_API_USER", user),
            ("FTRACK_API_KEY", key),
            ("FTRACK_SERVER_PID", &id),
        ] {
            writeln!(output, "export {name}={}", quoted(value))?;
        }
    } else {
        writeln!(
            output,
            "ftrack server ready at {url} (user {user}, key {key})"
        )?;
    }
    output.flush()?;
    Ok(())
}

/// Text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A profile that leads to this server as long as it runs.
struct Announced {
    profiles: Profiles,
    name: String,
    profile: Profile,
}

impl Announced {
    fn write(name: &str, options: &Options, url: &str, key: &str) -> Result<Self, Failure> {
        let profiles = Profiles::from_environment()?;
        let profile = Profile {
            server: url.to_owned(),
            user: options.user.clone(),
            api_key: key.to_owned(),
        };
        // A profile that a killed server left is replaced; the login of a studio is not.
        if let Ok(Some(known)) = profiles.read(name)
            && known.server.starts_with("https://")
            && known.server != url
        {
            return Err(Failure::Unusable(format!(
                "the profile {name} is of {}, and its key would be lost",
                known.server
            ))
            .hint("choose another name for the local server"));
        }
        let path = profiles.write(name, &profile)?;
        output::note(&format!(
            "the profile {name} leads here ({})",
            path.display()
        ));
        Ok(Self {
            profiles,
            name: name.to_owned(),
            profile,
        })
    }
}

/// Somebody else may have written the profile anew; then it is theirs.
impl Drop for Announced {
    fn drop(&mut self) {
        if let Ok(Some(profile)) = self.profiles.read(&self.name)
            && profile == self.profile
        {
            let _ = self.profiles.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_values_as_they_are() {
        assert_eq!(quoted("http://a:1"), "'http://a:1'");
        assert_eq!(quoted("it's $(x)"), r"'it'\''s $(x)'");
    }
}
