//! What a client says about itself so that it knows its own changes again.

use axum::http::HeaderMap;

/// The tokens that came with a request; events that follow from it carry them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) client: Option<String>,
    pub(crate) push: Option<String>,
}

impl Tokens {
    /// The tokens in the headers of a request.
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        Self {
            client: token(headers, "ftrack-clienttoken"),
            push: token(headers, "ftrack-pushtoken"),
        }
    }
}

fn token(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    // The JavaScript client prints `undefined` where it has none.
    (!text.is_empty() && text != "undefined").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_javascript_prints_for_nothing_is_no_token() {
        let mut headers = HeaderMap::new();
        headers.insert("ftrack-Clienttoken", "mine".parse().unwrap());
        headers.insert("ftrack-pushtoken", "undefined".parse().unwrap());
        let tokens = Tokens::new(&headers);
        assert_eq!(tokens.client.as_deref(), Some("mine"));
        assert_eq!(tokens.push, None);
        assert_eq!(Tokens::new(&HeaderMap::new()), Tokens::default());
    }
}
