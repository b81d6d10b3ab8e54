//! `_sre_native`: matching of compiled patterns. Patterns, matches and scanners are Python classes in
//! `lib/overlay/_sre.py`. A pattern's code is bytes, four to a word, checked (`sre_check`) before the
//! matcher sees it. CPython's counterpart: `Modules/_sre/sre.c`.

use rustpython_sre_engine::{Request, State, StrDrive};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::bytes::Bytes;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::str::Str;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{data, flag, int};

pub const MODULE: Native = Native { name: "_sre_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// Matches as rows of numbers: last matched group, start, end, then start and end of each group that
/// the matcher noted (-1 where it took no part). Positions count characters.
#[derive(Default)]
struct Hits {
    numbers: Vec<i64>,
    /// End of each row.
    ends: Vec<usize>,
}

impl Hits {
    fn push(&mut self, state: &State) {
        self.numbers.push(state.marks.last_index() as i64);
        self.numbers.extend([state.start as i64, state.cursor.position as i64]);
        let group = |n: Option<usize>| n.map_or(-1, |n| n as i64);
        self.numbers.extend(state.marks.raw().iter().map(|m| group(m.into_option())));
        self.ends.push(self.numbers.len());
    }
    fn rows(&self) -> impl Iterator<Item = &[i64]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(from, to)| &self.numbers[from..*to])
    }
}

/// What is asked of the matcher.
struct Search {
    start: usize,
    end: usize,
    /// 0 match, 1 fullmatch, 2 search.
    kind: i64,
    /// The first match must not be empty at `start`.
    advance: bool,
    limit: usize,
}

fn run<S: StrDrive>(subject: S, codes: &[u32], search: &Search) -> Hits {
    let mut hits = Hits::default();
    // Making the request counts the characters, and the state keeps its memory: one of each.
    let mut req = Request::new(subject, search.start, search.end, codes, search.kind == 1);
    req.must_advance = search.advance;
    let mut state = State::default();
    while hits.ends.len() < search.limit && req.start <= req.end {
        state.reset(&req, req.start);
        let hit = if search.kind == 2 { state.search(req) } else { state.py_match(&req) };
        if !hit {
            break;
        }
        hits.push(&state);
        req.start = state.cursor.position;
        req.must_advance = state.start == req.start;
    }
    hits
}

/// Runs the checked code over str, bytes or another buffer.
fn look(vm: &mut Vm, code: &Value, subject: &Value, search: &Search) -> PyResult<Hits> {
    let Some(bytes) = code.get::<Bytes>() else { return Err(vm.type_error("code expected")) };
    let codes: Vec<u32> = bytes
        .as_bytes()
        .chunks_exact(4)
        .map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
        .collect();
    if !code.is_checked() {
        check(vm, code, &codes)?;
    }
    if search.end < search.start {
        return Ok(Hits::default());
    }
    if let Some(s) = subject.get::<Str>() {
        return Ok(if s.is_ascii() {
            run(s.bytes(), &codes, search)
        } else if let Ok(text) = std::str::from_utf8(s.bytes()) {
            run(text, &codes, search)
        } else if let Ok(text) = rustpython_wtf8::Wtf8Buf::from_bytes(s.bytes().to_vec()) {
            let text: &rustpython_wtf8::Wtf8 = &text;
            run(text, &codes, search)
        } else {
            Hits::default()
        });
    }
    if let Some(b) = subject.get::<Bytes>() {
        return Ok(run(b.as_bytes(), &codes, search));
    }
    let bytes = data(vm, subject)?;
    Ok(run(&bytes[..], &codes, search))
}

fn position(v: &Value) -> usize {
    int(v).max(0) as usize
}

fn row_value(vm: &Vm, row: &[i64]) -> Value {
    vm.tuple_iter(row.len(), row.iter().map(|n| vm.int(*n)))
}

/// `(code, subject, start, end, kind, must_advance)`: marks as
/// `(lastindex, start, end, start of group 1, …)`, or None.
fn find(vm: &mut Vm, a: &[Value]) -> Flow {
    let search = Search {
        start: position(&a[2]),
        end: position(&a[3]),
        kind: int(&a[4]),
        advance: flag(&a[5], false),
        limit: 1,
    };
    let hits = look(vm, &a[0], &a[1], &search)?;
    Ok(hits.rows().next().map_or(Value::NONE, |row| row_value(vm, row)).into())
}

/// `(code, subject, start, end, must_advance, limit)`: the marks of the next matches.
fn find_some(vm: &mut Vm, a: &[Value]) -> Flow {
    let search = Search {
        start: position(&a[2]),
        end: position(&a[3]),
        kind: 2,
        advance: flag(&a[4], false),
        limit: position(&a[5]),
    };
    let hits = look(vm, &a[0], &a[1], &search)?;
    let rows = hits.rows().map(|row| row_value(vm, row)).collect();
    Ok(vm.list(rows).into())
}

/// The characters between two positions of an exact str or bytes.
fn part(vm: &Vm, subject: &Value, from: i64, to: i64) -> Value {
    let (from, to) = (from.max(0) as usize, to.max(0) as usize);
    if let Some(s) = subject.get::<Str>() {
        let (from, to) = (s.offset(from), s.offset(to));
        if from == 0 && to == s.bytes().len() {
            return subject.clone();
        }
        return vm.str_from_wtf8(s.bytes().get(from..to).unwrap_or_default());
    }
    match subject.get::<Bytes>() {
        Some(b) => {
            // A buffer may have become shorter since the match.
            let to = to.min(b.as_bytes().len());
            if from == 0 && to == b.as_bytes().len() {
                return subject.clone();
            }
            vm.bytes(b.as_bytes().get(from..to).unwrap_or_default())
        }
        None => Value::NONE,
    }
}

/// The text of a group (0: of the match); None if it took no part.
fn group(vm: &Vm, row: &[i64], subject: &Value, group: usize) -> Option<Value> {
    let (from, to) = (*row.get(1 + 2 * group)?, *row.get(2 + 2 * group)?);
    (from >= 0 && to >= 0).then(|| part(vm, subject, from, to))
}

/// `(code, subject, start, end, groups)`: what `findall` gives.
fn find_texts(vm: &mut Vm, a: &[Value]) -> Flow {
    let search = Search {
        start: position(&a[2]),
        end: position(&a[3]),
        kind: 2,
        advance: false,
        limit: usize::MAX,
    };
    let hits = look(vm, &a[0], &a[1], &search)?;
    let groups = position(&a[4]);
    let empty = part(vm, &a[1], 0, 0);
    let text = |row: &[i64], g: usize| group(vm, row, &a[1], g).unwrap_or_else(|| empty.clone());
    let texts = hits
        .rows()
        .map(|row| match groups {
            0 | 1 => text(row, groups),
            _ => vm.tuple_iter(groups, (1..=groups).map(|g| text(row, g))),
        })
        .collect();
    Ok(vm.list(texts).into())
}

/// `(code, subject, replacement, count)`: the text with matches replaced, and their number.
fn replace(vm: &mut Vm, a: &[Value]) -> Flow {
    let count = int(&a[3]);
    let search = Search {
        start: 0,
        end: usize::MAX,
        kind: 2,
        advance: false,
        limit: if count > 0 { count as usize } else { usize::MAX },
    };
    let hits = look(vm, &a[0], &a[1], &search)?;
    let n = hits.ends.len();
    if n == 0 {
        return Ok(vm.pair(a[1].clone(), Value::from_i32(0)).into());
    }
    let text = |v: &'_ Value| match v.get::<Bytes>() {
        Some(b) => b.as_bytes().to_vec(),
        None => v.as_wtf8().unwrap_or_default().to_vec(),
    };
    let (subject, new) = (text(&a[1]), text(&a[2]));
    let offset = |at: i64| match a[1].get::<Str>() {
        Some(s) => s.offset(at.max(0) as usize),
        None => at.max(0) as usize,
    };
    let mut out = Vec::with_capacity(subject.len());
    let mut last = 0;
    for row in hits.rows() {
        let (from, to) = (offset(row[1]), offset(row[2]));
        out.extend_from_slice(subject.get(last..from).unwrap_or_default());
        out.extend_from_slice(&new);
        last = to;
    }
    out.extend_from_slice(subject.get(last..).unwrap_or_default());
    let whole = if a[1].has::<Str>() { vm.str_from_wtf8(&out) } else { vm.bytes(&out) };
    Ok(vm.pair(whole, Value::from_usize(n)).into())
}

fn numbers(marks: &Value) -> Vec<i64> {
    marks.tuple_items().iter().map(int).collect()
}

/// `(marks, subject, group, default)`.
fn text_of(vm: &mut Vm, a: &[Value]) -> Flow {
    let marks = a[0].tuple_items();
    let at = 1 + 2 * position(&a[2]).min(marks.len());
    let found = match (marks.get(at).map(int), marks.get(at + 1).map(int)) {
        (Some(from @ 0..), Some(to @ 0..)) => part(vm, &a[1], from, to),
        _ => a[3].clone(),
    };
    Ok(found.into())
}

/// `(marks, subject, groups, default)`: the texts of all groups.
fn texts_of(vm: &mut Vm, a: &[Value]) -> Flow {
    let row = numbers(&a[0]);
    let n = position(&a[2]);
    let text = |g| group(vm, &row, &a[1], g).unwrap_or_else(|| a[3].clone());
    Ok(vm.tuple_iter(n, (1..=n).map(text)).into())
}

/// Refuses code that the matcher must not run; what is sound is marked, so that it is looked at once.
fn check(vm: &mut Vm, code: &Value, words: &[u32]) -> PyResult<()> {
    if !crate::sre_check::is_sound(words) {
        return Err(vm.runtime_error("invalid SRE code"));
    }
    code.set_checked();
    Ok(())
}

const DEFS: &[Def] = &[
    def("find", "(code, subject, start: index, end: index, kind: index, advance=False, /)", find),
    def("find_some", "(code, subject, start, end, advance, limit, /)", find_some),
    def("find_texts", "(code, subject, start, end, groups, /)", find_texts),
    def("replace", "(code, subject, replacement, count, /)", replace),
    def("text_of", "(marks, subject, group, default, /)", text_of),
    def("texts_of", "(marks, subject, groups, default, /)", texts_of),
    def("pack_code", "(code, /)", |vm, a| {
        let mut out = Vec::new();
        let words: Vec<Value> = match a[0].get::<stackless_runtime::objects::list::List>() {
            Some(l) => l.items(vm).to_vec(),
            None => a[0].tuple_items().to_vec(),
        };
        for w in words {
            match w.as_i64().and_then(|n| u32::try_from(n).ok()) {
                Some(n) => out.extend(n.to_le_bytes()),
                None => {
                    return Err(vm.overflow_error("regular expression code size limit exceeded"));
                }
            }
        }
        let words: Vec<u32> =
            out.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect();
        // Never a shared object: the mark speaks of these bytes only.
        let code = vm.bytes(&out);
        check(vm, &code, &words)?;
        Ok(code.into())
    }),
];
