//! Expressions, parameters, comprehensions, constants.

use std::sync::Arc;

use num_bigint::BigInt;
use ruff_python_ast::{self as ast, AnyStringFlags, Expr, Number};
use ruff_text_size::{Ranged, TextRange};

use super::Lower;
use crate::error::{ErrorKind, Result, SyntaxError};
use crate::ir::{
    Arg, ArgsId, Arguments, BoolOp, CmpOp, Comprehension, Constant, Ctx, ExprId, ExprKind, Keyword,
    List, Operator, Pos, UnaryOp,
};
use crate::literal;

fn ctx(context: ast::ExprContext) -> Ctx {
    match context {
        ast::ExprContext::Load | ast::ExprContext::Invalid => Ctx::Load,
        ast::ExprContext::Store => Ctx::Store,
        ast::ExprContext::Del => Ctx::Del,
    }
}

pub(super) fn operator(op: ast::Operator) -> Operator {
    match op {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Sub,
        ast::Operator::Mult => Operator::Mult,
        ast::Operator::MatMult => Operator::MatMult,
        ast::Operator::Div => Operator::Div,
        ast::Operator::Mod => Operator::Mod,
        ast::Operator::Pow => Operator::Pow,
        ast::Operator::LShift => Operator::LShift,
        ast::Operator::RShift => Operator::RShift,
        ast::Operator::BitOr => Operator::BitOr,
        ast::Operator::BitXor => Operator::BitXor,
        ast::Operator::BitAnd => Operator::BitAnd,
        ast::Operator::FloorDiv => Operator::FloorDiv,
    }
}

fn cmp_op(op: ast::CmpOp) -> CmpOp {
    match op {
        ast::CmpOp::Eq => CmpOp::Eq,
        ast::CmpOp::NotEq => CmpOp::NotEq,
        ast::CmpOp::Lt => CmpOp::Lt,
        ast::CmpOp::LtE => CmpOp::LtE,
        ast::CmpOp::Gt => CmpOp::Gt,
        ast::CmpOp::GtE => CmpOp::GtE,
        ast::CmpOp::Is => CmpOp::Is,
        ast::CmpOp::IsNot => CmpOp::IsNot,
        ast::CmpOp::In => CmpOp::In,
        ast::CmpOp::NotIn => CmpOp::NotIn,
    }
}

impl Lower<'_> {
    pub fn expr(&mut self, expr: &Expr) -> Result<ExprId> {
        self.enter(1)?;
        let id = self.expr_inner(expr)?;
        self.leave(1);
        Ok(id)
    }

    pub(super) fn opt(&mut self, expr: Option<&Expr>) -> Result<Option<ExprId>> {
        expr.map(|e| self.expr(e)).transpose()
    }

    pub(super) fn exprs<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<List<ExprId>> {
        let ids = exprs.into_iter().map(|e| self.expr(e)).collect::<Result<Vec<_>>>()?;
        Ok(self.tree.list(&ids))
    }

    fn expr_inner(&mut self, expr: &Expr) -> Result<ExprId> {
        let pos = self.pos_of(expr);
        let kind = match expr {
            Expr::Name(e) => ExprKind::Name { id: self.sym(e.id.as_str()), ctx: ctx(e.ctx) },
            Expr::Attribute(e) => {
                let value = self.expr(&e.value)?;
                ExprKind::Attribute { value, attr: self.sym(e.attr.as_str()), ctx: ctx(e.ctx) }
            }
            Expr::Call(e) => {
                let func = self.expr(&e.func)?;
                let (args, keywords) = self.call_arguments(&e.arguments)?;
                ExprKind::Call { func, args, keywords }
            }
            Expr::Subscript(e) => {
                let value = self.expr(&e.value)?;
                let slice = self.expr(&e.slice)?;
                ExprKind::Subscript { value, slice, ctx: ctx(e.ctx) }
            }
            Expr::StringLiteral(e) => return self.string(e, pos),
            Expr::BytesLiteral(e) => return self.bytes(e, pos),
            Expr::NumberLiteral(e) => {
                let value = self.number(e)?;
                return Ok(self.const_expr(pos, value));
            }
            Expr::BooleanLiteral(e) => return Ok(self.const_expr(pos, Constant::Bool(e.value))),
            Expr::NoneLiteral(_) => return Ok(self.const_expr(pos, Constant::None)),
            Expr::EllipsisLiteral(_) => return Ok(self.const_expr(pos, Constant::Ellipsis)),
            Expr::BinOp(e) => {
                if e.op == ast::Operator::MatMult {
                    self.since(5, "The '@' operator is", e.range)?;
                }
                let left = self.expr(&e.left)?;
                let right = self.expr(&e.right)?;
                ExprKind::BinOp { left, op: operator(e.op), right }
            }
            Expr::BoolOp(e) => {
                let values = self.exprs(&e.values)?;
                let op = match e.op {
                    ast::BoolOp::And => BoolOp::And,
                    ast::BoolOp::Or => BoolOp::Or,
                };
                ExprKind::BoolOp { op, values }
            }
            Expr::UnaryOp(e) => {
                let operand = self.expr(&e.operand)?;
                let op = match e.op {
                    ast::UnaryOp::Invert => UnaryOp::Invert,
                    ast::UnaryOp::Not => UnaryOp::Not,
                    ast::UnaryOp::UAdd => UnaryOp::UAdd,
                    ast::UnaryOp::USub => UnaryOp::USub,
                };
                ExprKind::UnaryOp { op, operand }
            }
            Expr::Compare(e) => {
                let left = self.expr(e.first_operand())?;
                let comparators = self.exprs(e.comparators())?;
                let ops: Vec<_> = e.ops.iter().map(|&op| cmp_op(op)).collect();
                ExprKind::Compare { left, ops: self.tree.list(&ops), comparators }
            }
            Expr::Named(e) => {
                self.since(8, "Assignment expressions are", e.range)?;
                let target = self.expr(&e.target)?;
                let value = self.expr(&e.value)?;
                ExprKind::NamedExpr { target, value }
            }
            Expr::If(e) => {
                let test = self.expr(&e.test)?;
                let body = self.expr(&e.body)?;
                let orelse = self.expr(&e.orelse)?;
                ExprKind::IfExp { test, body, orelse }
            }
            Expr::Lambda(e) => {
                let args = self.parameters(e.parameters.as_deref())?;
                let body = self.expr(&e.body)?;
                ExprKind::Lambda { args, body }
            }
            Expr::Dict(e) => {
                let mut keys = Vec::with_capacity(e.items.len());
                let mut values = Vec::with_capacity(e.items.len());
                for item in &e.items {
                    keys.push(self.opt(item.key.as_ref())?);
                    values.push(self.expr(&item.value)?);
                }
                ExprKind::Dict { keys: self.tree.list(&keys), values: self.tree.list(&values) }
            }
            Expr::Set(e) => ExprKind::Set { elts: self.exprs(&e.elts)? },
            Expr::List(e) => ExprKind::List { elts: self.exprs(&e.elts)?, ctx: ctx(e.ctx) },
            Expr::Tuple(e) => ExprKind::Tuple { elts: self.exprs(&e.elts)?, ctx: ctx(e.ctx) },
            Expr::ListComp(e) => {
                let elt = self.expr(&e.elt)?;
                ExprKind::ListComp { elt, generators: self.generators(&e.generators)? }
            }
            Expr::SetComp(e) => {
                let elt = self.expr(&e.elt)?;
                ExprKind::SetComp { elt, generators: self.generators(&e.generators)? }
            }
            Expr::DictComp(e) => {
                let Some(key) = &e.key else {
                    let message = "dict unpacking cannot be used in dict comprehension";
                    return Err(self.error(e.range, message));
                };
                let key = self.expr(key)?;
                let value = self.expr(&e.value)?;
                ExprKind::DictComp { key, value, generators: self.generators(&e.generators)? }
            }
            Expr::Generator(e) => {
                let elt = self.expr(&e.elt)?;
                ExprKind::GeneratorExp { elt, generators: self.generators(&e.generators)? }
            }
            Expr::Await(e) => {
                self.since(5, "Await expressions are", e.range)?;
                ExprKind::Await { value: self.expr(&e.value)? }
            }
            Expr::Yield(e) => ExprKind::Yield { value: self.opt(e.value.as_deref())? },
            Expr::YieldFrom(e) => ExprKind::YieldFrom { value: self.expr(&e.value)? },
            Expr::FString(e) => return self.fstring(e, pos),
            Expr::TString(e) => return self.tstring(e, pos),
            Expr::Starred(e) => ExprKind::Starred { value: self.expr(&e.value)?, ctx: ctx(e.ctx) },
            Expr::Slice(e) => ExprKind::Slice {
                lower: self.opt(e.lower.as_deref())?,
                upper: self.opt(e.upper.as_deref())?,
                step: self.opt(e.step.as_deref())?,
            },
            // Made from Python objects only, never by the parser.
            Expr::Constant(_) | Expr::IpyEscapeCommand(_) => {
                return Err(self.error(expr.range(), "invalid syntax"));
            }
        };
        Ok(self.tree.expr(pos, kind))
    }

    pub(super) fn const_expr(&mut self, pos: Pos, value: Constant) -> ExprId {
        let value = self.tree.constant(value);
        self.tree.expr(pos, ExprKind::Constant { value, kind: None })
    }

    pub(super) fn call_arguments(
        &mut self,
        arguments: &ast::Arguments,
    ) -> Result<(List<ExprId>, List<Keyword>)> {
        let mut args = Vec::with_capacity(arguments.args.len());
        let alone = arguments.args.len() == 1 && arguments.keywords.is_empty();
        for arg in &arguments.args {
            let id = self.expr(arg)?;
            // A lone generator shares the call's brackets.
            if alone
                && let Expr::Generator(generator) = arg
                && !generator.parenthesized
            {
                let pos = self.pos_of(arguments);
                self.tree.exprs[id.index()].pos = pos;
            }
            args.push(id);
        }
        let mut keywords = Vec::with_capacity(arguments.keywords.len());
        for keyword in &arguments.keywords {
            let value = self.expr(&keyword.value)?;
            let arg = keyword.arg.as_ref().map(|name| self.sym(name.as_str()));
            keywords.push(Keyword { arg, value, pos: self.pos_of(keyword) });
        }
        Ok((self.tree.list(&args), self.tree.list(&keywords)))
    }

    fn generators(&mut self, generators: &[ast::Comprehension]) -> Result<List<Comprehension>> {
        let mut out = Vec::with_capacity(generators.len());
        for generator in generators {
            if generator.is_async {
                self.since(6, "Async comprehensions are", generator.range)?;
            }
            out.push(Comprehension {
                target: self.expr(&generator.target)?,
                iter: self.expr(&generator.iter)?,
                ifs: self.exprs(&generator.ifs)?,
                is_async: generator.is_async,
            });
        }
        Ok(self.tree.list(&out))
    }

    pub(super) fn parameters(&mut self, parameters: Option<&ast::Parameters>) -> Result<ArgsId> {
        let mut out = Arguments {
            posonlyargs: List::EMPTY,
            args: List::EMPTY,
            vararg: None,
            kwonlyargs: List::EMPTY,
            kw_defaults: List::EMPTY,
            kwarg: None,
            defaults: List::EMPTY,
        };
        if let Some(p) = parameters {
            if !p.posonlyargs.is_empty() {
                self.since(8, "Positional-only parameters are", p.range)?;
            }
            let mut defaults = Vec::new();
            let mut lists = [Vec::new(), Vec::new(), Vec::new()];
            let mut kw_defaults = Vec::new();
            for (which, params) in [&p.posonlyargs, &p.args, &p.kwonlyargs].into_iter().enumerate()
            {
                for param in params {
                    lists[which].push(self.parameter(&param.parameter)?);
                    let default = self.opt(param.default.as_deref())?;
                    if which == 2 {
                        kw_defaults.push(default);
                    } else {
                        defaults.extend(default);
                    }
                }
            }
            out.vararg = p.vararg.as_deref().map(|a| self.parameter(a)).transpose()?;
            out.kwarg = p.kwarg.as_deref().map(|a| self.parameter(a)).transpose()?;
            let [posonly, args, kwonly] = lists;
            out.posonlyargs = self.tree.list(&posonly);
            out.args = self.tree.list(&args);
            out.kwonlyargs = self.tree.list(&kwonly);
            out.kw_defaults = self.tree.list(&kw_defaults);
            out.defaults = self.tree.list(&defaults);
        }
        Ok(self.tree.args(out))
    }

    fn parameter(&mut self, parameter: &ast::Parameter) -> Result<Arg> {
        let annotation = self.opt(parameter.annotation.as_deref())?;
        let end =
            parameter.annotation.as_ref().map_or(parameter.name.range.end(), |a| a.range().end());
        let end = end.max(parameter.range.end().min(end));
        Ok(Arg {
            name: self.sym(parameter.name.as_str()),
            annotation,
            pos: self.pos(TextRange::new(parameter.name.range.start(), end)),
        })
    }

    pub(super) fn number(&mut self, number: &ast::ExprNumberLiteral) -> Result<Constant> {
        let text = self.text(number.range);
        if self.options.feature_version < 6 && text.contains('_') {
            let message =
                "Underscores in numeric literals are only supported in Python 3.6 and greater";
            return Err(self.error(number.range, message));
        }
        // `1if`, `0xfor`: a keyword right behind the digits.
        let next = self.lines.text.as_bytes().get(number.range.end().to_usize());
        if next.is_some_and(u8::is_ascii_alphabetic) {
            let kind = match (text.as_bytes(), &number.value) {
                (_, Number::Complex { .. }) => "imaginary",
                ([b'0', b'x' | b'X', ..], _) => "hexadecimal",
                ([b'0', b'o' | b'O', ..], _) => "octal",
                ([b'0', b'b' | b'B', ..], _) => "binary",
                _ => "decimal",
            };
            let message = format!("invalid {kind} literal");
            self.warn(number.range, message.clone(), Some(message));
        }
        Ok(match &number.value {
            Number::Float(value) => Constant::Float(*value),
            Number::Complex { real, imag } => Constant::Complex(*real, *imag),
            Number::Int(int) => match int.as_i64() {
                Some(value) => Constant::Int(value),
                None => Constant::big(self.big_int(text, number.range)?),
            },
        })
    }

    fn big_int(&self, text: &str, range: TextRange) -> Result<BigInt> {
        let digits: String = text.chars().filter(|&c| c != '_').collect();
        let radix = match digits.as_bytes() {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 10,
        };
        let limit = self.options.int_max_str_digits as usize;
        if radix == 10 && limit > 0 && digits.len() > limit {
            return Err(self.error(
                range,
                format!(
                    "Exceeds the limit ({limit} digits) for integer string conversion: value has {} digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.",
                    digits.len()
                ),
            ));
        }
        let body = if radix == 10 { digits.as_bytes() } else { &digits.as_bytes()[2..] };
        BigInt::parse_bytes(body, radix)
            .ok_or_else(|| SyntaxError::bare(ErrorKind::Syntax, "invalid number literal"))
    }

    /// The value of one str literal, decoded from the source.
    pub(super) fn string_part(&mut self, part: &ast::StringLiteral, out: &mut Vec<u8>) {
        let range = part.content_range();
        let text = self.text(range);
        if text.contains('\\') {
            let raw = AnyStringFlags::from(part.flags).is_raw_string();
            let (value, bad) = literal::decode_str(text, raw, false);
            self.warn_escape(range.start().to_u32(), bad);
            out.extend_from_slice(&value);
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    }

    fn string(&mut self, literal: &ast::ExprStringLiteral, pos: Pos) -> Result<ExprId> {
        let mut value = Vec::new();
        for part in literal.value.iter() {
            self.string_part(part, &mut value);
        }
        let value = self.tree.constant(Constant::Str(Arc::from(value)));
        let kind = literal.value.is_unicode().then(|| self.sym("u"));
        Ok(self.tree.expr(pos, ExprKind::Constant { value, kind }))
    }

    fn bytes(&mut self, literal: &ast::ExprBytesLiteral, pos: Pos) -> Result<ExprId> {
        let mut value = Vec::new();
        for part in literal.value.iter() {
            let range = part.content_range();
            let raw = AnyStringFlags::from(part.flags).is_raw_string();
            let (decoded, bad) = literal::decode_bytes(self.text(range), raw);
            self.warn_escape(range.start().to_u32(), bad);
            value.extend_from_slice(&decoded);
        }
        Ok(self.const_expr(pos, Constant::Bytes(Arc::from(value))))
    }
}
