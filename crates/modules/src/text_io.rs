//! `_io_native`: the frequent steps of the library's Python `_io` on its streams' own attributes: a line
//! out of what is decoded or buffered, a text into a buffer with room. Whatever is not as usual goes to
//! the Python method of the same name. CPython's counterparts: `Modules/_io/textio.c`, `bufferedio.c`.

use stackless_runtime::native::{Args, Def, def};
use stackless_runtime::objects::bytes::{ByteArray, Bytes};
use stackless_runtime::objects::str::Str;
use stackless_runtime::objects::types::Type;
use stackless_runtime::{Flow, Value, Vm, ops};

use crate::Native;

pub const MODULE: Native = Native { name: "_io_native", defs: DEFS, fill: |_, _| Ok(()) };

/// The method that Python code defines under another name.
fn slowly(vm: &mut Vm, name: &str, args: &[Value]) -> Flow {
    let name = vm.intern(name);
    match vm.type_of(&args[0]).lookup(vm, &name) {
        Some(f) => ops::call::call(vm, &f, Args::new(args)),
        None => Err(vm.no_attribute(&args[0], &name)),
    }
}

/// `readline` where `line` finds one and the size sets no limit.
fn readline(vm: &mut Vm, a: &[Value], line: fn(&mut Vm, &Value) -> Option<Value>) -> Flow {
    let size = a[1].given().cloned().unwrap_or(Value::from_i32(-1));
    if (size.is_none() || size.as_small_int() == Some(-1))
        && let Some(line) = line(vm, &a[0])
    {
        return Ok(line.into());
    }
    slowly(vm, "_readline", &[a[0].clone(), size])
}

/// The next line of a text stream, if all of it is decoded and ends with a plain line feed.
fn text_line(vm: &mut Vm, this: &Value) -> Option<Value> {
    let n = &vm.names;
    let [chars, used, translate] = [n.io_chars.clone(), n.io_used.clone(), n.io_translate.clone()];
    if !vm.instance_get(this, &translate)?.is_true() {
        return None;
    }
    let text = vm.instance_get(this, &chars)?;
    let from = usize::try_from(vm.instance_get(this, &used)?.as_small_int()?).ok()?;
    let s = text.get::<Str>()?;
    let start = s.offset(from);
    let rest = s.bytes().get(start..)?;
    let line = &rest[..memchr::memchr(b'\n', rest)? + 1];
    let next = if s.is_ascii() { from + line.len() } else { s.index_of_offset(start + line.len()) };
    let line = vm.str_from_wtf8(line);
    vm.instance_set(this, &used, Value::from_usize(next));
    Some(line)
}

/// The next line of a reader, if all of it is buffered.
fn buffered_line(vm: &mut Vm, this: &Value) -> Option<Value> {
    let (read, pos) = (vm.names.io_read.clone(), vm.names.io_pos.clone());
    let buffer = vm.instance_get(this, &read)?;
    let from = usize::try_from(vm.instance_get(this, &pos)?.as_small_int()?).ok()?;
    let rest = buffer.get::<Bytes>()?.as_bytes().get(from..)?;
    let line = &rest[..memchr::memchr(b'\n', rest)? + 1];
    let next = Value::from_usize(from + line.len());
    let line = vm.bytes(line);
    vm.instance_set(this, &pos, next);
    Some(line)
}

/// Puts a text into the buffer below a text stream, if that is all there is to do: see `_fast` in
/// `_io`. Gives the number of characters.
fn text_write(vm: &mut Vm, this: &Value, text: &Value) -> Option<usize> {
    let s = text.get::<Str>().filter(|_| vm.is_exactly(text, &vm.types.str))?;
    let n = &vm.names;
    let [fast, below, own, size, snapshot, decoder] = [
        n.io_fast.clone(),
        n.io_buffer.clone(),
        n.io_write.clone(),
        n.io_size.clone(),
        n.io_snapshot.clone(),
        n.io_decoder.clone(),
    ];
    let target = vm.instance_get(this, &fast)?;
    let bytes = target.get::<ByteArray>()?;
    let writer = vm.instance_get(this, &below)?;
    let room = usize::try_from(vm.instance_get(&writer, &size)?.as_small_int()?).ok()?;
    let usual = vm.instance_get(&writer, &own)?.is(&target)
        && vm.instance_get(this, &snapshot)?.is_none()
        && vm.instance_get(this, &decoder)?.is_none()
        && bytes.exports.get() == 0
        && bytes.data.get(vm).len() + s.bytes().len() <= room
        && (s.is_ascii() || std::str::from_utf8(s.bytes()).is_ok());
    if !usual {
        return None;
    }
    bytes.data.get_mut(vm).extend_from_slice(s.bytes());
    Some(s.len())
}

const TEXT: &[Def] = &[
    def!("readline", "(self, size=-1, /)", |vm, a| readline(vm, a, text_line)),
    def!("__next__", "(self, /)", |vm, this| {
        let telling = vm.names.io_telling.clone();
        let told = vm.instance_get(this, &telling).is_some_and(|v| v.is_false());
        match if told { text_line(vm, this) } else { None } {
            Some(line) => Ok(line.into()),
            None => slowly(vm, "_next", std::slice::from_ref(this)),
        }
    }),
    def!("write", "(self, text, /)", |vm, this, text| match text_write(vm, this, text) {
        Some(n) => Ok(Value::from_usize(n).into()),
        None => slowly(vm, "_write", &[this.clone(), text.clone()]),
    }),
];

const READER: &[Def] = &[
    def!("readline", "(self, size=-1, /)", |vm, a| readline(vm, a, buffered_line)),
    def!("__next__", "(self, /)", |vm, this| match buffered_line(vm, this) {
        Some(line) => Ok(line.into()),
        None => slowly(vm, "_next", std::slice::from_ref(this)),
    }),
];

/// Puts native methods into a class; what stood there goes by another name.
fn install(vm: &mut Vm, class: &Value, defs: &'static [Def], names: &[&str]) -> Flow {
    let Some(ty) = class.get::<Type>().map(|t| t.to_ref()) else {
        return Err(vm.type_error("a class expected"));
    };
    for (def, slow) in defs.iter().zip(names) {
        let (name, slow) = (vm.intern(def.name), vm.intern(slow));
        if let Some(old) = ty.lookup(vm, &name) {
            ty.dict.set_str(vm, &slow, old);
        }
        let method = vm.method_object(&ty, def);
        ty.dict.set_str(vm, &name, method);
    }
    ty.modified(vm);
    stackless_runtime::dunder::compute_slots(vm, &ty);
    Ok(Value::NONE.into())
}

const DEFS: &[Def] = &[
    def!("text", "(class, /)", |vm, class| {
        install(vm, class, TEXT, &["_readline", "_next", "_write"])
    }),
    def!("reader", "(class, /)", |vm, class| install(vm, class, READER, &["_readline", "_next"])),
];
