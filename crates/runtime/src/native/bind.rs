//! Binding the arguments of a call to the parameters of a native function, with CPython's errors.

use super::{ArgVec, DefKind, Native, Param, Signature};
use crate::args::Args;
use crate::exc::PyResult;
use crate::value::Value;
use crate::vm::Vm;

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
pub(super) fn shown_name(vm: &Vm, native: &Native) -> String {
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

pub(super) fn bind(
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
    let all_posonly = sig.posonly == sig.params.len() && !sig.rest.varkw;
    let subclass = all_posonly
        && args.has_keywords()
        && other_takes_keywords(vm, native, receiver.or(positional.first()));
    if all_posonly && args.has_keywords() && !sig.rest.varkw && !subclass {
        let q = qualified(vm, native, sig);
        return Err(vm.type_error(format!("{q}() takes no keyword arguments")));
    }
    if all_posonly && !sig.rest.varargs && (shown > max || npos < sig.required) {
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
        && !sig.rest.varargs
        && !sig.rest.varkw
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
    let by_hand = sig.posonly == sig.positional && (sig.rest.varkw || native.def.name == "sorted");
    if by_hand && !sig.rest.varargs && (shown > max || npos < sig.required) {
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
    if !sig.rest.varargs && !extra.is_empty() {
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
    for (key, value) in args.keywords().filter(|_| !(all_posonly && subclass && !sig.rest.varkw)) {
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
            None if sig.rest.varkw => kwargs.push((key.clone(), value.clone())),
            None => {
                let name = shown_name(vm, native);
                return Err(vm.type_error(
                    if sig.params.len() == sig.posonly && !sig.rest.varargs {
                        format!("{}() takes no keyword arguments", qualified(vm, native, sig))
                    } else {
                        let text = key.display_str(vm);
                        format!("{name}() got an unexpected keyword argument '{text}'")
                    },
                ));
            }
        }
    }
    for (i, p) in sig.params.iter().enumerate() {
        if !p.optional && out[i].is_unbound() {
            let name = shown_name(vm, native);
            if i < sig.posonly {
                let n = sig.required - skip;
                let word = if sig.positional > sig.required || sig.rest.varargs {
                    "at least "
                } else {
                    "exactly "
                };
                return Err(vm.type_error(if i == 0 && skip == 1 {
                    format!("unbound method {}() needs an argument", qualified(vm, native, sig))
                } else if sig.rest.varargs || sig.posonly == sig.params.len() {
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
    if sig.rest.varargs {
        out.push(vm.tuple(extra));
    }
    if sig.rest.no_empty_dict && kwargs.is_empty() {
        out.push(Value::NONE);
    } else if sig.rest.varkw {
        let dict = vm.dict();
        for (k, v) in kwargs {
            dict.set_str(vm, &k, v);
        }
        out.push(dict.into_value());
    }
    Ok(out)
}
