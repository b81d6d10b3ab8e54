//! Packs the standard library: every module of the library crate and of `lib/overlay` (which wins),
//! compiled and compressed.
//!
//! Pack: `count u32`, then a row per module, sorted by name: `name's place u32, name's length u16,
//! flags u16, code size u32, code packed size u32, source size u32, source packed size u32, offset
//! u32`; then the names, then the blobs. Numbers are little-endian. Flag 1: package, flag 2: hidden
//! frames, flag 4: the code lies in the image, and `code size` is its number there. The image
//! (`stackless_bytecode::image`) has what every start runs.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use stackless_compiler as c;

/// Not worth their bytes, or of no use to this implementation.
const SKIP: &[&str] = &[
    "idlelib",
    "turtledemo",
    "tkinter",
    "test",
    "lib2to3",
    "pydoc_data",
    "turtle",
    "_dummy_os",
    "_dummy_thread",
    "dummy_threading",
    "_pycodecs",
];

/// Modules of an empty program.
const STARTUP: &[&str] = &[
    "_abc",
    "atexit",
    "_codecs",
    "_collections_abc",
    "_io",
    "_posix_io",
    "_posix_limits",
    "_posix_process",
    "_signal",
    "_sitebuiltins",
    "_startup",
    "_stringio",
    "_structseq",
    "_sys_init",
    "_thread",
    "_warnings",
    "_weakref",
    "abc",
    "codecs",
    "encodings",
    "encodings.aliases",
    "encodings.utf_8",
    "genericpath",
    "importlib",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
    "io",
    "marshal",
    "os",
    "posix",
    "posixpath",
    "site",
    "stat",
];

struct Module {
    path: PathBuf,
    package: bool,
}

fn collect(dir: &Path, prefix: &str, out: &mut BTreeMap<String, Module>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let file = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            let name = format!("{prefix}{file}");
            if SKIP.contains(&name.as_str())
                || file.starts_with("__pycache__")
                || file.contains('-')
            {
                continue;
            }
            collect(&path, &format!("{name}."), out);
        } else if let Some(stem) = file.strip_suffix(".py") {
            if stem == "__init__" {
                let name = prefix.trim_end_matches('.').to_string();
                if !name.is_empty() {
                    out.insert(name, Module { path, package: true });
                }
                continue;
            }
            let name = format!("{prefix}{stem}");
            if !SKIP.contains(&name.as_str()) {
                out.insert(name, Module { path, package: false });
            }
        }
    }
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut e = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    e.write_all(data).expect("writing to memory");
    e.finish().expect("writing to memory")
}

/// Modules made from others: target, origin, replacements of text, text at the end. `_io` is the
/// library's Python model of it, cut loose from `io`, which imports it.
type Derived = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);
const DERIVED: &[Derived] = &[(
    "_io",
    "_pyio.py",
    &[
        (
            "import io\nfrom io import (__all__, SEEK_SET, SEEK_CUR, SEEK_END, Reader, Writer)",
            "SEEK_SET, SEEK_CUR, SEEK_END = 0, 1, 2",
        ),
        ("io.IOBase.register(IOBase)", ""),
        ("io.RawIOBase.register(RawIOBase)", ""),
        ("io.BufferedIOBase.register(BufferedIOBase)", ""),
        ("io.TextIOBase.register(TextIOBase)", ""),
        ("    open_code = io.open_code\n", "    open_code = io.open_code  # absent\n"),
        ("    UnsupportedOperation = io.UnsupportedOperation\n", "    io.UnsupportedOperation\n"),
        (
            "    open_code = _open_code_with_warning",
            "    def open_code(path):\n        return open(path, \"rb\")",
        ),
        (
            "            closed = self.closed\n        except AttributeError:",
            "            closed = self.closed\n        except (AttributeError, ValueError):",
        ),
        ("except AttributeError:", "except (AttributeError, NameError):"),
        (
            "cannot pickle {self.__class__.__name__!r} object",
            "cannot pickle {self.__class__.__name__!r} instances",
        ),
        (
            "    _CHUNK_SIZE = 2048\n",
            "    _CHUNK_SIZE = 2048\n\n    def __getstate__(self):\n        \
             raise TypeError(f\"cannot pickle {self.__class__.__name__!r} instances\")\n",
        ),
        (
            "    def __init__(self, initial_value=\"\", ",
            "    __getstate__ = object.__getstate__\n\n    def __init__(self, initial_value=\"\", ",
        ),
        // The words of CPython's own module.
        (
            "            raise ValueError(\"write to closed file\")\n        if not isinstance(s, str):\n            \
             raise TypeError(\"can't write %s to text stream\" %\n                            s.__class__.__name__)\n",
            "            raise ValueError(\"I/O operation on closed file.\")\n        if not isinstance(s, str):\n            \
             raise TypeError(\"write() argument must be str, not %s\" % s.__class__.__name__)\n",
        ),
        ("ValueError(\"read from closed file\")", "ValueError(\"I/O operation on closed file.\")"),
        (
            "    def closed(self):\n        return self.buffer.closed\n",
            "    def closed(self):\n        if self.buffer is None:\n            \
             raise ValueError(\"underlying buffer has been detached\")\n        return self.buffer.closed\n",
        ),
        (
            "self._decoder.newlines if self._decoder else None",
            "getattr(self._decoder, 'newlines', None)",
        ),
        // Where a text can go straight into the buffer of the writer below: see `_io_native`.
        (
            "        self._line_buffering = line_buffering\n        self._write_through = write_through\n",
            "        self._line_buffering = line_buffering\n        self._write_through = write_through\n        \
             self._fast = (self.buffer._write_buf if type(self.buffer) is BufferedWriter and not line_buffering\n            \
             and not write_through and (not self._writetranslate or self._writenl == '\\n')\n            \
             and encoding.lower() in ('utf-8', 'utf8') else None)\n",
        ),
        // A text stream above must not go on with the buffer of a closed or detached writer.
        (
            "            with self._write_lock:\n                self.raw.close()\n",
            "            with self._write_lock:\n                self._write_buf = bytearray()\n                self.raw.close()\n\n    \
             def detach(self):\n        raw = super().detach()\n        self._write_buf = bytearray()\n        return raw\n",
        ),
        // The event `open` comes once, with the mode, also for descriptors and openers.
        (
            "        owned_fd = None\n        try:\n            if fd < 0:\n                if not closefd:\n",
            "        sys.audit(\"open\", file, mode, flags)\n        owned_fd = None\n        try:\n            \
             if fd < 0:\n                if not closefd:\n",
        ),
        ("fd = os.open(file, flags, 0o666)", "fd = _open_file(file, flags)"),
        ("import sys\n", "import sys\nfrom posix import _open_file\n"),
        // A view of the buffer may outlive its BytesIO here.
        (
            "            self._buffer.clear()\n        super().close()\n",
            "            self._buffer.clear()\n        super().close()\n\n    def __del__(self):\n        try:\n            \
             super().__del__()\n        except BufferError:\n            pass\n",
        ),
    ],
    "\n_IOBase, _RawIOBase, _BufferedIOBase, _TextIOBase = IOBase, RawIOBase, BufferedIOBase, TextIOBase\n\
     for _c in (FileIO, BytesIO, StringIO, BufferedReader, BufferedWriter, BufferedRWPair, \
     BufferedRandom, TextIOWrapper, IncrementalNewlineDecoder, _IOBase, _RawIOBase, \
     _BufferedIOBase, _TextIOBase): _c.__module__ = '_io'\n\
     UnsupportedOperation.__module__ = 'io'\n\
     import _io_native\n\
     _io_native.text(TextIOWrapper)\n\
     _io_native.reader(BufferedReader)\n\
     from _stringio import StringIO\n\
     from _native import outside as _outside\n\
     _outside(FileIO)\n",
)];

/// Reverts of what the library crate changed for its own interpreter.
const PATCHES: &[(&str, &[(&str, &str)])] = &[
    (
        "site",
        &[
            ("'RustPython' # XXX: RUSTPYTHON; for site-packages", "'Python'"),
            ("lib/rustpython{", "lib/python{"),
        ],
    ),
    ("sysconfig", &[("'RustPython'  # XXX: RUSTPYTHON; For site-packages", "'Python'")]),
    // Text of the command line is shown in tracebacks; most programs show none.
    (
        "linecache",
        &[(
            "_interactive_cache[key] = entry",
            "_interactive_cache[key] = entry\n\n\ndef _register_started():\n    import _imp\n    \
             for entry in _imp.__dict__.pop('_sources', ()):\n        _register_code(*entry)\n\n\n_register_started()",
        )],
    ),
    // The scripts are in the pack, not in a folder.
    (
        "venv",
        &[(
            "        path = os.path.abspath(os.path.dirname(__file__))\n        path = os.path.join(path, 'scripts')\n        self.install_scripts(context, path)",
            "        from venv._scripts import folder\n        with folder() as path:\n            self.install_scripts(context, path)",
        )],
    ),
];

/// Files that stand in for native code say so in their first line; their frames are invisible.
fn is_hidden(name: &str, source: &[u8]) -> bool {
    name == "importlib._bootstrap"
        || name == "importlib._bootstrap_external"
        || source.starts_with(b"# native:")
}

fn compile(
    name: &str,
    source: &[u8],
    hidden: bool,
) -> Option<std::sync::Arc<stackless_bytecode::Code>> {
    let file = format!("<frozen {name}>");
    let mut options = c::Options::new(c::Mode::Exec, file.clone());
    options.hidden = hidden;
    let text = match c::source::decode(source, c::source::Origin::File(&file)) {
        Ok(c::source::Decoded::Text(text)) => text,
        _ => return None,
    };
    match c::compile(&text, &options) {
        Ok((code, _)) => Some(code),
        Err(e) => {
            println!("cargo:warning={name}: line {}: {}", e.lineno, e.message);
            None
        }
    }
}

/// A module that holds the files of a folder of the library and unpacks them where they are asked for.
fn data_module(dir: &Path) -> String {
    let mut out = String::from("\"\"\"Data files of the library.\"\"\"\n\nFILES = {\n");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    folders.sort();
    for folder in folders {
        let mut files: Vec<PathBuf> =
            fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
        files.sort();
        for file in files {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            let name = file.strip_prefix(dir).unwrap_or(&file).to_string_lossy().into_owned();
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r");
            out.push_str(&format!("    \"{name}\": \"{}\",\n", text.replace('\n', "\\n")));
        }
    }
    out.push_str(
        "}\n\n\ndef folder():\n    \"\"\"A temporary folder with the files.\"\"\"\n    import os\n    import tempfile\n    \
         temporary = tempfile.TemporaryDirectory()\n    for name, text in FILES.items():\n        \
         path = os.path.join(temporary.name, name)\n        os.makedirs(os.path.dirname(path), exist_ok=True)\n        \
         with open(path, 'w', encoding='utf-8', newline='') as file:\n            file.write(text)\n    return temporary\n",
    );
    out
}

fn main() {
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let overlay = here.join("../../lib/overlay");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", overlay.display());
    println!("cargo:rerun-if-changed={}", here.join("../../lib/startup.txt").display());
    let mut modules = BTreeMap::new();
    collect(Path::new(rustpython_pylib::LIB_PATH), "", &mut modules);
    collect(&overlay, "", &mut modules);
    for (name, origin, ..) in DERIVED {
        let path = Path::new(rustpython_pylib::LIB_PATH).join(origin);
        modules.insert(name.to_string(), Module { path, package: false });
    }
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("set by cargo"));
    let scripts = data_module(&Path::new(rustpython_pylib::LIB_PATH).join("venv/scripts"));
    let path = out.join("venv_scripts.py");
    fs::write(&path, scripts).expect("the output folder is writable");
    modules.insert("venv._scripts".into(), Module { path, package: false });
    let list: Vec<(String, Module)> = modules.into_iter().collect();
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get());
    let chunk = list.len().div_ceil(workers).max(1);
    let mut packed: Vec<Packed> = std::thread::scope(|scope| {
        let handles: Vec<_> = list
            .chunks(chunk)
            .map(|part| {
                std::thread::Builder::new()
                    .stack_size(256 << 20)
                    .spawn_scoped(scope, move || {
                        part.iter().filter_map(pack_one).collect::<Vec<_>>()
                    })
                    .expect("a worker thread")
            })
            .collect();
        handles.into_iter().flat_map(|h| h.join().expect("packing")).collect()
    });
    let mut image = stackless_bytecode::image::Builder::default();
    for name in STARTUP {
        let module = packed.iter_mut().find(|m| m.name == *name);
        let Some(module) = module else { panic!("no module {name}") };
        if let Some(code) = module.image.take() {
            module.flags |= 4;
            module.sizes[0] = image.add(&code) as u32;
        }
    }
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("set by cargo"));
    let mut all = Vec::new();
    let hot = stackless_bytecode::image::startup_list(&here.join("../../lib/startup.txt"));
    for (ending, contents) in image.finish(hot) {
        fs::write(out.join(format!("image.{ending}")), &contents).expect("writable output folder");
        all.extend(contents);
    }
    const ROW: usize = 28;
    let mut index = (packed.len() as u32).to_le_bytes().to_vec();
    let mut place = 4 + ROW * packed.len();
    let mut offset = place + packed.iter().map(|m| m.name.len()).sum::<usize>();
    for module in &packed {
        index.extend((place as u32).to_le_bytes());
        index.extend((module.name.len() as u16).to_le_bytes());
        index.extend(u16::from(module.flags).to_le_bytes());
        for n in module.sizes {
            index.extend(n.to_le_bytes());
        }
        index.extend((offset as u32).to_le_bytes());
        place += module.name.len();
        offset += module.blob.len();
    }
    for module in &packed {
        index.extend(module.name.as_bytes());
    }
    for module in &packed {
        index.extend(&module.blob);
    }
    // The compiled library stands for the compiler that made it: its hash numbers the .pyc files.
    let magic = all
        .iter()
        .chain(&index)
        .fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    println!("cargo:rustc-env=PYC_MAGIC={}", (magic >> 24) as u16);
    fs::write(out.join("pack.bin"), index).expect("the output folder is writable");
}

/// A module of the pack.
struct Packed {
    name: String,
    flags: u8,
    sizes: [u32; 4],
    blob: Vec<u8>,
    /// Code that goes into the image.
    image: Option<std::sync::Arc<stackless_bytecode::Code>>,
}

fn pack_one((name, module): &(String, Module)) -> Option<Packed> {
    let mut source = fs::read(&module.path).ok()?;
    let derived = DERIVED.iter().find(|d| d.0 == name);
    let patch = PATCHES.iter().find(|p| p.0 == name);
    if derived.is_some() || patch.is_some() {
        let mut text = String::from_utf8(source).ok()?;
        for (old, new) in
            derived.map_or(&[][..], |d| d.2).iter().chain(patch.map_or(&[][..], |p| p.1))
        {
            text = text.replace(old, new);
        }
        text.push_str(derived.map_or("", |d| d.3));
        source = text.into_bytes();
    }
    let hidden = derived.is_some() || is_hidden(name, &source);
    let code = compile(name, &source, hidden)?;
    let starts = STARTUP.contains(&name.as_str());
    let encoded = if starts { Vec::new() } else { stackless_bytecode::encode(&code) };
    let mut blob = deflate(&encoded);
    let packed_code = blob.len();
    let packed_source = deflate(&source);
    let sizes = [encoded.len(), packed_code, source.len(), packed_source.len()].map(|n| n as u32);
    blob.extend(packed_source);
    Some(Packed {
        name: name.clone(),
        flags: module.package as u8 | (hidden as u8) << 1,
        sizes,
        blob,
        image: starts.then_some(code),
    })
}
