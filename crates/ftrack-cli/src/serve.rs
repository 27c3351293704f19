//! `ftrack serve`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc;

use ftrack_server::Server;

use crate::arguments::Serve;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: &Serve) -> Result<ExitCode, Failure> {
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
        .user(&options.user);
    if let Some(folder) = &options.data {
        builder = builder.data_dir(folder);
    }
    if let Some(file) = &options.from {
        builder = builder.from_file(file);
    }
    if let Some(file) = &options.snapshot {
        builder = builder.snapshot_on_stop(file);
    }
    if let Some(key) = &options.api_key {
        builder = builder.api_key(key);
    }
    let server = builder.start()?;
    announce(
        &mut output::standard(),
        options,
        server.url(),
        server.api_key(),
    )?;
    // The sender lives in the handler, so this ends with a signal only.
    let _ = stopped.recv();
    server.close()?;
    Ok(ExitCode::SUCCESS)
}

/// The line that scripts wait for.
fn announce(output: &mut impl Write, options: &Serve, url: &str, key: &str) -> Result<(), Failure> {
    let user = &options.user;
    if options.json {
        writeln!(
            output,
            "{}",
            serde_json::json!({"url": url, "user": user, "api_key": key})
        )?;
    } else {
        writeln!(
            output,
            "ftrack server ready at {url} (user {user}, key {key})"
        )?;
    }
    output.flush()?;
    Ok(())
}
