//! Pausing by signals: SIGUSR1 pauses, SIGUSR2 goes on. Stopping the process (Ctrl-Z) needs nothing of ours.

use std::io;

use ftrack::UploadControl;

use crate::failure::Failure;

/// Lets the signals pause uploads and let them go on, from here to the end of the process. `say` tells of it.
#[cfg(unix)]
pub(crate) fn by_signals(
    control: &UploadControl,
    say: impl Fn(&str) + Send + 'static,
) -> Result<(), Failure> {
    use tokio::runtime::Builder;
    use tokio::signal::unix::{SignalKind, signal};

    let control = control.clone();
    let listen = || -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let entered = runtime.enter();
        // From here on the signals do not end the process any more.
        let mut pause = signal(SignalKind::user_defined1())?;
        let mut resume = signal(SignalKind::user_defined2())?;
        drop(entered);
        let listening = async move {
            loop {
                tokio::select! {
                    Some(()) = pause.recv() => {
                        control.pause();
                        say("paused: send SIGUSR2 to go on");
                    }
                    Some(()) = resume.recv() => {
                        control.resume();
                        say("going on");
                    }
                    else => return,
                }
            }
        };
        let thread = std::thread::Builder::new().name("ftrack-signals".to_owned());
        thread.spawn(move || runtime.block_on(listening))?;
        Ok(())
    };
    listen().map_err(|error| Failure::Signals(ctrlc::Error::System(error)))
}

/// There are no such signals here.
#[cfg(not(unix))]
pub(crate) fn by_signals(
    _: &UploadControl,
    _: impl Fn(&str) + Send + 'static,
) -> Result<(), Failure> {
    Ok(())
}
