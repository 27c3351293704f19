//! What a session is made from.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ftrack_cache::KeyMaker;
use ftrack_entity::Retention;
use ftrack_event::EventHub;
use ftrack_transport::{ApiKey, ConnectionOptions, HttpTransport, Proxy, RetryPolicy, Transport};

use super::environment::{Credentials, system_user};
use crate::cache::{CacheMaker, EntityCache};
use crate::customise::{Customisation, Customise};
use crate::error::Result;
use crate::fetch::FetchPolicy;
use crate::location::LocationConfiguration;
use crate::plugin::Plugin;
use crate::plugin_arguments::PluginArguments;
use crate::schema_cache::SchemaCache;
use crate::session::{CacheKeys, Extension, Session};
use crate::trace::{Trace, Traces};

type ChangeOptions = Box<dyn FnOnce(ConnectionOptions) -> ConnectionOptions + Send>;

/// The settings from which a session is started.
///
/// See the product documentation, reference of `session.Session`. Server, user and key that are not given come from
/// the environment.
#[derive(Default)]
#[must_use = "nothing happens before `connect`"]
pub struct SessionBuilder {
    pub(super) server_url: Option<String>,
    pub(super) api_user: Option<String>,
    pub(super) api_key: Option<ApiKey>,
    /// Changes to the options of the connection, in order.
    options: Vec<ChangeOptions>,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) schema_cache: SchemaCache,
    pub(super) fetch_policy: FetchPolicy,
    pub(super) page_size: Option<u64>,
    pub(super) sibling_rows: Option<usize>,
    pub(super) retention: Retention,
    pub(super) traces: Traces,
    pub(super) cache: CacheMaker,
    pub(super) cache_keys: CacheKeys,
    pub(super) plugins: Vec<Box<dyn Plugin>>,
    pub(super) plugin_arguments: PluginArguments,
    pub(super) extensions: Vec<Arc<dyn Extension>>,
    #[cfg(feature = "events")]
    pub(super) auto_connect_event_hub: bool,
    pub(super) locations: Vec<(String, LocationConfiguration)>,
    pub(super) customisations: Vec<(String, Customise)>,
    pub(super) transport: Option<Arc<dyn Transport>>,
}

impl std::fmt::Debug for SessionBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let customised: Vec<&String> = self.customisations.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("SessionBuilder")
            .field("server_url", &self.server_url)
            .field("api_user", &self.api_user)
            .field("schema_cache", &self.schema_cache)
            .field("customised", &customised)
            .finish_non_exhaustive()
    }
}

impl SessionBuilder {
    /// A builder without settings: what is not set is read from the environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// The address of the server, such as `https://studio.ftrackapp.com`.
    pub fn server_url(mut self, server_url: impl Into<String>) -> Self {
        self.server_url = Some(server_url.into());
        self
    }

    /// The user to connect as.
    pub fn api_user(mut self, api_user: impl Into<String>) -> Self {
        self.api_user = Some(api_user.into());
        self
    }

    /// The API key of the user.
    pub fn api_key(mut self, api_key: impl Into<ApiKey>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// Changes any option of the connection; for the options that this builder has no method for.
    ///
    /// ```
    /// # fn example() -> ftrack_session::Result<()> {
    /// let session = ftrack_session::SessionBuilder::new()
    ///     .connection(|options| options.user_agent("nightly-report/1.2").largest_answer(1 << 20))
    ///     .connect()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connection(
        mut self,
        change: impl FnOnce(ConnectionOptions) -> ConnectionOptions + Send + 'static,
    ) -> Self {
        self.options.push(Box::new(change));
        self
    }

    /// How long a request may go without sending or receiving anything before it is given up. Defaults to 60 s.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.connection(move |options| options.timeout(timeout))
    }

    /// How long a call may take altogether, repetitions included. Defaults to 10 minutes.
    pub fn deadline(self, deadline: Duration) -> Self {
        self.connection(move |options| options.deadline(deadline))
    }

    /// A header to send with every request.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.connection(|options| options.header(name, value))
    }

    /// A cookie to send with every request.
    pub fn cookie(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.connection(|options| options.cookie(name, value))
    }

    /// The way to the network. Defaults to what the environment says.
    pub fn proxy(self, proxy: Proxy) -> Self {
        self.connection(|options| options.proxy(proxy))
    }

    /// A file or folder of PEM certificates to trust instead of the system's. A server whose own
    /// certificate is among them is trusted as well.
    pub fn ca_bundle(self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.connection(|options| options.ca_bundle(path))
    }

    /// A token that the server repeats in the events that tell of this session's changes.
    pub fn client_token(self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.connection(|options| options.client_token(token))
    }

    /// A token that the server repeats in the events that tell of this session's changes.
    pub fn push_token(self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.connection(|options| options.push_token(token))
    }

    /// Whether errors of the server have an HTTP error status, too.
    pub fn strict_api(self, strict: bool) -> Self {
        self.connection(move |options| options.strict_api(strict))
    }

    /// When and how often reads are tried again, and the pieces of files that are sent.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy.clone());
        self.connection(move |options| options.retry(policy))
    }

    /// Where schemas are kept from run to run.
    pub fn schema_cache(mut self, cache: SchemaCache) -> Self {
        self.schema_cache = cache;
        self
    }

    /// What happens when an attribute is read that is not loaded.
    pub fn fetch_policy(mut self, policy: FetchPolicy) -> Self {
        self.fetch_policy = policy;
        self
    }

    /// How many entities a request for a query's results asks for. Defaults to 500.
    pub fn page_size(mut self, entities: u64) -> Self {
        self.page_size = Some(entities.max(1));
        self
    }

    /// How many rows of collections, metadata and custom attributes are loaded at a time, at the most, for entities
    /// that came together with the one that is read ([`FetchPolicy::Siblings`](crate::FetchPolicy)). 0 loads them for
    /// the one only. How many there are is estimated by those that are known. Defaults to 10,000.
    pub fn sibling_rows(mut self, rows: usize) -> Self {
        self.sibling_rows = Some(rows);
        self
    }

    /// How long entities are kept in memory: by default all of them until the session is reset. A program
    /// that runs for months and looks at ever new entities wants [`Retention::Held`], with which an entity is kept as
    /// long as a handle of it, or of one that came with it, or an uncommitted change.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Changes an entity type before the session uses it: what is asked for by default, which attributes are seen, and
    /// what happens when they are read and set. Several changes of one type are made in order.
    ///
    /// ```
    /// use ftrack_session::{Session, Value};
    ///
    /// # fn example() -> ftrack_session::Result<()> {
    /// let session = ftrack_session::SessionBuilder::new()
    ///     .customise("User", |user| {
    ///         user.default_projections(["username", "first_name", "last_name"])
    ///             .alias("login", "username")?
    ///             .on_write("email", |_, value| {
    ///                 Ok(value.as_str().map_or(Value::Null, |text| Value::from(text.to_lowercase())))
    ///             })
    ///     })
    ///     .connect()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// An entity type that the server does not have, or a change that cannot be made, is an error of
    /// [`connect`](Self::connect).
    pub fn customise(
        mut self,
        entity_type: impl Into<String>,
        change: impl FnOnce(Customisation) -> Result<Customisation> + Send + 'static,
    ) -> Self {
        self.customisations
            .push((entity_type.into(), Box::new(change)));
        self
    }

    /// Registers a plugin with the session when it starts. Several are registered in the order in which they are given.
    pub fn plugin(mut self, plugin: impl Plugin + 'static) -> Self {
        self.plugins.push(Box::new(plugin));
        self
    }

    /// Lets an extension of this type know what becomes of the session, or changes the one that the builder has.
    pub fn change_extension<E: Extension + Clone + Default>(
        mut self,
        change: impl FnOnce(E) -> E,
    ) -> Self {
        let is_same = |known: &Arc<dyn Extension>| {
            let known: &dyn Any = &**known;
            known.is::<E>()
        };
        let place = self.extensions.iter().position(is_same);
        let known = place.map(|place| self.extensions.remove(place));
        let known: Option<&dyn Any> = known.as_ref().map(|known| &**known as _);
        let extension = known.and_then(<dyn Any>::downcast_ref::<E>).cloned();
        let extension = Arc::new(change(extension.unwrap_or_default()));
        let place = place.unwrap_or(self.extensions.len());
        self.extensions.insert(place, extension);
        self
    }

    /// An argument for plugins. Those that do not know it do not get it.
    pub fn plugin_argument(
        mut self,
        name: impl Into<String>,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        self.plugin_arguments.insert(name, value);
        self
    }

    /// Configures the location of this name or id when the session starts, after plugins are registered and before
    /// they configure theirs (product documentation, "Configuring locations"). A location that the server does not
    /// have is an error of [`connect`](Self::connect).
    ///
    /// ```
    /// use ftrack_location::{DiskAccessor, StandardStructure};
    /// use ftrack_session::{LocationConfiguration, Session};
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let configuration = LocationConfiguration::new()
    ///     .accessor(DiskAccessor::new("/mnt/projects")?)
    ///     .structure(StandardStructure::new())
    ///     .priority(10);
    /// let session = ftrack_session::SessionBuilder::new().location("studio.london", configuration).connect()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn location(
        mut self,
        name_or_id: impl Into<String>,
        configuration: LocationConfiguration,
    ) -> Self {
        self.locations.push((name_or_id.into(), configuration));
        self
    }

    /// Whether the event hub is connected in the background when the session starts. What is published until it is
    /// connected waits in a queue.
    #[cfg(feature = "events")]
    pub fn auto_connect_event_hub(mut self, connect: bool) -> Self {
        self.auto_connect_event_hub = connect;
        self
    }

    /// Counts the session's requests from the first one on.
    ///
    /// ```
    /// # fn example() -> ftrack_session::Result<()> {
    /// use ftrack_session::{Session, Trace};
    ///
    /// let trace = Trace::new();
    /// let session = ftrack_session::SessionBuilder::new().trace(&trace).connect()?;
    /// println!("started with {} request(s)", trace.request_count());
    /// # Ok(())
    /// # }
    /// ```
    pub fn trace(self, trace: &Trace) -> Self {
        self.traces.join(trace);
        self
    }

    /// A cache of entities below the one in memory, for example one in files that survives the program.
    ///
    /// `maker` is called once, with the new session; `None` means that there is no cache. If it fails, because another
    /// program has the files open or for any other reason, the session logs a warning and goes on without the cache.
    /// See the product documentation, "Caching".
    ///
    /// A cache does not notice what other programs change on the server: give it a maximum age where that matters.
    ///
    /// ```
    /// use ftrack_cache::FileCacheOptions;
    /// use ftrack_session::Session;
    ///
    /// # fn example() -> ftrack_session::Result<()> {
    /// let session = ftrack_session::SessionBuilder::new()
    ///     .cache(|session| {
    ///         let root = std::env::temp_dir().join("ftrack_session_cache");
    ///         // A folder for each server and user: they never share entities.
    ///         let folder = ftrack_cache::scoped_folder(&root, &[session.server_url(), session.api_user()]);
    ///         let files = FileCacheOptions::new()
    ///             .maximum_age(std::time::Duration::from_secs(24 * 3600))
    ///             .open(folder)?;
    ///         Ok(Some(session.serialised(files)))
    ///     })
    ///     .connect()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cache<M>(mut self, maker: M) -> Self
    where
        M: FnOnce(
                &Session,
            )
                -> Result<Option<EntityCache>, Box<dyn std::error::Error + Send + Sync>>
            + Send
            + 'static,
    {
        self.cache = CacheMaker(Some(Box::new(maker)));
        self
    }

    /// Makes the keys under which entities are cached, from their type and primary key. Defaults to
    /// [`StringKeyMaker`](ftrack_cache::StringKeyMaker). Different entities need different keys.
    ///
    /// ```
    /// use ftrack_cache::{KeyMaker, KeyPart, StringKeyMaker};
    /// use ftrack_session::Session;
    ///
    /// /// Keys that several studios can have in one store.
    /// struct StudioKeyMaker(String);
    ///
    /// impl KeyMaker for StudioKeyMaker {
    ///     fn key(&self, items: &[KeyPart]) -> String {
    ///         format!("{}/{}", self.0, StringKeyMaker.key(items))
    ///     }
    /// }
    ///
    /// let builder = ftrack_session::SessionBuilder::new().cache_key_maker(StudioKeyMaker("north".to_owned()));
    /// ```
    pub fn cache_key_maker(mut self, maker: impl KeyMaker + 'static) -> Self {
        self.cache_keys = CacheKeys::by(maker);
        self
    }

    /// A way to the server other than HTTP. Address and user are then only what the session reports; options of the
    /// connection have no effect.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Starts the session: asks the server about itself, checks its version, and reads its schema.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) if server, user or key is missing or makes no sense,
    /// [`Authentication`](crate::ErrorKind::Authentication) if the server does not accept them,
    /// [`ServerCompatibility`](crate::ErrorKind::ServerCompatibility) if it is too old,
    /// [`Connection`](crate::ErrorKind::Connection) or [`Timeout`](crate::ErrorKind::Timeout) if it cannot be
    /// reached, and [`MalformedAnswer`](crate::ErrorKind::MalformedAnswer) if it does not speak ftrack's protocol.
    #[track_caller]
    pub fn connect(mut self) -> Result<Session> {
        let way = match self.transport.take() {
            Some(transport) => ServerConnection {
                transport,
                event_hub: EventHub::local(),
                api_user: self.api_user.take().unwrap_or_default(),
            },
            None => self.http()?,
        };
        super::start(self, way)
    }

    fn http(&mut self) -> Result<ServerConnection> {
        let Credentials {
            server_url,
            api_user,
            api_key,
        } = Credentials::complete(
            self.server_url.take(),
            self.api_user.take(),
            self.api_key.take(),
            |name| std::env::var(name).ok(),
            system_user,
        )?;
        self.api_key = Some(api_key.clone());
        let options = ConnectionOptions::new(server_url, api_user.clone(), api_key)?;
        let changes = self.options.drain(..);
        let options = changes.fold(options, |options, change| change(options));
        let transport = HttpTransport::new(options.clone())?;
        #[cfg(feature = "events")]
        let engine = transport.engine().clone();
        let transport: Arc<dyn Transport> = Arc::new(transport);
        #[cfg(feature = "events")]
        let event_hub = EventHub::with_transport(
            Arc::clone(&transport),
            engine,
            options,
            ftrack_event::HubOptions::default(),
        )?;
        #[cfg(not(feature = "events"))]
        let event_hub = EventHub::local();
        Ok(ServerConnection {
            transport,
            event_hub,
            api_user,
        })
    }
}

/// How a session reaches its server.
pub(super) struct ServerConnection {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) event_hub: EventHub,
    pub(super) api_user: String,
}
