//! `_fcntl_native`: control of descriptors and terminals. `lib/overlay/fcntl.py` and `termios.py` check
//! arguments. CPython's counterparts: `Modules/fcntlmodule.c`, `Modules/termios.c`.

use stackless_host::TerminalModes;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{answer, given, items, n};
use crate::support::{data, int};
use crate::{Native, host_calls};

pub const MODULE: Native = Native { name: "_fcntl_native", defs: DEFS, fill };
pub const NUMBERS: Native = Native { name: "_fcntl_numbers", defs: NUMBER_DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// Room behind a structure that the kernel writes, for commands whose structure is larger than what
/// the program gave.
const SPARE: usize = 1024;

/// `(fd, command, bytes, ioctl?)`: `(result, bytes as the kernel left them)`.
fn with_bytes(vm: &mut Vm, a: &[Value]) -> Flow {
    let bytes = data(vm, &a[2])?;
    // Words, so that structures are aligned.
    let mut buffer = vec![0u64; (bytes.len() + SPARE).div_ceil(8)];
    for (word, chunk) in buffer.iter_mut().zip(bytes.chunks(8)) {
        let mut bytes = [0u8; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        *word = u64::from_ne_bytes(bytes);
    }
    let r = match a[3].is_true() {
        true => vm.host.ioctl_with(n(&a[0]), int(&a[1]) as u64, &mut buffer),
        false => vm.host.fcntl_with(n(&a[0]), n(&a[1]), &mut buffer),
    };
    let r = given(vm, r, &[])?;
    let out: Vec<u8> = buffer.iter().flat_map(|w| w.to_ne_bytes()).take(bytes.len()).collect();
    let v = vec![Value::from_i32(r), vm.bytes(&out)];
    Ok(vm.tuple(v).into())
}

const DEFS: &[Def] = &[
    def!("with_bytes", "(fd, command, data: buffer, ioctl, /)", with_bytes),
    // Modes, speeds, and the control characters as bytes.
    def!("tcgetattr", "(fd, /)", |vm, a| {
        let r = vm.host.tcgetattr(n(&a[0]));
        let t = given(vm, r, &[])?;
        let mut v: Vec<Value> =
            [t.input, t.output, t.control, t.local, t.input_speed, t.output_speed]
                .iter()
                .map(|x| vm.int(*x as i64))
                .collect();
        v.push(vm.bytes(&t.characters));
        Ok(vm.tuple(v).into())
    }),
    def!("tcsetattr", "(fd, when, attributes, /)", |vm, a| {
        let v = items(vm, &a[2]);
        let [rest @ .., cc] = &v[..] else { return Err(vm.value_error("attributes")) };
        let [input, output, control, local, input_speed, output_speed] = rest else {
            return Err(vm.value_error("attributes"));
        };
        let number = |v: &Value| int(v) as u32;
        let cc = data(vm, cc)?;
        let r = vm.host.tcgetattr(n(&a[0]));
        let mut modes = TerminalModes {
            input: number(input),
            output: number(output),
            control: number(control),
            local: number(local),
            input_speed: number(input_speed),
            output_speed: number(output_speed),
            ..given(vm, r, &[])?
        };
        for (to, from) in modes.characters.iter_mut().zip(cc) {
            *to = from;
        }
        let r = vm.host.tcsetattr(n(&a[0]), n(&a[1]), &modes);
        answer(vm, r, &[])
    }),
];

const NUMBER_DEFS: &[Def] = host_calls! {
    "fcntl" "(fd, command, argument, /)" |h, a| h.fcntl(n(&a[0]), n(&a[1]), int(&a[2]));
    "ioctl" "(fd, request, argument, /)" |h, a| h.ioctl(n(&a[0]), int(&a[1]) as u64, int(&a[2]));
    "flock" "(fd, operation, /)" |h, a| h.flock(n(&a[0]), n(&a[1]));
    "tcsendbreak" "(fd, duration, /)" |h, a| h.tcsendbreak(n(&a[0]), n(&a[1]));
    "tcdrain" "(fd, /)" |h, a| h.tcdrain(n(&a[0]));
    "tcflush" "(fd, queue, /)" |h, a| h.tcflush(n(&a[0]), n(&a[1]));
    "tcflow" "(fd, action, /)" |h, a| h.tcflow(n(&a[0]), n(&a[1]));
};
