//! Regular expressions: running searches, and what each operation makes of the matches. CPython's
//! counterpart: `Modules/_sre/sre.c`.
//!
//! An operation is a number, a pattern, a string, bounds and an extra value. It runs at once; one
//! that uses up its steps goes on in the machine `JOB`, which looks at the eval-breaker between two
//! portions. So every search can be interrupted, and other tasklets run meanwhile.

pub mod matched;
pub mod pattern;
pub mod replace;

use stackless_primitives::memory::attempt;
use std::borrow::Cow;

use stackless_primitives::regex::{Ask, Kind, Matcher, NONE, Outcome, Program};

use super::buffer;
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::{Machine, Regs};
use crate::objects::itertool::IterTool;
use crate::objects::regex::{Pattern, Search, Task, part};
use crate::objects::str::Str;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// Steps of the matcher between two looks at the eval-breaker: about a millisecond.
const BUDGET: i64 = 200_000;

/// Numbers of matches for which memory is kept.
const KEPT: usize = 1000;

/// The operations. Numbers are part of the snapshot format (registers of `JOB`).
pub(super) mod op {
    pub const MATCH: i64 = 0;
    pub const FULLMATCH: i64 = 1;
    pub const SEARCH: i64 = 2;
    pub const FINDALL: i64 = 3;
    /// Extra: the greatest number of splits.
    pub const SPLIT: i64 = 4;
    /// Extra: tuple of count, and the parts of a replacement.
    pub const SUB: i64 = 5;
    pub const SUBN: i64 = 6;
    /// Extra: the scanner or iterator that goes on.
    pub const SCAN_MATCH: i64 = 7;
    pub const SCAN_SEARCH: i64 = 8;
    pub const NEXT: i64 = 9;
    /// Extra: tuple of position, whether an empty match is allowed there, and number of matches. A
    /// list of matches.
    pub const SOME: i64 = 10;
}

/// Parts of scanners and iterators: pattern, string, subject, start, end, position (-1: over),
/// whether the next match must not be empty there.
pub(super) mod scan {
    pub const PATTERN: usize = 0;
    pub const STRING: usize = 1;
    pub const SUBJECT: usize = 2;
    pub const START: usize = 3;
    pub const END: usize = 4;
    pub const AT: usize = 5;
    pub const ADVANCE: usize = 6;
    /// Matches that an iterator has found ahead (a list), the next of them, how many to look for.
    pub const READY: usize = 7;
    pub const NEXT: usize = 8;
    pub const AHEAD: usize = 9;
}

/// An operation at work; the values are lent.
pub(super) struct Job<'a> {
    pub op: i64,
    pub pattern: &'a Value,
    /// The argument of the program, and its str or plain buffer.
    pub string: &'a Value,
    pub subject: &'a Value,
    pub pos: i64,
    pub end: i64,
    pub extra: &'a Value,
}

/// The characters of a subject.
struct View<'a> {
    bytes: Cow<'a, [u8]>,
    kind: Kind,
    /// The str, if it is one.
    text: Option<&'a crate::object::Obj<Str>>,
}

impl View<'_> {
    fn new<'a>(vm: &'a Vm, subject: &'a Value) -> View<'a> {
        if let Some(s) = subject.get::<Str>() {
            let kind = if s.is_ascii() { Kind::Ascii } else { Kind::Text };
            return View { bytes: Cow::Borrowed(s.bytes()), kind, text: Some(s) };
        }
        let bytes = buffer::contents(vm, subject).unwrap_or_default();
        View { bytes, kind: Kind::Bytes, text: None }
    }
    fn len(&self) -> usize {
        match (self.kind, self.text) {
            (Kind::Text, Some(s)) => s.len(),
            _ => self.bytes.len(),
        }
    }
    /// Byte offset of a character.
    fn offset(&self, at: usize) -> usize {
        match (self.kind, self.text) {
            (Kind::Text, Some(s)) => s.offset(at),
            _ => at.min(self.bytes.len()),
        }
    }
    /// Character of a byte offset.
    fn index(&self, at: usize) -> usize {
        match (self.kind, self.text) {
            (Kind::Text, Some(s)) => s.index_of_offset(at),
            _ => at,
        }
    }
}

/// Refuses strings that the pattern cannot be used on. Gives false if `__buffer__` must be asked.
pub(super) fn check(vm: &mut Vm, pattern: &Value, string: &Value) -> PyResult<bool> {
    let Some(p) = pattern.get::<Pattern>() else { return Err(vm.type_error("pattern expected")) };
    let of = p.parts.get(vm).get(part::PATTERN);
    let (text, none) = of.map_or((false, true), |v| (v.has::<Str>(), v.is_none()));
    if string.has::<Str>() {
        if !text && !none {
            return Err(vm.type_error("cannot use a bytes pattern on a string-like object"));
        }
        return Ok(true);
    }
    let plain = buffer::is_plain(string);
    if !plain && !buffer::needs_python(vm, string) {
        let t = vm.type_name(string);
        return Err(vm.type_error(format!("expected string or bytes-like object, got '{t}'")));
    }
    if text {
        return Err(vm.type_error("cannot use a string pattern on a bytes-like object"));
    }
    Ok(plain)
}

/// Starts an operation.
pub(super) fn start(vm: &mut Vm, mut job: Job<'_>) -> Flow {
    if !check(vm, job.pattern, job.string)? {
        return start_machine(vm, &job, Value::NONE, Value::NONE);
    }
    job.subject = job.string;
    go_on(vm, &job)
}

/// Runs an operation whose subject is known.
pub(super) fn go_on(vm: &mut Vm, job: &Job<'_>) -> Flow {
    match work(vm, job, None)? {
        Ok(reply) => Ok(reply),
        Err(task) => {
            let search = vm.regex_search(task);
            start_machine(vm, job, job.subject.clone(), search)
        }
    }
}

fn start_machine(vm: &mut Vm, job: &Job<'_>, subject: Value, search: Value) -> Flow {
    let (op, pos, end) = (vm.int(job.op), vm.int(job.pos), vm.int(job.end));
    let (pattern, string, extra) = (job.pattern.clone(), job.string.clone(), job.extra.clone());
    vm.start(&JOB, [op, pattern, string, subject, pos, end, extra, search])
}

/// Registers: operation, pattern, string, subject (None: not known yet), start, end, extra, paused
/// search (None: it begins, also after loading).
pub(crate) static JOB: Machine = Machine::new("regex.job", |vm, regs, input| {
    let (op, pos, end) = (regs.int(0), bound(regs, 4), bound(regs, 5));
    let (pattern, string, extra) = (regs.get(1), regs.get(2), regs.get(6));
    match regs.stage() {
        0 if regs.get(3).is_none() => {
            let view = soft!(regs, 1, buffer::from_object(vm, &string));
            regs.set(3, view);
        }
        1 => {
            let view = input.value()?;
            regs.set(3, view);
        }
        _ => {
            input.value()?;
        }
    }
    let subject = regs.get(3);
    let job =
        Job { op, pattern: &pattern, string: &string, subject: &subject, pos, end, extra: &extra };
    loop {
        if regs.stage() == 0 && !regs.get(7).is_none() {
            // Paused before it came here.
            soft!(regs, 2, crate::breaker::service(vm));
        }
        let task = regs.get(7).get::<Search>().and_then(|s| s.take(vm));
        match work(vm, &job, task)? {
            Ok(reply) => return Ok(reply),
            Err(task) => {
                let search = vm.regex_search(task);
                regs.set(7, search);
                soft!(regs, 2, crate::breaker::service(vm));
            }
        }
    }
});

/// A bound of the search: ints of any size were clipped.
fn bound(regs: &Regs, i: usize) -> i64 {
    regs.get(i).as_i64_saturating().unwrap_or(0)
}

/// Start and end as characters of the subject.
fn clip(pos: i64, end: i64, len: usize) -> (usize, usize) {
    let clip = |n: i64| usize::try_from(n).unwrap_or(0).min(len);
    (clip(pos), clip(end))
}

/// Runs one portion. `Ok(Err(task))`: the budget is used up.
fn work(vm: &mut Vm, job: &Job<'_>, task: Option<Box<Task>>) -> PyResult<Result<Reply, Box<Task>>> {
    let Some(p) = job.pattern.get::<Pattern>() else {
        return Err(vm.type_error("pattern expected"));
    };
    let program = p.program(vm)?;
    let view = View::new(vm, job.subject);
    let (start, end) = clip(job.pos, job.end, view.len());
    let ask = match job.op {
        op::MATCH | op::SCAN_MATCH => Ask::Match,
        op::FULLMATCH => Ask::Full,
        _ => Ask::Search,
    };
    let (from, limit, advance) = plan(vm, job, start);
    let mut task = task.unwrap_or_else(|| {
        let mut task = p.task.take().unwrap_or_default();
        task.hits.clear();
        (task.found, task.at, task.advance) = (0, view.offset(from), advance);
        (task.running, task.last) = (false, 0);
        task
    });
    let groups = p.groups(vm);
    let filler = match job.op {
        op::SUB | op::SUBN => Some(replace::Filler::new(vm, job, &view)),
        _ => None,
    };
    // A match may begin behind the end of the search, though nothing is found there.
    let past = from > end;
    let outcome = match view.bytes.get(..view.offset(end.max(from))) {
        Some(hay) if !past || ask == Ask::Match => {
            let each = |m: &Matcher, to: &mut Found<'_>| match job.op {
                op::FINDALL => findall(vm, job, groups, &view, m, to),
                op::SPLIT => split(vm, job, groups, &view, m, to),
                _ => match &filler {
                    Some(Ok(filler)) => filler.fill(&view, m, to),
                    _ => {
                        to.hits.extend([m.last as usize, m.start, m.pos]);
                        to.hits.extend_from_slice(m.marks());
                        true
                    }
                },
            };
            // What cannot be filled in fails at the first match.
            let limit = if let Some(Err(_)) = filler { 1 } else { limit };
            find(program, hay, view.kind, ask, limit, past, &mut task, each)
        }
        _ => Outcome::NoMatch,
    };
    let failure = filler.and_then(Result::err);
    match outcome {
        Outcome::Paused => {
            drop(view);
            return Ok(Err(task));
        }
        Outcome::Memory => {
            drop(view);
            return Err(vm.no_memory());
        }
        _ => {}
    }
    let bounds = (start, end);
    let reply = match job.op {
        op::FINDALL => Ok(vm.list(std::mem::take(&mut task.items)).into()),
        op::SPLIT => {
            let mut items = std::mem::take(&mut task.items);
            items.push(slice(vm, job.subject, &view, task.last, view.bytes.len()));
            Ok(vm.list(items).into())
        }
        op::SUB | op::SUBN => match (failure, task.hits.get(1)) {
            (Some(Failure::Piece(_, expected, found)), Some(start)) => {
                Err(Failure::Piece((*start > 0) as usize, expected, found))
            }
            _ => replace::finish(vm, job, &view, &mut task),
        },
        op::NEXT => {
            let mut rows = task.rows(program.groups());
            let first = rows.next().map(|row| new_match(vm, job, &view, row, bounds));
            let ready: Vec<Value> =
                rows.map(|row| new_match(vm, job, &view, row, bounds)).collect();
            // Fewer than wanted: there are no more.
            let at = (task.found >= limit).then(|| (view.index(task.at), task.advance));
            drop(view);
            Ok(next_of(vm, job, first, ready, at))
        }
        op::SOME => {
            let rows = task.rows(program.groups());
            let items = rows.map(|row| new_match(vm, job, &view, row, bounds)).collect();
            Ok(vm.list(items).into())
        }
        _ => {
            let found = task.rows(program.groups()).next();
            let row = found.map(|row| (new_match(vm, job, &view, row, bounds), row));
            let row = row.map(|(m, row)| (m, view.index(row[1]), view.index(row[2])));
            drop(view);
            Ok(single(vm, job, row))
        }
    };
    if task.hits.capacity() <= KEPT {
        p.task.set(Some(task));
    }
    match reply {
        Ok(reply) => Ok(Ok(reply)),
        Err(error) => Err(error.raise(vm)),
    }
}

/// Where the operation begins to look, how many matches it wants, and whether the first one must
/// not be empty there.
fn plan(vm: &Vm, job: &Job<'_>, start: usize) -> (usize, usize, bool) {
    let limit = |n: i64| if n == 0 { usize::MAX } else { n.max(0) as usize };
    let number =
        |i: usize| job.extra.tuple_items().get(i).and_then(Value::as_i64_saturating).unwrap_or(0);
    match job.op {
        op::FINDALL => (start, usize::MAX, false),
        op::SPLIT => (start, limit(job.extra.as_i64_saturating().unwrap_or(0)), false),
        op::SUB | op::SUBN => (start, limit(number(0)), false),
        op::SOME => (number(0).max(0) as usize, number(2).max(1) as usize, number(1) != 0),
        op::SCAN_MATCH | op::SCAN_SEARCH | op::NEXT => match job.extra.get::<IterTool>() {
            Some(t) => {
                let number = |i| t.number(vm, i).max(0) as usize;
                let limit = if job.op == op::NEXT { number(scan::AHEAD).max(1) } else { 1 };
                (number(scan::AT), limit, number(scan::ADVANCE) != 0)
            }
            None => (start, 1, false),
        },
        _ => (start, 1, false),
    }
}

impl Task {
    fn rows(&self, groups: usize) -> impl Iterator<Item = &[usize]> {
        self.hits.chunks_exact(3 + 2 * groups)
    }
}

/// Where the matches go.
pub(super) struct Found<'a> {
    pub hits: &'a mut Vec<usize>,
    pub items: &'a mut Vec<Value>,
    pub text: &'a mut Vec<u8>,
    pub last: &'a mut usize,
}

/// Looks for up to `limit` matches in the text. `each` takes a match; false: there is no memory.
#[expect(clippy::too_many_arguments, reason = "a search has many sides")]
#[inline(always)]
fn find(
    program: &Program,
    hay: &[u8],
    kind: Kind,
    ask: Ask,
    limit: usize,
    past: bool,
    task: &mut Task,
    each: impl Fn(&Matcher, &mut Found<'_>) -> bool,
) -> Outcome {
    let mut budget = BUDGET;
    while task.running || task.found < limit && task.at <= hay.len() {
        if !task.running {
            task.matcher.begin(program, ask, task.at, task.advance);
            task.running = true;
            if past {
                task.matcher.set_past();
            }
        }
        let m = &mut task.matcher;
        match m.run(program, hay, kind, &mut budget) {
            Outcome::Match => {
                let (hits, items) = (&mut task.hits, &mut task.items);
                let (text, last) = (&mut task.text, &mut task.last);
                if !each(m, &mut Found { hits, items, text, last }) {
                    return Outcome::Memory;
                }
                task.found += 1;
                (task.at, task.advance, task.running) = (m.pos, m.start == m.pos, false);
            }
            outcome => return outcome,
        }
    }
    Outcome::Match
}

/// A match object from a row.
fn new_match(
    vm: &Vm,
    job: &Job<'_>,
    view: &View<'_>,
    row: &[usize],
    (start, end): (usize, usize),
) -> Value {
    let groups = job.pattern.get::<Pattern>().map_or(0, |p| p.groups(vm));
    let place = |at: usize| Value::from_usize(view.index(at));
    let mut group = 0;
    let mut closing = None;
    let items = (0..matched::MARKS + 2 + 2 * groups).map(|i| match i {
        matched::PATTERN => job.pattern.clone(),
        matched::STRING => job.string.clone(),
        matched::SUBJECT => job.subject.clone(),
        matched::POS => Value::from_usize(start),
        matched::ENDPOS => Value::from_usize(end),
        matched::LAST => Value::from_usize(row[0]),
        _ => match closing.take() {
            Some(end) => end,
            None => {
                let found = span(row, group);
                group += 1;
                let none = || Value::from_i32(-1);
                let (from, to) =
                    found.map_or_else(|| (none(), none()), |(a, b)| (place(a), place(b)));
                closing = Some(to);
                from
            }
        },
    });
    vm.regex_match(matched::MARKS + 2 + 2 * groups, items)
}

/// The answer of an operation that looks for one match: the match, its start and end.
fn single(vm: &mut Vm, job: &Job<'_>, found: Option<(Value, usize, usize)>) -> Reply {
    if matches!(job.op, op::SCAN_MATCH | op::SCAN_SEARCH)
        && let Some(t) = job.extra.get::<IterTool>()
    {
        let (at, advance) =
            found.as_ref().map_or((-1, false), |(_, from, to)| (*to as i64, from == to));
        t.put_number(vm, scan::AT, at);
        t.put_number(vm, scan::ADVANCE, advance as i64);
    }
    match found {
        Some((m, ..)) => m.into(),
        None => Reply::NONE,
    }
}

/// An iterator's next match; those behind it wait. `at`: where to go on, and whether the next match
/// must not be empty there.
fn next_of(
    vm: &mut Vm,
    job: &Job<'_>,
    first: Option<Value>,
    ready: Vec<Value>,
    at: Option<(usize, bool)>,
) -> Reply {
    let Some(t) = job.extra.get::<IterTool>() else { return Reply::EXHAUSTED };
    let (at, advance) = at.map_or((-1, false), |(at, advance)| (at as i64, advance));
    t.put_number(vm, scan::AT, at);
    t.put_number(vm, scan::ADVANCE, advance as i64);
    t.put_number(vm, scan::NEXT, 0);
    let ahead = t.number(vm, scan::AHEAD);
    if ahead > 0 {
        t.put_number(vm, scan::AHEAD, (2 * ahead).min(32));
    }
    let ready = vm.list(ready);
    t.put(vm, scan::READY, ready);
    first.map_or(Reply::EXHAUSTED, Reply::from)
}

/// An error that is raised when nothing is borrowed any more.
pub(super) enum Failure {
    /// Number of the piece, what was expected, what was found.
    Piece(usize, &'static str, String),
}

impl Failure {
    fn raise(self, vm: &mut Vm) -> Exc {
        match self {
            Failure::Piece(i, expected, found) => {
                vm.type_error(format!("sequence item {i}: expected {expected}, {found} found"))
            }
        }
    }
}

/// A part of the subject as an exact str or bytes.
fn slice(vm: &Vm, subject: &Value, view: &View<'_>, from: usize, to: usize) -> Value {
    let part = view.bytes.get(from..to).unwrap_or_default();
    let whole = from == 0 && to == view.bytes.len();
    if view.text.is_some() {
        if whole && vm.is_exactly(subject, &vm.types.str) {
            return subject.clone();
        }
        return vm.str_from_wtf8(part);
    }
    if whole && vm.is_exactly(subject, &vm.types.bytes) {
        return subject.clone();
    }
    vm.bytes(part)
}

/// The byte offsets of a group in a row.
fn span(row: &[usize], group: usize) -> Option<(usize, usize)> {
    match (row.get(1 + 2 * group), row.get(2 + 2 * group)) {
        (Some(&from), Some(&to)) if from != NONE && to != NONE => Some((from, to)),
        _ => None,
    }
}

/// The byte offsets of a group of a match, 0 for the whole.
fn span_of(m: &Matcher, group: usize) -> Option<(usize, usize)> {
    if group == 0 {
        return Some((m.start, m.pos));
    }
    match (m.marks().get(2 * group - 2), m.marks().get(2 * group - 1)) {
        (Some(&from), Some(&to)) if from != NONE && to != NONE => Some((from, to)),
        _ => None,
    }
}

/// Room for more, within the memory budget.
fn reserve<T>(items: &mut Vec<T>, more: usize) -> bool {
    if items.capacity() - items.len() >= more {
        return true;
    }
    let more = more.max(items.len());
    stackless_primitives::memory::allows(more.saturating_mul(size_of::<T>()))
        && attempt(|| items.try_reserve(more)).is_ok()
}

fn findall(
    vm: &Vm,
    job: &Job<'_>,
    groups: usize,
    view: &View<'_>,
    m: &Matcher,
    to: &mut Found<'_>,
) -> bool {
    let text = |g: usize| {
        let (from, to) = span_of(m, g).unwrap_or((0, 0));
        slice(vm, job.subject, view, from, to)
    };
    if !reserve(to.items, 1) {
        return false;
    }
    to.items.push(match groups {
        0 | 1 => text(groups),
        _ => vm.tuple_iter(groups, (1..=groups).map(text)),
    });
    true
}

fn split(
    vm: &Vm,
    job: &Job<'_>,
    groups: usize,
    view: &View<'_>,
    m: &Matcher,
    to: &mut Found<'_>,
) -> bool {
    if !reserve(to.items, groups + 1) {
        return false;
    }
    to.items.push(slice(vm, job.subject, view, *to.last, m.start));
    to.items.extend((1..=groups).map(|g| match span_of(m, g) {
        Some((from, to)) => slice(vm, job.subject, view, from, to),
        None => Value::NONE,
    }));
    *to.last = m.pos;
    true
}
