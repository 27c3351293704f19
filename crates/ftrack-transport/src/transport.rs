//! The way to a server, whatever it is made of.

use std::fmt::Debug;
use std::sync::Arc;

use crate::pending::Pending;
use crate::request::{CallOptions, Request};
use crate::response::{ApiResponse, Response};

/// Carries requests to one ftrack server.
///
/// [`HttpTransport`](crate::HttpTransport) is the real one,
/// [`ScriptedTransport`](crate::ScriptedTransport) the one for tests. Both methods return at once;
/// the work is under way when they do.
///
/// ```
/// use ftrack_transport::{ApiResponse, CallOptions, Result, ScriptedTransport, Transport};
///
/// fn server_information(transport: &dyn Transport) -> Result<Vec<u8>> {
///     let body = br#"[{"action":"query_server_information"}]"#.to_vec();
///     Ok(transport.call(body, CallOptions::new().idempotent(true)).wait()?.body)
/// }
///
/// let transport = ScriptedTransport::answering(|_| Ok(ApiResponse::new(200, b"[{}]")));
/// assert_eq!(server_information(&transport)?, b"[{}]");
/// # Ok::<(), ftrack_transport::Error>(())
/// ```
pub trait Transport: Send + Sync + Debug {
    /// Posts one batch of JSON, given as bytes, to the server's `/api`.
    ///
    /// An error status with a JSON body is an answer, not an error: in strict mode the server
    /// reports its own errors so.
    fn call(&self, body: Vec<u8>, options: CallOptions) -> Pending<ApiResponse>;

    /// Makes any other request: the way of files.
    ///
    /// The answer is there when its head has arrived; its body is read from the [`Response`]. An
    /// error status is an answer here as well.
    fn request(&self, request: Request) -> Pending<Response>;

    /// Ends all connections. Requests under way are interrupted, later ones answer
    /// [`Error::Closed`](crate::Error::Closed). Does not wait, and may be called more than once.
    fn close(&self);

    /// The server's address without a trailing `/`.
    fn server_url(&self) -> &str;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn call(&self, body: Vec<u8>, options: CallOptions) -> Pending<ApiResponse> {
        (**self).call(body, options)
    }

    fn request(&self, request: Request) -> Pending<Response> {
        (**self).request(request)
    }

    fn close(&self) {
        (**self).close();
    }

    fn server_url(&self) -> &str {
        (**self).server_url()
    }
}
