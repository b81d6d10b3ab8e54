//! `_zlib_native`: zlib streams as capsules, checksums. `lib/overlay/zlib.py` has the classes and the
//! bookkeeping of unused input. CPython's counterpart: `Modules/zlibmodule.c`.
//!
//! Invariant: a `Stream` was initialised by exactly one of `deflateInit2_` and `inflateInit2_`, which
//! `deflating` remembers, and is ended once, by `Drop`. Its input and output pointers are set for the
//! length of one call only.
#![expect(unsafe_code, reason = "zlib's interface takes a stream structure with pointers")]

use stackless_primitives::memory::attempt;
use std::ffi::CStr;

use libz_rs_sys as z;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::capsule;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Exc, Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{data, int};

pub const MODULE: Native = Native { name: "_zlib_native", defs: DEFS, fill };

const SIZE: i32 = size_of::<z::z_stream>() as i32;
/// Output grows by this much at first, then doubles.
const FIRST: usize = 16 * 1024;

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    let version = vm.str("1.3.2");
    d.set_text(vm, "ZLIB_VERSION", version.clone());
    d.set_text(vm, "ZLIB_RUNTIME_VERSION", version);
    Ok(())
}

struct Stream {
    /// Boxed: the library may keep its address.
    raw: Box<z::z_stream>,
    deflating: bool,
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: initialised by the matching init function, ended here only.
        unsafe {
            if self.deflating {
                z::deflateEnd(&mut *self.raw)
            } else {
                z::inflateEnd(&mut *self.raw)
            };
        }
    }
}

/// What one run over some input gave.
struct Run {
    output: Vec<u8>,
    consumed: usize,
    code: i32,
}

/// No input, no output. Copying refuses null pointers, so they dangle, with lengths of 0.
fn detach(raw: &mut z::z_stream) {
    (raw.avail_in, raw.avail_out) = (0, 0);
    raw.next_in = std::ptr::NonNull::dangling().as_ptr();
    raw.next_out = std::ptr::NonNull::dangling().as_ptr();
}

fn empty() -> Box<z::z_stream> {
    let mut raw = Box::new(z::z_stream::default());
    detach(&mut raw);
    raw
}

impl Stream {
    fn deflate(
        level: i32,
        method: i32,
        wbits: i32,
        mem: i32,
        strategy: i32,
    ) -> Result<Stream, i32> {
        let mut raw = empty();
        // SAFETY: the structure is zeroed, version and size are those of the library.
        let code = unsafe {
            z::deflateInit2_(&mut *raw, level, method, wbits, mem, strategy, z::zlibVersion(), SIZE)
        };
        if code == z::Z_OK { Ok(Stream { raw, deflating: true }) } else { Err(code) }
    }

    fn inflate(wbits: i32) -> Result<Stream, i32> {
        let mut raw = empty();
        // SAFETY: as above.
        let code = unsafe { z::inflateInit2_(&mut *raw, wbits, z::zlibVersion(), SIZE) };
        if code == z::Z_OK { Ok(Stream { raw, deflating: false }) } else { Err(code) }
    }

    fn copy(&mut self) -> Result<Stream, i32> {
        let mut raw = Box::new(z::z_stream::default());
        // SAFETY: the source is initialised; the target is overwritten whole, or left alone on error.
        let code = unsafe {
            if self.deflating {
                z::deflateCopy(&mut *raw, &mut *self.raw)
            } else {
                z::inflateCopy(&mut *raw, &*self.raw)
            }
        };
        if code == z::Z_OK { Ok(Stream { raw, deflating: self.deflating }) } else { Err(code) }
    }

    fn set_dictionary(&mut self, d: &[u8]) -> i32 {
        let n = d.len().min(u32::MAX as usize) as u32;
        // SAFETY: the pointer and length are those of a live slice.
        unsafe {
            if self.deflating {
                z::deflateSetDictionary(&mut *self.raw, d.as_ptr(), n)
            } else {
                z::inflateSetDictionary(&mut *self.raw, d.as_ptr(), n)
            }
        }
    }

    /// Runs over `input` until it is used up and `limit` bytes or all the output are there.
    /// `None` when there is no memory.
    fn run(&mut self, input: &[u8], flush: i32, limit: usize) -> Option<Run> {
        let mut output = Vec::new();
        let (mut at, mut used, mut size) = (0usize, 0usize, FIRST);
        let code = loop {
            if used == output.len() && used < limit {
                let grown = size.min(limit);
                attempt(|| output.try_reserve_exact(grown - used)).ok()?;
                output.resize(grown, 0);
                size = size.saturating_mul(2);
            }
            let part = (input.len() - at).min(u32::MAX as usize);
            let last = at + part == input.len();
            let room = (output.len() - used).min(u32::MAX as usize);
            let mode = if last { flush } else { z::Z_NO_FLUSH };
            self.raw.next_in = input[at..].as_ptr();
            self.raw.avail_in = part as u32;
            self.raw.next_out = output[used..].as_mut_ptr();
            self.raw.avail_out = room as u32;
            // SAFETY: the pointers and lengths are those of live slices, and the stream is initialised.
            let code = unsafe {
                if self.deflating {
                    z::deflate(&mut *self.raw, mode)
                } else {
                    z::inflate(&mut *self.raw, mode)
                }
            };
            at += part - self.raw.avail_in as usize;
            used += room - self.raw.avail_out as usize;
            let full = self.raw.avail_out == 0;
            detach(&mut self.raw);
            match code {
                z::Z_OK | z::Z_BUF_ERROR => {}
                code => break code,
            }
            if full {
                if used >= limit {
                    break code;
                }
                continue;
            }
            if at < input.len() && code == z::Z_OK {
                continue;
            }
            break code;
        };
        output.truncate(used);
        Some(Run { output, consumed: at, code })
    }

    fn message(&self) -> Option<String> {
        if self.raw.msg.is_null() {
            return None;
        }
        // SAFETY: messages of the library are constant C strings.
        Some(unsafe { CStr::from_ptr(self.raw.msg) }.to_string_lossy().into_owned())
    }
}

/// The message of `zlib.error`, as ValueError: the Python side raises it as its own class.
fn error(vm: &mut Vm, code: i32, message: Option<String>, doing: &str) -> Exc {
    let message = match code {
        // The version check of the structure cannot fail; the text is CPython's.
        z::Z_VERSION_ERROR => Some("library version mismatch".to_string()),
        _ => message,
    };
    let message = message.or(match code {
        z::Z_BUF_ERROR => Some("incomplete or truncated stream".to_string()),
        z::Z_STREAM_ERROR => Some("inconsistent stream state".to_string()),
        z::Z_DATA_ERROR => Some("invalid input data".to_string()),
        _ => None,
    });
    vm.value_error(match message {
        Some(m) => format!("Error {code} {doing}: {m}"),
        None => format!("Error {code} {doing}"),
    })
}

fn number(v: &Value) -> i32 {
    int(v).clamp(i32::MIN as i64, i32::MAX as i64) as i32
}

fn lost(vm: &mut Vm) -> Exc {
    vm.system_error("not a zlib stream, or one in use")
}

/// `(stream, data, flush, limit, doing)`: `(output, consumed, code)`.
fn run(vm: &mut Vm, a: &[Value]) -> Flow {
    let input = data(vm, &a[1])?;
    let (flush, limit) = (number(&a[2]), int(&a[3]));
    let limit = if limit < 0 { usize::MAX } else { limit as usize };
    let doing = a[4].display_str(vm);
    let Some((run, message)) =
        capsule::with(&a[0], |s: &mut Stream| (s.run(&input, flush, limit), s.message()))
    else {
        return Err(lost(vm));
    };
    let Some(run) = run else { return Err(vm.memory_error("")) };
    match run.code {
        z::Z_OK | z::Z_BUF_ERROR | z::Z_STREAM_END | z::Z_NEED_DICT => {
            let v = vec![
                vm.bytes(&run.output),
                Value::from_usize(run.consumed),
                Value::from_i32(run.code),
            ];
            Ok(vm.tuple(v).into())
        }
        z::Z_MEM_ERROR => Err(vm.memory_error("")),
        code => Err(error(vm, code, message, &doing)),
    }
}

fn checksum(vm: &mut Vm, a: &[Value], start: u32, f: fn(u32, &[u8]) -> u32) -> Flow {
    let input = data(vm, &a[0])?;
    // The lowest 32 bits, in two's complement.
    let start = a[1].given().and_then(Value::as_big).map_or(start, |n| n.to_u64_wrapping() as u32);
    Ok(vm.int(f(start, &input) as i64).into())
}

const DEFS: &[Def] = &[
    def!("deflate_init", "(level, method, wbits, memlevel, strategy, /)", |vm, a| {
        let n: Vec<i32> = a.iter().map(number).collect();
        match Stream::deflate(n[0], n[1], n[2], n[3], n[4]) {
            Ok(s) => Ok(vm.capsule(s).into()),
            Err(code) => Ok(Value::from_i32(code).into()),
        }
    }),
    def!("inflate_init", "(wbits, /)", |vm, wbits| match Stream::inflate(number(wbits)) {
        Ok(s) => Ok(vm.capsule(s).into()),
        Err(code) => Ok(Value::from_i32(code).into()),
    }),
    def!("set_dictionary", "(stream, dictionary: buffer, /)", |vm, stream, dictionary| {
        let d = data(vm, dictionary)?;
        match capsule::with(stream, |s: &mut Stream| s.set_dictionary(&d)) {
            Some(code) => Ok(Value::from_i32(code).into()),
            None => Err(lost(vm)),
        }
    }),
    def!("copy", "(stream, /)", |vm, stream| match capsule::with(stream, Stream::copy) {
        Some(Ok(s)) => Ok(vm.capsule(s).into()),
        Some(Err(z::Z_STREAM_ERROR)) => Err(vm.value_error("Inconsistent stream state")),
        Some(Err(_)) => Err(vm.memory_error("Can't allocate memory for compression object")),
        None => Err(lost(vm)),
    }),
    def!("run", "(stream, data: buffer, flush, limit, doing, /)", run),
    def!("crc32", "(data: buffer, value: index=0, /)", |vm, a| {
        checksum(vm, a, 0, zlib_rs::crc32::crc32)
    }),
    def!("adler32", "(data: buffer, value: index=1, /)", |vm, a| {
        checksum(vm, a, 1, zlib_rs::adler32::adler32)
    }),
];
