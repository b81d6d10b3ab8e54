//! What `def!` binds the parameters of a closure with: bound values as Rust's own types. Values have
//! passed their converters.

use crate::exc::Flow;
use crate::value::Value;

/// The float of an int or float.
pub fn float(v: &Value) -> f64 {
    v.as_float().or_else(|| v.as_i64().map(|i| i as f64)).unwrap_or(0.0)
}

pub fn ssize(v: &Value) -> i64 {
    v.as_i64().unwrap_or(0)
}

pub fn truth(v: &Value) -> bool {
    v.is_true()
}

/// An argument that was given, and not as None.
pub fn not_none(v: &Value) -> Option<&Value> {
    v.given().filter(|v| !v.is_none())
}

/// The values of `*args`.
pub fn rest(v: &Value) -> &[Value] {
    v.tuple_items()
}

/// A function was called past its signature, which nothing does.
#[cold]
pub fn wrong_width() -> Flow {
    unreachable!("a native function gets a value for every parameter")
}
