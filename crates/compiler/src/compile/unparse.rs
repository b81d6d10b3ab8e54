//! Expressions back to text, for annotations that stay strings.
//!
//! CPython's counterpart: `Python/ast_unparse.c`; the text is the same to the byte, since programs
//! compare and evaluate it. Output is WTF-8.

use crate::ir::{
    ArgsId, BoolOp, CmpOp, Comprehension, Constant, ExprId, ExprKind, List, Operator, Tree, UnaryOp,
};

const TUPLE: u8 = 0;
const TEST: u8 = 1;
const OR: u8 = 2;
const AND: u8 = 3;
const NOT: u8 = 4;
const CMP: u8 = 5;
const EXPR: u8 = 6;
const BXOR: u8 = 7;
const BAND: u8 = 8;
const SHIFT: u8 = 9;
const ARITH: u8 = 10;
const TERM: u8 = 11;
const FACTOR: u8 = 12;
const POWER: u8 = 13;
const AWAIT: u8 = 14;
const ATOM: u8 = 15;

struct Unparser<'t> {
    tree: &'t Tree,
    out: Vec<u8>,
}

pub(crate) fn unparse(tree: &Tree, e: ExprId) -> Vec<u8> {
    let mut u = Unparser { tree, out: Vec::new() };
    u.expr(e, TEST);
    u.out
}

fn precedence(op: Operator) -> (&'static str, u8, bool) {
    match op {
        Operator::Add => (" + ", ARITH, false),
        Operator::Sub => (" - ", ARITH, false),
        Operator::Mult => (" * ", TERM, false),
        Operator::MatMult => (" @ ", TERM, false),
        Operator::Div => (" / ", TERM, false),
        Operator::Mod => (" % ", TERM, false),
        Operator::LShift => (" << ", SHIFT, false),
        Operator::RShift => (" >> ", SHIFT, false),
        Operator::BitOr => (" | ", EXPR, false),
        Operator::BitXor => (" ^ ", BXOR, false),
        Operator::BitAnd => (" & ", BAND, false),
        Operator::FloorDiv => (" // ", TERM, false),
        Operator::Pow => (" ** ", POWER, true),
    }
}

impl Unparser<'_> {
    fn text(&mut self, s: &str) {
        self.out.extend_from_slice(s.as_bytes());
    }

    fn open(&mut self, when: bool) {
        if when {
            self.text("(");
        }
    }
    fn close(&mut self, when: bool) {
        if when {
            self.text(")");
        }
    }

    fn list(&mut self, elts: &[ExprId], level: u8) {
        for (i, &e) in elts.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.expr(e, level);
        }
    }

    fn expr(&mut self, e: ExprId, level: u8) {
        let tree = self.tree;
        match tree[e].kind {
            ExprKind::BoolOp { op, values } => {
                let (word, pr) = match op {
                    BoolOp::And => (" and ", AND),
                    BoolOp::Or => (" or ", OR),
                };
                self.open(level > pr);
                for (i, &v) in tree[values].iter().enumerate() {
                    if i > 0 {
                        self.text(word);
                    }
                    self.expr(v, pr + 1);
                }
                self.close(level > pr);
            }
            ExprKind::BinOp { left, op, right } => {
                let (word, pr, right_assoc) = precedence(op);
                self.open(level > pr);
                self.expr(left, pr + u8::from(right_assoc));
                self.text(word);
                self.expr(right, pr + u8::from(!right_assoc));
                self.close(level > pr);
            }
            ExprKind::UnaryOp { op, operand } => {
                let (word, pr) = match op {
                    UnaryOp::Invert => ("~", FACTOR),
                    UnaryOp::Not => ("not ", NOT),
                    UnaryOp::UAdd => ("+", FACTOR),
                    UnaryOp::USub => ("-", FACTOR),
                };
                self.open(level > pr);
                self.text(word);
                self.expr(operand, pr);
                self.close(level > pr);
            }
            ExprKind::Lambda { args, body } => {
                self.open(level > TEST);
                self.text(if self.has_args(args) { "lambda " } else { "lambda" });
                self.args(args);
                self.text(": ");
                self.expr(body, TEST);
                self.close(level > TEST);
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.open(level > TEST);
                self.expr(body, TEST + 1);
                self.text(" if ");
                self.expr(test, TEST + 1);
                self.text(" else ");
                self.expr(orelse, TEST);
                self.close(level > TEST);
            }
            ExprKind::Dict { keys, values } => {
                self.text("{");
                for (i, (key, &value)) in tree[keys].iter().zip(&tree[values]).enumerate() {
                    if i > 0 {
                        self.text(", ");
                    }
                    match key {
                        Some(key) => {
                            self.expr(*key, TEST);
                            self.text(": ");
                            self.expr(value, TEST);
                        }
                        None => {
                            self.text("**");
                            self.expr(value, EXPR);
                        }
                    }
                }
                self.text("}");
            }
            ExprKind::Set { elts } => {
                self.text("{");
                self.list(&tree[elts], TEST);
                self.text("}");
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comp("(", elt, None, generators, ")");
            }
            ExprKind::ListComp { elt, generators } => self.comp("[", elt, None, generators, "]"),
            ExprKind::SetComp { elt, generators } => self.comp("{", elt, None, generators, "}"),
            ExprKind::DictComp { key, value, generators } => {
                self.comp("{", key, Some(value), generators, "}");
            }
            ExprKind::Yield { value } => match value {
                None => self.text("(yield)"),
                Some(value) => {
                    self.text("(yield ");
                    self.expr(value, TEST);
                    self.text(")");
                }
            },
            ExprKind::YieldFrom { value } => {
                self.text("(yield from ");
                self.expr(value, TEST);
                self.text(")");
            }
            ExprKind::Await { value } => {
                self.open(level > AWAIT);
                self.text("await ");
                self.expr(value, ATOM);
                self.close(level > AWAIT);
            }
            ExprKind::Compare { left, ops, comparators } => {
                self.open(level > CMP);
                self.expr(left, CMP + 1);
                for (&op, &right) in tree[ops].iter().zip(&tree[comparators]) {
                    self.text(match op {
                        CmpOp::Eq => " == ",
                        CmpOp::NotEq => " != ",
                        CmpOp::Lt => " < ",
                        CmpOp::LtE => " <= ",
                        CmpOp::Gt => " > ",
                        CmpOp::GtE => " >= ",
                        CmpOp::Is => " is ",
                        CmpOp::IsNot => " is not ",
                        CmpOp::In => " in ",
                        CmpOp::NotIn => " not in ",
                    });
                    self.expr(right, CMP + 1);
                }
                self.close(level > CMP);
            }
            ExprKind::Call { func, args, keywords } => {
                self.expr(func, ATOM);
                let args = &tree[args];
                if let ([only], true) = (args, keywords.is_empty())
                    && matches!(tree[*only].kind, ExprKind::GeneratorExp { .. })
                {
                    self.expr(*only, TEST);
                    return;
                }
                self.text("(");
                self.list(args, TEST);
                for (i, k) in tree[keywords].iter().enumerate() {
                    if i > 0 || !args.is_empty() {
                        self.text(", ");
                    }
                    match k.arg {
                        Some(arg) => {
                            self.text(tree.name(arg));
                            self.text("=");
                        }
                        None => self.text("**"),
                    }
                    self.expr(k.value, TEST);
                }
                self.text(")");
            }
            ExprKind::Constant { value, kind } => {
                if matches!(tree[value], Constant::Ellipsis) {
                    self.text("...");
                    return;
                }
                if let Some(kind) = kind {
                    self.text(tree.name(kind));
                }
                let mut repr = Vec::new();
                repr_constant(&tree[value], &mut repr);
                self.out.extend_from_slice(&repr);
            }
            ExprKind::JoinedStr { values } => self.joined("f", &tree[values], false),
            ExprKind::TemplateStr { values } => self.joined("t", &tree[values], false),
            ExprKind::FormattedValue { .. } | ExprKind::Interpolation { .. } => {
                let mut field = Vec::new();
                self.field(e, &mut field);
                self.out.push(b'f');
                repr_str(&field, &mut self.out);
            }
            ExprKind::Attribute { value, attr, .. } => {
                self.expr(value, ATOM);
                let int =
                    matches!(tree.as_constant(value), Some(Constant::Int(_) | Constant::Big(_)));
                self.text(if int { " ." } else { "." });
                self.text(tree.name(attr));
            }
            ExprKind::Starred { value, .. } => {
                self.text("*");
                self.expr(value, EXPR);
            }
            ExprKind::Name { id, .. } => self.text(tree.name(id)),
            ExprKind::List { elts, .. } => {
                self.text("[");
                self.list(&tree[elts], TEST);
                self.text("]");
            }
            ExprKind::Tuple { elts, .. } => {
                let elts = &tree[elts];
                if elts.is_empty() {
                    self.text("()");
                    return;
                }
                self.open(level > TUPLE);
                self.list(elts, TEST);
                if elts.len() == 1 {
                    self.text(",");
                }
                self.close(level > TUPLE);
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value, ATOM);
                self.text("[");
                self.expr(slice, TUPLE);
                self.text("]");
            }
            ExprKind::Slice { lower, upper, step } => {
                if let Some(e) = lower {
                    self.expr(e, TEST);
                }
                self.text(":");
                if let Some(e) = upper {
                    self.expr(e, TEST);
                }
                if let Some(e) = step {
                    self.text(":");
                    self.expr(e, TEST);
                }
            }
            ExprKind::NamedExpr { target, value } => {
                self.open(level > TUPLE);
                self.expr(target, ATOM);
                self.text(" := ");
                self.expr(value, ATOM);
                self.close(level > TUPLE);
            }
        }
    }

    fn comp(
        &mut self,
        open: &str,
        elt: ExprId,
        value: Option<ExprId>,
        generators: List<Comprehension>,
        close: &str,
    ) {
        let tree = self.tree;
        self.text(open);
        self.expr(elt, TEST);
        if let Some(value) = value {
            self.text(": ");
            self.expr(value, TEST);
        }
        for g in &tree[generators] {
            self.text(if g.is_async { " async for " } else { " for " });
            self.expr(g.target, TUPLE);
            self.text(" in ");
            self.expr(g.iter, TEST + 1);
            for &test in &tree[g.ifs] {
                self.text(" if ");
                self.expr(test, TEST + 1);
            }
        }
        self.text(close);
    }

    fn has_args(&self, args: ArgsId) -> bool {
        let a = &self.tree[args];
        !a.posonlyargs.is_empty()
            || !a.args.is_empty()
            || a.vararg.is_some()
            || !a.kwonlyargs.is_empty()
            || a.kwarg.is_some()
    }

    fn args(&mut self, args: ArgsId) {
        let tree = self.tree;
        let a = tree[args];
        let mut first = true;
        let comma = |u: &mut Self, first: &mut bool| {
            if !std::mem::replace(first, false) {
                u.text(", ");
            }
        };
        let positional = a.posonlyargs.len() + a.args.len();
        let all: Vec<_> = tree[a.posonlyargs].iter().chain(&tree[a.args]).collect();
        for (i, arg) in all.iter().enumerate() {
            comma(self, &mut first);
            self.text(tree.name(arg.name));
            let di = (i + a.defaults.len()).checked_sub(positional);
            if let Some(&d) = di.and_then(|di| tree[a.defaults].get(di)) {
                self.text("=");
                self.expr(d, TEST);
            }
            if i + 1 == a.posonlyargs.len() {
                self.text(", /");
            }
        }
        if a.vararg.is_some() || !a.kwonlyargs.is_empty() {
            comma(self, &mut first);
            self.text("*");
            if let Some(arg) = a.vararg {
                self.text(tree.name(arg.name));
            }
        }
        for (arg, default) in tree[a.kwonlyargs].iter().zip(&tree[a.kw_defaults]) {
            comma(self, &mut first);
            self.text(tree.name(arg.name));
            if let Some(d) = default {
                self.text("=");
                self.expr(*d, TEST);
            }
        }
        if let Some(arg) = a.kwarg {
            comma(self, &mut first);
            self.text("**");
            self.text(tree.name(arg.name));
        }
    }

    fn joined(&mut self, prefix: &str, values: &[ExprId], _nested: bool) {
        let mut body = Vec::new();
        self.joined_body(values, &mut body);
        self.text(prefix);
        repr_str(&body, &mut self.out);
    }

    fn joined_body(&mut self, values: &[ExprId], body: &mut Vec<u8>) {
        let tree = self.tree;
        for &v in values {
            match tree[v].kind {
                ExprKind::Constant { value, .. } => {
                    if let Constant::Str(s) = &tree[value] {
                        for &b in s.iter() {
                            body.push(b);
                            if matches!(b, b'{' | b'}') {
                                body.push(b);
                            }
                        }
                    }
                }
                ExprKind::JoinedStr { values } => self.joined_body(&tree[values], body),
                _ => self.field(v, body),
            }
        }
    }

    fn field(&mut self, e: ExprId, body: &mut Vec<u8>) {
        let tree = self.tree;
        let (value, conversion, spec, text) = match tree[e].kind {
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                (value, conversion, format_spec, None)
            }
            ExprKind::Interpolation { value, text, conversion, format_spec } => {
                (value, conversion, format_spec, Some(text))
            }
            _ => return,
        };
        let mut inner = Unparser { tree, out: Vec::new() };
        match text.map(|t| &tree[t]) {
            Some(Constant::Str(s)) => inner.out.extend_from_slice(s),
            _ => inner.expr(value, TEST + 1),
        }
        body.extend_from_slice(if inner.out.first() == Some(&b'{') { b"{ " } else { b"{" });
        body.extend_from_slice(&inner.out);
        if conversion > 0 {
            body.extend_from_slice(&[b'!', conversion as u8]);
        }
        if let Some(spec) = spec {
            body.push(b':');
            if let ExprKind::JoinedStr { values } = tree[spec].kind {
                self.joined_body(&tree[values], body);
            }
        }
        body.push(b'}');
    }
}

pub(crate) fn repr_constant(value: &Constant, out: &mut Vec<u8>) {
    let mut put = |s: String| out.extend_from_slice(s.as_bytes());
    match value {
        Constant::None => put("None".into()),
        Constant::Bool(true) => put("True".into()),
        Constant::Bool(false) => put("False".into()),
        Constant::Ellipsis => put("...".into()),
        Constant::Int(i) => put(i.to_string()),
        Constant::Big(b) => put(b.to_string()),
        Constant::Float(f) => put(infinity(repr_float(*f))),
        Constant::Complex(re, im) => {
            let im = infinity(complex_part(*im));
            if *re == 0.0 && re.is_sign_positive() {
                put(format!("{im}j"));
            } else {
                let sign = if im.starts_with('-') { "" } else { "+" };
                put(format!("({}{sign}{im}j)", infinity(complex_part(*re))));
            }
        }
        Constant::Str(s) => repr_str(s, out),
        Constant::Bytes(b) => repr_bytes(b, out),
        Constant::Tuple(items) | Constant::FrozenSet(items) => {
            let tuple = matches!(value, Constant::Tuple(_));
            out.extend_from_slice(if tuple { b"(" } else { b"frozenset({" });
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(b", ");
                }
                repr_constant(item, out);
            }
            if tuple && items.len() == 1 {
                out.push(b',');
            }
            out.extend_from_slice(if tuple { b")" } else { b"})" });
        }
        Constant::Slice(_) => {}
    }
}

/// Infinity has no literal of its own.
fn infinity(text: String) -> String {
    text.replace("inf", "1e309")
}

fn complex_part(f: f64) -> String {
    let text = repr_float(f);
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// The shortest text that reads back, in Python's layout.
pub(crate) fn repr_float(f: f64) -> String {
    if f.is_nan() {
        return "nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "inf" } else { "-inf" }.into();
    }
    let exp = format!("{f:e}");
    let Some((mantissa, exponent)) = exp.split_once('e') else { return exp };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let text = format!("{f}");
        if text.contains('.') { text } else { text + ".0" }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    }
}

fn repr_str(s: &[u8], out: &mut Vec<u8>) {
    let quote = if s.contains(&b'\'') && !s.contains(&b'"') { b'"' } else { b'\'' };
    out.push(quote);
    let mut at = 0;
    while at < s.len() {
        let b = s[at];
        match b {
            b'\\' => out.extend_from_slice(b"\\\\"),
            _ if b == quote => out.extend_from_slice(&[b'\\', b]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 | 0x7f => out.extend_from_slice(format!("\\x{b:02x}").as_bytes()),
            0x20..0x80 => out.push(b),
            _ => {
                let len = if b >= 0xF0 {
                    4
                } else if b >= 0xE0 {
                    3
                } else {
                    2
                };
                let chunk = &s[at..(at + len).min(s.len())];
                match std::str::from_utf8(chunk).ok().and_then(|t| t.chars().next()) {
                    Some(c) if c.is_control() || u32::from(c) == 0xAD || c.is_whitespace() => {
                        out.extend_from_slice(escape(u32::from(c)).as_bytes());
                    }
                    Some(_) => out.extend_from_slice(chunk),
                    None => {
                        let value = chunk
                            .iter()
                            .skip(1)
                            .fold(u32::from(b & 0x0F), |v, &b| v << 6 | u32::from(b & 0x3F));
                        out.extend_from_slice(escape(value).as_bytes());
                    }
                }
                at += len;
                continue;
            }
        }
        at += 1;
    }
    out.push(quote);
}

fn escape(value: u32) -> String {
    match value {
        0..0x100 => format!("\\x{value:02x}"),
        0x100..0x10000 => format!("\\u{value:04x}"),
        _ => format!("\\U{value:08x}"),
    }
}

fn repr_bytes(s: &[u8], out: &mut Vec<u8>) {
    let quote = if s.contains(&b'\'') && !s.contains(&b'"') { b'"' } else { b'\'' };
    out.extend_from_slice(&[b'b', quote]);
    for &b in s {
        match b {
            b'\\' => out.extend_from_slice(b"\\\\"),
            _ if b == quote => out.extend_from_slice(&[b'\\', b]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x20..0x7f => out.push(b),
            _ => out.extend_from_slice(format!("\\x{b:02x}").as_bytes()),
        }
    }
    out.push(quote);
}
