//! Descriptions of native types, functions and attributes, for `__doc__` and `help()`.
//!
//! They lie in text files, sorted by name, and are looked up when somebody asks: start-up neither
//! reads nor copies them. A line is a name, a tab and the text with `\n` for line ends; `*.name`
//! stands for the method of every type that has no line of its own; `!name` gives the signature of
//! a type. Names of the builtins are bare, others begin with their module, as the object tells it.
//! Modules that are written in Python are described here as well where they stand for native ones.

use crate::native::Native;
use crate::object::Obj;
use crate::objects::types::Type;
use crate::value::Value;
use crate::vm::Vm;

static BUILTINS: &str = include_str!("docs/builtins.txt");
static MODULES: &str = include_str!("docs/modules.txt");
static SYSTEM: &str = include_str!("docs/system.txt");

/// The line of a builtin's name.
fn line(name: &str) -> Option<&'static str> {
    line_of(BUILTINS, name)
}

/// The line of a module or of what is in it.
fn line_in_module(name: &str) -> Option<&'static str> {
    line_of(MODULES, name).or_else(|| line_of(SYSTEM, name))
}

fn line_within(module: &str, name: &str) -> Option<&'static str> {
    line_in_module(&format!("{module}.{name}"))
}

fn line_of(table: &'static str, name: &str) -> Option<&'static str> {
    let text = table.as_bytes();
    let (mut low, mut high) = (0, text.len());
    while low < high {
        // The line that the middle falls into.
        let middle = low + (high - low) / 2;
        let start = text[..middle].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let end =
            text[middle..].iter().position(|b| *b == b'\n').map_or(text.len(), |i| middle + i);
        let (key, rest) = table.get(start..end)?.split_once('\t')?;
        match name.cmp(key) {
            std::cmp::Ordering::Equal => return Some(rest),
            std::cmp::Ordering::Less => high = start,
            std::cmp::Ordering::Greater => low = end + 1,
        }
    }
    None
}

fn text(vm: &Vm, found: Option<&str>) -> Value {
    found.map_or(Value::NONE, |t| vm.str(&t.replace("\\n", "\n")))
}

/// The description of a type.
pub(crate) fn of_type(vm: &Vm, t: &Obj<Type>) -> Value {
    let name = t.name_str(vm);
    if t.module != "builtins" {
        return text(vm, line_within(t.module, &name));
    }
    text(vm, line(&name))
}

/// The description of a class or function of a module that is written in Python.
pub(crate) fn of_library(vm: &Vm, module: &Value, qualname: &Value) -> Value {
    let (Some(module), Some(name)) = (module.as_str(vm), qualname.as_str(vm)) else {
        return Value::NONE;
    };
    let own = line_within(module, name);
    // Special methods do what they do everywhere.
    let of_any = || {
        let special = name.rsplit_once('.')?.1;
        let slot = || crate::dunder::all_defs().find(|d| d.name == special).map(|d| d.doc);
        line(&format!("*.{special}")).filter(|_| special.starts_with("__")).or_else(slot)
    };
    text(vm, own.or_else(of_any))
}

/// The description of a module.
pub fn of_module(vm: &Vm, name: &str) -> Value {
    text(vm, line_in_module(name))
}

/// The signature of a type's calls.
pub(crate) fn signature_of_type(vm: &Vm, t: &Obj<Type>) -> Value {
    if t.is_heap_type() || t.module != "builtins" {
        return Value::NONE;
    }
    let name = t.name_str(vm);
    text(vm, line(&format!("!{name}")))
}

/// The description of an attribute of a type.
pub(crate) fn of_attribute(vm: &Vm, owner: &Value, name: &str) -> Value {
    let Some(t) = owner.get::<Type>() else { return Value::NONE };
    text(vm, attribute_line(vm, t, name).or_else(|| line(&format!("*.{name}"))))
}

fn attribute_line(vm: &Vm, t: &Obj<Type>, name: &str) -> Option<&'static str> {
    let own = t.name_str(vm);
    match t.module {
        "builtins" => line(&format!("{own}.{name}")),
        module => line_within(module, &format!("{own}.{name}")),
    }
}

/// The description of a native function or method.
pub(crate) fn of_function(vm: &Vm, f: &Native) -> Value {
    let owner = f.owner.get();
    if owner.has::<Type>() {
        return of_attribute(vm, &owner, f.def.name);
    }
    if owner.is_unbound() || owner.has::<crate::objects::module::Module>() {
        let module = f.public_module(vm);
        return match module.as_str(vm) {
            None | Some("builtins") => text(vm, line(f.def.name)),
            Some(module) => text(vm, line_within(module, f.def.name)),
        };
    }
    // Bound: the nearest base that defines it.
    let bases = vm.type_of(&owner).mro_items(vm);
    let found = bases.iter().filter(|b| b.get::<Type>().is_some_and(|t| !t.is_heap_type()));
    for base in found {
        let own = base.get::<Type>().and_then(|t| attribute_line(vm, t, f.def.name));
        if let Some(found) = own {
            return text(vm, Some(found));
        }
    }
    text(vm, line(&format!("*.{}", f.def.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found() {
        for table in [BUILTINS, MODULES, SYSTEM] {
            let mut last = "";
            for entry in table.lines() {
                let (key, rest) = entry.split_once('\t').expect("name, tab, text");
                assert!(last < key, "{key} is out of order");
                last = key;
                assert_eq!(line_of(table, key), Some(rest));
            }
        }
        assert_eq!(line("no such name"), None);
        assert_eq!(line(""), None);
        assert_eq!(line("~"), None);
    }
}
