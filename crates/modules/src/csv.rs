//! `_csv_native`: the reader's state machine over one line, and the writer's quoting of one row.
//! Dialects, readers and writers are Python (`lib/overlay/_csv.py`). CPython's counterpart:
//! `Modules/_csv.c`.
//!
//! A dialect comes as a tuple: delimiter, quotechar, escapechar (str or None), lineterminator,
//! doublequote, skipinitialspace, quoting, strict. An error comes back as its text (a str), which the
//! caller raises as `_csv.Error`.

use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::list::List;
use stackless_runtime::objects::str::{char_width, first_char, push_char};
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{flag, int};

pub const MODULE: Native = Native { name: "_csv_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

const QUOTE_NONE: i64 = 3;
const QUOTE_STRINGS: i64 = 4;
const QUOTE_NOTNULL: i64 = 5;

/// No character: also the end of a line, as the state machine sees it.
const NONE: u32 = u32::MAX;

struct Dialect {
    delimiter: u32,
    quote: u32,
    escape: u32,
    terminator: Vec<u8>,
    double_quote: bool,
    skip_space: bool,
    quoting: i64,
    strict: bool,
}

impl Dialect {
    fn new(v: &Value) -> Dialect {
        let t = v.tuple_items();
        let at = |i: usize| t.get(i).cloned().unwrap_or(Value::NONE);
        let char_at = |i: usize| match at(i).as_wtf8() {
            Some(s) if !s.is_empty() => first_char(s),
            _ => NONE,
        };
        Dialect {
            delimiter: char_at(0),
            quote: char_at(1),
            escape: char_at(2),
            terminator: at(3).as_wtf8().unwrap_or(b"").to_vec(),
            double_quote: flag(&at(4), true),
            skip_space: flag(&at(5), false),
            quoting: int(&at(6)),
            strict: flag(&at(7), false),
        }
    }
}

/// Characters of WTF-8 text.
fn chars(text: &[u8]) -> impl Iterator<Item = u32> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|r| !r.is_empty())?;
        at += char_width(rest[0]);
        Some(first_char(rest))
    })
}

fn shown(c: u32) -> String {
    char::from_u32(c).map_or_else(String::new, String::from)
}

/// The reader's states, numbered as they are handed to Python between lines.
#[derive(Clone, Copy, PartialEq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuoted,
    EscapeInQuoted,
    QuoteInQuoted,
    EatNewline,
    AfterEscapedNewline,
}
use State::*;

const STATES: [State; 9] = [
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuoted,
    EscapeInQuoted,
    QuoteInQuoted,
    EatNewline,
    AfterEscapedNewline,
];

struct Reader<'a> {
    dialect: &'a Dialect,
    state: State,
    field: Vec<u8>,
    /// Characters of `field`.
    len: usize,
    unquoted: bool,
    limit: i64,
    /// Finished fields, and whether they were without quotes.
    fields: Vec<(Vec<u8>, bool)>,
}

impl Reader<'_> {
    fn save(&mut self) {
        self.len = 0;
        self.fields.push((std::mem::take(&mut self.field), self.unquoted));
    }

    fn add(&mut self, c: u32) -> Result<(), String> {
        if self.len as i64 >= self.limit {
            return Err(format!("field larger than field limit ({})", self.limit));
        }
        push_char(&mut self.field, c);
        self.len += 1;
        Ok(())
    }

    fn end_field(&mut self, c: u32) {
        self.save();
        self.state = if c == NONE { StartRecord } else { EatNewline };
    }

    fn step(&mut self, c: u32) -> Result<(), String> {
        let d = self.dialect;
        let newline = c == '\n' as u32 || c == '\r' as u32;
        let is = |x: u32| c != NONE && c == x;
        let quoting = d.quoting != QUOTE_NONE;
        if self.state == StartRecord {
            if c == NONE {
                return Ok(());
            }
            if newline {
                self.state = EatNewline;
                return Ok(());
            }
            self.state = StartField;
        }
        if self.state == AfterEscapedNewline {
            if c == NONE {
                return Ok(());
            }
            self.state = InField;
        }
        match self.state {
            StartField => {
                self.unquoted = true;
                if newline || c == NONE {
                    self.end_field(c);
                } else if is(d.quote) && quoting {
                    self.unquoted = false;
                    self.state = InQuoted;
                } else if is(d.escape) {
                    self.state = Escaped;
                } else if c == ' ' as u32 && d.skip_space {
                } else if is(d.delimiter) {
                    self.save();
                } else {
                    self.add(c)?;
                    self.state = InField;
                }
            }
            Escaped => {
                if newline {
                    self.add(c)?;
                    self.state = AfterEscapedNewline;
                } else {
                    self.add(if c == NONE { '\n' as u32 } else { c })?;
                    self.state = InField;
                }
            }
            InField => {
                if newline || c == NONE {
                    self.end_field(c);
                } else if is(d.escape) {
                    self.state = Escaped;
                } else if is(d.delimiter) {
                    self.save();
                    self.state = StartField;
                } else {
                    self.add(c)?;
                }
            }
            InQuoted => {
                if c == NONE {
                } else if is(d.escape) {
                    self.state = EscapeInQuoted;
                } else if is(d.quote) && quoting {
                    self.state = if d.double_quote { QuoteInQuoted } else { InField };
                } else {
                    self.add(c)?;
                }
            }
            EscapeInQuoted => {
                self.add(if c == NONE { '\n' as u32 } else { c })?;
                self.state = InQuoted;
            }
            QuoteInQuoted => {
                if quoting && is(d.quote) {
                    self.add(c)?;
                    self.state = InQuoted;
                } else if is(d.delimiter) {
                    self.save();
                    self.state = StartField;
                } else if newline || c == NONE {
                    self.end_field(c);
                } else if !d.strict {
                    self.add(c)?;
                    self.state = InField;
                } else {
                    return Err(format!(
                        "'{}' expected after '{}'",
                        shown(d.delimiter),
                        shown(d.quote)
                    ));
                }
            }
            _ => {
                if c == NONE {
                    self.state = StartRecord;
                } else if !newline {
                    return Err(
                        "new-line character seen in unquoted field - do you need to open the \
                                file with newline=''?"
                            .to_string(),
                    );
                }
            }
        }
        Ok(())
    }
}

/// `(dialect, line, state, field, unquoted, limit)`: `(state, field, unquoted, finished fields)`. The
/// line is None at the end of the input. Where the dialect tells quoted from unquoted fields, a
/// finished field is `(text, unquoted)`.
fn parse(vm: &mut Vm, a: &[Value]) -> Flow {
    let dialect = Dialect::new(&a[0]);
    let field = a[3].as_wtf8().unwrap_or(b"").to_vec();
    let mut r = Reader {
        dialect: &dialect,
        state: STATES.get(int(&a[2]) as usize).copied().unwrap_or(StartRecord),
        len: chars(&field).count(),
        field,
        unquoted: flag(&a[4], false),
        limit: int(&a[5]),
        fields: Vec::new(),
    };
    let outcome = match a[1].as_wtf8() {
        Some(line) => chars(line).chain([NONE]).try_for_each(|c| r.step(c)),
        None => {
            r.save();
            Ok(())
        }
    };
    if let Err(text) = outcome {
        return Ok(vm.str(&text).into());
    }
    let marked = matches!(dialect.quoting, 2 | QUOTE_STRINGS | QUOTE_NOTNULL);
    let state = Value::from_usize(r.state as usize);
    let (field, unquoted) = (vm.str_from_wtf8(&r.field), Value::bool(r.unquoted));
    let mut fields = Vec::with_capacity(r.fields.len());
    for (text, unquoted) in &r.fields {
        let text = vm.str_from_wtf8(text);
        fields.push(if marked { vm.tuple(vec![text, Value::bool(*unquoted)]) } else { text });
    }
    let fields = vm.list(fields);
    Ok(vm.tuple(vec![state, field, unquoted, fields]).into())
}

/// Appends a field; `must` quotes it in any case.
fn append(out: &mut Vec<u8>, d: &Dialect, text: &[u8], mut quoted: bool) -> Result<(), String> {
    let mut body = Vec::with_capacity(text.len() + 2);
    for c in chars(text) {
        let mut escape = false;
        let special = c == d.delimiter
            || c == d.escape
            || c == d.quote
            || c == '\n' as u32
            || c == '\r' as u32
            || chars(&d.terminator).any(|t| t == c);
        if special {
            if d.quoting == QUOTE_NONE {
                escape = true;
            } else {
                if c == d.quote {
                    if d.double_quote {
                        push_char(&mut body, c);
                    } else {
                        escape = true;
                    }
                } else if c == d.escape {
                    escape = true;
                }
                if !escape {
                    quoted = true;
                }
            }
            if escape {
                if d.escape == NONE {
                    return Err("need to escape, but no escapechar set".to_string());
                }
                push_char(&mut body, d.escape);
            }
        }
        push_char(&mut body, c);
    }
    if quoted {
        push_char(out, d.quote);
    }
    out.extend_from_slice(&body);
    if quoted {
        push_char(out, d.quote);
    }
    Ok(())
}

/// `(dialect, fields)`: the row as text. A field is `(text, must be quoted, was None)`.
fn join(vm: &mut Vm, a: &[Value]) -> Flow {
    let d = Dialect::new(&a[0]);
    let fields: Vec<Value> = a[1].get::<List>().map_or_else(Vec::new, |l| l.items(vm).to_vec());
    let never = |null: bool| {
        d.quoting == QUOTE_NONE || (null && matches!(d.quoting, QUOTE_STRINGS | QUOTE_NOTNULL))
    };
    let mut out = Vec::new();
    let mut single_empty = None;
    for (i, f) in fields.iter().enumerate() {
        let [text, quoted, null] = f.tuple_items() else { continue };
        let (text, null) = (text.as_wtf8().unwrap_or(b""), flag(null, false));
        let mut quoted = flag(quoted, false);
        if text.is_empty() && d.delimiter == ' ' as u32 && d.skip_space {
            if never(null) {
                return Ok(vm
                    .str(
                        "empty field must be quoted if delimiter is a space and \
                                  skipinitialspace is true",
                    )
                    .into());
            }
            quoted = true;
        }
        if i > 0 {
            push_char(&mut out, d.delimiter);
        }
        if let Err(text) = append(&mut out, &d, text, quoted) {
            return Ok(vm.str(&text).into());
        }
        single_empty = Some(null);
    }
    if out.is_empty()
        && let Some(null) = single_empty
    {
        if never(null) {
            return Ok(vm.str("single empty field record must be quoted").into());
        }
        push_char(&mut out, d.quote);
        push_char(&mut out, d.quote);
    }
    out.extend_from_slice(&d.terminator);
    let row = vm.str_from_wtf8(&out);
    Ok(vm.tuple(vec![row]).into())
}

const DEFS: &[Def] = &[
    def!("parse", "(dialect, line, state, field, unquoted, limit, /)", parse),
    def!("join", "(dialect, fields, /)", join),
];
