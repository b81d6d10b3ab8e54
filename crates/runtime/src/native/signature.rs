//! Signatures of native functions as data. `stackless_macros` makes them from Python's text when the
//! crate is built.

use super::{Conv, LENT};
use crate::value::Value;
use crate::vm::Vm;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    PositionalOnly,
    Positional,
    KeywordOnly,
}

pub struct Param {
    pub name: &'static str,
    pub conv: Conv,
    pub kind: ParamKind,
    /// None is passed on as it is.
    pub nullable: bool,
    pub optional: bool,
}

/// What takes the arguments that no parameter takes.
pub struct Rest {
    pub varargs: bool,
    pub varkw: bool,
    /// `**kwargs?`: None is passed where there are no keywords.
    pub no_empty_dict: bool,
    /// `*_, **_`: the function looks at none of them and gets them unbound.
    pub ignored: bool,
}

pub struct Signature {
    /// Positional-only, then positional-or-keyword, then keyword-only parameters.
    pub params: &'static [Param],
    pub posonly: usize,
    pub positional: usize,
    /// Positional parameters without default.
    pub required: usize,
    pub rest: Rest,
    pub converts: bool,
    pub has_self: bool,
    /// There is a tuple or a dict of further arguments.
    pub collects: bool,
    /// A call without keywords may lend its values (`Lent`): no converter is missing a place, no
    /// keyword is required.
    pub lends: bool,
    /// `__text_signature__`.
    pub text: &'static str,
}

impl Signature {
    pub const fn new(params: &'static [Param], rest: Rest, text: &'static str) -> Signature {
        let (mut posonly, mut positional, mut required, mut required_named) = (0, 0, 0, 0);
        let mut converts = false;
        let mut i = 0;
        while i < params.len() {
            let p = &params[i];
            i += 1;
            converts |= !matches!(p.conv, Conv::None);
            match p.kind {
                ParamKind::KeywordOnly => required_named += !p.optional as usize,
                kind => {
                    posonly += matches!(kind, ParamKind::PositionalOnly) as usize;
                    positional = i;
                    required += !p.optional as usize;
                }
            }
        }
        let collects = rest.varargs || rest.varkw;
        let width = params.len() + rest.varargs as usize + rest.varkw as usize;
        let lends = width <= LENT && required_named == 0 && !rest.ignored;
        let has_self = match params {
            [first, ..] => matches!(first.name.as_bytes(), b"self" | b"cls"),
            [] => false,
        };
        Signature {
            params,
            posonly,
            positional,
            required,
            rest,
            converts,
            has_self,
            collects,
            lends,
            text,
        }
    }

    /// The number of parameters, where positional calls need no binding but padding.
    pub(super) const fn unbound_width(&self) -> Option<usize> {
        if self.lends && !self.collects && self.positional == self.params.len() {
            Some(self.params.len())
        } else {
            None
        }
    }

    /// A constructor that leaves its arguments to the initialiser: `(cls, /, *args, **kwargs)`.
    pub(crate) fn takes_anything(&self) -> bool {
        self.params.len() == 1 && self.has_self && self.rest.varargs && self.rest.varkw
    }

    /// Do all the values have the form that their converters give?
    pub(super) fn needs_no_conversion(&self, vm: &Vm, values: &[Value]) -> bool {
        self.params
            .iter()
            .zip(values)
            .all(|(p, v)| v.is_unbound() || p.nullable && v.is_none() || p.conv.is_satisfied(vm, v))
    }
}
