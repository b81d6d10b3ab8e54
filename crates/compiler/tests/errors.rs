//! Errors that only this crate can see, with CPython's words and places, and inputs that must not
//! end the process.

use stackless_compiler::{ErrorKind, Mode, Options, Source, compile};

fn error(text: &str, mode: Mode) -> (ErrorKind, String, u32, u32) {
    let source = Source::from_str(text).expect("no NUL");
    let e = compile(&source, &Options::new(mode, "test")).expect_err(text);
    (e.kind, e.message, e.lineno, e.col)
}

#[track_caller]
fn check(text: &str, message: &str, line: u32, col: u32) {
    let (_, m, l, c) = error(text, Mode::Exec);
    assert_eq!((m.as_str(), l, c), (message, line, col), "{text}");
}

#[test]
fn scopes() {
    check("def f(a, a): pass", "duplicate argument 'a' in function definition", 1, 10);
    check("def f(a):\n global a", "name 'a' is parameter and global", 2, 2);
    check("def f():\n nonlocal x", "no binding for nonlocal 'x' found", 2, 2);
    check("nonlocal x", "nonlocal declaration not allowed at module level", 1, 1);
    check("def f():\n x=1\n global x", "name 'x' is assigned to before global declaration", 3, 2);
    check("class A[T, T]: pass", "duplicate type parameter 'T'", 1, 12);
    check(
        "[x:=1 for x in y]",
        "assignment expression cannot rebind comprehension iteration variable 'x'",
        1,
        2,
    );
}

#[test]
fn placement() {
    check("return 1", "'return' outside function", 1, 1);
    check("break", "'break' outside loop", 1, 1);
    check("def f():\n await x", "'await' outside async function", 2, 2);
    check("async def f():\n yield 1\n return 1", "'return' with value in async generator", 3, 2);
    check("f(a=1, a=2)", "keyword argument repeated: a", 1, 8);
    check("*a", "can't use starred expression here", 1, 1);
    check(
        "x = 1\nfrom __future__ import division",
        "from __future__ imports must occur at the beginning of the file",
        2,
        1,
    );
}

#[test]
fn patterns() {
    check(
        "match x:\n case a: pass\n case 1: pass",
        "name capture 'a' makes remaining patterns unreachable",
        2,
        7,
    );
    check("match x:\n case [a, a]: pass", "multiple assignments to name 'a' in pattern", 2, 11);
}

#[test]
fn deep_input_is_refused_not_fatal() {
    let kind = |text: String| error(&text, Mode::Eval).0;
    assert_eq!(kind(format!("{}1", "-".repeat(100_000))), ErrorKind::Memory);
    assert_eq!(kind(format!("x{}", "+x".repeat(200_000))), ErrorKind::Recursion);
    assert_eq!(kind(format!("{}1{}", "(".repeat(300), ")".repeat(300))), ErrorKind::Syntax);
    assert_eq!(kind("f'{".repeat(1_000)), ErrorKind::Syntax);
}
