//! What a library has to say to be a plugin.

use std::marker::PhantomData;

use ftrack_plugin_abi::{Endpoint, Entry, RemoteEndpoint};

use crate::exported::Exported;

/// Begins with a plugin.
struct Start<E>(PhantomData<E>);

impl<E: Exported> ftrack_plugin_abi::Exported for Start<E> {
    fn start(host: RemoteEndpoint) -> Box<dyn Endpoint> {
        crate::library::start::<E>(host)
    }
}

/// The entry of this plugin.
pub const fn entry<E: Exported>() -> Entry {
    Entry::new::<Start<E>>()
}

/// Makes the library that this is written in a plugin, which [`discover`](crate::discover()) finds.
///
/// The argument is an expression that makes a [`Plugin`](ftrack_session::Plugin); it is evaluated for each session that
/// the plugin is registered with. The crate is a `cdylib` and writes this once, anywhere:
///
/// ```
/// use ftrack_plugin::export_plugin;
/// use ftrack_session::{Result, Session};
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
///
/// Two plugins cannot be in one binary: their symbols have the same name, so linking them fails. Give each a `cdylib`
/// of its own, or one plugin that registers both.
///
/// The library must not be built with `panic = "abort"`: a panic in the plugin would then end the whole process, where
/// otherwise it becomes an error in the program.
#[macro_export]
macro_rules! export_plugin {
    ($plugin:expr) => {
        const _: () = {
            struct Exported;

            impl $crate::__private::Exported for Exported {
                const NAME: &'static str = env!("CARGO_PKG_NAME");
                const VERSION: &'static str = env!("CARGO_PKG_VERSION");

                fn plugin() -> ::std::boxed::Box<dyn $crate::__private::Plugin> {
                    ::std::boxed::Box::new($plugin)
                }
            }

            // A program finds the plugin by the name of this symbol.
            #[unsafe(no_mangle)]
            pub static FTRACK_PLUGIN: $crate::__private::Entry =
                $crate::__private::entry::<Exported>();
        };
    };
}
