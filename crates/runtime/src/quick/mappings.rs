//! Items of dicts and members of sets whose keys are small ints or plain strs; characters of strs.

use super::*;
use crate::objects::dict::{Found, Table};
use crate::objects::set::Set;

/// The place of a key that is a small int or an exact str. None: the general way has to look.
#[inline(always)]
unsafe fn place(vm: *mut Vm, table: &Table, key: u64) -> Option<Found> {
    // SAFETY: the key is alive; its bits are those of a value.
    unsafe {
        let value = &*(&raw const key).cast::<Value>();
        let found = if key & 1 != 0 {
            table.find_plain(value, None, ops::hash::int_hash(key as i64 >> 1) as u64)
        } else {
            let s = get::<Str>(key)?;
            if !std::ptr::eq(header(key).type_of(), &*(*vm).types.str) {
                return None;
            }
            table.find_plain(value, Some(s.bytes()), s.hash(&*vm))
        };
        match found {
            Found::Ask(_) => None,
            found => Some(found),
        }
    }
}

/// May `place` know this key?
#[inline(always)]
unsafe fn is_plain_key(k: u64) -> bool {
    // SAFETY: the value is alive.
    k & 1 != 0 || unsafe { get::<Str>(k).is_some() }
}

/// An exact dict.
#[inline(always)]
unsafe fn exact_dict<'a>(vm: *mut Vm, o: u64) -> Option<&'a Obj<Dict>> {
    // SAFETY: the value is alive.
    unsafe {
        let d = get::<Dict>(o)?;
        std::ptr::eq(header(o).type_of(), &*(*vm).types.dict).then_some(d)
    }
}

/// Where an exact dict keeps the item of this key; null: it does not, or the general way has to look.
#[inline(always)]
unsafe fn item_place(vm: *mut Vm, o: u64, k: u64) -> *mut u64 {
    // SAFETY: the values are alive.
    unsafe {
        if let Some(d) = exact_dict(vm, o)
            && let table = d.table(&*vm)
            && let Some(Found::At(i)) = place(vm, table, k)
        {
            return (&raw const table.entries.get_unchecked(i).value).cast_mut().cast();
        }
        std::ptr::null_mut()
    }
}

#[inline(never)]
unsafe fn seek_item_place(vm: *mut Vm, o: u64, k: u64) -> *mut u64 {
    // SAFETY: as `item_place`.
    unsafe { item_place(vm, o, k) }
}

/// The item of a dict under this key, or the character of an ASCII str at this place.
#[inline(never)]
unsafe fn seek_item(vm: *mut Vm, o: u64, k: u64) -> u64 {
    // SAFETY: the values are alive.
    unsafe {
        let item = item_place(vm, o, k);
        if !item.is_null() {
            return *item;
        }
        if let Some(s) = get::<Str>(o)
            && k & 1 != 0
            && s.is_ascii()
            && std::ptr::eq(header(o).type_of(), &*(*vm).types.str)
            && let Some(i) = index(k, s.bytes().len())
            && let Some(c) = character(vm, s.bytes()[i])
        {
            return c;
        }
        UNBOUND
    }
}

/// Is the key in register `i` an object that the instruction consumes?
#[inline(always)]
unsafe fn owns_key(frame: *mut Frame, i: usize, k: u64) -> bool {
    // SAFETY: the frame is alive.
    is_object(k) && i >= unsafe { (*frame).body().first_temp } as usize
}

handler! {
    /// LOAD_ITEM of what is no list or tuple.
    #[inline(never)]
    fn item_of_other<DL, SL>(ip, frame, vm, word) {
        let (o, k) = (*reg(frame, b(word)), *reg(frame, c(word)));
        if !is_plain_key(k) {
            return get_item(ip, frame, vm, word);
        }
        let v = seek_item(vm, o, k);
        let own_key = owns_key(frame, c(word), k);
        if v == UNBOUND || own_key && is_last(k) {
            return get_item(ip, frame, vm, word);
        }
        if own_key {
            unref(k);
        }
        put_from::<DL, SL>(ip, frame, vm, word, 0, v, o)
    }
}

handler! {
    /// STORE_ITEM into what is no list: a key that a dict has.
    #[inline(never)]
    fn set_item_of_other<SL>(ip, frame, vm, word) {
        let (o, k) = (*reg(frame, a(word)), *reg(frame, b(word)));
        let own_key = owns_key(frame, b(word), k);
        if !is_plain_key(k) {
            return set_item(ip, frame, vm, word);
        }
        let place = seek_item_place(vm, o, k);
        if place.is_null() || !SL && is_last(o) || own_key && is_last(k) {
            return set_item(ip, frame, vm, word);
        }
        let old = place.replace(take(frame, c(word)));
        if own_key {
            unref(k);
        }
        if !SL {
            unref(o);
        }
        dropped(ip, frame, vm, 0, old)
    }
}

/// Is the key in the exact dict or set? None: the general way has to look.
#[inline(never)]
unsafe fn holds(vm: *mut Vm, o: u64, k: u64) -> Option<bool> {
    // SAFETY: the values are alive.
    unsafe {
        let table = if let Some(d) = exact_dict(vm, o) {
            d.table(&*vm)
        } else {
            let s = get::<Set>(o)?;
            if !std::ptr::eq(header(o).type_of(), &*(*vm).types.set) {
                return None;
            }
            s.table(&*vm)
        };
        Some(matches!(place(vm, table, k)?, Found::At(_)))
    }
}

handler! {
    /// IN and NOT_IN.
    fn is_member<DL, NOT>(ip, frame, vm, word) {
        let (k, o) = (*reg(frame, b(word)), *reg(frame, c(word)));
        if !is_plain_key(k) {
            return contains(ip, frame, vm, word);
        }
        let Some(found) = holds(vm, o, k) else { return contains(ip, frame, vm, word) };
        let own_o = c(word) >= (*frame).body().first_temp as usize;
        let own_k = owns_key(frame, b(word), k);
        if own_k && is_last(k) || own_o && is_last(o) {
            return contains(ip, frame, vm, word);
        }
        if own_k {
            unref(k);
        }
        if own_o {
            unref(o);
        }
        put::<DL>(ip, frame, vm, word, 0, bool_bits(found != NOT))
    }
}
