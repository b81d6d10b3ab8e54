//! Moves, constants and variables.

use super::*;

handler! {
    fn moved<DL, SL>(ip, frame, vm, word) {
        let v = *reg(frame, b(word));
        if SL {
            retain(v);
        }
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn copy<DL>(ip, frame, vm, word) {
        let v = *reg(frame, b(word));
        retain(v);
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn clear_fast<>(ip, frame, vm, word) {
        let old = reg(frame, a(word)).replace(UNBOUND);
        dropped(ip, frame, vm, 0, old)
    }
}

handler! {
    fn drop_temp<>(ip, frame, vm, word) {
        dropped(ip, frame, vm, 0, *reg(frame, a(word)))
    }
}

handler! {
    fn load_const<DL>(ip, frame, vm, word) {
        let v = (*frame).body().consts.get_unchecked(bc(word)).bits();
        retain(v);
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn load_int<DL>(ip, frame, vm, word) {
        let v = ((bc(word) as i32 as i64) << 1 | 1) as u64;
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn load_deref<DL>(ip, frame, vm, word) {
        let Some(cell) = get::<Cell_>(*reg(frame, b(word))) else { leave!(ip, frame) };
        let v = cell.contents.peek().bits();
        if v == UNBOUND {
            leave!(ip, frame)
        }
        retain(v);
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    /// Cache word 1: versions of the keys of globals and builtins; 2: the entry, bit 63 for builtins.
    fn load_global<DL>(ip, frame, vm, word) {
        let (w1, w2) = (*ip.add(1), *ip.add(2));
        let f = (*frame).python_function();
        let Some(mut d) = get::<Dict>(f.globals.peek().bits()) else { return find_global(ip, frame, vm, word) };
        if w1 as u32 == 0 || d.version.get() != w1 as u32 {
            return find_global(ip, frame, vm, word)
        }
        if w2 >> 63 != 0 {
            let Some(builtins) = get::<Dict>(f.builtins.peek().bits()) else { return find_global(ip, frame, vm, word) };
            if builtins.version.get() != (w1 >> 32) as u32 {
                return find_global(ip, frame, vm, word)
            }
            d = builtins;
        }
        let Some(entry) = d.table(&*vm).entries.get(w2 as u32 as usize) else { return find_global(ip, frame, vm, word) };
        let v = entry.value.bits();
        retain(v);
        put::<DL>(ip, frame, vm, word, 2, v)
    }
}

/// The namespace that LOAD_NAME and STORE_NAME work in, if it is a plain dict.
#[inline(always)]
pub(super) unsafe fn namespace<'a>(frame: *mut Frame, vm: *mut Vm) -> Option<&'a Obj<Dict>> {
    // SAFETY: the frame keeps its extra part, which keeps the mapping.
    unsafe {
        let locals = (*frame).extra.as_ref()?.locals.as_ref()?.bits();
        let d = get::<Dict>(locals)?;
        std::ptr::eq(header(locals).type_of(), &*(*vm).types.dict).then_some(d)
    }
}

handler! {
    fn load_name<DL>(ip, frame, vm, word) {
        let Some(d) = namespace(frame, vm) else { return find_name(ip, frame, vm, word) };
        let f = (*frame).python_function();
        let name = (*frame).body().names.get_unchecked(bc(word));
        let mut found = d.peek_str(&*vm, name);
        if found.is_none() {
            for other in [&f.globals, &f.builtins] {
                let other = other.peek().bits();
                let Some(d) = get::<Dict>(other) else { return find_name(ip, frame, vm, word) };
                if !std::ptr::eq(header(other).type_of(), &*(*vm).types.dict) {
                    return find_name(ip, frame, vm, word)
                }
                found = d.peek_str(&*vm, name);
                if found.is_some() {
                    break;
                }
            }
        }
        let Some(v) = found else { return find_name(ip, frame, vm, word) };
        let v = v.bits();
        retain(v);
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn store_name<SL>(ip, frame, vm, word) {
        let Some(d) = namespace(frame, vm) else { return bind_name(ip, frame, vm, word) };
        let name = (*frame).body().names.get_unchecked(bc(word));
        let Some(at) = d.peek_str(&*vm, name) else { return bind_name(ip, frame, vm, word) };
        let v = *reg(frame, a(word));
        if SL {
            retain(v);
        }
        let old = (&raw const *at).cast_mut().cast::<u64>().replace(v);
        dropped(ip, frame, vm, 0, old)
    }
}
