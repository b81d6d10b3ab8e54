//! Function definitions, lambdas, closures, type parameters and type aliases.

use std::sync::Arc;

use stackless_bytecode::Text;
use stackless_bytecode::code::{Code, Const, flags as code_flags};
use stackless_bytecode::isa::{intrinsic1, intrinsic2, op};

use super::emit::{F, R};
use super::{Compiler, to_const};
use crate::error::Result;
use crate::ir::{
    ArgsId, ExprId, ExprKind, FunctionDef, List, Pos, StmtId, Sym, TypeParam, TypeParamKind,
};
use crate::symtable::{Node, ScopeId};

impl Compiler<'_> {
    pub(super) fn function_flags(&mut self, scope: ScopeId) {
        let s = &self.table[scope];
        let mut flags = match (s.generator, s.coroutine) {
            (true, false) => code_flags::GENERATOR,
            (false, true) => code_flags::COROUTINE,
            (true, true) => code_flags::ASYNC_GENERATOR,
            (false, false) => 0,
        };
        // CPython wraps such bodies in a block of their own.
        self.u.nested_blocks = u32::from(s.generator || s.coroutine);
        if s.varargs {
            flags |= code_flags::VARARGS;
        }
        if s.varkeywords {
            flags |= code_flags::VARKEYWORDS;
        }
        if s.method {
            flags |= code_flags::METHOD;
        }
        self.u.flags |= flags;
    }

    fn argument_counts(&mut self, args: ArgsId) {
        let a = self.tree[args];
        let posonly = a.posonlyargs.len() as u32;
        self.u.counts = [posonly + a.args.len() as u32, posonly, a.kwonlyargs.len() as u32];
    }

    /// A function object of `code` on the temporaries, with its closure.
    pub(super) fn make_function(&mut self, code: Arc<Code>) {
        let first_free = code.local_names.len() - code.free_count as usize;
        let frees: Vec<Text> = code.local_names[first_free..].to_vec();
        self.u.load_const(R::PUSH, Const::Code(code.into()));
        let function = self.u.top();
        self.u.op(op::MAKE_FUNCTION, R::PUSH, function, F::Z);
        if frees.is_empty() {
            return;
        }
        let base = R::temp(self.u.depth);
        let count = frees.len() as u16;
        for name in frees {
            let sym = self.table.names.intern(&name);
            if let Some(r) = self.closure_register(sym) {
                self.u.op(op::MOVE, R::PUSH, r, F::Z);
            } else {
                debug_assert!(!self.u.reachable, "free variable {name} has no cell");
                self.u.load_const(R::PUSH, Const::None);
            }
        }
        self.u.op(op::BUILD_TUPLE, R::PUSH, base, count);
        self.set_attr(function, 8);
    }

    /// SET_FUNCTION_ATTR with the top temporary.
    fn set_attr(&mut self, function: R, which: u16) {
        let top = self.u.top();
        self.u.op(op::SET_FUNCTION_ATTR, function, top, which);
    }

    /// Defaults tuple on the temporaries; false if there are none.
    fn push_defaults(&mut self, pos: Pos, defaults: List<ExprId>) -> Result<bool> {
        let tree = self.tree;
        let defaults = &tree[defaults];
        if defaults.is_empty() {
            return Ok(false);
        }
        let constants: Option<Vec<Const>> =
            defaults.iter().map(|&d| self.constant_of(d).map(to_const)).collect();
        if let Some(constants) = constants {
            self.at(pos);
            self.u.load_const(R::PUSH, Const::Tuple(constants.into()));
            return Ok(true);
        }
        let base = R::temp(self.u.depth);
        for &d in defaults {
            self.push(d)?;
        }
        self.at(pos);
        self.u.op(op::BUILD_TUPLE, R::PUSH, base, defaults.len() as u16);
        Ok(true)
    }

    fn push_kw_defaults(&mut self, pos: Pos, args: ArgsId) -> Result<bool> {
        let tree = self.tree;
        let a = tree[args];
        let base = R::temp(self.u.depth);
        let mut count = 0;
        for (arg, default) in tree[a.kwonlyargs].iter().zip(&tree[a.kw_defaults]) {
            let Some(default) = *default else { continue };
            let name = self.mangle(arg.name);
            let name = Const::Str(self.text(name).as_bytes().into());
            self.at(pos);
            self.u.load_const(R::PUSH, name);
            self.push(default)?;
            count += 1;
        }
        if count > 0 {
            self.at(pos);
            self.u.op(op::BUILD_MAP, R::PUSH, base, count);
        }
        Ok(count > 0)
    }

    /// Evaluates decorators; returns how many.
    pub(super) fn push_decorators(&mut self, decorators: List<ExprId>) -> Result<()> {
        let tree = self.tree;
        for &d in &tree[decorators] {
            self.push(d)?;
        }
        Ok(())
    }

    /// Applies decorators to the value on top and stores it.
    pub(super) fn apply_decorators(&mut self, pos: Pos, decorators: List<ExprId>, name: Sym) {
        let tree = self.tree;
        for &d in tree[decorators].iter().rev() {
            self.at(tree[d].pos);
            let base = R::temp(self.u.depth - 2);
            self.u.op_word(op::CALL, R::PUSH, base, 1, 0);
        }
        self.at(pos);
        let top = self.u.top();
        self.store_name(name, top);
    }

    pub(super) fn first_line(&self, pos: Pos, decorators: List<ExprId>) -> u32 {
        self.tree[decorators].first().map_or(pos.line, |&d| self.pos(d).line)
    }

    pub(super) fn function_def(&mut self, id: StmtId, f: FunctionDef) -> Result<()> {
        let tree = self.tree;
        let pos = tree[id].pos;
        self.push_decorators(f.decorators)?;
        self.at(pos);
        let first_line = self.first_line(pos, f.decorators);
        if f.type_params.is_empty() {
            let code = self.function_code(id, f, first_line)?;
            self.at(pos);
            self.make_function(code);
            let function = self.u.top();
            if self.push_defaults(pos, tree[f.args].defaults)? {
                self.set_attr(function, 1);
            }
            if self.push_kw_defaults(pos, f.args)? {
                self.set_attr(function, 2);
            }
            self.function_annotations(pos, f, function)?;
        } else {
            let scope = self.scope_of(Node::TypeParams(id))?;
            let a = tree[f.args];
            let has_defaults = !a.defaults.is_empty();
            let has_kw = tree[a.kw_defaults].iter().any(Option::is_some);
            let name = format!("<generic parameters of {}>", self.text(f.name));
            self.enter_unit(scope, &name, pos, false);
            self.u.first_line = first_line;
            self.u.counts = [u32::from(has_defaults) + u32::from(has_kw), 0, 0];
            self.set_up_registers();
            self.at(pos);
            let params = self.take_scratch();
            self.type_params_tuple(pos, f.type_params, params)?;
            let code = self.function_code(id, f, first_line)?;
            self.at(pos);
            self.make_function(code);
            let function = self.u.top();
            let mut next = 0;
            for (present, which) in [(has_defaults, 1), (has_kw, 2)] {
                if present {
                    self.u.op(op::MOVE, R::PUSH, R::local(next), F::Z);
                    self.set_attr(function, which);
                    next += 1;
                }
            }
            self.function_annotations(pos, f, function)?;
            self.at(pos);
            self.u.op(op::MOVE, R::PUSH, params, F::Z);
            self.u.op(op::INTRINSIC_2, R::PUSH, function, intrinsic2::SET_FUNCTION_TYPE_PARAMS);
            let top = self.u.top();
            self.u.end_with(op::RETURN, [top.into(), F::Z, F::Z]);
            let code = self.leave_unit()?;
            self.at(pos);
            let base = R::temp(self.u.depth);
            self.make_function(code);
            let mut count = 0;
            if self.push_defaults(pos, a.defaults)? {
                count += 1;
            }
            if self.push_kw_defaults(pos, f.args)? {
                count += 1;
            }
            self.at(pos);
            self.u.op_word(op::CALL, R::PUSH, base, count, 0);
        }
        self.apply_decorators(pos, f.decorators, f.name);
        Ok(())
    }

    fn function_code(&mut self, id: StmtId, f: FunctionDef, first_line: u32) -> Result<Arc<Code>> {
        let tree = self.tree;
        let scope = self.scope_of(Node::Stmt(id))?;
        let name = self.text(f.name);
        self.enter_unit(scope, &name, tree[id].pos, true);
        self.u.first_line = first_line;
        self.argument_counts(f.args);
        self.function_flags(scope);
        let mut body = &tree[f.body];
        if let Some(doc) = crate::ir::docstring(tree, f.body) {
            body = &body[1..];
            if self.options.optimize < 2 {
                let text = self.docstring_const(doc);
                self.u.add_const(text);
                self.u.flags |= code_flags::HAS_DOCSTRING;
            }
        }
        self.set_up_registers();
        for &s in body {
            self.stmt(s)?;
        }
        self.return_none();
        self.leave_unit()
    }

    pub(super) fn lambda(&mut self, e: ExprId, args: ArgsId, body: ExprId, dst: R) -> Result<()> {
        let tree = self.tree;
        let pos = tree[e].pos;
        let scope = self.scope_of(Node::Expr(e))?;
        self.enter_unit(scope, "<lambda>", pos, false);
        self.argument_counts(args);
        self.function_flags(scope);
        self.set_up_registers();
        let value = self.operand(body)?;
        self.at(self.pos(body));
        self.u.end_with(op::RETURN, [value.into(), F::Z, F::Z]);
        let code = self.leave_unit()?;
        self.at(pos);
        self.make_function(code);
        let function = self.u.top();
        if self.push_defaults(pos, tree[args].defaults)? {
            self.set_attr(function, 1);
        }
        if self.push_kw_defaults(pos, args)? {
            self.set_attr(function, 2);
        }
        self.move_top(dst);
        Ok(())
    }

    fn function_annotations(&mut self, pos: Pos, f: FunctionDef, function: R) -> Result<()> {
        if let Some(code) = self.annotate_function(pos, f)? {
            self.at(pos);
            self.make_function(code);
            self.set_attr(function, 16);
        }
        Ok(())
    }

    // Type parameters.

    /// A function without parameters but `.format`, for a bound, default or alias value.
    fn lazy(&mut self, scope: ScopeId, name: Sym, e: ExprId, pos: Pos) -> Result<()> {
        let text = self.text(name);
        self.enter_unit(scope, &text, pos, false);
        self.u.counts = [1, 1, 0];
        self.set_up_registers();
        self.at(pos);
        self.check_format(R::local(0));
        // A TypeVarTuple's default may be starred.
        if let ExprKind::Starred { value, .. } = self.tree[e].kind {
            let v = self.operand(value)?;
            self.at(self.pos(e));
            let base = self.u.depth - u32::from(v.is_temp());
            let f = [R::temp(base).into(), v.into(), F::N(1)];
            self.u.raw(op::UNPACK_SEQUENCE, f, 0, 0, base, base + 1);
            let top = self.u.top();
            self.u.end_with(op::RETURN, [top.into(), F::Z, F::Z]);
        } else {
            let value = self.operand(e)?;
            self.at(self.pos(e));
            self.u.end_with(op::RETURN, [value.into(), F::Z, F::Z]);
        }
        let code = self.leave_unit()?;
        self.at(pos);
        self.make_function(code);
        let function = self.u.top();
        // The format defaults to VALUE.
        self.u.load_const(R::PUSH, Const::Tuple([Const::Int(1)].into()));
        self.set_attr(function, 1);
        Ok(())
    }

    /// `if format > VALUE_WITH_FAKE_GLOBALS: raise NotImplementedError`
    pub(super) fn check_format(&mut self, format: R) {
        let ok = self.u.label();
        self.u.jump(op::JUMP_UNLESS_GT_IMM, format, 2, ok);
        self.u.op(op::LOAD_COMMON_CONST, R::PUSH, 1, F::Z);
        let top = self.u.top();
        self.u.end_with(op::RAISE, [top.into(), F::Z, F::N(1)]);
        self.u.place(ok);
    }

    /// The type parameters, each bound to its name, as a tuple in `dst`.
    pub(super) fn type_params_tuple(
        &mut self,
        pos: Pos,
        params: List<TypeParam>,
        dst: R,
    ) -> Result<()> {
        let tree = self.tree;
        let base = R::temp(self.u.depth);
        let mut seen_default = false;
        for p in &tree[params] {
            self.at(p.pos);
            let text = Const::Str(self.text(p.name).as_bytes().into());
            let at = R::temp(self.u.depth);
            self.u.load_const(R::PUSH, text);
            match (p.kind, p.bound) {
                (TypeParamKind::TypeVar, Some(bound)) => {
                    let scope = self.scope_of(Node::TypeVar(bound))?;
                    self.lazy(scope, p.name, bound, self.pos(bound))?;
                    self.at(p.pos);
                    let which = match tree[bound].kind {
                        ExprKind::Tuple { .. } => intrinsic2::TYPEVAR_WITH_CONSTRAINTS,
                        _ => intrinsic2::TYPEVAR_WITH_BOUND,
                    };
                    self.u.op(op::INTRINSIC_2, R::PUSH, at, which);
                }
                (kind, _) => {
                    let which = match kind {
                        TypeParamKind::TypeVar => intrinsic1::TYPEVAR,
                        TypeParamKind::ParamSpec => intrinsic1::PARAMSPEC,
                        TypeParamKind::TypeVarTuple => intrinsic1::TYPEVARTUPLE,
                    };
                    self.u.op(op::INTRINSIC_1, R::PUSH, at, which);
                }
            }
            if let Some(default) = p.default {
                seen_default = true;
                let scope = self.scope_of(Node::TypeVar(default))?;
                self.lazy(scope, p.name, default, self.pos(default))?;
                self.at(p.pos);
                self.u.op(op::INTRINSIC_2, R::PUSH, at, intrinsic2::SET_TYPEPARAM_DEFAULT);
            } else if seen_default {
                let name = self.text(p.name);
                return self.error(
                    p.pos,
                    format!("non-default type parameter '{name}' follows default type parameter"),
                );
            }
            self.u.op(op::COPY, R::PUSH, at, F::Z);
            let top = self.u.top();
            self.store_name(p.name, top);
        }
        self.at(pos);
        self.u.op(op::BUILD_TUPLE, dst, base, params.len() as u16);
        Ok(())
    }

    pub(super) fn type_alias(
        &mut self,
        id: StmtId,
        name: ExprId,
        params: List<TypeParam>,
        value: ExprId,
    ) -> Result<()> {
        let tree = self.tree;
        let pos = tree[id].pos;
        let ExprKind::Name { id: sym, .. } = tree[name].kind else { return Ok(()) };
        let generic = !params.is_empty();
        let scope = self.scope_of(Node::Stmt(id))?;
        if generic {
            let outer = self.scope_of(Node::TypeParams(id))?;
            let text = format!("<generic parameters of {}>", self.text(sym));
            self.enter_unit(outer, &text, pos, false);
            self.set_up_registers();
        }
        self.at(pos);
        let base = R::temp(self.u.depth);
        let text = Const::Str(self.text(sym).as_bytes().into());
        self.u.load_const(R::PUSH, text);
        if generic {
            self.type_params_tuple(pos, params, R::PUSH)?;
        } else {
            self.u.load_const(R::PUSH, Const::None);
        }
        self.lazy(scope, sym, value, pos)?;
        self.at(pos);
        self.u.op(op::BUILD_TUPLE, R::PUSH, base, 3);
        let top = self.u.top();
        self.u.op(op::INTRINSIC_1, R::PUSH, top, intrinsic1::TYPEALIAS);
        let top = self.u.top();
        if generic {
            self.u.end_with(op::RETURN, [top.into(), F::Z, F::Z]);
            let code = self.leave_unit()?;
            self.at(pos);
            let base = R::temp(self.u.depth);
            self.make_function(code);
            self.u.op_word(op::CALL, R::PUSH, base, 0, 0);
        }
        self.at(pos);
        let top = self.u.top();
        self.store_name(sym, top);
        Ok(())
    }
}
