//! `Pattern.sub` and `subn`: with a literal or a template the text is built in one go; a function
//! is called for each match by the machine `CALLS`.

use stackless_primitives::memory::attempt;
use std::borrow::Cow;

use smallvec::SmallVec;
use stackless_primitives::regex::Matcher;

use super::matched::ends;
use super::pattern::lock;
use super::{Failure, Found, Job, View, check, op, reserve, slice, span_of};
use crate::exc::{Flow, Reply};
use crate::machine::{Input, Machine};
use crate::methods::buffer;
use crate::methods::support::int_or;
use crate::native::Args;
use crate::objects::list::List;
use crate::objects::regex::Task;
use crate::objects::str::Str;
use crate::ops;
use crate::soft;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

/// Matches that are looked for ahead of the calls.
const AHEAD: i64 = 32;

/// `(pattern, replacement, string, count)`.
pub(super) fn start(vm: &mut Vm, a: &[Value], op: i64) -> Flow {
    let count = int_or(&a[3], 0);
    let literal = match a[1].get::<Str>() {
        Some(s) => !s.bytes().contains(&b'\\'),
        None => {
            buffer::is_plain(&a[1])
                && buffer::contents(vm, &a[1]).is_some_and(|b| !b.contains(&b'\\'))
        }
    };
    if literal {
        return run(vm, &a[0], &a[2], count, op, &a[1]);
    }
    let (count, op) = (vm.int(count), Value::from_i32(op as i32));
    let (pattern, filler, string) = (a[0].clone(), a[1].clone(), a[2].clone());
    if vm.type_of(&filler).slots(vm).call.is_some() {
        let plain = check(vm, &pattern, &string)?;
        let subject = if plain { lock(vm, &string)? } else { Value::NONE };
        let (out, found) = (vm.list(Vec::new()), vm.list(Vec::new()));
        let zero = || Value::from_i32(0);
        let regs = [
            pattern,
            filler,
            string,
            subject,
            count,
            op,
            out,
            found,
            zero(),
            zero(),
            zero(),
            zero(),
        ];
        return vm.start(&CALLS, regs);
    }
    vm.start(&TEMPLATE, [pattern, filler, string, count, op])
}

fn run(vm: &mut Vm, pattern: &Value, string: &Value, count: i64, op: i64, parts: &Value) -> Flow {
    // A negative count replaces nothing, but the arguments are looked at.
    let (pos, end) = if count < 0 { (1, 0) } else { (0, i64::MAX) };
    let extra = vm.pair(vm.int(count), parts.clone());
    super::start(vm, Job { op, pattern, string, subject: string, pos, end, extra: &extra })
}

/// Registers: pattern, template, string, count, operation. The template is parsed by the library.
pub(crate) static TEMPLATE: Machine = Machine::new("regex.template", |vm, regs, input| {
    match regs.stage() {
        0 => {
            let (pattern, template) = (regs.get(0), regs.get(1));
            let flow = call_intrinsic(vm, "regex_template", &[pattern, template]);
            let parts = soft!(regs, 1, flow);
            regs.set(1, parts);
        }
        1 => {
            let parts = input.value()?;
            regs.set(1, parts);
        }
        _ => return input.value().map(Reply::from),
    }
    let (pattern, parts, string) = (regs.get(0), regs.get(1), regs.get(2));
    let (count, op) = (int_or(&regs.get(3), 0), regs.int(4));
    let done = soft!(regs, 2, run(vm, &pattern, &string, count, op, &parts));
    Ok(done.into())
});

/// A replacement: literals, and between them the numbers of groups.
pub(super) struct Filler<'a> {
    literals: SmallVec<[Cow<'a, [u8]>; 2]>,
    groups: SmallVec<[usize; 4]>,
}

impl<'a> Filler<'a> {
    /// The parts of the replacement are a literal, or a tuple of a literal, a group, a literal and
    /// so on.
    pub fn new(vm: &'a Vm, job: &Job<'a>, view: &View<'_>) -> Result<Filler<'a>, Failure> {
        let given = job.extra.tuple_items().get(1);
        let parts = match given.map(Value::tuple_items) {
            Some(parts @ [_, ..]) => parts,
            _ => given.map_or(&[][..], std::slice::from_ref),
        };
        let text = view.text.is_some();
        let mut filler = Filler { literals: SmallVec::new(), groups: SmallVec::new() };
        for (i, part) in parts.iter().enumerate() {
            if i % 2 == 1 {
                let n = part.as_small_int().and_then(|n| usize::try_from(n).ok());
                filler.groups.push(n.unwrap_or(usize::MAX / 4));
                continue;
            }
            let bytes = match (part.get::<Str>(), text) {
                (Some(s), true) => Some(Cow::Borrowed(s.bytes())),
                (None, false) => buffer::contents(vm, part),
                _ => None,
            };
            let Some(bytes) = bytes else {
                let expected = if text { "str instance" } else { "a bytes-like object" };
                return Err(Failure::Piece(0, expected, vm.type_name(part)));
            };
            filler.literals.push(bytes);
        }
        Ok(filler)
    }

    /// Appends what stands before the match, and its replacement.
    pub fn fill(&self, view: &View<'_>, m: &Matcher, to: &mut Found<'_>) -> bool {
        let kept = view.bytes.get(*to.last..m.start).unwrap_or_default();
        let of = |g: &usize| span_of(m, *g).and_then(|(from, to)| view.bytes.get(from..to));
        let filled: usize = self.literals.iter().map(|f| f.len()).sum();
        let grouped: usize = self.groups.iter().filter_map(of).map(<[u8]>::len).sum();
        if !reserve(to.text, kept.len() + filled + grouped) {
            return false;
        }
        to.text.extend_from_slice(kept);
        for (i, literal) in self.literals.iter().enumerate() {
            to.text.extend_from_slice(literal);
            if let Some(text) = self.groups.get(i).and_then(of) {
                to.text.extend_from_slice(text);
            }
        }
        *to.last = m.pos;
        true
    }
}

/// The answer when all matches are replaced.
pub(super) fn finish(
    vm: &Vm,
    job: &Job<'_>,
    view: &View<'_>,
    task: &mut Task,
) -> Result<Reply, Failure> {
    let whole = match task.found {
        0 => slice(vm, job.subject, view, 0, view.bytes.len()),
        _ => {
            let rest = view.bytes.get(task.last..).unwrap_or_default();
            let parts: &[&[u8]] = &[&task.text, rest];
            if view.text.is_some() { vm.str_concat(parts) } else { vm.bytes(&parts.concat()) }
        }
    };
    let n = task.found;
    // Only little is kept for the next time.
    match task.text.capacity() <= 4096 {
        true => task.text.clear(),
        false => task.text = Vec::new(),
    }
    Ok(match job.op {
        op::SUB => whole.into(),
        _ => vm.pair(whole, Value::from_usize(n)).into(),
    })
}

/// Registers: pattern, function, string, subject (None: not known yet), count, operation, pieces,
/// matches looked for ahead, index of the next one, end of the last one, number of calls, 1 if
/// there are no more matches behind those ahead. A piece is of any type until all are joined.
pub(crate) static CALLS: Machine = Machine::new("regex.sub", |vm, regs, input| {
    let (pattern, filler, string) = (regs.get(0), regs.get(1), regs.get(2));
    let count = int_or(&regs.get(4), 0);
    let (out, found) = (regs.get(6), regs.get(7));
    let mut pending: Option<Value> = None;
    match regs.stage() {
        0 if regs.get(3).is_none() => {
            let view = soft!(regs, 1, buffer::from_object(vm, &string));
            regs.set(3, view);
        }
        0 => {}
        1 => {
            let view = input.value()?;
            regs.set(3, view);
        }
        2 => take_matches(vm, &found, &input.value()?),
        3 => pending = Some(input.value()?),
        _ => {
            let Input::Exc(e) = input else { return input.value().map(Reply::from) };
            return Err(e);
        }
    }
    let subject = regs.get(3);
    loop {
        if let Some(piece) = pending.take() {
            if !piece.is_none() {
                append(vm, &out, piece);
            }
            regs.set_int(10, regs.int(10) + 1);
        }
        let (n, i) = (regs.int(10), regs.int(8) as usize);
        if count < 0 || count > 0 && n >= count {
            break;
        }
        let next = found.get::<List>().and_then(|l| l.get_item(vm, i));
        let Some(m) = next else {
            if regs.int(11) == 1 {
                break;
            }
            // The next ones, from the end of the last match.
            let last = i.checked_sub(1);
            let last = last.and_then(|i| found.get::<List>().and_then(|l| l.get_item(vm, i)));
            let (at, advance) = last.map_or((0, false), |m| {
                let (from, to) = ends(&m);
                (to, from == to)
            });
            let wanted = if count > 0 { AHEAD.min(count - n) } else { AHEAD };
            regs.set_int(8, 0);
            let items =
                vec![vm.int(at), Value::from_i32(advance as i32), Value::from_i32(wanted as i32)];
            let extra = vm.tuple(items);
            let job = Job {
                op: op::SOME,
                pattern: &pattern,
                string: &string,
                subject: &subject,
                pos: 0,
                end: i64::MAX,
                extra: &extra,
            };
            let matches = soft!(regs, 2, super::go_on(vm, &job));
            take_matches(vm, &found, &matches);
            if found.get::<List>().is_none_or(|l| l.len(vm) == 0) {
                regs.set_int(11, 1);
            }
            continue;
        };
        let (from, to) = ends(&m);
        let last = regs.int(9);
        if from > last {
            let kept = part(vm, &subject, last, from);
            append(vm, &out, kept);
        }
        regs.set_int(8, i as i64 + 1);
        regs.set_int(9, to);
        let piece = soft!(regs, 3, ops::call::call(vm, &filler, Args::new(&[m])));
        pending = Some(piece);
    }
    let last = regs.int(9);
    let rest = part(vm, &subject, last, i64::MAX);
    append(vm, &out, rest);
    join(vm, &subject, &out, regs.int(10), regs.int(5))
});

fn take_matches(vm: &mut Vm, found: &Value, matches: &Value) {
    if let (Some(to), Some(from)) = (found.get::<List>(), matches.get::<List>()) {
        let items = from.items(vm).to_vec();
        let old = std::mem::replace(to.items_mut(vm), items);
        drop(old);
    }
}

fn append(vm: &mut Vm, list: &Value, item: Value) {
    if let Some(l) = list.get::<List>() {
        l.items_mut(vm).push(item);
    }
}

/// The characters between two positions.
fn part(vm: &Vm, subject: &Value, from: i64, to: i64) -> Value {
    let view = View::new(vm, subject);
    let (from, to) = super::clip(from, to, view.len());
    slice(vm, subject, &view, view.offset(from), view.offset(to))
}

fn join(vm: &mut Vm, subject: &Value, out: &Value, n: i64, op: i64) -> Flow {
    let pieces: Vec<Value> = out.get::<List>().map_or_else(Vec::new, |l| l.items(vm).to_vec());
    let text = subject.has::<Str>();
    let mut bytes = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let part = match (piece.get::<Str>(), text) {
            (Some(s), true) => Some(std::borrow::Cow::Borrowed(s.bytes())),
            (None, false) => buffer::contents(vm, piece),
            _ => None,
        };
        let Some(part) = part else {
            let (expected, found) =
                (if text { "str instance" } else { "a bytes-like object" }, vm.type_name(piece));
            return Err(
                vm.type_error(format!("sequence item {i}: expected {expected}, {found} found"))
            );
        };
        if !stackless_primitives::memory::allows(part.len())
            || attempt(|| bytes.try_reserve(part.len())).is_err()
        {
            drop(part);
            return Err(vm.no_memory());
        }
        bytes.extend_from_slice(&part);
    }
    let whole = match &pieces[..] {
        [one] => one.clone(),
        _ if text => vm.str_from_wtf8(&bytes),
        _ => vm.bytes(&bytes),
    };
    Ok(if op == op::SUB { whole.into() } else { vm.pair(whole, vm.int(n)).into() })
}
