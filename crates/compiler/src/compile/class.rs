//! Class definitions.

use std::sync::Arc;

use stackless_bytecode::code::{Code, Const};
use stackless_bytecode::isa::{intrinsic1, op};

use super::Compiler;
use super::emit::{F, R};
use crate::error::Result;
use crate::ir::{ClassDef, Pos, StmtId};
use crate::symtable::Node;

impl Compiler<'_> {
    pub(super) fn class_def(&mut self, id: StmtId, c: ClassDef) -> Result<()> {
        let tree = self.tree;
        let pos = tree[id].pos;
        self.push_decorators(c.decorators)?;
        self.at(pos);
        let first_line = self.first_line(pos, c.decorators);
        let generic = !c.type_params.is_empty();
        let outer_private = self.u.private;
        let mut params = None;
        if generic {
            let scope = self.scope_of(Node::TypeParams(id))?;
            let name = format!("<generic parameters of {}>", self.text(c.name));
            self.enter_unit(scope, &name, pos, false);
            self.u.first_line = first_line;
            self.u.private = Some(c.name);
            self.set_up_registers();
            self.at(pos);
            self.type_params_tuple(pos, c.type_params, R::PUSH)?;
            let name = self.table.names.intern(".type_params");
            let top = self.u.top();
            self.store_name(name, top);
            params = Some(name);
        }
        let code = self.class_code(id, c, first_line)?;
        self.at(pos);
        let base = R::temp(self.u.depth);
        self.u.op(op::LOAD_BUILD_CLASS, R::PUSH, F::Z, F::Z);
        self.make_function(code);
        let function = self.u.top();
        let text = Const::Str(self.text(c.name).as_bytes().into());
        self.u.load_const(R::PUSH, text);
        let name = self.u.top();
        let mut tail = None;
        if let Some(params) = params {
            self.load_name(params, R::PUSH);
            let top = self.u.top();
            let generic_base = self.table.names.intern(".generic_base");
            let r = self.fast_register(generic_base);
            let r = r.unwrap_or_else(|| self.take_scratch());
            self.u.op(op::INTRINSIC_1, r, top, intrinsic1::SUBSCRIPT_GENERIC);
            tail = Some(r);
        }
        self.validate_keywords(c.keywords)?;
        let extra = [function, name];
        self.call_with_tail(pos, base, &tree[c.bases], &tree[c.keywords], &extra, tail, R::PUSH)?;
        if generic {
            let top = self.u.top();
            self.u.end_with(op::RETURN, [top.into(), F::Z, F::Z]);
            let code = self.leave_unit()?;
            self.u.private = outer_private;
            self.at(pos);
            let base = R::temp(self.u.depth);
            self.make_function(code);
            self.u.op_word(op::CALL, R::PUSH, base, 0, 0);
        }
        self.apply_decorators(pos, c.decorators, c.name);
        Ok(())
    }

    fn class_code(&mut self, id: StmtId, c: ClassDef, first_line: u32) -> Result<Arc<Code>> {
        let tree = self.tree;
        let pos = tree[id].pos;
        let scope = self.scope_of(Node::Stmt(id))?;
        let name = self.text(c.name);
        self.enter_unit(scope, &name, pos, true);
        self.u.private = Some(c.name);
        self.u.first_line = first_line;
        self.set_up_registers();
        self.at(Pos { line: first_line, col: 0, end_line: first_line, end_col: 0 });
        let dunder_name = self.table.names.intern("__name__");
        self.load_name(dunder_name, R::PUSH);
        self.store_special("__module__");
        let qualname = Const::Str(self.u.qualname.as_bytes().into());
        self.u.load_const(R::PUSH, qualname);
        self.store_special("__qualname__");
        self.u.load_const(R::PUSH, Const::Int(i64::from(first_line)));
        self.store_special("__firstlineno__");
        if !c.type_params.is_empty() {
            let params = self.table.names.intern(".type_params");
            self.load_name(params, R::PUSH);
            self.store_special("__type_params__");
        }
        let classdict = self.table.names.intern("__classdict__");
        if let Some(&cell) = self.u.cells.get(&classdict) {
            self.u.op(op::LOAD_LOCALS, R::PUSH, F::Z, F::Z);
            let top = self.u.top();
            self.u.op(op::STORE_DEREF, cell, top, F::Z);
        }
        let conditional = self.table.names.intern("__conditional_annotations__");
        if let Some(&cell) = self.u.cells.get(&conditional) {
            let at = R::temp(self.u.depth);
            self.u.op(op::BUILD_SET, R::PUSH, at, 0);
            self.u.op(op::STORE_DEREF, cell, at, F::Z);
        }
        self.setup_annotations();
        let mut body = &tree[c.body];
        if let Some(doc) = crate::ir::docstring(tree, c.body) {
            body = &body[1..];
            if self.options.optimize < 2 {
                self.at(tree[doc].pos);
                let text = self.docstring_const(doc);
                self.u.load_const(R::PUSH, text);
                self.store_special("__doc__");
            }
        }
        for &s in body {
            self.stmt(s)?;
        }
        self.at(Pos { line: first_line, col: 0, end_line: first_line, end_col: 0 });
        self.class_annotate()?;
        self.at(Pos::default());
        let attributes: Box<[Const]> = self
            .u
            .static_attributes
            .iter()
            .map(|name| Const::Str(name.as_bytes().into()))
            .collect();
        self.u.load_const(R::PUSH, Const::Tuple(attributes));
        self.store_special("__static_attributes__");
        if let Some(&cell) = self.u.cells.get(&classdict) {
            self.u.op(op::MOVE, R::PUSH, cell, F::Z);
            self.store_special("__classdictcell__");
        }
        let class = self.table.names.intern("__class__");
        let needs_class = self.table[scope].needs_class_closure;
        match self.u.cells.get(&class).copied() {
            Some(cell) if needs_class => {
                self.u.op(op::MOVE, R::PUSH, cell, F::Z);
                let top = self.u.top();
                self.u.op(op::COPY, R::PUSH, top, F::Z);
                self.store_special("__classcell__");
                let top = self.u.top();
                self.u.end_with(op::RETURN, [top.into(), F::Z, F::Z]);
            }
            _ => self.return_none(),
        }
        self.leave_unit()
    }
}
