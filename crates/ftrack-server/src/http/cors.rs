//! Lets pages of other origins talk to the server: they have to bring a key, and no cookie stands in for one.
//!
//! The official JavaScript client asks the browser to send cookies along. Browsers then accept only an answer that
//! names the origin and allows credentials, although there are none.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;

/// Answers the questions that browsers ask before a request, and allows reading the answers.
pub(super) async fn allow(request: Request, next: Next) -> Response<Body> {
    let is_question = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let wanted = request
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .cloned();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = if is_question {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        permit(response.headers_mut(), wanted);
        response
    } else {
        next.run(request).await
    };
    if let Some(origin) = origin {
        admit(response.headers_mut(), origin);
    }
    response
}

fn admit(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let exposed = HeaderValue::from_static(
        "ETag, Content-Disposition, Content-Range, Server-Timing, FTRACK_VERSION",
    );
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

fn permit(headers: &mut HeaderMap, wanted: Option<HeaderValue>) {
    let methods = HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    if let Some(wanted) = wanted {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    }
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("86400"),
    );
}
