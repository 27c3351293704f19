use crate::{Serving, run};

#[test]
fn the_ready_line_says_where_and_with_which_credentials() {
    let serving = Serving::start(&["--user", "ada", "--api-key", "the-key"]);
    let (start, end) = (
        "ftrack server ready at http://127.0.0.1:",
        " (user ada, key the-key)",
    );
    let port = serving
        .ready
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    assert!(
        port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port != 0)),
        "{}",
        serving.ready
    );
    assert_eq!(serving.stop("-TERM").code(), Some(0));
}

#[test]
fn the_ready_line_can_be_json_and_a_key_is_made() {
    let serving = Serving::start(&["--json", "--listen", "127.0.0.1:0"]);
    let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
    assert_eq!(ready["user"], "admin");
    assert!(
        ready["url"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
    assert!(ready["api_key"].as_str().unwrap().len() >= 32);
    assert_eq!(serving.stop("-INT").code(), Some(0));
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let arguments = ["--json", "--data", data, "--api-key", "k"];
    let connect = |serving: &Serving| {
        let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
        let url = ready["url"].as_str().unwrap();
        let builder = ftrack::Session::builder()
            .server_url(url)
            .api_user("admin")
            .api_key("k");
        builder
            .schema_cache(ftrack::SchemaCache::Disabled)
            .connect()
            .unwrap()
    };
    let serving = Serving::start(&arguments);
    let session = connect(&serving);
    let user = session
        .create("User", ftrack::values! { "username": "grace" })
        .unwrap();
    session.commit().unwrap();
    assert_eq!(serving.stop("-TERM").code(), Some(0));

    let serving = Serving::start(&arguments);
    let session = connect(&serving);
    let found = session.query("User where username is grace").one().unwrap();
    assert_eq!(found.identity(), user.identity());
}

#[test]
fn an_address_that_is_taken_is_a_failure_with_a_message() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = run(&["serve", "--listen", &address]);
    assert_eq!(said.code(), Some(1));
    assert!(said.error.contains(&address), "{}", said.error);
}

#[test]
fn wrong_usage_is_explained() {
    let said = run(&["serve", "--lisen", "x"]);
    assert_eq!(said.code(), Some(2));
    assert!(said.error.contains("--listen"), "{}", said.error);
}
