//! What a library has to say to be a plugin.

/// Makes the library that this is written in a plugin, which [`discover`](crate::discover) finds.
///
/// The argument is an expression that makes a [`Plugin`](crate::Plugin); it is evaluated for each session that the
/// plugin is registered with. The crate is a `cdylib` and writes this once, anywhere:
///
/// ```
/// use ftrack_session::{Result, Session, export_plugin};
///
/// fn register(session: &Session) -> Result<()> {
///     session.event_hub().subscribe("topic=ftrack.api.session.ready", |_| {
///         println!("the session is ready");
///         Ok(None)
///     })?;
///     Ok(())
/// }
///
/// export_plugin!(register);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($plugin:expr) => {
        const _: () = {
            struct Exported;

            impl $crate::__plugin::Exported for Exported {
                const NAME: &'static str = env!("CARGO_PKG_NAME");
                const VERSION: &'static str = env!("CARGO_PKG_VERSION");

                fn plugin() -> ::std::boxed::Box<dyn $crate::Plugin> {
                    ::std::boxed::Box::new($plugin)
                }
            }

            #[allow(
                unsafe_code,
                reason = "a program finds the plugin by the name of this symbol"
            )]
            #[unsafe(no_mangle)]
            pub static FTRACK_PLUGIN: $crate::__plugin::Entry =
                $crate::__plugin::Entry::of::<Exported>();
        };
    };
}
