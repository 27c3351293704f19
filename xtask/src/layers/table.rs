//! The layers, as data. `docs/architecture.md` says why they are as they are.

/// The crate that tests of sessions, and of what stands on them, may start.
pub(super) const SERVER: &str = "ftrack-server";

/// What tests of any crate may use.
pub(super) const TEST_KIT: &str = "ftrack-test-kit";

/// A crate and what it may stand on.
pub(super) struct Layer {
    name: &'static str,
    /// The crates of the workspace that it may use.
    uses: Uses,
    /// Whether its tests may start the local server.
    pub(super) tests_with_server: bool,
    /// Crates from elsewhere that must not come with it unless a feature asks for them.
    pub(super) keeps_out: &'static [&'static str],
    /// What a bad edge breaks.
    pub(super) invariant: &'static str,
}

enum Uses {
    Only(&'static [&'static str]),
    Anything,
}

impl Layer {
    pub(super) fn may_use(&self, name: &str) -> bool {
        match self.uses {
            Uses::Only(names) => names.contains(&name),
            Uses::Anything => true,
        }
    }
}

/// What knows networks, runtimes or files: not for crates that turn text into trees.
const OUTSIDE: &[&str] = &[
    "axum",
    "hyper",
    "redb",
    "reqwest",
    "rustls",
    "sled",
    "tokio",
    "tokio-tungstenite",
];

const NETWORK: &[&str] = &["axum", "hyper", "reqwest", "rustls", "tokio-tungstenite"];

const LAYERS: &[Layer] = &[
    Layer {
        name: "ftrack-query",
        uses: Uses::Only(&[]),
        tests_with_server: false,
        keeps_out: OUTSIDE,
        invariant: "ftrack-query turns text into a tree and back; it knows no other crate, no network, no file",
    },
    Layer {
        name: "ftrack-expression",
        uses: Uses::Only(&[]),
        tests_with_server: false,
        keeps_out: OUTSIDE,
        invariant: "ftrack-expression turns text into a tree and back; it knows no other crate, no network, no file",
    },
    Layer {
        name: "ftrack-cache",
        uses: Uses::Only(&[]),
        tests_with_server: false,
        keeps_out: OUTSIDE,
        invariant: "ftrack-cache keeps any values; it knows no entities and no network, and files only by the feature `file`",
    },
    Layer {
        name: "ftrack-entity",
        uses: Uses::Only(&["ftrack-query"]),
        tests_with_server: false,
        keeps_out: OUTSIDE,
        invariant: "ftrack-entity never calls out: no network, runtime, file, event or cache",
    },
    Layer {
        name: "ftrack-transport",
        uses: Uses::Only(&[]),
        tests_with_server: false,
        keeps_out: &["axum", "redb", "sled"],
        invariant: "ftrack-transport carries bytes; it knows no entities and no events",
    },
    Layer {
        name: "ftrack-plugin-abi",
        uses: Uses::Only(&[]),
        tests_with_server: false,
        keeps_out: OUTSIDE,
        invariant: "ftrack-plugin-abi has the bytes between programs and libraries; it knows no sessions, entities or network",
    },
    Layer {
        name: "ftrack-location",
        uses: Uses::Only(&["ftrack-entity", "ftrack-query", "ftrack-cache"]),
        tests_with_server: false,
        keeps_out: NETWORK,
        invariant: "ftrack-location moves files by plain traits; it knows no sessions and no HTTP",
    },
    Layer {
        name: "ftrack-event",
        uses: Uses::Only(&["ftrack-expression", "ftrack-transport"]),
        tests_with_server: false,
        keeps_out: &["axum", "redb", "sled"],
        invariant: "ftrack-event dispatches events; it knows no sessions and no entities",
    },
    Layer {
        name: "ftrack-session",
        uses: Uses::Only(BELOW_SESSION),
        tests_with_server: true,
        keeps_out: &["axum", "redb"],
        invariant: "ftrack-session stands on the layers below it and never on the local server",
    },
    Layer {
        name: "ftrack-plugin",
        uses: Uses::Only(PLUGIN),
        tests_with_server: true,
        keeps_out: &["axum", "redb"],
        invariant: "ftrack-plugin stands on sessions, and sessions know nothing of it",
    },
    Layer {
        name: "ftrack-follow",
        uses: Uses::Only(FOLLOW),
        tests_with_server: true,
        keeps_out: &["axum", "redb"],
        invariant: "ftrack-follow stands on sessions, and sessions know nothing of it",
    },
    Layer {
        name: "ftrack",
        uses: Uses::Only(CLIENT),
        tests_with_server: true,
        keeps_out: &["axum", "redb"],
        invariant: "ftrack re-exports the client; programs that use it do not carry the local server",
    },
    Layer {
        name: "ftrack-cli",
        uses: Uses::Only(&["ftrack", "ftrack-query", "ftrack-expression", SERVER]),
        tests_with_server: true,
        keeps_out: &[],
        invariant: "ftrack-cli uses the client through `ftrack`, and the server; it knows no details of the protocol",
    },
    Layer {
        name: "ftrack-python",
        uses: Uses::Only(&["ftrack"]),
        tests_with_server: false,
        keeps_out: &["axum", "redb"],
        invariant: "ftrack-python is the client for Python through `ftrack`; it knows no details of the protocol",
    },
    Layer {
        name: SERVER,
        uses: Uses::Only(&["ftrack-query", "ftrack-expression", "ftrack-cache"]),
        tests_with_server: false,
        keeps_out: &["reqwest"],
        invariant: "ftrack-server stands on layer 0 only, so that its codec is an independent judge of the client's",
    },
    Layer {
        name: "ftrack-bench",
        uses: Uses::Anything,
        tests_with_server: true,
        keeps_out: &[],
        invariant: "ftrack-bench measures everything",
    },
    Layer {
        name: "ftrack-tests",
        uses: Uses::Anything,
        tests_with_server: true,
        keeps_out: &[],
        invariant: "ftrack-tests tests everything",
    },
    Layer {
        name: TEST_KIT,
        uses: Uses::Only(&["ftrack-location"]),
        tests_with_server: false,
        keeps_out: NETWORK,
        invariant: "ftrack-test-kit is for tests, so it stands below what they test, but for the storages that it makes",
    },
    Layer {
        name: "ftrack-example-pipeline",
        uses: Uses::Only(&["ftrack"]),
        tests_with_server: true,
        keeps_out: &["axum", "redb"],
        invariant: "a pipeline is written against `ftrack` alone",
    },
    Layer {
        name: "ftrack-example-plugin",
        uses: Uses::Only(&["ftrack"]),
        tests_with_server: false,
        keeps_out: &["axum", "redb"],
        invariant: "a plugin is written against `ftrack` alone",
    },
    Layer {
        name: "ftrack-trial-plugin",
        uses: Uses::Only(&["ftrack"]),
        tests_with_server: false,
        keeps_out: &["axum", "redb"],
        invariant: "a plugin is written against `ftrack` alone",
    },
    Layer {
        name: "xtask",
        uses: Uses::Only(&[]),
        tests_with_server: false,
        keeps_out: OUTSIDE,
        invariant: "xtask builds in seconds, so it uses none of what it checks",
    },
];

const BELOW_SESSION: &[&str] = &[
    "ftrack-query",
    "ftrack-expression",
    "ftrack-cache",
    "ftrack-entity",
    "ftrack-transport",
    "ftrack-location",
    "ftrack-event",
];

const PLUGIN: &[&str] = &[
    "ftrack-entity",
    "ftrack-event",
    "ftrack-location",
    "ftrack-plugin-abi",
    "ftrack-session",
    "ftrack-transport",
];

const FOLLOW: &[&str] = &[
    "ftrack-entity",
    "ftrack-event",
    "ftrack-expression",
    "ftrack-session",
    "ftrack-transport",
];

const CLIENT: &[&str] = &[
    "ftrack-query",
    "ftrack-expression",
    "ftrack-cache",
    "ftrack-entity",
    "ftrack-transport",
    "ftrack-location",
    "ftrack-event",
    "ftrack-session",
    "ftrack-plugin",
    "ftrack-follow",
];

/// The row of the crate called `name`.
pub(super) fn layer(name: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.name == name)
}
