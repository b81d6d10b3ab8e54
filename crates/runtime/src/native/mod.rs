//! Native functions: what Python sees of a Rust function, and calls to it.
//!
//! A native function is declared by `def!("name", "(a, b: index, /, *, key=None)", function)` of the
//! crate `stackless-macros`. The signature is Python's, as in `__text_signature__`; a parameter may
//! name a converter (`Conv`) after `:`. Binding gives the function one value per parameter, *unbound*
//! for an optional one that was not given, a tuple for `*args`, a dict for `**kwargs`. Errors are
//! CPython's for the same signature.

pub use crate::args::Args;
use crate::args::{LENT, Lent};
use crate::exc::{Flow, PyResult};
use crate::object::{Payload, Trace, ValueCell};
use crate::value::Value;
use crate::vm::Vm;

mod bind;
mod convert;
mod signature;
pub mod typed;

pub(crate) use convert::CONVERT_ARGS;
pub use convert::Conv;
pub use signature::{Param, ParamKind, Rest, Signature};
pub use stackless_macros::{classdef, def, staticdef};

pub type NativeFunc = fn(&mut Vm, &[Value]) -> Flow;

/// A native function's declaration.
pub struct Def {
    pub name: &'static str,
    pub func: NativeFunc,
    pub sig: &'static Signature,
    /// Of the signature, where calls look first: numbers of arguments that need no binding but
    /// padding (none if at least 255), at least and at most.
    required: u8,
    padded: u8,
    /// Parameters have converters: such calls look at their arguments first.
    converts: bool,
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
    /// What `def!` stands for.
    pub const fn new(
        name: &'static str,
        sig: &'static Signature,
        func: NativeFunc,
        kind: DefKind,
    ) -> Def {
        let (required, padded) = match sig.unbound_width() {
            Some(width) => (sig.required as u8, width as u8),
            None => (u8::MAX, 0),
        };
        let converts = sig.converts;
        Def {
            name,
            func,
            sig,
            required,
            padded,
            converts,
            kind,
            of_float: None,
            quick: Quick::None,
        }
    }
    /// `of_float` serves the calls whose argument is one float and whose result exists.
    pub const fn of_float(mut self, of_float: fn(f64) -> Option<f64>) -> Def {
        self.of_float = Some(of_float);
        self.quick(Quick::OfFloat)
    }
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

/// The native declaration behind a builtin callable.
/// Modules whose native part is named after them with an underscore in front.
const PLAIN: [&str; 11] = [
    "binascii",
    "fcntl",
    "gc",
    "math",
    "mmap",
    "posix",
    "resource",
    "select",
    "time",
    "unicodedata",
    "zlib",
];

impl Native {
    /// The module that programs know the function of: native parts of modules have their own names.
    pub(crate) fn public_module(&self, vm: &Vm) -> Value {
        let module = self.module.get();
        let public = |m: &str| {
            let whole = m.strip_suffix("_native").or_else(|| m.strip_suffix("_numbers"))?;
            Some(match whole.strip_prefix('_') {
                Some("descriptors" | "process") => "posix".to_string(),
                Some(plain) if PLAIN.contains(&plain) => plain.to_string(),
                _ => whole.to_string(),
            })
        };
        module.as_str(vm).and_then(public).map_or(module.clone(), |name| vm.str(&name))
    }
}

pub fn native_of(callable: &Value) -> Option<&Native> {
    if let Some(f) = callable.get::<NativeFunction>() {
        Some(&f.0)
    } else if let Some(f) = callable.get::<MethodDescr>() {
        Some(&f.0)
    } else {
        callable.get::<ClassMethodDescr>().map(|f| &f.0)
    }
}

/// Payload of builtin functions and method descriptors.
#[derive(Trace)]
pub struct Native {
    pub def: &'static Def,
    /// The receiver of a bound builtin, the class of a descriptor, the module of a function.
    pub owner: ValueCell,
    /// `__module__` of a plain function.
    pub module: ValueCell,
    #[trace(foreign)]
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
            quick: def.quick,
            is_new: def.name == "__new__",
        }
    }
    /// The function that a descriptor becomes for an owner.
    pub fn bound(&self, owner: Value) -> Native {
        Native {
            def: self.def,
            owner: ValueCell::new(owner),
            module: ValueCell::new(Value::NONE),
            quick: match self.quick {
                Quick::Send => Quick::SendBound,
                Quick::Receive => Quick::ReceiveBound,
                // The receiver is no argument of a bound one.
                _ => Quick::None,
            },
            is_new: self.is_new,
        }
    }
    pub fn signature(&self) -> &'static Signature {
        self.def.sig
    }
}

impl Native {
    /// May a call with so many arguments skip the binding?
    #[inline(always)]
    pub(crate) fn takes(&self, n: usize) -> bool {
        n >= self.def.required as usize && n <= self.def.padded as usize
    }

    /// A call that `takes` allows.
    #[inline(always)]
    pub(crate) fn call_unbound(&self, vm: &mut Vm, args: &[Value]) -> Flow {
        if self.def.converts && !self.signature().needs_no_conversion(vm, args) {
            return self.call_converting(vm, args);
        }
        match args.len() == self.def.padded as usize {
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
        if let (true, Some(padding)) = (args.is_empty(), NOT_GIVEN.get(..self.def.padded as usize))
        {
            return (self.def.func)(vm, padding);
        }
        let mut lent = Lent::new();
        lent.extend(args);
        lent.pad(self.def.padded as usize);
        (self.def.func)(vm, lent.values())
    }
}

/// `builtin_function_or_method`: a module function (owner unbound), or bound to its owner.
#[derive(Payload)]
#[payload(layout = NATIVE_FUNCTION)]
pub struct NativeFunction(pub Native);

/// `method_descriptor`: an unbound method of the class `owner`.
#[derive(Payload)]
#[payload(layout = METHOD_DESCR)]
pub struct MethodDescr(pub Native);

/// `classmethod_descriptor`.
#[derive(Payload)]
#[payload(layout = CLASSMETHOD_DESCR)]
pub struct ClassMethodDescr(pub Native);

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
                return convert::convert_and_call(vm, callable, native, sig, bound, 0);
            }
            if sig.collects {
                return call_collecting(vm, native, sig, lent, &[]);
            }
            return (native.def.func)(vm, lent.values());
        }
        if sig.rest.varargs && !sig.converts {
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
    if sig.rest.ignored
        && let Some(first) = receiver.or(args.values.first())
    {
        return (native.def.func)(vm, &[first.clone(), Value::UNBOUND, Value::UNBOUND]);
    }
    let bound = bind::bind(vm, native, sig, receiver, args)?;
    if sig.converts {
        return convert::convert_and_call(vm, callable, native, sig, bound, 0);
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
    let more = if sig.rest.varargs { vm.tuple_from(extra) } else { Value::NONE };
    let named = if sig.rest.varkw && !sig.rest.no_empty_dict {
        vm.dict().into_value()
    } else {
        Value::NONE
    };
    let mut lent = head;
    if sig.rest.varargs {
        lent.push(&more);
    }
    if sig.rest.varkw {
        lent.push(&named);
    }
    (native.def.func)(vm, lent.values())
}
