//! `ftrack listen`.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ftrack::event::{Event, WaitEnded};

use crate::arguments::Listen;
use crate::connection::connect;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: &Listen) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let hub = session.event_hub();
    let on_signal = hub.stopper();
    ctrlc::set_handler(move || on_signal.stop()).map_err(Failure::Signals)?;
    let (json, count) = (options.json, options.count.unwrap_or(usize::MAX));
    let (printed, stopper) = (Arc::new(AtomicUsize::new(0)), hub.stopper());
    hub.subscribe(&options.expression, move |event| {
        if printed.fetch_add(1, Ordering::SeqCst) < count {
            print(&mut output::standard(), event, json)?;
        }
        if printed.load(Ordering::SeqCst) >= count {
            stopper.stop();
        }
        Ok(None)
    })?;
    // The server is told of the subscription with the connection, so nothing falls between.
    hub.connect()?;
    let ended = if count == 0 {
        WaitEnded::Stopped
    } else {
        hub.wait(None)?
    };
    session.close();
    Ok(match ended {
        WaitEnded::Disconnected => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

fn print(output: &mut impl Write, event: &Event, json: bool) -> std::io::Result<()> {
    if json {
        writeln!(output, "{}", event.to_json())?;
    } else {
        let user = event
            .source
            .get("user")
            .and_then(|user| user["username"].as_str())
            .unwrap_or("-");
        writeln!(output, "{}  {user}  {}", event.topic, event.data)?;
    }
    output.flush()
}
