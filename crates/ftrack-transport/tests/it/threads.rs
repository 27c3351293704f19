//! What may be shared between threads.

use ftrack_transport::{
    ApiKey, Backoff, Canceller, Completer, ConnectionOptions, Engine, Error, HttpTransport,
    Pending, Request, Response, RetryPolicy, ScriptedTransport, ServerStream,
};

fn sent<T: Send>() {}
fn shared<T: Send + Sync>() {}

/// Compiling is the test.
#[test]
fn everything_can_be_sent_and_what_is_not_a_stream_can_be_shared() {
    shared::<ApiKey>();
    shared::<Backoff>();
    shared::<Canceller>();
    shared::<Completer<Vec<u8>>>();
    shared::<ConnectionOptions>();
    shared::<Engine>();
    shared::<Error>();
    shared::<HttpTransport>();
    shared::<Pending<Vec<u8>>>();
    shared::<RetryPolicy>();
    shared::<ScriptedTransport>();
    sent::<Request>();
    sent::<Response>();
    sent::<ServerStream>();
}
