//! Calls, method calls, `super()` attributes, and the warnings about calling or indexing literals.

use stackless_bytecode::code::Const;
use stackless_bytecode::isa::op;

use super::Compiler;
use super::emit::{F, R};
use super::expr::MANY;
use crate::error::{Result, SyntaxError};
use crate::ir::{CmpOp, Constant, Ctx, ExprId, ExprKind, Keyword, List, Pos, Sym};
use crate::symtable::{Access, DEF_IMPORT, ScopeId};

/// An attribute look-up on a `super(…)` call that needs no super object.
#[derive(Clone, Copy, Debug)]
pub(super) struct SuperCall {
    pub two: bool,
}

impl Compiler<'_> {
    pub(super) fn load_method(&mut self, at: R, object: R, name: u32) {
        let base = at.as_temp().unwrap_or(self.u.depth);
        let f = [at.into(), object.into(), F::Z];
        self.u.raw(op::LOAD_METHOD, f, 0, name, base, base + 2);
    }

    pub(super) fn call(
        &mut self,
        pos: Pos,
        func: ExprId,
        args: List<ExprId>,
        keywords: List<Keyword>,
        dst: R,
    ) -> Result<()> {
        let tree = self.tree;
        self.validate_keywords(keywords)?;
        if self.method_call(pos, func, args, keywords, dst)? {
            return Ok(());
        }
        self.check_caller(func);
        let base = R::temp(self.u.depth);
        self.push(func)?;
        self.call_with(pos, base, &tree[args], &tree[keywords], &[], dst)
    }

    /// The call of the callable in temporary `base`, which is on top but for `extra` values that
    /// come before the arguments.
    pub(super) fn call_with(
        &mut self,
        pos: Pos,
        base: R,
        args: &[ExprId],
        keywords: &[Keyword],
        extra: &[R],
        dst: R,
    ) -> Result<()> {
        self.call_with_tail(pos, base, args, keywords, extra, None, dst)
    }

    /// As `call_with`, with a local as the last positional argument.
    #[expect(clippy::too_many_arguments, reason = "the parts of a call")]
    pub(super) fn call_with_tail(
        &mut self,
        pos: Pos,
        base: R,
        args: &[ExprId],
        keywords: &[Keyword],
        extra: &[R],
        tail: Option<R>,
        dst: R,
    ) -> Result<()> {
        let tree = self.tree;
        let starred = args.iter().any(|&a| matches!(tree[a].kind, ExprKind::Starred { .. }));
        let double = keywords.iter().any(|k| k.arg.is_none());
        let count = extra.len() + args.len() + usize::from(tail.is_some());
        if !starred && !double && count + keywords.len() <= MANY {
            for &a in args {
                self.push(a)?;
            }
            self.push_tail(tail);
            self.finish_call(pos, [op::CALL, op::CALL_KW], base, count, keywords, dst)?;
            return Ok(());
        }
        // Positional arguments.
        let first = R::temp(base.as_temp().unwrap_or(0) + 1);
        let lone = match args {
            [one] if extra.is_empty() && tail.is_none() => match tree[*one].kind {
                ExprKind::Starred { value, .. } => Some(value),
                _ => None,
            },
            _ => None,
        };
        if let Some(value) = lone {
            self.push(value)?;
        } else {
            let mut started = false;
            let mut pushed = extra.len();
            if !starred && count <= MANY {
                for &a in args {
                    self.push(a)?;
                }
                self.push_tail(tail);
                self.at(pos);
                self.u.op(op::BUILD_TUPLE, R::PUSH, first, count as u16);
            } else {
                for &a in args {
                    if let ExprKind::Starred { value, .. } = tree[a].kind {
                        if !started {
                            self.at(pos);
                            self.u.op(op::BUILD_LIST, R::PUSH, first, pushed as u16);
                            started = true;
                        }
                        let v = self.operand(value)?;
                        self.at(pos);
                        self.u.op(op::LIST_EXTEND, first, v, F::Z);
                    } else if started || pushed >= MANY {
                        if !started {
                            self.at(pos);
                            self.u.op(op::BUILD_LIST, R::PUSH, first, pushed as u16);
                            started = true;
                        }
                        let v = self.operand(a)?;
                        self.at(pos);
                        self.u.op(op::LIST_APPEND, first, v, F::Z);
                    } else {
                        self.push(a)?;
                        pushed += 1;
                    }
                }
                self.at(pos);
                if let Some(tail) = tail {
                    if started {
                        self.u.op(op::LIST_APPEND, first, tail, F::Z);
                    } else {
                        self.push_tail(Some(tail));
                        pushed += 1;
                    }
                }
                if started {
                    self.u.op(op::LIST_TO_TUPLE, R::PUSH, first, F::Z);
                } else {
                    self.u.op(op::BUILD_TUPLE, R::PUSH, first, pushed as u16);
                }
            }
        }
        // Keyword arguments.
        let mapping = R::temp(self.u.depth);
        let mut have = false;
        let mut run: Vec<&Keyword> = Vec::new();
        for k in keywords {
            if k.arg.is_some() {
                run.push(k);
                continue;
            }
            if !run.is_empty() {
                self.keyword_run(pos, &run, mapping, base, have)?;
                run.clear();
                have = true;
            }
            if !have {
                self.at(pos);
                self.u.op(op::BUILD_MAP, R::PUSH, mapping, 0);
                have = true;
            }
            let v = self.operand(k.value)?;
            self.at(pos);
            self.u.op(op::DICT_MERGE, mapping, v, base);
        }
        if !run.is_empty() {
            self.keyword_run(pos, &run, mapping, base, have)?;
            have = true;
        }
        self.at(pos);
        self.u.op(op::CALL_EX, dst, base, u16::from(have));
        Ok(())
    }

    fn push_tail(&mut self, tail: Option<R>) {
        if let Some(r) = tail {
            self.u.op(op::MOVE, R::PUSH, r, F::Z);
        }
    }

    /// Named arguments as a dict, merged into the one in `mapping` if there is one.
    fn keyword_run(
        &mut self,
        pos: Pos,
        run: &[&Keyword],
        mapping: R,
        base: R,
        have: bool,
    ) -> Result<()> {
        let map = R::temp(self.u.depth);
        let few = run.len() <= MANY / 2;
        if !few {
            self.at(pos);
            self.u.op(op::BUILD_MAP, R::PUSH, map, 0);
        }
        for k in run {
            self.at(pos);
            if let Some(arg) = k.arg {
                let name = self.keyword_name(arg);
                self.u.load_const(R::PUSH, name);
            }
            let key = self.u.top();
            self.push(k.value)?;
            if !few {
                let top = self.u.top();
                self.at(pos);
                self.u.op(op::MAP_ADD, map, key, top);
            }
        }
        self.at(pos);
        if few {
            self.u.op(op::BUILD_MAP, R::PUSH, map, run.len() as u16);
        }
        if have {
            self.u.op(op::DICT_MERGE, mapping, map, base);
        }
        Ok(())
    }

    fn keyword_name(&mut self, name: Sym) -> Const {
        Const::Str(self.text(name).as_bytes().into())
    }

    /// Keyword values and the call; the positional arguments are on the temporaries.
    pub(super) fn finish_call(
        &mut self,
        pos: Pos,
        [plain, with_keywords]: [u16; 2],
        base: R,
        count: usize,
        keywords: &[Keyword],
        dst: R,
    ) -> Result<()> {
        if keywords.is_empty() {
            self.at(pos);
            self.u.op_word(plain, dst, base, count as u16, 0);
            return Ok(());
        }
        let mut names = Vec::with_capacity(keywords.len());
        for k in keywords {
            self.push(k.value)?;
            if let Some(arg) = k.arg {
                names.push(self.keyword_name(arg));
            }
        }
        self.at(pos);
        let index = if self.u.reachable { self.u.add_const(Const::Tuple(names.into())) } else { 0 };
        self.u.op_word(with_keywords, dst, base, (count + keywords.len()) as u16, index);
        Ok(())
    }

    /// `object.name(…)` without a bound method in between.
    fn method_call(
        &mut self,
        pos: Pos,
        func: ExprId,
        args: List<ExprId>,
        keywords: List<Keyword>,
        dst: R,
    ) -> Result<bool> {
        let tree = self.tree;
        let ExprKind::Attribute { value, attr, ctx: Ctx::Load } = tree[func].kind else {
            return Ok(false);
        };
        let (args, keywords) = (&tree[args], &tree[keywords]);
        if args.len() + keywords.len() > MANY - 1
            || args.iter().any(|&a| matches!(tree[a].kind, ExprKind::Starred { .. }))
            || keywords.iter().any(|k| k.arg.is_none())
            || self.is_imported(value)
        {
            return Ok(false);
        }
        let func_pos = tree[func].pos;
        let base = R::temp(self.u.depth);
        if let Some(call) = self.super_call(value) {
            self.load_super_args(value, call)?;
            self.at(self.method_pos(func_pos, func));
            let name = self.attribute_index(attr);
            let at = base.as_temp().unwrap_or(0);
            let f = [base.into(), base.into(), F::N(u16::from(call.two))];
            self.u.raw(op::LOAD_SUPER_METHOD, f, 0, name, at, at + 2);
        } else {
            let v = self.operand(value)?;
            self.at(self.method_pos(func_pos, func));
            let name = self.attribute_index(attr);
            self.load_method(base, v, name);
        }
        for &a in args {
            self.push(a)?;
        }
        let call_pos = self.method_pos(pos, func);
        let ops = [op::CALL_METHOD, op::CALL_METHOD_KW];
        self.finish_call(call_pos, ops, base, args.len(), keywords, dst)?;
        Ok(true)
    }

    /// A name that the module imports: its attributes are functions rather than methods.
    fn is_imported(&self, e: ExprId) -> bool {
        match self.tree[e].kind {
            ExprKind::Name { id, .. } => self.table[ScopeId(0)].flags(id) & DEF_IMPORT != 0,
            _ => false,
        }
    }

    pub(super) fn super_call(&mut self, e: ExprId) -> Option<SuperCall> {
        let tree = self.tree;
        let ExprKind::Call { func, args, keywords } = tree[e].kind else { return None };
        let ExprKind::Name { id, .. } = tree[func].kind else { return None };
        if &**self.table.names.get(id) != "super" || !keywords.is_empty() {
            return None;
        }
        let scope = &self.table[self.u.scope];
        if !matches!(scope.access(id), Access::GlobalImplicit)
            && !self
                .u
                .inlined
                .iter()
                .any(|i| self.table[i.scope].access(id) == Access::GlobalImplicit)
        {
            return None;
        }
        // The module must not bind the name either.
        if self.table[ScopeId(0)].flags(id)
            & (crate::symtable::DEF_BOUND | crate::symtable::DEF_GLOBAL)
            != 0
        {
            return None;
        }
        let args = &tree[args];
        if args.len() == 2 {
            let starred = args.iter().any(|&a| matches!(tree[a].kind, ExprKind::Starred { .. }));
            return (!starred).then_some(SuperCall { two: true });
        }
        let class = self.table.names.find("__class__")?;
        let plain = args.is_empty()
            && scope.block == crate::symtable::Block::Function
            && scope.comprehension == crate::symtable::CompKind::None
            && self.u.counts[0] > 0
            && self.u.frees.contains_key(&class);
        plain.then_some(SuperCall { two: false })
    }

    /// `super`, class and object on the temporaries.
    pub(super) fn load_super_args(&mut self, e: ExprId, call: SuperCall) -> Result<R> {
        let tree = self.tree;
        let base = R::temp(self.u.depth);
        let ExprKind::Call { func, args, .. } = tree[e].kind else { return Ok(base) };
        self.push(func)?;
        if call.two {
            for &a in &tree[args] {
                self.push(a)?;
            }
            return Ok(base);
        }
        self.at(tree[e].pos);
        let class = self.table.names.intern("__class__");
        if let Some(&r) = self.u.frees.get(&class) {
            self.u.op(op::LOAD_DEREF, R::PUSH, r, F::Z);
        }
        let first = R::local(0);
        if self.u.cells.values().any(|&r| r == first) {
            self.u.op(op::LOAD_DEREF, R::PUSH, first, F::Z);
        } else if self.u.is_bound(first) {
            self.u.op(op::MOVE, R::PUSH, first, F::Z);
        } else {
            self.u.op(op::LOAD_FAST_CHECK, R::PUSH, first, F::Z);
        }
        Ok(base)
    }

    pub(super) fn validate_keywords(&self, keywords: List<Keyword>) -> Result<()> {
        let keywords = &self.tree[keywords];
        let mut seen = crate::ir::FastMap::default();
        for k in keywords {
            let Some(arg) = k.arg else { continue };
            if seen.insert(arg, ()).is_some() {
                let name = self.table.names.get(arg);
                return Err(SyntaxError::at(k.pos, format!("keyword argument repeated: {name}")));
            }
        }
        Ok(())
    }

    // Warnings.

    fn constant_type(value: &Constant) -> &'static str {
        match value {
            Constant::None => "NoneType",
            Constant::Bool(_) => "bool",
            Constant::Ellipsis => "ellipsis",
            Constant::Int(_) | Constant::Big(_) => "int",
            Constant::Float(_) => "float",
            Constant::Complex(..) => "complex",
            Constant::Str(_) => "str",
            Constant::Bytes(_) => "bytes",
            Constant::Tuple(_) => "tuple",
            Constant::FrozenSet(_) => "frozenset",
            Constant::Slice(_) => "slice",
        }
    }

    fn inferred_type(&self, e: ExprId) -> Option<&'static str> {
        Some(match self.tree[e].kind {
            ExprKind::Tuple { .. } => "tuple",
            ExprKind::List { .. } | ExprKind::ListComp { .. } => "list",
            ExprKind::Dict { .. } | ExprKind::DictComp { .. } => "dict",
            ExprKind::Set { .. } | ExprKind::SetComp { .. } => "set",
            ExprKind::GeneratorExp { .. } => "generator",
            ExprKind::Lambda { .. } => "function",
            ExprKind::TemplateStr { .. } => "string.templatelib.Template",
            ExprKind::Interpolation { .. } => "string.templatelib.Interpolation",
            ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => "str",
            ExprKind::Constant { value, .. } => Self::constant_type(&self.tree[value]),
            _ => return None,
        })
    }

    fn check_caller(&mut self, func: ExprId) {
        let kind = self.tree[func].kind;
        if matches!(kind, ExprKind::Lambda { .. }) {
            return;
        }
        if let Some(name) = self.inferred_type(func) {
            let message = format!("'{name}' object is not callable; perhaps you missed a comma?");
            self.warn(self.pos(func), message);
        }
    }

    pub(super) fn check_subscript(&mut self, value: ExprId, index: ExprId) {
        let pos = self.pos(value);
        match self.tree[value].kind {
            ExprKind::Constant { value: c, .. } => {
                let c = &self.tree[c];
                if !matches!(c, Constant::Str(_) | Constant::Bytes(_) | Constant::Tuple(_)) {
                    let name = Self::constant_type(c);
                    let message = format!(
                        "'{name}' object is not subscriptable; perhaps you missed a comma?"
                    );
                    self.warn(pos, message);
                    return;
                }
            }
            ExprKind::Set { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::GeneratorExp { .. }
            | ExprKind::TemplateStr { .. }
            | ExprKind::Interpolation { .. }
            | ExprKind::Lambda { .. } => {
                let name = self.inferred_type(value).unwrap_or("");
                let message =
                    format!("'{name}' object is not subscriptable; perhaps you missed a comma?");
                self.warn(pos, message);
                return;
            }
            ExprKind::Tuple { .. }
            | ExprKind::List { .. }
            | ExprKind::ListComp { .. }
            | ExprKind::JoinedStr { .. }
            | ExprKind::FormattedValue { .. } => {}
            _ => return,
        }
        let Some(index_type) = self.inferred_type(index) else { return };
        if matches!(index_type, "int" | "bool" | "slice") {
            return;
        }
        let name = self.inferred_type(value).unwrap_or("");
        let message = format!(
            "{name} indices must be integers or slices, not {index_type}; perhaps you missed a comma?"
        );
        self.warn(pos, message);
    }

    pub(super) fn check_compare(&mut self, e: ExprId) {
        let tree = self.tree;
        let ExprKind::Compare { left, ops, comparators } = tree[e].kind else { return };
        let is_literal = |e: ExprId| match tree[e].kind {
            ExprKind::Constant { value, .. } => {
                !matches!(tree[value], Constant::None | Constant::Bool(_) | Constant::Ellipsis)
            }
            ExprKind::Tuple { .. } => self.constant_of(e).is_some(),
            _ => false,
        };
        let mut l = left;
        let mut found = None;
        for (&op, &r) in tree[ops].iter().zip(&tree[comparators]) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) && (is_literal(l) || is_literal(r)) {
                let which = if is_literal(l) { l } else { r };
                found = self.inferred_type(which).map(|name| (op, name));
                break;
            }
            l = r;
        }
        if let Some((op, name)) = found {
            let message = match op {
                CmpOp::Is => format!("\"is\" with '{name}' literal. Did you mean \"==\"?"),
                _ => format!("\"is not\" with '{name}' literal. Did you mean \"!=\"?"),
            };
            self.warn(self.pos(e), message);
        }
    }
}
