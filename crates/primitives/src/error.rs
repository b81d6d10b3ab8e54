//! The error that every fallible primitive returns: CPython's exception kind and exact message.
//!
//! The runtime turns it into an exception object. Codec failures carry positions and have a
//! type of their own (`codecs::CodecError`).

use std::borrow::Cow;
use std::fmt;

/// Which exception class the runtime has to raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    ValueError,
    OverflowError,
    /// `OverflowError` whose arguments are `(ERANGE, message)`, as C library failures give.
    OverflowErrno,
    TypeError,
    ZeroDivisionError,
    IndexError,
    KeyError,
    LookupError,
    MemoryError,
    /// `struct.error`
    StructError,
    /// `binascii.Error`
    BinasciiError,
}

impl ErrorKind {
    /// The name of the Python class, for kinds that are builtin classes.
    pub fn class_name(self) -> &'static str {
        match self {
            Self::ValueError => "ValueError",
            Self::OverflowError | Self::OverflowErrno => "OverflowError",
            Self::TypeError => "TypeError",
            Self::ZeroDivisionError => "ZeroDivisionError",
            Self::IndexError => "IndexError",
            Self::KeyError => "KeyError",
            Self::LookupError => "LookupError",
            Self::MemoryError => "MemoryError",
            Self::StructError => "struct.error",
            Self::BinasciiError => "binascii.Error",
        }
    }
}

/// `ERANGE`, the number in the arguments of an [`ErrorKind::OverflowErrno`].
pub const ERANGE: i32 = 34;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// WTF-8 never leaks in here: messages quote text through `repr`, which escapes surrogates.
    pub message: Cow<'static, str>,
}

pub type Result<T> = std::result::Result<T, Error>;

macro_rules! constructors {
    ($($name:ident => $kind:ident),* $(,)?) => {
        $(#[cold]
        pub fn $name(message: impl Into<Cow<'static, str>>) -> Self {
            Self { kind: ErrorKind::$kind, message: message.into() }
        })*
    };
}

impl Error {
    constructors! {
        value => ValueError,
        overflow => OverflowError,
        type_error => TypeError,
        index => IndexError,
        key => KeyError,
        lookup => LookupError,
        struct_error => StructError,
    }

    #[cold]
    pub fn zero_division() -> Self {
        Self { kind: ErrorKind::ZeroDivisionError, message: "division by zero".into() }
    }

    #[cold]
    pub fn zero_division_msg(message: &'static str) -> Self {
        Self { kind: ErrorKind::ZeroDivisionError, message: message.into() }
    }

    /// Raised before an allocation that could not succeed; CPython gives it no message.
    #[cold]
    pub fn memory() -> Self {
        Self { kind: ErrorKind::MemoryError, message: "".into() }
    }

    #[cold]
    pub fn range() -> Self {
        Self { kind: ErrorKind::OverflowErrno, message: "Numerical result out of range".into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.class_name(), self.message)
    }
}

impl std::error::Error for Error {}

/// Largest string, bytes or integer, in bytes, that a primitive builds. A VM's budget may
/// be smaller (`memory`); this one keeps absurd requests (a width of
/// 10**15) from reaching the allocator, whose failure would end the process.
pub const MAX_OUTPUT: usize = 1 << 34;

/// Checks a size that user data asked for before anything is allocated.
pub fn check_size(size: Option<usize>) -> Result<usize> {
    match size {
        Some(n) if n <= MAX_OUTPUT && crate::memory::allows(n) => Ok(n),
        _ => Err(Error::memory()),
    }
}

/// A vector with room for `capacity` bytes, or MemoryError.
pub fn try_vec(capacity: usize) -> Result<Vec<u8>> {
    let mut v = Vec::new();
    let mut reserve = || crate::memory::attempt(|| v.try_reserve_exact(capacity).is_ok());
    if check_size(Some(capacity)).is_err() || !reserve() {
        return Err(Error::memory());
    }
    Ok(v)
}
