//! Event expressions.

use ftrack::expression::{Expression, Kind, Test};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What an event expression says: ("all", [...]), ("any", [...]), ("not", ...), or ("condition", field, operator,
/// value).
#[pyfunction]
pub(crate) fn parse_expression<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let expression: Expression =
        text.parse()
            .map_err(|error: ftrack::expression::ParseError| {
                PyValueError::new_err(error.to_string())
            })?;
    to_python(py, &expression)
}

fn to_python<'py>(py: Python<'py>, expression: &Expression) -> PyResult<Bound<'py, PyAny>> {
    let parts = |name, parts: &[Expression]| {
        let parts: PyResult<Vec<_>> = parts.iter().map(|part| to_python(py, part)).collect();
        Ok((name, parts?).into_pyobject(py)?.into_any())
    };
    match expression.kind() {
        Kind::All(all) => parts("all", all),
        Kind::Any(any) => parts("any", any),
        Kind::Not(negated) => Ok(("not", to_python(py, negated)?)
            .into_pyobject(py)?
            .into_any()),
        Kind::Condition(condition) => {
            let test = condition.test();
            let value = match test {
                Test::Exists => "*".to_owned(),
                Test::StartsWith(prefix) => format!("{prefix}*"),
                Test::Is(text)
                | Test::IsNot(text)
                | Test::Less(text)
                | Test::LessOrEqual(text)
                | Test::Greater(text)
                | Test::GreaterOrEqual(text) => text.clone(),
                _ => return unknown(expression),
            };
            let condition = ("condition", condition.field(), test.operator(), value);
            Ok(condition.into_pyobject(py)?.into_any())
        }
        _ => unknown(expression),
    }
}

/// The error for a part of an expression that Python has no word for.
fn unknown<T>(expression: &Expression) -> PyResult<T> {
    let reason = format!("`{expression}` has a part that this package cannot show");
    Err(pyo3::exceptions::PyNotImplementedError::new_err(reason))
}
