//! Small helpers of the native modules: paths, byte strings, error numbers.

use stackless_host::{Host, OsError, open_flags};
pub use stackless_runtime::native::typed::float;
use stackless_runtime::objects::bytes::{ByteArray, Bytes};
use stackless_runtime::objects::str::{Str, push_char};
use stackless_runtime::{Exc, PyResult, Value, Vm};

/// An int of an argument that was converted already.
pub fn int(v: &Value) -> i64 {
    v.as_i64_saturating().unwrap_or(0)
}

pub fn int_or(v: &Value, default: i64) -> i64 {
    v.given().map_or(default, int)
}

pub fn flag(v: &Value, default: bool) -> bool {
    v.given().map_or(default, |v| stackless_runtime::ops::truth_fast(v).unwrap_or(true))
}

/// Text of the file system encoding (UTF-8, surrogateescape) from bytes.
pub fn fs_text(vm: &Vm, bytes: &[u8]) -> Value {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return vm.str(text);
    }
    let mut out = Vec::with_capacity(bytes.len());
    for part in bytes.utf8_chunks() {
        out.extend(part.valid().as_bytes());
        for b in part.invalid() {
            push_char(&mut out, 0xdc00 + *b as u32);
        }
    }
    vm.str_from_wtf8(&out)
}

/// The reverse of `fs_text`.
pub fn fs_bytes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        // U+DC80 to U+DCFF in WTF-8: ED B2 80 to ED B3 BF.
        if let [0xed, hi @ (0xb2 | 0xb3), lo, ..] = text[i..] {
            let c = 0xdc00 + ((hi as u32 & 0xf) << 6 & 0xff | lo as u32 & 0x3f);
            out.push((c & 0xff) as u8 | if hi == 0xb3 { 0xc0 } else { 0x80 });
            i += 3;
        } else {
            out.push(text[i]);
            i += 1;
        }
    }
    out
}

/// A path argument (str or bytes; `os.fspath` is applied by the Python side) and whether it is bytes.
pub fn path(vm: &mut Vm, who: &str, v: &Value) -> PyResult<(Vec<u8>, bool)> {
    let (bytes, is_bytes) = if let Some(s) = v.get::<Str>() {
        (fs_bytes(s.bytes()), false)
    } else if let Some(b) = v.get::<Bytes>() {
        (b.as_bytes().to_vec(), true)
    } else {
        let t = vm.type_name(v);
        return Err(
            vm.type_error(format!("{who}: path should be string, bytes or os.PathLike, not {t}"))
        );
    };
    if bytes.contains(&0) {
        return Err(vm.value_error(if is_bytes {
            "embedded null byte"
        } else {
            "embedded null character"
        }));
    }
    Ok((bytes, is_bytes))
}

/// Bytes of a bytes-like or str argument.
pub fn data(vm: &mut Vm, v: &Value) -> PyResult<Vec<u8>> {
    if let Some(b) = v.get::<Bytes>() {
        return Ok(b.as_bytes().to_vec());
    }
    if let Some(b) = v.get::<ByteArray>() {
        return Ok(b.data.get(vm).clone());
    }
    match stackless_runtime::methods::buffer::contents(vm, v) {
        Some(b) => Ok(b.into_owned()),
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("a bytes-like object is required, not '{t}'")))
        }
    }
}

/// A whole file of the host.
pub fn read_file(host: &dyn Host, path: &[u8]) -> Option<Vec<u8>> {
    let fd = host.open(path.into(), open_flags::O_RDONLY, 0).ok()?;
    let mut data = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    let done = loop {
        match host.read(fd, &mut buffer) {
            Ok(0) => break true,
            Ok(n) => data.extend_from_slice(&buffer[..n.min(buffer.len())]),
            Err(e) if e.is_interrupted() => {}
            Err(_) => break false,
        }
    };
    let _ = host.close(fd);
    done.then_some(data)
}

/// OSError (the subclass of its number) with file names.
pub fn os_error(vm: &mut Vm, e: OsError, names: &[&Value]) -> Exc {
    os_error_text(vm, e.errno, &e.message(), names)
}

pub fn os_error_text(vm: &mut Vm, number: i32, text: &str, names: &[&Value]) -> Exc {
    let class = match number {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => "BlockingIOError",
        libc::EPIPE | libc::ESHUTDOWN => "BrokenPipeError",
        libc::ECHILD => "ChildProcessError",
        libc::ECONNABORTED => "ConnectionAbortedError",
        libc::ECONNREFUSED => "ConnectionRefusedError",
        libc::ECONNRESET => "ConnectionResetError",
        libc::EEXIST => "FileExistsError",
        libc::ENOENT => "FileNotFoundError",
        libc::EISDIR => "IsADirectoryError",
        libc::ENOTDIR => "NotADirectoryError",
        libc::EINTR => "InterruptedError",
        libc::EACCES | libc::EPERM => "PermissionError",
        libc::ESRCH => "ProcessLookupError",
        libc::ETIMEDOUT => "TimeoutError",
        _ => "OSError",
    };
    let found = vm.excs.all().into_iter().find(|(n, _)| *n == class).map(|(_, t)| t.clone());
    let class = found.unwrap_or_else(|| vm.excs.os_error.clone());
    let (n, text) = (vm.int(number as i64), vm.str(text));
    let exc = vm.new_exception(&class, vec![n.clone(), text.clone()]);
    vm.set_exc_extra(&exc, 0, n);
    vm.set_exc_extra(&exc, 1, text);
    for (i, name) in names.iter().enumerate() {
        vm.set_exc_extra(&exc, 2 + i, (*name).clone());
    }
    exc
}
