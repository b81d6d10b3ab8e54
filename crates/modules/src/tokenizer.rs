//! `_tokenize_native`: the tokens of a text as tuples; `lib/overlay/_tokenize.py` has the iterator.
//! CPython's counterpart: `Python/Python-tokenize.c`.

use stackless_compiler as c;
use stackless_compiler::tokens::{Text, tokenize};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_tokenize_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// `(tokens, error)`; the error is None or `(class name, message, location)`.
fn tokens(vm: &mut Vm, a: &[Value]) -> Flow {
    let Some(source) = a[0].as_str(vm).map(str::to_string) else {
        return Err(vm.value_error("source contains surrogates"));
    };
    let found = tokenize(&source, a[1].is_true());
    let text = &found.source;
    let mut rows = Vec::with_capacity(found.tokens.len());
    // Tokens of one line share its text.
    let mut last = (0..0, vm.str(""));
    for token in &found.tokens {
        if token.line != last.0 {
            last = (token.line.clone(), vm.str(text.get(token.line.clone()).unwrap_or("")));
        }
        let string = match &token.text {
            Text::Fixed(s) => vm.str(s),
            Text::Source(range) => vm.str(text.get(range.clone()).unwrap_or("")),
        };
        let place =
            |vm: &Vm, (line, col): (u32, i64)| vm.tuple(vec![vm.int(line.into()), vm.int(col)]);
        let row = vec![
            Value::from_i32(token.kind.into()),
            string,
            place(vm, token.start),
            place(vm, token.end),
            last.1.clone(),
        ];
        rows.push(vm.tuple(row));
    }
    let error = match &found.error {
        None => Value::NONE,
        Some(e) => {
            let class = match e.kind {
                c::ErrorKind::Indentation => &vm.excs.indentation_error,
                c::ErrorKind::Tab => &vm.excs.tab_error,
                _ => &vm.excs.syntax_error,
            }
            .to_value();
            let (end_line, end) = match e.end {
                Some((line, col)) => (vm.int(line.into()), vm.int(col)),
                None => (Value::NONE, Value::NONE),
            };
            let row = vec![
                class,
                vm.str(&e.message),
                vm.int(e.lineno.into()),
                vm.int(e.offset),
                vm.str(&e.text),
                end_line,
                end,
            ];
            vm.tuple(row)
        }
    };
    let rows = vm.list(rows);
    Ok(vm.tuple(vec![rows, error]).into())
}

const DEFS: &[Def] = &[def!("tokens", "(source: str, extra: truth, /)", tokens)];
