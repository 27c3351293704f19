//! The threads of a server.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::http;
use crate::media;
use crate::testing::Switches;

/// The stack of a thread, in bytes. Evaluating goes as deep as paths and nesting may; what is not used takes no memory.
const STACK: usize = 16 * 1024 * 1024;

/// How long answers under way may take to finish when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves requests on threads of their own until told to stop, or until nobody can tell any more.
pub(super) fn start(
    listener: TcpListener,
    engine: Arc<Engine>,
    switches: Option<Arc<Switches>>,
) -> Result<(oneshot::Sender<()>, JoinHandle<()>)> {
    #[cfg(feature = "media")]
    let encoding = media::start(&engine)?;
    #[cfg(not(feature = "media"))]
    media::start(&engine);
    let serving = Arc::clone(&engine);
    let router = match switches {
        Some(switches) => {
            engine.remember_start();
            http::testing_router(engine, &switches)
        }
        None => http::router(engine),
    };
    let (stop, stopped) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_name("ftrack-server")
        .thread_stack_size(STACK)
        .enable_all()
        .build()
        .map_err(|source| Error::Threads { source })?;
    let thread = std::thread::Builder::new()
        .name("ftrack-server".to_owned())
        .spawn(move || {
            runtime.block_on(run(listener, router, &serving, stopped));
            // What is still at work has nobody who waits for it.
            serving.resources.stop();
            shut_down(runtime);
            #[cfg(feature = "media")]
            drop(encoding);
        })
        .map_err(|source| Error::Threads { source })?;
    Ok((stop, thread))
}

async fn run(
    listener: TcpListener,
    router: Router,
    engine: &Engine,
    stopped: oneshot::Receiver<()>,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the server cannot listen");
            return;
        }
    };
    let (drain, drained) = oneshot::channel();
    let serving = axum::serve(
        http::Listener::new(listener, &engine.resources.limits),
        router.into_make_service_with_connect_info::<http::Peer>(),
    )
    .with_graceful_shutdown(async move {
        // A dropped sender means the same as a message.
        let _ = stopped.await;
        let _ = drain.send(());
    });
    let bound = async move {
        let _ = drained.await;
        tokio::time::sleep(STOP_TIMEOUT).await;
    };
    tokio::select! {
        outcome = async { serving.await } => {
            if let Err(error) = outcome {
                tracing::error!(%error, "the server cannot go on");
            }
        }
        () = bound => tracing::warn!("requests were cut off when the server stopped"),
    }
}

fn shut_down(runtime: Runtime) {
    runtime.shutdown_timeout(STOP_TIMEOUT);
}
