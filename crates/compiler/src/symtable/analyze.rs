//! Second pass: resolves every name of every block.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use super::*;
use crate::error::{Result, SyntaxError};
use crate::ir::FastHasher;

type Set = HashSet<Sym, BuildHasherDefault<FastHasher>>;

struct Analyzer<'a, 't> {
    table: &'a mut SymTable<'t>,
    dunder_class: Sym,
    dunder_classdict: Sym,
    cond_annotations: Sym,
}

pub(super) fn analyze(table: &mut SymTable<'_>) -> Result<()> {
    let dunder_class = table.names.intern("__class__");
    let dunder_classdict = table.names.intern("__classdict__");
    let cond_annotations = table.names.intern("__conditional_annotations__");
    let mut a = Analyzer { table, dunder_class, dunder_classdict, cond_annotations };
    a.block(ScopeId(0), None, &mut Set::default(), &mut Set::default(), &mut Set::default(), None)
}

impl Analyzer<'_, '_> {
    fn block(
        &mut self,
        id: ScopeId,
        mut bound: Option<&mut Set>,
        free: &mut Set,
        global: &mut Set,
        type_params: &mut Set,
        class_entry: Option<ScopeId>,
    ) -> Result<()> {
        let is_class = self.table[id].block == Block::Class;
        let mut local = Set::default();
        let mut new_global = Set::default();
        let mut new_bound = Set::default();
        let mut new_free = Set::default();
        let mut inlined_cells = Set::default();
        if is_class {
            new_global.extend(global.iter().copied());
            if let Some(bound) = &bound {
                new_bound.extend(bound.iter().copied());
            }
        }
        let mut scopes = Symbols::default();
        for i in 0..self.table[id].symbols.entries.len() {
            let (name, flags) = self.table[id].symbols.entries[i];
            let access = self.name(
                id,
                name,
                flags,
                bound.as_deref_mut(),
                &mut local,
                free,
                global,
                type_params,
                class_entry,
            )?;
            scopes.set(name, access as u32);
        }
        if is_class {
            new_bound.extend([self.dunder_class, self.dunder_classdict, self.cond_annotations]);
        } else {
            if self.table[id].is_function_like() {
                new_bound.extend(local.iter().copied());
            }
            if let Some(bound) = &bound {
                new_bound.extend(bound.iter().copied());
            }
            new_global.extend(global.iter().copied());
        }
        let children = self.table[id].children.clone();
        for &child in &children {
            let mut new_class = None;
            if self.table[child].can_see_class_scope {
                new_class = if is_class { Some(id) } else { class_entry };
            }
            let inline =
                !matches!(self.table[child].comprehension, CompKind::None | CompKind::Generator)
                    && !self.table[id].can_see_class_scope;
            let mut child_bound = new_bound.clone();
            let mut child_free = Set::default();
            let mut child_global = new_global.clone();
            let mut child_params = type_params.clone();
            self.block(
                child,
                Some(&mut child_bound),
                &mut child_free,
                &mut child_global,
                &mut child_params,
                new_class,
            )?;
            if inline {
                self.inline(id, child, &mut scopes, &mut child_free, &mut inlined_cells);
                self.table[child].comp_inlined = true;
            }
            new_free.extend(child_free);
            if self.table[child].has_free || self.table[child].child_free {
                self.table[id].child_free = true;
            }
        }
        if children.iter().any(|&c| self.table[c].comp_inlined) {
            let mut spliced = Vec::with_capacity(children.len());
            for &child in &children {
                if self.table[child].comp_inlined {
                    spliced.extend(self.table[child].children.iter().copied());
                } else {
                    spliced.push(child);
                }
            }
            self.table[id].children = spliced;
        }
        if self.table[id].is_function_like() {
            for (name, scope) in &mut scopes.entries {
                let wanted = new_free.contains(name) || inlined_cells.contains(name);
                if *scope == Access::Local as u32 && wanted {
                    *scope = Access::Cell as u32;
                    new_free.remove(name);
                }
            }
        } else if is_class {
            if new_free.remove(&self.dunder_class) {
                self.table[id].needs_class_closure = true;
            }
            if new_free.remove(&self.dunder_classdict) {
                self.table[id].needs_classdict = true;
            }
            if new_free.remove(&self.cond_annotations) {
                self.table[id].has_conditional_annotations = true;
            }
        }
        self.update(id, &scopes, bound.as_deref(), &new_free, &inlined_cells);
        free.extend(new_free);
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the sets are one state, split for borrowing")]
    fn name(
        &mut self,
        id: ScopeId,
        name: Sym,
        flags: u32,
        bound: Option<&mut Set>,
        local: &mut Set,
        free: &mut Set,
        global: &mut Set,
        type_params: &mut Set,
        class_entry: Option<ScopeId>,
    ) -> Result<Access> {
        if flags & DEF_GLOBAL != 0 {
            if flags & DEF_NONLOCAL != 0 {
                let text = self.table.names.get(name);
                return Err(self.at_directive(
                    id,
                    name,
                    format!("name '{text}' is nonlocal and global"),
                ));
            }
            global.insert(name);
            if let Some(bound) = bound {
                bound.remove(&name);
            }
            return Ok(Access::GlobalExplicit);
        }
        if flags & DEF_NONLOCAL != 0 {
            let text = self.table.names.get(name);
            let message = match bound {
                None => "nonlocal declaration not allowed at module level".to_owned(),
                Some(bound) if !bound.contains(&name) => {
                    format!("no binding for nonlocal '{text}' found")
                }
                Some(_) if type_params.contains(&name) => {
                    format!("nonlocal binding not allowed for type parameter '{text}'")
                }
                Some(_) => {
                    self.table[id].has_free = true;
                    free.insert(name);
                    return Ok(Access::Free);
                }
            };
            return Err(self.at_directive(id, name, message));
        }
        if flags & DEF_BOUND != 0 {
            local.insert(name);
            global.remove(&name);
            if flags & DEF_TYPE_PARAM != 0 {
                type_params.insert(name);
            } else {
                type_params.remove(&name);
            }
            return Ok(Access::Local);
        }
        // Bound in the class and in a function around it: run-time look-up in the class, then
        // globals only.
        if let Some(class) = class_entry.filter(|_| name != self.dunder_classdict) {
            let in_class = self.table[class].flags(name);
            if in_class & DEF_GLOBAL != 0 {
                return Ok(Access::GlobalExplicit);
            }
            if in_class & DEF_BOUND != 0 && in_class & DEF_NONLOCAL == 0 {
                return Ok(Access::GlobalImplicit);
            }
        }
        if bound.is_some_and(|b| b.contains(&name)) {
            self.table[id].has_free = true;
            free.insert(name);
            return Ok(Access::Free);
        }
        Ok(Access::GlobalImplicit)
    }

    fn at_directive(&self, id: ScopeId, name: Sym, message: String) -> Box<SyntaxError> {
        let found = self.table[id].directives.iter().find(|(n, _)| *n == name);
        SyntaxError::at(found.map_or(Pos::default(), |&(_, pos)| pos), message)
    }

    fn inline(
        &mut self,
        id: ScopeId,
        comp: ScopeId,
        scopes: &mut Symbols,
        comp_free: &mut Set,
        inlined_cells: &mut Set,
    ) {
        let in_class = self.table[id].block == Block::Class;
        let mut drop_class_name = false;
        for i in 0..self.table[comp].symbols.entries.len() {
            let (name, flags) = self.table[comp].symbols.entries[i];
            if flags & DEF_PARAM != 0 {
                continue;
            }
            let mut scope = access(flags);
            let only_flags = flags & ((1 << SCOPE_SHIFT) - 1);
            if scope == Access::Cell || only_flags & DEF_COMP_CELL != 0 {
                inlined_cells.insert(name);
            }
            let free_below = self.table[comp]
                .children
                .iter()
                .any(|&c| self.table[c].access(name) == Access::Free);
            if !self.table[id].symbols.contains(name) {
                let of_class = scope == Access::Free
                    && in_class
                    && [self.dunder_class, self.dunder_classdict, self.cond_annotations]
                        .contains(&name);
                if of_class && free_below {
                    // A function inside the comprehension closes over the class's own cell.
                    continue;
                }
                if of_class {
                    scope = Access::GlobalImplicit;
                    comp_free.remove(&name);
                    drop_class_name |= name == self.dunder_class;
                }
                self.table[id].symbols.set(name, only_flags);
                self.table[id].merged.push(name);
                scopes.set(name, scope as u32);
            } else {
                let existing = self.table[id].symbols.get(name);
                if existing & DEF_BOUND != 0 && !free_below && !in_class {
                    comp_free.remove(&name);
                }
            }
        }
        self.table[comp].has_free = !comp_free.is_empty();
        if drop_class_name {
            let name = self.dunder_class;
            self.table[comp].symbols.remove(name);
        }
    }

    fn update(
        &mut self,
        id: ScopeId,
        scopes: &Symbols,
        bound: Option<&Set>,
        free: &Set,
        inlined_cells: &Set,
    ) {
        let class_like = self.table[id].block == Block::Class || self.table[id].can_see_class_scope;
        let symbols = &mut self.table[id].symbols;
        for (name, flags) in &mut symbols.entries {
            if inlined_cells.contains(name) {
                *flags |= DEF_COMP_CELL;
            }
            *flags |= scopes.get(*name) << SCOPE_SHIFT;
        }
        let mut names: Vec<Sym> = free.iter().copied().collect();
        names.sort_unstable();
        for name in names {
            let flags = symbols.get(name);
            if flags != 0 {
                if class_like {
                    symbols.set(name, flags | DEF_FREE_CLASS);
                }
                continue;
            }
            if bound.is_some_and(|b| !b.contains(&name)) {
                continue;
            }
            symbols.set(name, (Access::Free as u32) << SCOPE_SHIFT);
        }
    }
}
