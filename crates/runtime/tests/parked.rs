//! Tasklets inside native callbacks: a host function calls a Python callable, which blocks, while
//! other tasklets run; kills, nesting, saving, and the end of a `Vm` with parked native stacks.
#![cfg(not(miri))]

use std::cell::Cell;

use stackless_runtime::native::{Def, def};
use stackless_runtime::{Flow, Settings, Value, Vm};

thread_local! {
    /// Host functions that are running now.
    static INSIDE: Cell<i64> = const { Cell::new(0) };
    static LEFT: Cell<i64> = const { Cell::new(0) };
}

/// Something with a destructor on the native stack.
struct Visit;

impl Visit {
    fn new() -> Visit {
        INSIDE.set(INSIDE.get() + 1);
        Visit
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        INSIDE.set(INSIDE.get() - 1);
        LEFT.set(LEFT.get() + 1);
    }
}

fn host_call(vm: &mut Vm, args: &[Value]) -> Flow {
    let _visit = Visit::new();
    let callable = args[0].clone();
    let answer = vm.call_blocking(&callable, &[])?;
    Ok(vm.tuple(vec![answer]).into())
}

/// Calls again until the callable returns.
fn host_insist(vm: &mut Vm, args: &[Value]) -> Flow {
    let _visit = Visit::new();
    let callable = args[0].clone();
    loop {
        if let Ok(v) = vm.call_blocking(&callable, &[]) {
            return Ok(v.into());
        }
    }
}

fn host_panic(vm: &mut Vm, args: &[Value]) -> Flow {
    let _visit = Visit::new();
    let callable = args[0].clone();
    let _ = vm.call_blocking(&callable, &[]);
    panic!("after the call")
}

static DEFS: [Def; 3] = [
    def!("host_call", "(f, /)", host_call),
    def!("host_insist", "(f, /)", host_insist),
    def!("host_panic", "(f, /)", host_panic),
];

fn new_vm() -> Box<Vm> {
    INSIDE.set(0);
    LEFT.set(0);
    let mut vm = Vm::new(Settings::default());
    for def in &DEFS {
        let f = vm.native_function(def, Value::UNBOUND, Value::NONE);
        let builtins = vm.builtins.clone().expect("builtins");
        builtins.set_text(&mut vm, def.name, f);
    }
    vm
}

/// Runs a program that raises if something is wrong.
fn run(vm: &mut Vm, source: &str) {
    if let Err(e) = stackless_runtime::builtins::run_main(vm, source.as_bytes(), "parked") {
        panic!("{}", stackless_runtime::builtins::describe(vm, &e));
    }
}

#[test]
fn a_callback_blocks_while_others_run() {
    let mut vm = new_vm();
    run(
        &mut vm,
        "
import stackless
c, log = stackless.channel(), []
def callback():
    log.append('waits')
    log.append(c.receive())
    stackless.schedule()
    log.append('leaves')
    return 42
def inside():
    log.append(host_call(callback))
def other(n):
    for i in range(n):
        log.append(i)
        stackless.schedule()
    c.send('sent')
t = stackless.tasklet(inside)()
u = stackless.tasklet(other)(3)
stackless.schedule()
assert t.nesting_level == 1 and not t.restorable and t.blocked, (t.nesting_level, t.restorable)
assert u.nesting_level == 0 and u.restorable
try:
    t.__reduce__()
except RuntimeError as e:
    assert 'native' in str(e), e
else:
    assert 0
stackless.run()
assert log == ['waits', 0, 1, 2, 'sent', 'leaves', (42,)], log
assert not t.alive and not u.alive
",
    );
    assert_eq!((INSIDE.get(), LEFT.get()), (0, 1));
}

#[test]
fn callbacks_nest_and_leave_in_any_order() {
    let mut vm = new_vm();
    run(
        &mut vm,
        "
import stackless
log = []
def make(name, c):
    def inner():
        log.append((name, c.receive()))
        return name
    def outer():
        r = host_call(inner)
        log.append((name, c.receive()))
        return r
    def body():
        log.append(host_call(outer))
        log.append((name, c.receive()))
    return body
chans = [stackless.channel() for _ in range(50)]
ts = [stackless.tasklet(make(i, c))() for i, c in enumerate(chans)]
stackless.run()
assert [t.nesting_level for t in ts] == [2] * 50
for step in range(3):
    for i in [*range(0, 50, 3), *range(1, 50, 3), *range(2, 50, 3)]:
        chans[i].send(step)
    level = {t.nesting_level for t in ts if t.alive}
    assert level <= {1 - step}, level
assert not any(t.alive for t in ts) and len(log) == 200
assert log.count(((7,),)) == 1 and (7, 2) in log
",
    );
    assert_eq!((INSIDE.get(), LEFT.get()), (0, 100));
}

#[test]
fn the_main_tasklet_is_parked() {
    let mut vm = new_vm();
    run(
        &mut vm,
        "
import stackless
c, log = stackless.channel(), []
def pinger():
    for i in range(3):
        c.send(i)
def wait():
    stackless.tasklet(pinger)()
    return [c.receive(), host_call(c.receive), c.receive()]
assert host_call(wait) == ([0, (1,), 2],)
def spin():
    def count():
        for i in range(5):
            log.append(i)
            stackless.schedule()
    a, b = stackless.tasklet(count)(), stackless.tasklet(count)()
    stackless.run()
    return a.alive, b.alive
assert host_call(spin) == ((False, False),) and len(log) == 10
try:
    host_call(stackless.channel().receive)
except RuntimeError as e:
    assert 'Deadlock' in str(e)
else:
    assert 0
",
    );
    assert_eq!(INSIDE.get(), 0);
}

#[test]
fn parked_tasklets_are_killed_and_raise() {
    let mut vm = new_vm();
    run(
        &mut vm,
        "
import stackless
log = []
def wait():
    try:
        stackless.channel().receive()
    finally:
        log.append('left')
def inside():
    try:
        host_call(lambda: host_call(wait))
    except ValueError as e:
        log.append(e)
t, u = stackless.tasklet(inside)(), stackless.tasklet(inside)()
stackless.run()
assert t.nesting_level == u.nesting_level == 2
t.kill()
assert not t.alive and log == ['left'], log
e = ValueError('thrown')
u.raise_exception(ValueError, 'thrown')
assert not u.alive and log[1] == 'left' and str(log[2]) == 'thrown', log
def fails():
    stackless.schedule()
    1 / 0
t = stackless.tasklet(lambda: host_call(fails))()
try:
    stackless.run()
except ZeroDivisionError as e:
    n, tb = 0, e.__traceback__
    while tb:
        n, tb = n + 1, tb.tb_next
    log.append(n)
assert log[3] >= 2, log
",
    );
    assert_eq!((INSIDE.get(), LEFT.get()), (0, 5));
}

#[test]
fn the_end_of_a_vm_ends_parked_tasklets() {
    let mut vm = new_vm();
    run(
        &mut vm,
        "
import stackless
def wait():
    stackless.channel().receive()
def stubborn():
    while True:
        try:
            stackless.channel().receive()
        except BaseException:
            pass
for f in wait, stubborn:
    stackless.tasklet(lambda f=f: host_call(lambda: host_call(f)))()
stackless.tasklet(lambda: host_insist(wait))()
stackless.run()
",
    );
    assert_eq!((INSIDE.get(), LEFT.get()), (5, 0));
    drop(vm);
    assert_eq!((INSIDE.get(), LEFT.get()), (0, 5));
}

#[test]
fn parked_tasklets_outlive_a_program() {
    let mut vm = new_vm();
    run(
        &mut vm,
        "
import stackless, builtins
builtins.c = c = stackless.channel()
builtins.log = []
def inside():
    log.append(host_call(c.receive))
builtins.t = stackless.tasklet(inside)()
stackless.run()
",
    );
    assert_eq!(INSIDE.get(), 1);
    run(
        &mut vm,
        "
import stackless
assert t.alive and t.nesting_level == 1
c.send('second')
stackless.run()
assert log == [('second',)] and not t.alive
",
    );
    assert_eq!((INSIDE.get(), LEFT.get()), (0, 1));
    let leaks = vm.close();
    assert_eq!(leaks.count(), 0, "{:?}", leaks.by_type);
}

#[test]
fn panics_beside_parked_stacks() {
    stackless_runtime::panics::install_hook(false);
    let mut vm = new_vm();
    run(
        &mut vm,
        "
import stackless
c, log = stackless.channel(), []
def inside():
    try:
        host_panic(c.receive)
    except SystemError as e:
        log.append(str(e))
a, b = stackless.tasklet(inside)(), stackless.tasklet(inside)()
stackless.run()
c.send(1)
c.send(2)
stackless.run()
assert len(log) == 2 and all('after the call' in x for x in log), log
assert not a.alive and not b.alive
",
    );
    assert_eq!((INSIDE.get(), LEFT.get()), (0, 2));
}

#[test]
fn native_recursion_ends_in_an_exception() {
    let mut vm = new_vm();
    run(
        &mut vm,
        "
import stackless
def deep(n=0):
    stackless.schedule()
    try:
        return host_call(lambda: deep(n + 1))
    except RecursionError:
        return n
def flat(x):
    while type(x) is tuple:
        x = x[0]
    return x
out = []
for _ in range(2):
    stackless.tasklet(lambda: out.append(flat(deep())))()
stackless.run()
assert len(out) == 2 and min(out) > 20, out
",
    );
    assert_eq!(INSIDE.get(), 0);
}
