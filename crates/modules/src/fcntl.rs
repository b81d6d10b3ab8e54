//! `_fcntl_native`: control of descriptors and terminals. `lib/overlay/fcntl.py` and `termios.py` check
//! arguments. CPython's counterparts: `Modules/fcntlmodule.c`, `Modules/termios.c`.
#![expect(unsafe_code, reason = "fcntl, ioctl and terminal calls")]

use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{granted, items, last_error, n, number};
use crate::support::{data, int};
use crate::{Native, int_calls};

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
    granted(vm)?;
    let given = data(vm, &a[2])?;
    // Words, so that structures are aligned.
    let mut buffer = vec![0u64; (given.len() + SPARE).div_ceil(8)];
    for (word, chunk) in buffer.iter_mut().zip(given.chunks(8)) {
        let mut bytes = [0u8; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        *word = u64::from_ne_bytes(bytes);
    }
    // SAFETY: a live buffer with room to spare; what the command does with it is the program's affair,
    // as in C.
    let r = unsafe {
        match a[3].is_true() {
            true => libc::ioctl(n(&a[0]), int(&a[1]) as libc::c_ulong, buffer.as_mut_ptr()),
            false => libc::fcntl(n(&a[0]), n(&a[1]), buffer.as_mut_ptr()),
        }
    };
    if r < 0 {
        return Err(last_error(vm, &[]));
    }
    let out: Vec<u8> = buffer.iter().flat_map(|w| w.to_ne_bytes()).take(given.len()).collect();
    let v = vec![Value::from_i32(r), vm.bytes(&out)];
    Ok(vm.tuple(v).into())
}

fn terminal(vm: &mut Vm, fd: i32) -> PyResult<libc::termios> {
    granted(vm)?;
    // SAFETY: a structure of numbers, for which zeros are a value.
    let mut t: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: a pointer to a live structure.
    if unsafe { libc::tcgetattr(fd, &mut t) } < 0 {
        return Err(last_error(vm, &[]));
    }
    Ok(t)
}

const DEFS: &[Def] = &[
    def!("with_bytes", "(fd, command, data: buffer, ioctl, /)", with_bytes),
    // Modes, speeds, and the control characters as bytes.
    def!("tcgetattr", "(fd, /)", |vm, a| {
        let t = terminal(vm, n(&a[0]))?;
        // SAFETY: a pointer to a live structure.
        let (i, o) = unsafe { (libc::cfgetispeed(&t), libc::cfgetospeed(&t)) };
        let mut v: Vec<Value> = [t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, i, o]
            .iter()
            .map(|x| vm.int(*x as i64))
            .collect();
        v.push(vm.bytes(&t.c_cc));
        Ok(vm.tuple(v).into())
    }),
    def!("tcsetattr", "(fd, when, attributes, /)", |vm, a| {
        let mut t = terminal(vm, n(&a[0]))?;
        let v = items(vm, &a[2]);
        let [i, o, c, l, ispeed, ospeed, cc] = &v[..] else {
            return Err(vm.value_error("attributes"));
        };
        let flag = |v: &Value| int(v) as libc::tcflag_t;
        (t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag) = (flag(i), flag(o), flag(c), flag(l));
        let cc = data(vm, cc)?;
        for (to, from) in t.c_cc.iter_mut().zip(cc) {
            *to = from;
        }
        // SAFETY: pointers to a live structure.
        let r = unsafe {
            if libc::cfsetispeed(&mut t, int(ispeed) as u32) < 0
                || libc::cfsetospeed(&mut t, int(ospeed) as u32) < 0
            {
                -1
            } else {
                libc::tcsetattr(n(&a[0]), n(&a[1]), &t)
            }
        };
        number(vm, r as i64, &[])
    }),
];

const NUMBER_DEFS: &[Def] = int_calls! {
    "fcntl" "(fd, command, argument, /)" |a| libc::fcntl(n(&a[0]), n(&a[1]), int(&a[2]) as libc::c_long);
    "ioctl" "(fd, request, argument, /)" |a| libc::ioctl(n(&a[0]), int(&a[1]) as libc::c_ulong, int(&a[2]) as libc::c_long);
    "flock" "(fd, operation, /)" |a| libc::flock(n(&a[0]), n(&a[1]));
    "tcsendbreak" "(fd, duration, /)" |a| libc::tcsendbreak(n(&a[0]), n(&a[1]));
    "tcdrain" "(fd, /)" |a| libc::tcdrain(n(&a[0]));
    "tcflush" "(fd, queue, /)" |a| libc::tcflush(n(&a[0]), n(&a[1]));
    "tcflow" "(fd, action, /)" |a| libc::tcflow(n(&a[0]), n(&a[1]));
};
