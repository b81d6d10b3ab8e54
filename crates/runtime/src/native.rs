//! Native functions: declaration by Python signature, binding of arguments, converters.
//!
//! A native function is declared by `def("name", "(a, b: index, /, *, key=None)", function)`. The
//! signature is Python's, as in `__text_signature__`; a parameter may name a converter after `:`.
//! Binding gives the function one value per parameter, *unbound* for an optional one that was not
//! given, a tuple for `*args`, a dict for `**kwargs`. Errors are CPython's for the same signature.
//!
//! `*_, **_` stands for arguments that the function ignores; `**kwargs?` passes None instead of an
//! empty dict.
//!
//! Converters run before the body, softly where the argument defines the conversion in Python:
//! `index` (an int through `__index__`), `ssize` (the same, and it fits in 64 bits), `float`,
//! `complex` (a complex, float or int),
//! `truth` (a bool), `str`, `int` (an exact or subclassed int through `__index__`, no floats),
//! `slice` (an int through `__index__` or None), `bound` (the same without None), `buffer` (a bytes-like object;
//! `__buffer__` gives a memoryview). A `?` behind the converter lets None pass.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

pub use crate::args::Args;
use crate::args::{LENT, Lent};
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::layout;
use crate::machine::{Input, Machine, Regs};
use crate::object::{Payload, ValueCell};
use crate::value::Value;
use crate::vm::Vm;

pub type NativeFunc = fn(&mut Vm, &[Value]) -> Flow;

/// A native function's declaration.
pub struct Def {
    pub name: &'static str,
    pub sig: &'static str,
    pub func: NativeFunc,
    pub kind: DefKind,
    /// What the function is for one float, where that is a float and raises nothing.
    pub of_float: Option<fn(f64) -> Option<f64>>,
    pub quick: Quick,
}

/// Calls with a way of their own in the quick tier: see `quick::calls`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quick {
    None,
    OfFloat,
    Schedule,
    Send,
    Receive,
    /// As methods of a channel.
    SendBound,
    ReceiveBound,
    NewTasklet,
    CallTasklet,
}

impl Quick {
    pub const COUNT: usize = 9;
}

impl Def {
    pub const fn quick(mut self, quick: Quick) -> Def {
        self.quick = quick;
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefKind {
    Plain,
    Class,
    Static,
}

pub const fn def(name: &'static str, sig: &'static str, func: NativeFunc) -> Def {
    Def { name, sig, func, kind: DefKind::Plain, of_float: None, quick: Quick::None }
}
/// A function of one float: `of_float` serves the calls whose argument is one and whose result exists.
pub const fn floatdef(
    name: &'static str,
    func: NativeFunc,
    of_float: fn(f64) -> Option<f64>,
) -> Def {
    let sig = "(x: float, /)";
    Def { name, sig, func, kind: DefKind::Plain, of_float: Some(of_float), quick: Quick::OfFloat }
}
/// A class method: the first parameter is the class.
pub const fn classdef(name: &'static str, sig: &'static str, func: NativeFunc) -> Def {
    Def { name, sig, func, kind: DefKind::Class, of_float: None, quick: Quick::None }
}
pub const fn staticdef(name: &'static str, sig: &'static str, func: NativeFunc) -> Def {
    Def { name, sig, func, kind: DefKind::Static, of_float: None, quick: Quick::None }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conv {
    None,
    Index,
    Ssize,
    Float,
    Complex,
    Truth,
    Str,
    Int,
    Slice,
    Bound,
    Buffer,
}

impl Conv {
    /// Is this what the converter would give?
    #[inline]
    fn is_satisfied(self, vm: &Vm, value: &Value) -> bool {
        match self {
            Conv::Index | Conv::Ssize | Conv::Int | Conv::Bound => value.is_int(),
            Conv::Float => value.is_small_float(),
            Conv::Complex => value.is_small_float() || value.is_int(),
            Conv::Truth => value.is_bool(),
            Conv::Slice => value.is_int() || value.is_none(),
            Conv::Buffer => crate::methods::buffer::is_plain(value),
            Conv::Str => vm.is_str(value),
            Conv::None => true,
        }
    }
}

pub struct Param {
    pub name: &'static str,
    pub conv: Conv,
    /// None is passed on as it is.
    pub nullable: bool,
    pub optional: bool,
}

/// A parsed signature.
pub struct Signature {
    /// Positional-only, then positional-or-keyword, then keyword-only parameters.
    pub params: Vec<Param>,
    pub posonly: usize,
    pub positional: usize,
    pub required: usize,
    pub varargs: bool,
    pub varkw: bool,
    pub converts: bool,
    pub has_self: bool,
    /// Keyword-only parameters without default.
    pub required_named: usize,
    /// `**kwargs?`: None is passed where there are no keywords.
    pub no_empty_dict: bool,
    /// There is a tuple or a dict of further arguments.
    pub collects: bool,
    /// A call without keywords may lend its values (`Lent`): no converter is missing a place, no
    /// keyword is required.
    pub lends: bool,
    /// `*_, **_`: the function looks at none of the further arguments and gets them unbound.
    pub ignores_rest: bool,
}

impl Signature {
    pub fn parse(sig: &'static str) -> Signature {
        let inner = sig.trim().strip_prefix('(').unwrap_or(sig);
        let inner = &inner[..inner.rfind(')').unwrap_or(inner.len())];
        let mut s = Signature {
            params: Vec::new(),
            posonly: 0,
            positional: 0,
            required: 0,
            varargs: false,
            varkw: false,
            converts: false,
            has_self: false,
            required_named: 0,
            no_empty_dict: false,
            ignores_rest: false,
            collects: false,
            lends: false,
        };
        let mut keyword_only = false;
        for part in split_params(inner) {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            if part == "/" {
                s.posonly = s.params.len();
            } else if part == "*" {
                keyword_only = true;
            } else if part.starts_with("**") {
                s.varkw = true;
                s.no_empty_dict = part.ends_with('?');
                s.ignores_rest = part == "**_";
            } else if part.starts_with('*') {
                s.varargs = true;
                keyword_only = true;
            } else {
                let (head, optional) = match part.split_once('=') {
                    Some((head, _)) => (head.trim(), true),
                    None => (part, false),
                };
                let nullable = head.ends_with('?');
                let (name, conv) = match head.split_once(':') {
                    Some((name, conv)) => (
                        name.trim(),
                        match conv.trim().trim_end_matches('?') {
                            "index" => Conv::Index,
                            "ssize" => Conv::Ssize,
                            "float" => Conv::Float,
                            "complex" => Conv::Complex,
                            "truth" => Conv::Truth,
                            "str" => Conv::Str,
                            "int" => Conv::Int,
                            "slice" => Conv::Slice,
                            "bound" => Conv::Bound,
                            "buffer" => Conv::Buffer,
                            _ => Conv::None,
                        },
                    ),
                    None => (head, Conv::None),
                };
                s.converts |= conv != Conv::None;
                s.has_self |= s.params.is_empty() && matches!(name, "self" | "cls");
                s.params.push(Param { name, conv, nullable, optional });
                s.required_named += (keyword_only && !optional) as usize;
                if !keyword_only {
                    s.positional = s.params.len();
                    if !optional {
                        s.required = s.params.len();
                    }
                }
            }
        }
        s.collects = s.varargs || s.varkw;
        s.lends = s.width() <= LENT && s.required_named == 0 && !s.ignores_rest;
        s
    }

    /// Values that the function receives.
    pub fn width(&self) -> usize {
        self.params.len() + self.varargs as usize + self.varkw as usize
    }

    /// Do all the values have the form that their converters give?
    fn needs_no_conversion(&self, vm: &Vm, values: &[Value]) -> bool {
        self.params
            .iter()
            .zip(values)
            .all(|(p, v)| v.is_unbound() || p.nullable && v.is_none() || p.conv.is_satisfied(vm, v))
    }
}

fn split_params(text: &'static str) -> Vec<&'static str> {
    let (mut parts, mut depth, mut start, mut quote) = (Vec::new(), 0, 0, None);
    for (i, c) in text.char_indices() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(c),
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth -= 1,
            (',', None) if depth == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Payload of builtin functions and method descriptors.
pub struct Native {
    pub def: &'static Def,
    /// The receiver of a bound builtin, the class of a descriptor, the module of a function.
    pub owner: ValueCell,
    /// `__module__` of a plain function.
    pub module: ValueCell,
    /// Shared with what is bound from it: parsing takes longer than most calls.
    pub signature: OnceCell<Rc<Signature>>,
    /// Numbers of arguments that need no binding but padding: at most, and at least (none before the
    /// signature was read).
    padded: Cell<u8>,
    required: Cell<u8>,
    /// Parameters have converters: such calls look at their arguments first.
    converts: Cell<bool>,
    pub(crate) quick: Quick,
    /// `__new__`: a static method, whose owner is not a receiver.
    pub is_new: bool,
}

impl Native {
    pub fn new(def: &'static Def, owner: Value, module: Value) -> Native {
        Native {
            def,
            owner: ValueCell::new(owner),
            module: ValueCell::new(module),
            signature: OnceCell::new(),
            padded: Cell::new(0),
            required: Cell::new(u8::MAX),
            converts: Cell::new(false),
            quick: def.quick,
            is_new: def.name == "__new__",
        }
    }
    /// The function that a descriptor becomes for an owner.
    pub fn bound(&self, owner: Value) -> Native {
        self.signature();
        Native {
            def: self.def,
            owner: ValueCell::new(owner),
            module: ValueCell::new(Value::NONE),
            signature: self.signature.clone(),
            padded: self.padded.clone(),
            required: self.required.clone(),
            converts: self.converts.clone(),
            quick: match self.quick {
                Quick::Send => Quick::SendBound,
                Quick::Receive => Quick::ReceiveBound,
                // The receiver is no argument of a bound one.
                _ => Quick::None,
            },
            is_new: self.is_new,
        }
    }
    pub fn signature(&self) -> &Signature {
        self.signature.get_or_init(|| {
            let sig = Rc::new(Signature::parse(self.def.sig));
            if sig.lends && !sig.collects && sig.positional == sig.params.len() {
                self.padded.set(sig.params.len() as u8);
                self.required.set(sig.required as u8);
                self.converts.set(sig.converts);
            }
            sig
        })
    }
}

impl Native {
    /// May a call with so many arguments skip the binding?
    #[inline(always)]
    pub(crate) fn takes(&self, n: usize) -> bool {
        n >= self.required.get() as usize && n <= self.padded.get() as usize
    }

    /// A call that `takes` allows.
    #[inline(always)]
    pub(crate) fn call_unbound(&self, vm: &mut Vm, args: &[Value]) -> Flow {
        if self.converts.get() && !self.signature().needs_no_conversion(vm, args) {
            return self.call_converting(vm, args);
        }
        match args.len() == self.padded.get() as usize {
            true => (self.def.func)(vm, args),
            false => self.call_padded(vm, args),
        }
    }

    /// The general call, whose conversions may run Python code and need a callable to come back to.
    #[cold]
    fn call_converting(&self, vm: &mut Vm, args: &[Value]) -> Flow {
        let bound = NativeFunction(self.bound(Value::UNBOUND));
        let callable = vm.alloc(&vm.types.builtin_function, bound).into_value();
        call(vm, &callable, self, None, Args::new(args))
    }

    fn call_padded(&self, vm: &mut Vm, args: &[Value]) -> Flow {
        const NOT_GIVEN: &[Value] = &[Value::UNBOUND, Value::UNBOUND, Value::UNBOUND];
        if let (true, Some(padding)) =
            (args.is_empty(), NOT_GIVEN.get(..self.padded.get() as usize))
        {
            return (self.def.func)(vm, padding);
        }
        let mut lent = Lent::new();
        lent.extend(args);
        lent.pad(self.padded.get() as usize);
        (self.def.func)(vm, lent.values())
    }
}

macro_rules! native_payload {
    ($(#[$doc:meta])* $name:ident, $layout:ident) => {
        $(#[$doc])*
        pub struct $name(pub Native);
        // SAFETY: visits each owned value once.
        #[expect(unsafe_code, reason = "payload declaration")]
        unsafe impl Payload for $name {
            const LAYOUT: u16 = layout::$layout;
            fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
                visit(self.0.owner.peek());
                visit(self.0.module.peek());
            }
        }
    };
}
native_payload!(
    /// `builtin_function_or_method`: a module function (owner unbound), or bound to its owner.
    NativeFunction,
    NATIVE_FUNCTION
);
native_payload!(
    /// `method_descriptor`: an unbound method of the class `owner`.
    MethodDescr,
    METHOD_DESCR
);
native_payload!(
    /// `classmethod_descriptor`.
    ClassMethodDescr,
    CLASSMETHOD_DESCR
);

type ArgVec = smallvec::SmallVec<[Value; 8]>;

/// Calls a native function. `receiver` goes before the arguments.
pub fn call(
    vm: &mut Vm,
    callable: &Value,
    native: &Native,
    receiver: Option<&Value>,
    args: Args<'_>,
) -> Flow {
    if native.is_new {
        check_new(vm, native, receiver.or(args.values.first()))?;
    }
    let sig = native.signature();
    let given = args.values.len() + receiver.is_some() as usize;
    if sig.lends && args.names.is_none() && given >= sig.required {
        if given <= sig.positional {
            if receiver.is_none() && given == sig.params.len() && !sig.converts && !sig.collects {
                return (native.def.func)(vm, args.values);
            }
            let mut lent = Lent::new();
            if let Some(receiver) = receiver {
                lent.push(receiver);
            }
            lent.extend(args.values);
            lent.pad(sig.params.len());
            if sig.converts && !sig.needs_no_conversion(vm, lent.values()) {
                let bound = ArgVec::from(lent.values());
                return convert_and_call(vm, callable, native, sig, bound, 0);
            }
            if sig.collects {
                return call_collecting(vm, native, sig, lent, &[]);
            }
            return (native.def.func)(vm, lent.values());
        }
        if sig.varargs && !sig.converts {
            let mut lent = Lent::new();
            if let Some(receiver) = receiver {
                lent.push(receiver);
            }
            let (head, extra) = args.values.split_at(sig.positional - receiver.is_some() as usize);
            lent.extend(head);
            lent.pad(sig.params.len());
            return call_collecting(vm, native, sig, lent, extra);
        }
    }
    if sig.ignores_rest
        && let Some(first) = receiver.or(args.values.first())
    {
        return (native.def.func)(vm, &[first.clone(), Value::UNBOUND, Value::UNBOUND]);
    }
    let bound = bind(vm, native, sig, receiver, args)?;
    if sig.converts {
        return convert_and_call(vm, callable, native, sig, bound, 0);
    }
    (native.def.func)(vm, &bound)
}

/// `X.__new__(cls)`: the class must derive from `X`, and its instances be made as those of `X` are;
/// another layout behind a payload would be memory corruption. A `__new__` may rely on this.
fn check_new(vm: &mut Vm, native: &Native, class: Option<&Value>) -> PyResult<()> {
    use crate::objects::types::Type;
    let owner = native.owner.get();
    let (Some(owner), Some(class)) = (owner.get::<Type>(), class) else { return Ok(()) };
    let Some(t) = class.get::<Type>() else {
        let (name, got) = (owner.name_str(vm), vm.type_name(class));
        return Err(vm.type_error(format!("{name}.__new__(X): X is not a type object ({got})")));
    };
    if std::ptr::eq(t, owner) {
        return Ok(());
    }
    let mut made = t.to_ref();
    while made.is_heap_type()
        && let Ok(base) = made.base.get().cast::<Type>()
    {
        made = base;
    }
    if std::ptr::eq(&*made, owner) {
        return Ok(());
    }
    let name = owner.name_str(vm);
    if !t.is_subtype(owner, vm) {
        let n = t.name_str(vm);
        return Err(vm.type_error(format!("{name}.__new__({n}): {n} is not a subtype of {name}")));
    }
    let new = vm.names.new.clone();
    let own = made
        .lookup(vm, &new)
        .is_some_and(|f| native_of(&f).is_some_and(|n| std::ptr::eq(n.def, native.def)));
    if own && made.layout.get() == owner.layout.get() {
        return Ok(());
    }
    let n = made.name_str(vm);
    Err(vm.type_error(format!("{name}.__new__({}) is not safe, use {n}.__new__()", t.name_str(vm))))
}

/// Adds the tuple of further positional arguments and the absent keywords.
fn call_collecting(
    vm: &mut Vm,
    native: &Native,
    sig: &Signature,
    head: Lent<'_>,
    extra: &[Value],
) -> Flow {
    let more = if sig.varargs { vm.tuple_from(extra) } else { Value::NONE };
    let named = if sig.varkw && !sig.no_empty_dict { vm.dict().into_value() } else { Value::NONE };
    let mut lent = head;
    if sig.varargs {
        lent.push(&more);
    }
    if sig.varkw {
        lent.push(&named);
    }
    (native.def.func)(vm, lent.values())
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// Name as CPython's errors give it: `list.append()` for no- and one-argument methods and for
/// keyword checks, the bare name for positional counts.
fn qualified(vm: &Vm, native: &Native, sig: &Signature) -> String {
    let name = native.def.name;
    if !sig.has_self || is_constructor(native) {
        return shown_name(vm, native);
    }
    let owner = native.owner.get();
    match owner.get::<crate::objects::types::Type>() {
        Some(class) if native.def.kind != DefKind::Class => {
            format!("{}.{}", class.qualname.get().display_str(vm), name)
        }
        Some(class) => format!("{}.{}", class.qualname.get().display_str(vm), name),
        None => format!("{}.{}", vm.type_of(&owner).name_str(vm), name),
    }
}

fn is_constructor(native: &Native) -> bool {
    matches!(native.def.name, "__new__" | "__init__")
}

/// The function's name in errors: constructors go by their class.
fn shown_name(vm: &Vm, native: &Native) -> String {
    match native.owner.get().get::<crate::objects::types::Type>() {
        Some(class) if is_constructor(native) => class.name_str(vm),
        _ => native.def.name.to_string(),
    }
}

/// A subclass may take keywords in its own `__init__` where `__new__` takes none, and the other way.
fn other_takes_keywords(vm: &Vm, native: &Native, first: Option<&Value>) -> bool {
    use crate::objects::types::Type;
    let owner = native.owner.get();
    let (Some(owner), Some(first)) = (owner.get::<Type>(), first) else { return false };
    let (class, other) = match (native.is_new, native.def.name) {
        (true, _) => (first.clone(), &vm.names.init),
        (false, "__init__") => (vm.type_of(first).to_value(), &vm.names.new),
        _ => return false,
    };
    let Some(class) = class.get::<Type>() else { return false };
    match (class.lookup(vm, other), owner.lookup(vm, other)) {
        (Some(a), Some(b)) => !a.is(&b),
        _ => false,
    }
}

fn bind(
    vm: &mut Vm,
    native: &Native,
    sig: &Signature,
    receiver: Option<&Value>,
    args: Args<'_>,
) -> PyResult<ArgVec> {
    let skip = sig.has_self as usize;
    let positional = args.positional();
    let npos = positional.len() + receiver.is_some() as usize;
    let mut out: ArgVec = smallvec::smallvec![Value::UNBOUND; sig.params.len()];
    let mut extra: Vec<Value> = Vec::new();
    for (i, v) in receiver.into_iter().chain(positional).enumerate() {
        if i < sig.positional {
            out[i] = v.clone();
        } else {
            extra.push(v.clone());
        }
    }
    let shown = npos.saturating_sub(skip);
    let max = sig.positional - skip;
    let min = sig.required.saturating_sub(skip);
    let all_posonly = sig.posonly == sig.params.len() && !sig.varkw;
    let subclass = all_posonly
        && args.has_keywords()
        && other_takes_keywords(vm, native, receiver.or(positional.first()));
    if all_posonly && args.has_keywords() && !sig.varkw && !subclass {
        let q = qualified(vm, native, sig);
        return Err(vm.type_error(format!("{q}() takes no keyword arguments")));
    }
    if all_posonly && !sig.varargs && (shown > max || npos < sig.required) {
        let q = qualified(vm, native, sig);
        let name = shown_name(vm, native);
        return Err(vm.type_error(match (min, max) {
            (0, 0) => format!("{q}() takes no arguments ({shown} given)"),
            (1, 1) if !is_constructor(native) => {
                format!("{q}() takes exactly one argument ({shown} given)")
            }
            (min, max) => {
                let (word, n) = if min == max {
                    ("", min)
                } else if shown < min {
                    ("at least ", min)
                } else {
                    ("at most ", max)
                };
                format!("{name} expected {word}{n} argument{}, got {shown}", plural(n))
            }
        }));
    }
    let total = sig.params.len() - skip;
    if !all_posonly
        && !sig.varargs
        && !sig.varkw
        && native.def.name != "sorted"
        && shown + args.name_count() > total
    {
        let name = shown_name(vm, native);
        let given = shown + args.name_count();
        if is_constructor(native) && args.names.is_none() && matches!(name.as_str(), "int" | "str")
        {
            return Err(
                vm.type_error(format!("{name} expected at most {total} arguments, got {given}"))
            );
        }
        let kind = if shown == 0 { "keyword " } else { "" };
        return Err(vm.type_error(format!(
            "{name}() takes at most {total} {kind}argument{} ({given} given)",
            plural(total)
        )));
    }
    // Functions that CPython writes by hand count their positional arguments themselves.
    let by_hand = sig.posonly == sig.positional && (sig.varkw || native.def.name == "sorted");
    if by_hand && !sig.varargs && (shown > max || npos < sig.required) {
        let name = shown_name(vm, native);
        let word = if min == max {
            ""
        } else if shown > max {
            "at most "
        } else {
            "at least "
        };
        let n = if shown > max { max } else { min };
        return Err(
            vm.type_error(format!("{name} expected {word}{n} argument{}, got {shown}", plural(n)))
        );
    }
    if !sig.varargs && !extra.is_empty() {
        let name = shown_name(vm, native);
        let total = sig.params.len() - skip;
        let given = shown + args.name_count();
        return Err(vm.type_error(if max == 0 {
            format!("{name}() takes no positional arguments")
        } else if total > max || min < max {
            let word = if min < max { "at most" } else { "exactly" };
            format!(
                "{name}() takes {word} {max} positional argument{} ({shown} given)",
                plural(max)
            )
        } else {
            format!("{name}() takes exactly {total} argument{} ({given} given)", plural(total))
        }));
    }
    let mut kwargs: Vec<(Value, Value)> = Vec::new();
    for (key, value) in args.keywords().filter(|_| !(all_posonly && subclass && !sig.varkw)) {
        let Some(text) = key.as_wtf8() else {
            return Err(vm.type_error("keywords must be strings"));
        };
        let named = |(i, p): (usize, &Param)| i >= sig.posonly && p.name.as_bytes() == text;
        let found = sig.params.iter().enumerate().position(named);
        match found {
            Some(i) if out[i].is_unbound() => out[i] = value.clone(),
            Some(i) => {
                let (name, text) = (shown_name(vm, native), key.display_str(vm));
                return Err(vm.type_error(format!(
                    "argument for {name}() given by name ('{text}') and position ({})",
                    i + 1 - skip
                )));
            }
            None if sig.varkw => kwargs.push((key.clone(), value.clone())),
            None => {
                let name = shown_name(vm, native);
                return Err(vm.type_error(if sig.params.len() == sig.posonly && !sig.varargs {
                    format!("{}() takes no keyword arguments", qualified(vm, native, sig))
                } else {
                    let text = key.display_str(vm);
                    format!("{name}() got an unexpected keyword argument '{text}'")
                }));
            }
        }
    }
    for (i, p) in sig.params.iter().enumerate() {
        if !p.optional && out[i].is_unbound() {
            let name = shown_name(vm, native);
            if i < sig.posonly {
                let n = sig.required - skip;
                let word = if sig.positional > sig.required || sig.varargs {
                    "at least "
                } else {
                    "exactly "
                };
                return Err(vm.type_error(if i == 0 && skip == 1 {
                    format!("unbound method {}() needs an argument", qualified(vm, native, sig))
                } else if sig.varargs || sig.posonly == sig.params.len() {
                    format!(
                        "{name} expected {}{n} argument{}, got {shown}",
                        if word == "exactly " { "" } else { word },
                        plural(n)
                    )
                } else {
                    format!(
                        "{name}() takes {word}{n} positional argument{} ({shown} given)",
                        plural(n)
                    )
                }));
            }
            return Err(vm.type_error(format!(
                "{name}() missing required argument '{}' (pos {})",
                p.name,
                i + 1 - skip
            )));
        }
    }
    if sig.varargs {
        out.push(vm.tuple(extra));
    }
    if sig.no_empty_dict && kwargs.is_empty() {
        out.push(Value::NONE);
    } else if sig.varkw {
        let dict = vm.dict();
        for (k, v) in kwargs {
            dict.set_str(vm, &k, v);
        }
        out.push(dict.into_value());
    }
    Ok(out)
}

/// Registers: the callable, then the bound arguments. Stage n: argument n is being converted.
pub(crate) static CONVERT_ARGS: Machine = Machine::new("native.convert_args", convert_step);

fn convert_step(vm: &mut Vm, regs: &mut Regs, input: Input) -> Flow {
    let callable = regs.get(0);
    let stage = regs.stage() as usize;
    if stage == 250 {
        return input.value().map(Reply::from);
    }
    let mut bound: ArgVec = regs.rest(1).into();
    if let Input::Start = input {
        regs.set_stage(1);
        let i = regs.int(bound.len());
        let conv = signature_of(&callable)?.params[i as usize].conv;
        let value = soft_in(vm, regs, conv, &bound[i as usize])?;
        let Some(value) = value else { return Ok(Reply::PUSHED) };
        return finish(vm, regs, &callable, bound, value);
    }
    let value = input.value()?;
    bound.truncate(bound.len());
    finish(vm, regs, &callable, bound, value)
}

fn signature_of(callable: &Value) -> PyResult<&Signature> {
    native_of(callable).map(Native::signature).ok_or_else(|| Exc(Value::NONE))
}

/// The native declaration behind a builtin callable.
pub fn native_of(callable: &Value) -> Option<&Native> {
    if let Some(f) = callable.get::<NativeFunction>() {
        Some(&f.0)
    } else if let Some(f) = callable.get::<MethodDescr>() {
        Some(&f.0)
    } else {
        callable.get::<ClassMethodDescr>().map(|f| &f.0)
    }
}

fn soft_in(vm: &mut Vm, regs: &mut Regs, conv: Conv, value: &Value) -> PyResult<Option<Value>> {
    regs.set_stage(1);
    Ok(start_conversion(vm, conv, value)?.ready())
}

fn finish(vm: &mut Vm, regs: &mut Regs, callable: &Value, mut bound: ArgVec, value: Value) -> Flow {
    let last = bound.len() - 1;
    let i = bound[last].as_small_int().unwrap_or(0) as usize;
    bound.truncate(last);
    let native = native_of(callable).ok_or_else(|| Exc(Value::NONE))?;
    let sig = native.signature();
    bound[i] = finish_conversion(vm, native, &sig.params[i], value)?;
    regs.set_stage(250);
    let native = native_of(callable).ok_or_else(|| Exc(Value::NONE))?;
    convert_and_call(vm, callable, native, sig, bound, i + 1)
}

fn start_conversion(vm: &mut Vm, conv: Conv, value: &Value) -> Flow {
    match conv {
        Conv::Index | Conv::Ssize | Conv::Int => crate::ops::number::index(vm, value),
        Conv::Float => crate::ops::number::float(vm, value),
        Conv::Complex => crate::methods::complex::from_number(vm, value),
        Conv::Truth => crate::ops::truth(vm, value),
        Conv::Slice => crate::ops::number::slice_index(vm, value),
        Conv::Bound if vm.type_of(value).slots(vm).index.is_none() => {
            Err(vm.type_error("slice indices must be integers or have an __index__ method"))
        }
        Conv::Bound => crate::ops::number::index(vm, value),
        Conv::Buffer => crate::methods::buffer::from_object(vm, value),
        Conv::None | Conv::Str => Ok(value.clone().into()),
    }
}

fn finish_conversion(vm: &mut Vm, native: &Native, param: &Param, value: Value) -> PyResult {
    match param.conv {
        Conv::Ssize if value.as_i64().is_none() => {
            let name = vm.type_of(&value).name_str(vm);
            let _ = native;
            Err(vm.overflow_error(if name == "int" {
                "Python int too large to convert to C ssize_t".to_string()
            } else {
                format!("cannot fit '{name}' into an index-sized integer")
            }))
        }
        _ => Ok(value),
    }
}

fn convert_and_call(
    vm: &mut Vm,
    callable: &Value,
    native: &Native,
    sig: &Signature,
    mut bound: ArgVec,
    from: usize,
) -> Flow {
    for i in from..sig.params.len() {
        let param = &sig.params[i];
        if param.conv == Conv::None || bound[i].is_unbound() {
            continue;
        }
        if param.nullable && bound[i].is_none() {
            continue;
        }
        let value = &bound[i];
        if param.conv.is_satisfied(vm, value) {
            continue;
        }
        if param.conv == Conv::Str {
            let t = match value.is_none() {
                true => "None".to_string(),
                false => vm.type_of(value).name_str(vm),
            };
            let name = shown_name(vm, native);
            let wanted = if param.nullable { "str or None" } else { "str" };
            let only = sig.params.len() - sig.has_self as usize == 1;
            let which = if only && i < sig.posonly {
                "argument".to_string()
            } else if i < sig.posonly {
                format!("argument {}", i + 1 - sig.has_self as usize)
            } else {
                format!("argument '{}'", param.name)
            };
            return Err(vm.type_error(format!("{name}() {which} must be {wanted}, not {t}")));
        }
        if crate::ops::number::converts_natively(vm, param.conv, value) {
            let value = value.clone();
            let converted = match start_conversion(vm, param.conv, &value)?.ready() {
                Some(v) => v,
                None => return Err(vm.system_error("native conversion pushed a frame")),
            };
            bound[i] = finish_conversion(vm, native, param, converted)?;
        } else {
            let mut regs = vec![callable.clone()];
            regs.extend(bound);
            regs.push(Value::from_usize(i));
            return vm.start_with(&CONVERT_ARGS, &mut regs.into_iter());
        }
    }
    (native.def.func)(vm, &bound)
}
