//! Objects of the Python package that are needed again and again.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// An object of the package, looked up once.
macro_rules! known {
    ($($(#[$doc:meta])* $function:ident = $module:literal . $name:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $function(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
            static OBJECT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            OBJECT
                .get_or_try_init(py, || Ok(py.import($module)?.getattr($name)?.unbind()))
                .map(|object| object.bind(py))
        }
    )*};
}

known! {
    /// The symbol of values that are not known.
    not_set = "ftrack_rust.symbol"."NOT_SET";
    /// Makes the exception for an error of the engine.
    make_exception = "ftrack_rust._errors"."make";
    /// Makes the view of a collection attribute.
    make_collection = "ftrack_rust._views"."make";
    arrow_class = "arrow"."Arrow";
    loads = "json"."loads";
    encode_plain = "ftrack_rust._plain"."encode";
}

/// The text of a Python string.
pub(crate) fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(value.cast::<PyString>()?.to_cow()?.into_owned())
}
