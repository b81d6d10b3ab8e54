//! `_archives_native`: bzip2, xz and lzma streams as capsules. `_bz2` and `_lzma` in `lib/overlay` have
//! the classes and keep the input that is left. CPython's counterparts: `Modules/_bz2module.c`,
//! `Modules/_lzmamodule.c`.

use bzip2::{Action as BzAction, Compress, Compression, Decompress, Status as BzStatus};
use liblzma::stream::{
    Action, Check, Error, Filters, LzmaOptions, MatchFinder, Mode, Status, Stream,
};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::capsule;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Exc, Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::os::items;
use crate::support::{data, flag, int};

pub const MODULE: Native = Native { name: "_archives_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// What one run over some input gave.
#[derive(Default)]
struct Run {
    output: Vec<u8>,
    consumed: usize,
    end: bool,
    error: Option<&'static str>,
}

/// Runs `step` (input, output) -> (consumed, produced, outcome) until the input is used up, the limit
/// of output is reached, or the stream ends. Outcome: `Some(Ok(true))` at the end of the stream.
fn drive(
    input: &[u8],
    limit: usize,
    finish: bool,
    mut step: impl FnMut(&[u8], &mut [u8]) -> (usize, usize, Result<bool, &'static str>),
) -> Run {
    let mut run = Run::default();
    let mut used = 0;
    loop {
        if used == run.output.len() && used < limit {
            let size = (used * 2).max(16 * 1024).min(limit);
            run.output.resize(size, 0);
        }
        let room = run.output.len() - used;
        let (consumed, produced, outcome) = step(&input[run.consumed..], &mut run.output[used..]);
        run.consumed += consumed;
        used += produced;
        match outcome {
            Ok(true) => run.end = true,
            Ok(false) => {}
            Err(text) => run.error = Some(text),
        }
        let full = produced == room;
        if run.end || run.error.is_some() || (full && used >= limit) {
            break;
        }
        // Room left over: there is no more to come out of this input.
        if !full && (run.consumed == input.len() && !finish || consumed == 0 && produced == 0) {
            break;
        }
    }
    run.output.truncate(used);
    run
}

/// A bzip2 stream of either direction.
enum Bzip {
    Compress(Compress),
    Decompress(Decompress),
    /// A stream that met an error: the library must not be asked again.
    Broken,
}

impl Bzip {
    fn run(&mut self, input: &[u8], limit: usize, finish: bool) -> Run {
        let run = self.step(input, limit, finish);
        if run.error.is_some() {
            *self = Bzip::Broken;
        }
        run
    }

    fn step(&mut self, input: &[u8], limit: usize, finish: bool) -> Run {
        match self {
            Bzip::Broken => Run { error: Some("Invalid data stream"), ..Run::default() },
            Bzip::Compress(c) => {
                let action = if finish { BzAction::Finish } else { BzAction::Run };
                drive(input, limit, finish, |i, o| {
                    // Running without input is a sequence error to the library.
                    if i.is_empty() && !finish {
                        return (0, 0, Ok(false));
                    }
                    let (a, b) = (c.total_in(), c.total_out());
                    let r = c.compress(i, o, action);
                    let end = match r {
                        Ok(s) => Ok(s == BzStatus::StreamEnd),
                        Err(_) => Err("Invalid sequence of commands"),
                    };
                    ((c.total_in() - a) as usize, (c.total_out() - b) as usize, end)
                })
            }
            Bzip::Decompress(d) => drive(input, limit, finish, |i, o| {
                let (a, b) = (d.total_in(), d.total_out());
                let r = d.decompress(i, o);
                let end = match r {
                    Ok(s) => Ok(s == BzStatus::StreamEnd),
                    Err(_) => Err("Invalid data stream"),
                };
                ((d.total_in() - a) as usize, (d.total_out() - b) as usize, end)
            }),
        }
    }
}

fn lzma_error(e: Error) -> &'static str {
    match e {
        Error::Data => "Corrupt input data",
        Error::Options => "Invalid or unsupported options",
        Error::Format => "Input format not supported by decoder",
        Error::MemLimit => "Memory usage limit exceeded",
        Error::Mem => "out of memory",
        Error::UnsupportedCheck => "Unsupported integrity check",
        Error::Program | Error::NoCheck => "Internal error",
    }
}

fn run_lzma(s: &mut Stream, input: &[u8], limit: usize, finish: bool) -> Run {
    let action = if finish { Action::Finish } else { Action::Run };
    drive(input, limit, finish, |i, o| {
        let (a, b) = (s.total_in(), s.total_out());
        let r = s.process(i, o, action);
        let end = match r {
            Ok(Status::StreamEnd) => Ok(true),
            // No progress is not an error: more input or more room is wanted.
            Ok(_) => Ok(false),
            Err(e) => Err(lzma_error(e)),
        };
        ((s.total_in() - a) as usize, (s.total_out() - b) as usize, end)
    })
}

/// The message as ValueError: the Python side raises it as its own class.
fn error(vm: &mut Vm, text: &str) -> Exc {
    match text {
        "out of memory" => vm.memory_error(""),
        text => vm.value_error(text),
    }
}

/// `(preset, dict_size, lc, lp, pb, mode, nice_len, mf, depth)`, None for what is not given.
fn options(v: &[Value]) -> Result<LzmaOptions, &'static str> {
    let given = |i: usize| v.get(i).filter(|v| !v.is_none()).map(|v| int(v) as u32);
    let mut o = match LzmaOptions::new_preset(given(0).unwrap_or(6)) {
        Ok(o) => o,
        Err(_) => return Err("Invalid compression preset"),
    };
    if let Some(n) = given(1) {
        o.dict_size(n);
    }
    if let Some(n) = given(2) {
        o.literal_context_bits(n);
    }
    if let Some(n) = given(3) {
        o.literal_position_bits(n);
    }
    if let Some(n) = given(4) {
        o.position_bits(n);
    }
    match given(5) {
        None => {}
        Some(1) => drop(o.mode(Mode::Fast)),
        Some(2) => drop(o.mode(Mode::Normal)),
        Some(_) => return Err("Invalid or unsupported options"),
    }
    if let Some(n) = given(6) {
        o.nice_len(n);
    }
    if let Some(n) = given(7) {
        o.match_finder(match n {
            3 => MatchFinder::HashChain3,
            4 => MatchFinder::HashChain4,
            18 => MatchFinder::BinaryTree2,
            19 => MatchFinder::BinaryTree3,
            20 => MatchFinder::BinaryTree4,
            _ => return Err("Invalid or unsupported options"),
        });
    }
    if let Some(n) = given(8) {
        o.depth(n);
    }
    Ok(o)
}

const LZMA1: i64 = 0x4000_0000_0000_0001;

/// Rows `(id, options)`: a tuple of numbers for LZMA, the filter's property bytes for others.
fn filters(vm: &mut Vm, v: &Value) -> PyResult<Result<Filters, &'static str>> {
    let mut f = Filters::new();
    for row in items(vm, v) {
        let [id, detail] = row.tuple_items() else { continue };
        let id = int(id);
        if matches!(id, LZMA1 | 33) {
            let o = match options(detail.tuple_items()) {
                Ok(o) => o,
                Err(text) => return Ok(Err(text)),
            };
            if id == LZMA1 {
                f.lzma1(&o)
            } else {
                f.lzma2(&o)
            };
            continue;
        }
        let p = data(vm, detail)?;
        let plain = p.is_empty();
        let r = match id {
            3 => f.delta_properties(&p).map(|_| ()),
            4 if plain => {
                f.x86();
                Ok(())
            }
            4 => f.x86_properties(&p).map(|_| ()),
            5 if plain => {
                f.powerpc();
                Ok(())
            }
            5 => f.powerpc_properties(&p).map(|_| ()),
            6 if plain => {
                f.ia64();
                Ok(())
            }
            6 => f.ia64_properties(&p).map(|_| ()),
            7 if plain => {
                f.arm();
                Ok(())
            }
            7 => f.arm_properties(&p).map(|_| ()),
            8 if plain => {
                f.arm_thumb();
                Ok(())
            }
            8 => f.arm_thumb_properties(&p).map(|_| ()),
            9 if plain => {
                f.sparc();
                Ok(())
            }
            _ => f.sparc_properties(&p).map(|_| ()),
        };
        if let Err(e) = r {
            return Ok(Err(lzma_error(e)));
        }
    }
    Ok(Ok(f))
}

fn lzma(vm: &mut Vm, stream: Result<Stream, &'static str>) -> Flow {
    match stream {
        Ok(s) => Ok(vm.capsule(s).into()),
        Err(text) => Err(error(vm, text)),
    }
}

/// `(format, check, preset, filters or None)`.
fn lzma_encoder(vm: &mut Vm, a: &[Value]) -> Flow {
    let preset = int(&a[2]) as u32;
    let chain = match a[3].is_none() {
        true => None,
        false => match filters(vm, &a[3])? {
            Ok(f) => Some(f),
            Err(text) => return Err(error(vm, text)),
        },
    };
    let check = match int(&a[1]) {
        0 => Check::None,
        1 => Check::Crc32,
        10 => Check::Sha256,
        _ => Check::Crc64,
    };
    let stream = match (int(&a[0]), chain) {
        (1, None) => Stream::new_easy_encoder(preset, check),
        (1, Some(f)) => Stream::new_stream_encoder(&f, check),
        (3, Some(f)) => Stream::new_raw_encoder(&f),
        (2, _) => {
            // One LZMA1 filter, whose options come apart.
            let rows = items(vm, &a[3]);
            let detail = rows.first().map(|r| r.tuple_items().to_vec()).unwrap_or_default();
            let o = match detail.get(1) {
                Some(d) => options(d.tuple_items()),
                None => LzmaOptions::new_preset(preset).map_err(lzma_error),
            };
            match o {
                Ok(o) => Stream::new_lzma_encoder(&o),
                Err(text) => return Err(error(vm, text)),
            }
        }
        _ => Err(Error::Options),
    };
    lzma(vm, stream.map_err(lzma_error))
}

/// `(format, memory limit, filters or None)`.
fn lzma_decoder(vm: &mut Vm, a: &[Value]) -> Flow {
    let limit = if a[1].is_none() {
        u64::MAX
    } else {
        a[1].as_big().map_or(u64::MAX, |b| b.to_u64_wrapping())
    };
    let stream = match int(&a[0]) {
        0 => Stream::new_auto_decoder(limit, 0),
        1 => Stream::new_stream_decoder(limit, 0),
        2 => Stream::new_lzma_decoder(limit),
        _ => match filters(vm, &a[2])? {
            Ok(f) => Stream::new_raw_decoder(&f),
            Err(text) => return Err(error(vm, text)),
        },
    };
    lzma(vm, stream.map_err(lzma_error))
}

/// `(stream, data, limit, finish)`: `(output, consumed, at the end)`.
fn run(vm: &mut Vm, a: &[Value]) -> Flow {
    let input = data(vm, &a[1])?;
    let (limit, finish) = (int(&a[2]), flag(&a[3], false));
    let limit = if limit < 0 { usize::MAX } else { limit as usize };
    let run = capsule::with(&a[0], |b: &mut Bzip| b.run(&input, limit, finish))
        .or_else(|| capsule::with(&a[0], |s: &mut Stream| run_lzma(s, &input, limit, finish)));
    let Some(run) = run else { return Err(vm.system_error("not a stream, or one in use")) };
    if let Some(text) = run.error {
        return Err(error(vm, text));
    }
    let v = vec![vm.bytes(&run.output), Value::from_usize(run.consumed), Value::bool(run.end)];
    Ok(vm.tuple(v).into())
}

const DEFS: &[Def] = &[
    def!("bz2_compressor", "(level, /)", |vm, a| {
        let level = Compression::new(int(&a[0]).clamp(1, 9) as u32);
        Ok(vm.capsule(Bzip::Compress(Compress::new(level, 0))).into())
    }),
    def!("bz2_decompressor", "()", |vm, _| {
        Ok(vm.capsule(Bzip::Decompress(Decompress::new(false))).into())
    }),
    def!("lzma_encoder", "(format, check, preset, filters, /)", lzma_encoder),
    def!("lzma_decoder", "(format, memlimit, filters, /)", lzma_decoder),
    def!("run", "(stream, data: buffer, limit, finish, /)", run),
];
