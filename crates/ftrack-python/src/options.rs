//! The arguments that a session is made from.

use std::time::Duration;

use ftrack::{FetchPolicy, Retention, SchemaCache, SessionBuilder};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// An option that is there and not `None`.
pub(crate) fn given<'py>(
    options: &Bound<'py, PyDict>,
    name: &str,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(options.get_item(name)?.filter(|value| !value.is_none()))
}

/// The builder for a session with these arguments, which Python has checked and completed.
pub(crate) fn builder(options: &Bound<'_, PyDict>) -> PyResult<SessionBuilder> {
    let required = |name: &str| -> PyResult<String> {
        let value = options.get_item(name)?;
        let value = value.ok_or_else(|| PyValueError::new_err(format!("{name} is missing")))?;
        value.extract()
    };
    let mut builder = SessionBuilder::default()
        .server_url(required("server_url")?)
        .api_user(required("api_user")?)
        .api_key(required("api_key")?)
        .schema_cache(schema_cache(options)?)
        .fetch_policy(policy(&required("fetch_policy")?)?)
        .strict_api(flag(options, "strict_api")?);
    if flag(options, "hold_weakly")? {
        builder = builder.retention(Retention::Held);
    }
    if let Some(seconds) = given(options, "timeout")? {
        let seconds: f64 = seconds.extract()?;
        let timeout = Duration::try_from_secs_f64(seconds);
        builder = builder.timeout(timeout.map_err(|error| {
            PyValueError::new_err(format!("the timeout {seconds} is not a duration: {error}"))
        })?);
    }
    for (name, value) in pairs(options, "headers")? {
        builder = builder.header(name, value);
    }
    for (name, value) in pairs(options, "cookies")? {
        builder = builder.cookie(name, value);
    }
    Ok(builder)
}

fn flag(options: &Bound<'_, PyDict>, name: &str) -> PyResult<bool> {
    options
        .get_item(name)?
        .map_or(Ok(false), |value| value.extract())
}

/// Names and values of a mapping.
pub(crate) fn pairs(options: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<(String, String)>> {
    let Some(mapping) = options.get_item(name)?.filter(|value| !value.is_none()) else {
        return Ok(Vec::new());
    };
    let items = mapping.call_method0("items")?;
    items.try_iter()?.map(|item| item?.extract()).collect()
}

/// Where schemas are kept: a file of our own beside that of the official client, or nowhere.
fn schema_cache(options: &Bound<'_, PyDict>) -> PyResult<SchemaCache> {
    let path = options.get_item("schema_cache_path")?;
    Ok(match path.filter(|path| !path.is_none()) {
        Some(path) => SchemaCache::Folder(path.extract::<std::path::PathBuf>()?),
        None => SchemaCache::Disabled,
    })
}

/// The fetch policy of this name.
pub(crate) fn policy(name: &str) -> PyResult<FetchPolicy> {
    Ok(match name {
        "siblings" => FetchPolicy::Siblings,
        "single" => FetchPolicy::Single,
        "off" => FetchPolicy::Off,
        "deny" => FetchPolicy::Deny,
        _ => {
            return Err(PyValueError::new_err(format!(
                "{name:?} is not a fetch policy: there are \"siblings\", \"single\", \"off\" and \"deny\""
            )));
        }
    })
}

/// What a fetch policy is called.
pub(crate) fn policy_name(policy: FetchPolicy) -> &'static str {
    match policy {
        FetchPolicy::Siblings => "siblings",
        FetchPolicy::Single => "single",
        FetchPolicy::Off => "off",
        FetchPolicy::Deny => "deny",
        _ => "unknown",
    }
}
