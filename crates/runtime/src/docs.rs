//! Descriptions of native types, functions and attributes, for `__doc__` and `help()`.
//!
//! They lie in text files, sorted by name, and are looked up when somebody asks: start-up neither
//! reads nor copies them. A line is a name, a tab and the text with `\n` for line ends; `*.name`
//! stands for the method of every type that has no line of its own; `!name` gives the signature of
//! a type.

use crate::native::Native;
use crate::object::Obj;
use crate::objects::types::Type;
use crate::value::Value;
use crate::vm::Vm;

static BUILTINS: &str = include_str!("docs/builtins.txt");

/// The line of a name.
fn line(name: &str) -> Option<&'static str> {
    let text = BUILTINS.as_bytes();
    let (mut low, mut high) = (0, text.len());
    while low < high {
        // The line that the middle falls into.
        let middle = low + (high - low) / 2;
        let start = text[..middle].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let end =
            text[middle..].iter().position(|b| *b == b'\n').map_or(text.len(), |i| middle + i);
        let (key, rest) = BUILTINS.get(start..end)?.split_once('\t')?;
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
    if t.module != "builtins" {
        return Value::NONE;
    }
    text(vm, line(&t.name_str(vm)))
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
    let own = t.name_str(vm);
    text(vm, line(&format!("{own}.{name}")).or_else(|| line(&format!("*.{name}"))))
}

/// The description of a native function or method.
pub(crate) fn of_function(vm: &Vm, f: &Native) -> Value {
    let owner = f.owner.get();
    if owner.has::<Type>() {
        return of_attribute(vm, &owner, f.def.name);
    }
    if owner.is_unbound() || owner.has::<crate::objects::module::Module>() {
        let module = f.module.get();
        return match module.as_str(vm) {
            None | Some("builtins") => text(vm, line(f.def.name)),
            Some(module) => text(vm, line(&format!("{module}.{}", f.def.name))),
        };
    }
    // Bound: the nearest base that defines it.
    let bases = vm.type_of(&owner).mro_items(vm);
    let found = bases.iter().filter(|b| b.get::<Type>().is_some_and(|t| !t.is_heap_type()));
    for base in found {
        let name = base.get::<Type>().map_or(String::new(), |t| t.name_str(vm));
        if let Some(found) = line(&format!("{name}.{}", f.def.name)) {
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
        let mut last = "";
        for entry in BUILTINS.lines() {
            let (key, rest) = entry.split_once('\t').expect("name, tab, text");
            assert!(last < key, "{key} is out of order");
            last = key;
            assert_eq!(line(key), Some(rest));
        }
        assert_eq!(line("no such name"), None);
        assert_eq!(line(""), None);
        assert_eq!(line("~"), None);
    }
}
