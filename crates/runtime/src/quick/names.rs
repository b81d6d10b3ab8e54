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

fn bits_of(d: &Obj<Dict>) -> u64 {
    std::ptr::from_ref(d) as u64
}

/// In the last cache word of a name: the instruction was done once; what it finds the next time is
/// noted. Most code of modules runs once.
const SEEN: u64 = 1 << 63;

/// What LOAD_NAME found before, if the dicts have the same keys as then. Word 1: versions as in
/// `load_global`, that of the builtins for what is found there, where the namespace is that of the
/// globals; 2: the entry.
#[inline(always)]
unsafe fn cached_name(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    d: &Obj<Dict>,
) -> Option<&Value> {
    // SAFETY: the words behind the current instruction.
    unsafe {
        let (w1, w2) = (*ip.add(1), *ip.add(2));
        if d.version.get() != w1 as u32 || w1 as u32 == 0 {
            return None;
        }
        if w1 >> 32 == 0 {
            return d.table(&*vm).entries.get(w2 as u32 as usize).map(|e| &e.value);
        }
        let f = (*frame).python_function();
        let builtins = get::<Dict>(f.builtins.peek().bits())?;
        if f.globals.peek().bits() != bits_of(d) || builtins.version.get() != (w1 >> 32) as u32 {
            return None;
        }
        builtins.table(&*vm).entries.get(w2 as u32 as usize).map(|e| &e.value)
    }
}

handler! {
    fn load_name<DL>(ip, frame, vm, word) {
        if let Some(d) = namespace(frame, vm)
            && let Some(v) = cached_name(ip, frame, vm, d)
        {
            let v = v.bits();
            retain(v);
            return put::<DL>(ip, frame, vm, word, 2, v);
        }
        name_missed::<DL>(ip, frame, vm, word)
    }
}

handler! {
    #[inline(never)]
    fn name_missed<DL>(ip, frame, vm, word) {
        (*frame).ip = ip;
        match seek_name(frame, vm, word) {
            UNBOUND => find_name(ip, frame, vm, word),
            v => put::<DL>(ip, frame, vm, word, 2, v),
        }
    }
}

/// Looks a name up in plain dicts; the value is counted.
#[inline(never)]
unsafe fn seek_name(frame: *mut Frame, vm: *mut Vm, word: u64) -> u64 {
    // SAFETY: the current frame at LOAD_NAME.
    unsafe {
        let vm = &mut *vm;
        let Some(d) = namespace(frame, vm) else { return UNBOUND };
        let f = (*frame).python_function();
        let name = (*frame).body().names.get_unchecked(bc(word));
        let at_globals = f.globals.peek().bits() == bits_of(d);
        let words = (*frame).ip.cast_mut();
        let mut at = None;
        let chain = [bits_of(d), f.globals.peek().bits(), f.builtins.peek().bits()];
        for (k, other) in chain.into_iter().enumerate() {
            let Some(dict) = get::<Dict>(other) else { return UNBOUND };
            if !std::ptr::eq(header(other).type_of(), &*vm.types.dict) {
                return UNBOUND;
            }
            if k == 1 && at_globals {
                continue;
            }
            let found = match k {
                0 => dict.find_str_again(vm, name, *words.add(2) as u32 as usize),
                _ => dict.find_str(vm, name),
            };
            if let Some(i) = found {
                at = Some((k, dict, i));
                break;
            }
        }
        let Some((k, dict, i)) = at else { return UNBOUND };
        if k == 0 || k == 2 && at_globals {
            if *words.add(2) == 0 {
                *words.add(2) = SEEN;
            } else if !vm.settings.strategies.no_caches {
                let behind = if k == 0 { 0 } else { u64::from(dict.keys_version(vm)) << 32 };
                *words.add(1) = u64::from(d.keys_version(vm)) | behind;
                *words.add(2) = i as u64 | SEEN;
            }
        }
        let v = dict.table(vm).entries[i].value.bits();
        retain(v);
        v
    }
}

handler! {
    fn store_name<SL>(ip, frame, vm, word) {
        // The version of the keys, the entry.
        let w1 = *ip.add(1);
        if let Some(d) = namespace(frame, vm)
            && d.version.get() == (w1 >> 32) as u32
            && w1 >> 32 != 0
            && let Some(entry) = d.table(&*vm).entries.get(w1 as u32 as usize)
        {
            let v = *reg(frame, a(word));
            if SL {
                retain(v);
            }
            let old = (&raw const entry.value).cast_mut().cast::<u64>().replace(v);
            return dropped(ip, frame, vm, 1, old);
        }
        place_missed(ip, frame, vm, word)
    }
}

handler! {
    #[inline(never)]
    fn place_missed<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        if let Some(d) = namespace(frame, vm)
            && let Some(at) = seek_place(frame, vm, d, word)
            && let Some(entry) = d.table(&*vm).entries.get(at)
        {
            let v = take(frame, a(word));
            let old = (&raw const entry.value).cast_mut().cast::<u64>().replace(v);
            return dropped(ip, frame, vm, 1, old);
        }
        bind_name(ip, frame, vm, word)
    }
}

/// The entry of a name that the namespace has already.
#[inline(never)]
unsafe fn seek_place(frame: *mut Frame, vm: *mut Vm, d: &Obj<Dict>, word: u64) -> Option<usize> {
    // SAFETY: the current frame at STORE_NAME.
    unsafe {
        let vm = &mut *vm;
        let cache = (*frame).ip.cast_mut().add(1);
        let name = (*frame).body().names.get_unchecked(bc(word));
        let at = d.find_str_again(vm, name, *cache as u32 as usize)?;
        if *cache == 0 {
            *cache = SEEN;
        } else if !vm.settings.strategies.no_caches {
            *cache = at as u64 | u64::from(d.keys_version(vm)) << 32;
        }
        Some(at)
    }
}
