//! `compile`, `exec`, `eval`: from source text to code objects and their execution.

use std::sync::Arc;

use stackless_bytecode::Code;
use stackless_compiler as c;

use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::Args;
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::code::PyCode;
use crate::objects::dict::Dict;
use crate::objects::function::Function;
use crate::objects::str::Str;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// A compiler error as a Python exception.
pub fn syntax_error(vm: &mut Vm, e: &c::SyntaxError, filename: &str) -> Exc {
    use c::ErrorKind as K;
    let class = match e.kind {
        K::Syntax => &vm.excs.syntax_error,
        K::Indentation => &vm.excs.indentation_error,
        K::Tab => &vm.excs.tab_error,
        K::IncompleteInput => &vm.excs.incomplete_input_error,
        K::Memory => &vm.excs.memory_error,
        K::Recursion => &vm.excs.recursion_error,
        K::Overflow => &vm.excs.overflow_error,
        K::Value => &vm.excs.value_error,
        K::Type => &vm.excs.type_error,
        K::System => &vm.excs.system_error,
    }
    .clone();
    let message = vm.str(&e.message);
    if !class.is_subtype(&vm.excs.syntax_error, vm) || e.lineno == 0 {
        return vm.new_exception(&class, vec![message]);
    }
    let int = |vm: &Vm, n: u32| if n == 0 { Value::NONE } else { vm.int(n as i64) };
    let text = match &e.text {
        Some(t) => vm.str(t),
        None => Value::NONE,
    };
    let file = vm.str(filename);
    let parts = vec![
        file.clone(),
        vm.int(e.lineno as i64),
        vm.int(e.col as i64),
        text.clone(),
        int(vm, e.end_lineno),
        vm.int(e.end_col as i64),
    ];
    let info = vm.tuple(parts.clone());
    let exc = vm.new_exception(&class, vec![message.clone(), info]);
    // Slots: msg, filename, lineno, offset, text, end_lineno, end_offset, print_file_and_line.
    vm.set_exc_extra(&exc, 0, message);
    for (i, p) in parts.into_iter().enumerate() {
        vm.set_exc_extra(&exc, i + 1, p);
    }
    exc
}

/// Compiles a module from bytes.
pub fn compile_bytes(vm: &mut Vm, source: &[u8], name: &str, hidden: bool) -> PyResult<Arc<Code>> {
    let mut options = c::Options::new(c::Mode::Exec, name);
    options.hidden = hidden;
    options.optimize = vm.settings.optimize;
    let source = match c::source::decode(source, c::source::Origin::File(name)) {
        Ok(c::source::Decoded::Text(s)) => s,
        Ok(c::source::Decoded::NeedsCodec { name: codec, .. }) => {
            let class = vm.excs.syntax_error.clone();
            return Err(vm.new_exception_msg(&class, &format!("unknown encoding: {codec}")));
        }
        Err(e) => return Err(syntax_error(vm, &e, name)),
    };
    match c::compile(&source, &options) {
        Ok((code, _warnings)) => Ok(code),
        Err(e) => Err(syntax_error(vm, &e, name)),
    }
}

/// Compiles a str or bytes object.
fn compile_object(
    vm: &mut Vm,
    what: &str,
    source: &Value,
    mut options: c::Options,
) -> PyResult<Arc<Code>> {
    options.int_max_str_digits = vm.int_max_str_digits as u32;
    let name = options.filename.clone();
    let decoded = if let Some(s) = source.get::<Str>() {
        match s.to_utf8() {
            Some(t) => c::source::Source::from_str(t),
            None => {
                return Err(vm.value_error("source contains surrogates not allowed in UTF-8"));
            }
        }
    } else {
        let bytes = if let Some(b) = source.get::<Bytes>() {
            b.as_bytes().to_vec()
        } else if let Some(b) = source.get::<ByteArray>() {
            b.data.get(vm).clone()
        } else {
            let t = vm.type_name(source);
            let _ = t;
            return Err(vm.type_error(format!(
                "{what} must be a string, bytes or code object"
            )));
        };
        match c::source::decode(&bytes, c::source::Origin::Memory) {
            Ok(c::source::Decoded::Text(s)) => Ok(s),
            Ok(c::source::Decoded::NeedsCodec { name: codec, .. }) => {
                let class = vm.excs.syntax_error.clone();
                return Err(vm.new_exception_msg(&class, &format!("unknown encoding: {codec}")));
            }
            Err(e) => Err(e),
        }
    };
    let source = match decoded {
        Ok(s) => s,
        Err(e) => return Err(syntax_error(vm, &e, &name)),
    };
    match c::compile(&source, &options) {
        Ok((code, _warnings)) => Ok(code),
        Err(e) => Err(syntax_error(vm, &e, &name)),
    }
}

/// Future bits that the calling code was compiled with.
fn inherited_flags(vm: &Vm) -> u32 {
    use stackless_bytecode::code::flags as f;
    let mask = f::FUTURE_ANNOTATIONS | f::FUTURE_BARRY_AS_BDFL;
    crate::stack_view::code_flags(vm) & mask
}

pub fn builtin_compile(vm: &mut Vm, a: &[Value]) -> Flow {
    let filename = match a[1].as_str(vm) {
        Some(s) => s.to_string(),
        None => match a[1].get::<Bytes>() {
            Some(b) => String::from_utf8_lossy(b.as_bytes()).into_owned(),
            None => {
                let t = vm.type_name(&a[1]);
                return Err(vm.type_error(format!(
                    "expected str, bytes or os.PathLike object, not {t}"
                )));
            }
        },
    };
    let flags = a[3].given().and_then(Value::as_i64).unwrap_or(0) as u32;
    let mode = match a[2].as_str(vm) {
        Some("exec") => c::Mode::Exec,
        Some("eval") => c::Mode::Eval,
        Some("single") => c::Mode::Single,
        Some("func_type") if flags & c::flags::ONLY_AST != 0 => c::Mode::FuncType,
        Some("func_type") => {
            return Err(vm.value_error(
                "compile() mode 'func_type' requires flag PyCF_ONLY_AST",
            ));
        }
        Some(_) => {
            return Err(vm.value_error(
                "compile() mode must be 'exec', 'eval' or 'single'",
            ));
        }
        None => {
            let t = vm.type_name(&a[2]);
            return Err(vm.type_error(format!("compile() argument 'mode' must be str, not {t}")));
        }
    };
    let mut options = c::Options::new(mode, filename);
    options.flags = flags;
    if !a[4].is_true() {
        options.flags |= inherited_flags(vm);
    }
    options.optimize = match a[5].given().and_then(Value::as_i64).unwrap_or(-1) {
        -1 => vm.settings.optimize,
        n @ 0..=2 => n as u8,
        _ => return Err(vm.value_error("compile(): invalid optimize value")),
    };
    if let Some(v) = a[6].given().and_then(Value::as_i64)
        && v >= 0
    {
        options.feature_version = v.clamp(0, 14) as u8;
    }
    if a[0].has::<PyCode>() {
        return Ok(a[0].clone().into());
    }
    if flags & c::flags::ONLY_AST != 0 {
        return Err(vm.not_implemented_error("ast objects are not available yet"));
    }
    let code = compile_object(vm, "compile() arg 1", &a[0], options)?;
    Ok(vm.code(code).into())
}

/// Globals and locals of `exec`/`eval`: the caller's by default.
fn namespaces(vm: &mut Vm, what: &str, globals: &Value, locals: &Value) -> PyResult<(Value, Value)> {
    let given = |v: &Value| v.given().filter(|v| !v.is_none()).cloned();
    let g = given(globals);
    let l = given(locals);
    if let Some(g) = &g
        && !g.has::<Dict>()
    {
        let t = vm.type_name(g);
        return Err(vm.type_error(format!("{what}() globals must be a dict, not {t}")));
    }
    let (g, l) = match (g, l) {
        (Some(g), Some(l)) => (g, l),
        (Some(g), None) => (g.clone(), g),
        (None, l) => {
            let Some(g) = crate::stack_view::globals(vm) else {
                return Err(vm.system_error("globals and locals cannot be NULL"));
            };
            let l = match l {
                Some(l) => l,
                None => crate::builtins::locals(vm)?,
            };
            (g, l)
        }
    };
    let ok = l.has::<Dict>() || vm.type_of(&l).slots(vm).getitem.is_some();
    if !ok {
        let t = vm.type_name(&l);
        return Err(vm.type_error(if what == "exec" {
            format!("locals must be a mapping or None, not {t}")
        } else {
            "locals must be a mapping".to_string()
        }));
    }
    Ok((g, l))
}

/// The `__builtins__` of a globals dict, added if missing.
pub fn builtins_of(vm: &mut Vm, globals: &Value) -> Value {
    let own = crate::stack_view::builtins(vm)
        .or_else(|| vm.builtins.clone().map(|b| b.into_value()))
        .unwrap_or(Value::NONE);
    let Some(g) = globals.get::<Dict>() else { return own };
    let name = vm.names.builtins.clone();
    match g.get_str(vm, &name) {
        Some(b) => match b.get::<crate::objects::module::Module>() {
            Some(m) => m.dict.get(),
            None => b,
        },
        None => {
            g.set_str(vm, &name, own.clone());
            own
        }
    }
}

fn run(vm: &mut Vm, code: &Value, globals: Value, locals: Value, closure: Value) -> Flow {
    let builtins = builtins_of(vm, &globals);
    let f = vm.function(code.clone(), globals, builtins);
    if let Some(func) = f.get::<Function>() {
        func.closure.set(closure);
    }
    let optimized = code
        .get::<PyCode>()
        .is_some_and(|c| c.code.flags & stackless_bytecode::code::flags::NEWLOCALS != 0);
    if optimized {
        return ops::call::call(vm, &f, Args::new(&[]));
    }
    crate::import::run_in(vm, &f, locals)
}

pub fn builtin_exec(vm: &mut Vm, a: &[Value]) -> Flow {
    let (g, l) = namespaces(vm, "exec", &a[1], &a[2])?;
    let closure = a[3].given().cloned().unwrap_or(Value::NONE);
    let code = match a[0].get::<PyCode>() {
        Some(c) => {
            let need = c.code.free_count as usize;
            let got = closure.tuple_items().len();
            if need == 0 && !closure.is_none() {
                return Err(vm.type_error("cannot use a closure with this code object"));
            }
            if need != got {
                return Err(vm.type_error(format!(
                    "code object requires a closure of exactly length {need}"
                )));
            }
            a[0].clone()
        }
        None => {
            if !closure.is_none() {
                return Err(vm.type_error("closure can only be used when source is a code object"));
            }
            let mut options = c::Options::new(c::Mode::Exec, "<string>");
            options.flags = inherited_flags(vm);
            options.optimize = vm.settings.optimize;
            let code = compile_object(vm, "exec() arg 1", &a[0], options)?;
            vm.code(code)
        }
    };
    vm.start(&EXEC, [code, g, l, closure])
}

/// Registers: code, globals, locals, closure. `exec` gives None whatever the code gives.
pub(crate) static EXEC: Machine = Machine::new("builtins.exec", |vm, regs, input| {
    match regs.stage() {
        0 => {
            let (c, g, l, cl) = (regs.get(0), regs.get(1), regs.get(2), regs.get(3));
            let _ = soft!(regs, 1, run(vm, &c, g, l, cl));
        }
        _ => {
            input.value()?;
        }
    }
    Ok(Reply::NONE)
});

pub fn builtin_eval(vm: &mut Vm, a: &[Value]) -> Flow {
    let (g, l) = namespaces(vm, "eval", &a[1], &a[2])?;
    let code = match a[0].get::<PyCode>() {
        Some(c) => {
            if c.code.free_count > 0 {
                return Err(vm.type_error("code object passed to eval() may not contain free variables"));
            }
            a[0].clone()
        }
        None => {
            let mut options = c::Options::new(c::Mode::Eval, "<string>");
            options.flags = inherited_flags(vm);
            let trimmed = match a[0].get::<Str>() {
                Some(s) => {
                    let b = s.bytes();
                    let skip = b.iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
                    vm.str_from_wtf8(&b[skip..])
                }
                None => a[0].clone(),
            };
            let code = compile_object(vm, "eval() arg 1", &trimmed, options)?;
            vm.code(code)
        }
    };
    run(vm, &code, g, l, Value::NONE)
}
