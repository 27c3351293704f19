//! Lets pages of other origins talk to the server: they have to bring a key, and no cookie stands in for one.

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
    let is_from_a_page = request.headers().contains_key(header::ORIGIN);
    let mut response = if is_question {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        permit(response.headers_mut(), wanted);
        response
    } else {
        next.run(request).await
    };
    if is_from_a_page {
        let headers = response.headers_mut();
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        let exposed = HeaderValue::from_static("ETag, Content-Disposition, Content-Range");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
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
