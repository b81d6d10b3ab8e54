//! Parts of code objects that are owned, or lie in the program's read-only data.
//!
//! The library that every start runs is kept in the binary in the form that the runtime uses
//! (`image`): its code objects borrow from there, so that nothing is copied and nothing counted.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A name in a code object.
#[derive(Clone)]
pub enum Text {
    Own(Arc<str>),
    /// A text of an image and its number there.
    Static(&'static str, u32),
}

impl Text {
    /// The number in the image of the library, by which a `Vm` finds the interned string.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        match self {
            Text::Static(_, n) if *n != u32::MAX => Some(*n),
            _ => None,
        }
    }
    /// As a shared string.
    #[must_use]
    pub fn arc(&self) -> Arc<str> {
        match self {
            Text::Own(s) => Arc::clone(s),
            Text::Static(s, _) => Arc::from(*s),
        }
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Text::Own(s) => s,
            Text::Static(s, _) => s,
        }
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl From<Arc<str>> for Text {
    fn from(s: Arc<str>) -> Text {
        Text::Own(s)
    }
}

impl From<&str> for Text {
    fn from(s: &str) -> Text {
        Text::Own(Arc::from(s))
    }
}

/// A sequence that never changes.
#[derive(Clone)]
pub enum Stored<T: 'static> {
    Own(Box<[T]>),
    Static(&'static [T]),
}

impl<T> Deref for Stored<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Stored::Own(items) => items,
            Stored::Static(items) => items,
        }
    }
}

impl<T> Default for Stored<T> {
    fn default() -> Stored<T> {
        Stored::Static(&[])
    }
}

impl<T: PartialEq> PartialEq for Stored<T> {
    fn eq(&self, other: &Stored<T>) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Stored<T> {}

impl<T: fmt::Debug> fmt::Debug for Stored<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T> From<Vec<T>> for Stored<T> {
    fn from(items: Vec<T>) -> Stored<T> {
        Stored::Own(items.into())
    }
}

impl<T> From<Box<[T]>> for Stored<T> {
    fn from(items: Box<[T]>) -> Stored<T> {
        Stored::Own(items)
    }
}

impl<T: Clone> From<&[T]> for Stored<T> {
    fn from(items: &[T]) -> Stored<T> {
        Stored::Own(items.into())
    }
}

impl<T, const N: usize> From<[T; N]> for Stored<T> {
    fn from(items: [T; N]) -> Stored<T> {
        Stored::Own(items.into())
    }
}

impl<T> FromIterator<T> for Stored<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Stored<T> {
        Stored::Own(items.into_iter().collect())
    }
}
