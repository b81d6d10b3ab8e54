//! `compile`, `exec`, `eval`: from source text to code objects and their execution.

use std::sync::Arc;

use stackless_bytecode::Code;
use stackless_compiler as c;

use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::Args;
use crate::objects::bytes::Bytes;
use crate::objects::code::PyCode;
use crate::objects::dict::Dict;
use crate::objects::function::Function;
use crate::objects::str::Str;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// A line of a file, for errors of stages that do not have the text.
fn program_line(vm: &Vm, filename: &str, line: u32) -> Option<String> {
    // As far as errors of programs go; files of this size are not shown.
    const MAX: usize = 64 << 20;
    if filename.starts_with('<') {
        return None;
    }
    let host = vm.host.clone();
    // 0: read only, on every system.
    let fd = host.open(filename.as_bytes().into(), 0, 0).ok()?;
    let mut text = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    while text.len() < MAX {
        match host.read(fd, &mut buffer) {
            Ok(n) if n > 0 => text.extend_from_slice(&buffer[..n]),
            _ => break,
        }
    }
    let _ = host.close(fd);
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let found = text.split_inclusive(|b| *b == b'\n').nth((line as usize).checked_sub(1)?)?;
    Some(String::from_utf8_lossy(found).into_owned())
}

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
    if !class.is_subtype(&vm.excs.syntax_error, vm) {
        return vm.new_exception(&class, vec![message]);
    }
    if e.lineno == 0 {
        let exc = vm.new_exception(&class, vec![message.clone()]);
        vm.set_exc_extra(&exc, 0, message);
        return exc;
    }
    let int = |vm: &Vm, n: u32| if n == 0 { Value::NONE } else { vm.int(n as i64) };
    let text = match &e.text {
        Some(t) => vm.str(t),
        None => program_line(vm, filename, e.lineno).map_or(Value::NONE, |t| vm.str(&t)),
    };
    let file = vm.str(filename);
    let parts = vec![
        file.clone(),
        vm.int(e.lineno as i64),
        vm.int(e.col as i64),
        text.clone(),
        int(vm, e.end_lineno),
        vm.int(if e.end_col == u32::MAX { -1 } else { e.end_col.into() }),
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

/// A code object, and what the compiler wants to warn of.
type Compiled = (Arc<Code>, Vec<c::Warning>);

/// Text of a str or bytes object; None if a codec of the library has to decode it.
pub fn source_text(vm: &mut Vm, source: &Value, name: &str) -> PyResult<Option<c::source::Source>> {
    let decoded = if let Some(s) = source.get::<Str>() {
        match s.to_utf8() {
            Some(t) => c::source::Source::from_str(t),
            None => {
                // The error that encoding the text gives.
                let done = crate::methods::codec::codec_encode(
                    vm,
                    source,
                    &Value::UNBOUND,
                    &Value::UNBOUND,
                );
                return match done {
                    Err(e) => Err(e),
                    Ok(_) => Err(vm.value_error("source is not UTF-8")),
                };
            }
        }
    } else {
        let bytes = match source.get::<Bytes>() {
            Some(b) => b.as_bytes().to_vec(),
            None => return Ok(None),
        };
        match c::source::decode(&bytes, c::source::Origin::Memory) {
            Ok(c::source::Decoded::Text(s)) => Ok(s),
            Ok(c::source::Decoded::NeedsCodec { .. }) => return Ok(None),
            Err(e) => Err(e),
        }
    };
    decoded.map(Some).map_err(|e| syntax_error(vm, &e, name))
}

/// Rows for the library's `_compile.issue`, one for each warning.
pub fn warning_rows(vm: &mut Vm, text: &str, warnings: &[c::Warning]) -> Value {
    let rows = warnings
        .iter()
        .map(|w| {
            let line = text.split_inclusive('\n').nth((w.lineno as usize).saturating_sub(1));
            let as_error = w.as_error.as_ref().map_or(Value::NONE, |t| vm.str(t));
            let row = vec![
                Value::bool(w.category == c::Category::Deprecation),
                vm.str(&w.message),
                vm.int(w.lineno.into()),
                vm.int(w.col.into()),
                vm.int(w.end_lineno.into()),
                vm.int(w.end_col.into()),
                as_error,
                line.map_or(Value::NONE, |t| vm.str(t)),
            ];
            vm.tuple(row)
        })
        .collect();
    vm.list(rows)
}

/// The value, after the warnings were given; at start-up they are dropped.
fn with_warnings(
    vm: &mut Vm,
    value: Value,
    text: &str,
    filename: &str,
    warnings: &[c::Warning],
) -> Flow {
    if warnings.is_empty() || !crate::import::is_ready(vm) {
        return Ok(value.into());
    }
    let rows = warning_rows(vm, text, warnings);
    let file = vm.str(filename);
    crate::steps::call_intrinsic(vm, "compile_warnings", &[value, file, rows])
}

/// Compiles plain text softly: the code object, or a pushed frame that gives it.
fn compile_source(vm: &mut Vm, source: &c::source::Source, options: &mut c::Options) -> Flow {
    options.int_max_str_digits = vm.int_max_str_digits as u32;
    let compiled: Result<Compiled, _> = c::compile(source, options);
    match compiled {
        Ok((code, warnings)) => {
            let code = vm.code(code);
            with_warnings(vm, code, &source.text, &options.filename, &warnings)
        }
        Err(e) => {
            let exc = syntax_error(vm, &e, &options.filename);
            failed(vm, exc, &e, &source.text, &options.filename)
        }
    }
}

/// Raises the error, after the warnings that come before it.
pub fn failed(vm: &mut Vm, exc: Exc, e: &c::SyntaxError, text: &str, filename: &str) -> Flow {
    if e.warnings.is_empty() || !crate::import::is_ready(vm) {
        return Err(exc);
    }
    let rows = warning_rows(vm, text, &e.warnings);
    let file = vm.str(filename);
    crate::steps::call_intrinsic(vm, "compile_failed", &[exc.into_value(), file, rows])
}

/// Source of `exec` or `eval`.
fn compile_argument(vm: &mut Vm, what: &str, source: &Value, mut options: c::Options) -> Flow {
    let plain = source.has::<Str>() || source.has::<Bytes>();
    if plain && let Some(text) = source_text(vm, source, "<string>")? {
        return compile_source(vm, &text, &mut options);
    }
    let is_eval = options.mode == c::Mode::Eval;
    let flags = vm.int(options.flags.into());
    let optimize = vm.int(options.optimize.into());
    let (what, mode) = (vm.str(what), vm.str(if is_eval { "eval" } else { "exec" }));
    crate::steps::call_intrinsic(
        vm,
        "compile_argument",
        &[what, source.clone(), mode, flags, optimize],
    )
}

/// Future bits that the calling code was compiled with.
fn inherited_flags(vm: &Vm) -> u32 {
    use stackless_bytecode::code::flags as f;
    let mask = f::FUTURE_ANNOTATIONS | f::FUTURE_BARRY_AS_BDFL;
    crate::stack_view::code_flags(vm) & mask
}

/// Every bit that `compile` takes.
const KNOWN_FLAGS: i64 = 0x1fe_0000 | 0x10 | 0x200 | 0x1000 | 0x2000 | 0x4000 | 0x8400;

/// Checks of `compile` that need no look at the source; `a` as the builtin gets it.
fn compile_options(vm: &mut Vm, a: &[Value], filename: &str) -> PyResult<c::Options> {
    let flags = a[3].given().map_or(Some(0), Value::as_i64);
    let Some(flags) = flags.filter(|f| i32::try_from(*f).is_ok()) else {
        return Err(vm.overflow_error("Python int too large to convert to C int"));
    };
    if flags & !KNOWN_FLAGS != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    let flags = flags as u32;
    let optimize = match a[5].given().and_then(Value::as_i64).unwrap_or(-1) {
        -1 => vm.settings.optimize,
        n @ 0..=2 => n as u8,
        _ => return Err(vm.value_error("compile(): invalid optimize value")),
    };
    let ast = flags & c::flags::ONLY_AST != 0;
    let mode = match a[2].as_str(vm) {
        Some("exec") => c::Mode::Exec,
        Some("eval") => c::Mode::Eval,
        Some("single") => c::Mode::Single,
        Some("func_type") if ast => c::Mode::FuncType,
        Some("func_type") => {
            return Err(vm.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
        }
        Some(_) if ast => {
            return Err(
                vm.value_error("compile() mode must be 'exec', 'eval', 'single' or 'func_type'")
            );
        }
        Some(_) => {
            return Err(vm.value_error("compile() mode must be 'exec', 'eval' or 'single'"));
        }
        None => {
            let t = vm.type_name(&a[2]);
            return Err(vm.type_error(format!("compile() argument 'mode' must be str, not {t}")));
        }
    };
    let mut options = c::Options::new(mode, filename);
    options.flags = flags;
    options.optimize = optimize;
    if let Some(v) = a[6].given().and_then(Value::as_i64)
        && v >= 0
        && ast
    {
        options.feature_version = v.clamp(0, 14) as u8;
    }
    Ok(options)
}

/// `compile`: plain text here, all else (paths, buffers, trees, codecs) by the library's `_compile`.
pub fn builtin_compile(vm: &mut Vm, a: &[Value]) -> Flow {
    if vm.audit.is_some()
        && let told = vec![crate::audit::shown_source(vm, &a[0]), a[1].clone()]
        && let Some(flow) = crate::audit::first(vm, "compile", "compile", told, a)
    {
        return flow;
    }
    let filename = match a[1].get::<Str>() {
        Some(s) if s.bytes().contains(&0) => {
            return Err(vm.value_error("embedded null character"));
        }
        Some(s) => Some(s.lossy()),
        None => None,
    };
    let inherited = if a[4].is_true() { 0 } else { inherited_flags(vm) };
    if let Some(filename) = filename
        && (vm.is_exactly(&a[0], &vm.types.str) || vm.is_exactly(&a[0], &vm.types.bytes))
    {
        let mut options = compile_options(vm, a, &filename)?;
        options.flags |= inherited;
        if options.flags & c::flags::ONLY_AST == 0
            && let Some(text) = source_text(vm, &a[0], &filename)?
        {
            return compile_source(vm, &text, &mut options);
        }
    }
    let or = |v: &Value, d: i32| v.given().cloned().unwrap_or(Value::from_i32(d));
    let inherited = vm.int(inherited.into());
    let args = [
        a[0].clone(),
        a[1].clone(),
        a[2].clone(),
        or(&a[3], 0),
        inherited,
        or(&a[5], -1),
        or(&a[6], -1),
    ];
    crate::steps::call_intrinsic(vm, "compile_any", &args)
}

/// The checked options of a call of the library's `_compile`: `(source, filename, mode, flags,
/// inherited, optimize, feature_version)` with a str for the filename.
pub fn checked_options(vm: &mut Vm, a: &[Value]) -> PyResult<c::Options> {
    let Some(filename) = a[1].get::<Str>().map(|s| s.lossy()) else {
        return Err(vm.type_error("the filename must be a str"));
    };
    let mut options = compile_options(vm, a, &filename)?;
    options.flags |= a[4].as_i64().unwrap_or(0) as u32;
    options.int_max_str_digits = vm.int_max_str_digits as u32;
    Ok(options)
}

/// Globals and locals of `exec`/`eval`: the caller's by default.
fn namespaces(
    vm: &mut Vm,
    what: &str,
    globals: &Value,
    locals: &Value,
) -> PyResult<(Value, Value)> {
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

pub(crate) fn run(
    vm: &mut Vm,
    code: &Value,
    globals: Value,
    locals: Value,
    closure: Value,
) -> Flow {
    if vm.audit.is_some() {
        let args = [code.clone(), globals.clone(), locals.clone(), closure.clone()];
        if let Some(flow) = crate::audit::first(vm, "exec", "exec", vec![code.clone()], &args) {
            return flow;
        }
    }
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
            let source = a[0].clone();
            return vm.start(&EXEC_SOURCE, [source, g, l, Value::from_i32(options.flags as i32)]);
        }
    };
    vm.start(&EXEC, [code, g, l, closure])
}

/// Registers: source, globals, locals, flags of the compiler.
pub(crate) static EXEC_SOURCE: Machine = Machine::new("builtins.exec_source", |vm, regs, input| {
    let code = match regs.stage() {
        stage @ (0 | 3) => {
            let source = regs.get(0);
            if stage == 3 {
                input.value()?;
            } else if vm.audit.is_some() {
                let told = [crate::audit::shown_source(vm, &source), vm.str("<string>")];
                let _ = soft!(regs, 3, crate::audit::tell(vm, "compile", &told));
            }
            let mut options = c::Options::new(c::Mode::Exec, "<string>");
            options.flags = regs.int(3) as u32;
            options.optimize = vm.settings.optimize;
            soft!(regs, 1, compile_argument(vm, "exec() arg 1", &source, options))
        }
        1 => input.value()?,
        _ => {
            input.value()?;
            return Ok(Reply::NONE);
        }
    };
    let (g, l) = (regs.get(1), regs.get(2));
    let _ = soft!(regs, 2, run(vm, &code, g, l, Value::NONE));
    Ok(Reply::NONE)
});

/// As `EXEC_SOURCE`; gives the expression's value.
pub(crate) static EVAL_SOURCE: Machine = Machine::new("builtins.eval_source", |vm, regs, input| {
    let code = match regs.stage() {
        stage @ (0 | 3) => {
            let source = regs.get(0);
            if stage == 3 {
                input.value()?;
            } else if vm.audit.is_some() {
                let told = [crate::audit::shown_source(vm, &source), vm.str("<string>")];
                let _ = soft!(regs, 3, crate::audit::tell(vm, "compile", &told));
            }
            let mut options = c::Options::new(c::Mode::Eval, "<string>");
            options.flags = regs.int(3) as u32;
            options.optimize = vm.settings.optimize;
            soft!(regs, 1, compile_argument(vm, "eval() arg 1", &source, options))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    let (g, l) = (regs.get(1), regs.get(2));
    regs.set_stage(2);
    run(vm, &code, g, l, Value::NONE)
});

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
                return Err(
                    vm.type_error("code object passed to eval() may not contain free variables")
                );
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
            let flags = Value::from_i32(options.flags as i32);
            return vm.start(&EVAL_SOURCE, [trimmed, g, l, flags]);
        }
    };
    run(vm, &code, g, l, Value::NONE)
}
