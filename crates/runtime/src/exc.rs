//! Outcomes of operations: a value, a raised exception, or a pushed frame.
//!
//! `Flow` is what every operation answers that may run Python: `Err` raises; `Ok(Reply)` is a value,
//! or says that a frame was pushed on the current tasklet and that its outcome is the operation's
//! outcome. A native function that wants to look at such an outcome must be a machine (see
//! `machine`). Both forms travel in two machine registers.

use crate::value::Value;

/// A raised exception: always an exception instance.
pub struct Exc(pub(crate) Value);

pub type PyResult<T = Value> = Result<T, Exc>;

/// Answer of an operation that did not raise.
#[must_use = "a reply may say that a frame was pushed"]
#[repr(transparent)]
pub struct Reply(Value);

pub type Flow = Result<Reply, Exc>;

impl Reply {
    pub const PUSHED: Reply = Reply(Value::PUSHED);
    pub const EXHAUSTED: Reply = Reply(Value::EXHAUSTED);
    pub const SWITCHED: Reply = Reply(Value::SWITCHED);
    pub const NONE: Reply = Reply(Value::NONE);

    #[inline(always)]
    pub fn is_pushed(&self) -> bool {
        self.0.is_pushed()
    }
    #[inline(always)]
    pub fn is_exhausted(&self) -> bool {
        self.0.is_exhausted()
    }
    #[inline(always)]
    pub fn is_switched(&self) -> bool {
        self.0.is_switched()
    }
    /// Control moved to another frame: the outcome is not here.
    #[inline(always)]
    pub fn is_away(&self) -> bool {
        self.0.is_pushed() || self.0.is_switched()
    }
    /// The value, unless control moved away. *Exhausted* stays inside the value.
    #[inline(always)]
    pub(crate) fn into_raw(self) -> Value {
        self.0
    }
    /// The value if it is here; None when a frame was pushed.
    #[inline(always)]
    pub fn ready(self) -> Option<Value> {
        if self.is_away() { None } else { Some(self.0) }
    }
}

impl From<Value> for Reply {
    #[inline(always)]
    fn from(value: Value) -> Reply {
        Reply(value)
    }
}

impl<T: crate::object::Payload> From<crate::value::Ref<T>> for Reply {
    #[inline(always)]
    fn from(value: crate::value::Ref<T>) -> Reply {
        Reply(value.into_value())
    }
}

impl From<bool> for Reply {
    #[inline(always)]
    fn from(value: bool) -> Reply {
        Reply(Value::bool(value))
    }
}

impl Exc {
    #[inline(always)]
    pub fn value(&self) -> &Value {
        &self.0
    }
    pub fn into_value(self) -> Value {
        self.0
    }
    /// Wraps an exception instance.
    pub fn from_value(value: Value) -> Exc {
        debug_assert!(value.has::<crate::objects::exception::Exception>());
        Exc(value)
    }
}

impl Clone for Exc {
    fn clone(&self) -> Exc {
        Exc(self.0.clone())
    }
}

impl std::fmt::Debug for Exc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exc({:?})", self.0)
    }
}

impl Reply {
    /// The reply's word as a value, for tests against constants.
    #[inline(always)]
    pub(crate) fn as_value(&self) -> &Value {
        &self.0
    }
}
