//! Calls and returns. Natives, constructors and closures are entered by functions outside of the
//! handlers, which say how they left the current frame.

use super::*;
use crate::exc::Flow;
use crate::native::{Native, Quick};

/// The body of a callable that is a function of Python and takes `n` arguments as they are, if there
/// is room for its frame and nothing waits for the eval-breaker.
#[inline(always)]
pub(super) unsafe fn plain_target(vm: *mut Vm, callable: u64, n: usize) -> Option<*const Body> {
    // SAFETY: the value is alive; bodies live as long as their code objects.
    unsafe {
        let target = get::<Function>(callable)?.body.get();
        if target.is_null() || (*target).quick_args as usize != n {
            return None;
        }
        let exec = &*(*vm).exec;
        let room = exec.stack.limit as usize - exec.stack.top as usize;
        ((*target).frame_bytes as usize <= room
            && exec.depth < (*vm).recursion_limit
            && (*vm).breaker > 0)
            .then_some(target)
    }
}

/// Pushes the frame of a function and goes on in it. See `plain_target`.
#[inline(always)]
pub(super) unsafe fn enter<const MANY: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    target: *const Body,
    func: u64,
    args: *mut u64,
    n: usize,
) -> Left {
    // SAFETY: the caller has checked that the target fits; function and arguments are moved.
    unsafe {
        (*frame).ip = ip;
        let exec = &mut *(*vm).exec;
        exec.depth += 1;
        let new = exec.stack.push_fitting(frame, target, func);
        // A frame has `MIN_REGS` registers. Volatile, or the short loops become calls of memcpy.
        for i in 0..MIN_REGS as usize {
            reg(new, i).write_volatile(args.add(i).read_volatile());
        }
        if MANY {
            for i in MIN_REGS as usize..n {
                reg(new, i).write_volatile(*args.add(i));
            }
        }
        for i in n..(*target).plain_locals as usize {
            reg(new, i).write_volatile(UNBOUND);
        }
        exec.frame = new;
        (*vm).breaker -= 1;
        next((*target).words.as_ptr(), new, vm)
    }
}

handler! {
    fn call<>(ip, frame, vm, word) {
        let (at, n) = (b(word), c(word));
        let callable = *reg(frame, at);
        let Some(target) = plain_target(vm, callable, n) else {
            return call_other::<false>(ip, frame, vm, word);
        };
        if n > MIN_REGS as usize {
            return call_many::<false>(ip, frame, vm, word);
        }
        enter::<false>(ip, frame, vm, target, callable, reg(frame, at + 1), n)
    }
}

handler! {
    /// A call that is plain but for the number of its arguments.
    #[inline(never)]
    fn call_many<METHOD>(ip, frame, vm, word) {
        let callable = *reg(frame, b(word));
        let (args, n) = arguments::<METHOD>(frame, word);
        let Some(target) = plain_target(vm, callable, n) else {
            return call_other::<METHOD>(ip, frame, vm, word);
        };
        enter::<true>(ip, frame, vm, target, callable, reg(frame, args), n)
    }
}

/// Where the arguments of CALL_METHOD begin, and how many they are: with the receiver, if there is one.
#[inline(always)]
pub(super) unsafe fn method_arguments(frame: *mut Frame, word: u64) -> (usize, usize) {
    let at = b(word);
    // SAFETY: the place of the receiver is valid, perhaps unbound.
    match unsafe { *reg(frame, at + 1) } {
        UNBOUND => (at + 2, c(word)),
        _ => (at + 1, c(word) + 1),
    }
}

handler! {
    fn call_method<>(ip, frame, vm, word) {
        let callable = *reg(frame, b(word));
        if get::<Function>(callable).is_none() {
            return call_other::<true>(ip, frame, vm, word);
        }
        let (args, n) = method_arguments(frame, word);
        let Some(target) = plain_target(vm, callable, n) else {
            return call_other::<true>(ip, frame, vm, word);
        };
        if n > MIN_REGS as usize {
            return call_many::<true>(ip, frame, vm, word);
        }
        enter::<false>(ip, frame, vm, target, callable, reg(frame, args), n)
    }
}

/// Where the arguments of a call begin, and how many they are.
#[inline(always)]
pub(super) unsafe fn arguments<const METHOD: bool>(frame: *mut Frame, word: u64) -> (usize, usize) {
    // SAFETY: the contract of `method_arguments`.
    if METHOD { unsafe { method_arguments(frame, word) } } else { (b(word) + 1, c(word)) }
}

/// Calls with handlers of their own, for CALL and for CALL_METHOD.
static OPERATIONS: [[Handler; Quick::COUNT]; 2] = [operations::<false>(), operations::<true>()];

const fn operations<const METHOD: bool>() -> [Handler; Quick::COUNT] {
    [
        call_native,
        call_of_float::<METHOD>,
        tasklets::schedule::<METHOD>,
        tasklets::pass::<METHOD, true>,
        tasklets::pass::<METHOD, false>,
        tasklets::pass_bound::<METHOD, true>,
        tasklets::pass_bound::<METHOD, false>,
        tasklets::create::<METHOD>,
        tasklets::spawn::<METHOD>,
    ]
}

/// What a call of `callable`, which is no plain function, does in the way of one of these.
#[inline(always)]
unsafe fn operation(vm: *mut Vm, callable: u64) -> Quick {
    // SAFETY: the value is alive; the layout number tells the type, and that both kinds of natives
    // have the same payload.
    unsafe {
        if !is_object(callable) {
            return Quick::None;
        }
        match header(callable).layout() {
            layout::NATIVE_FUNCTION | layout::METHOD_DESCR => {
                let native: &Native = &(*(callable as *const Obj<NativeFunction>)).0;
                native.quick
            }
            layout::TYPE if callable == (*vm).types.tasklet.address() => Quick::NewTasklet,
            layout::TASKLET => Quick::CallTasklet,
            _ => Quick::None,
        }
    }
}

handler! {
    /// CALL and CALL_METHOD of what is no plain function.
    #[inline(never)]
    fn call_other<METHOD>(ip, frame, vm, word) {
        match operation(vm, *reg(frame, b(word))) {
            Quick::None => call_native(ip, frame, vm, word),
            operation => {
                let handlers = &OPERATIONS[METHOD as usize];
                handlers.get_unchecked(operation as usize)(ip, frame, vm, word)
            }
        }
    }
}

handler! {
    /// A function of one float.
    fn call_of_float<METHOD>(ip, frame, vm, word) {
        let callable = *reg(frame, b(word));
        if let Some(f) = get::<NativeFunction>(callable)
            && let Some(of_float) = f.0.def.of_float
            && let (args, 1) = arguments::<METHOD>(frame, word)
            && let x = *reg(frame, args)
            && x & 3 == 2
            && let Some(v) = of_float(unpack_float(x)).and_then(small_float)
            && !is_last(callable)
        {
            unref(callable);
            return tasklets::answer_call(ip, frame, vm, word, v);
        }
        call_native(ip, frame, vm, word)
    }
}

/// CALL and CALL_METHOD of anything.
#[inline(never)]
pub(super) unsafe fn call_native(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
) -> Left {
    // SAFETY: as `run_native`, which leaves the current frame at a completed instruction.
    unsafe {
        (*frame).ip = ip;
        match run_native(frame, vm, word) {
            left @ (DONE | ENTERED) => follow::<false, true>(ip, frame, vm, 1, None, left),
            left => arrived(vm, left),
        }
    }
}

/// Goes on in the current frame if its instruction is complete.
#[inline(always)]
pub(super) unsafe fn arrived(vm: *mut Vm, left: Left) -> Left {
    // SAFETY: the current frame is a Python frame then.
    unsafe {
        if left != ARRIVED {
            return left;
        }
        let frame = (*vm).exec.frame;
        let ip = (*frame).ip;
        next(ip.add(1 + words_of(*ip)), frame, vm)
    }
}

/// Does the call, outside of the handler: see the module's text on destructors. Undone: the
/// eval-breaker is due.
#[inline(never)]
pub(super) unsafe fn run_native(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: callable and arguments are valid temporaries, dead after the call; natives lend them.
    unsafe {
        let at = b(word);
        let (args, n) = match word as u16 {
            op::CALL | op1::CALL => arguments::<false>(frame, word),
            _ => arguments::<true>(frame, word),
        };
        let callable = &*reg(frame, at).cast::<Value>();
        let lent = std::slice::from_raw_parts(reg(frame, args).cast::<Value>(), n);
        if let Some(native) = steps::direct_native(&*vm, callable, lent) {
            let flow = native.call_unbound(&mut *vm, lent);
            for i in (0..n).rev() {
                release(*reg(frame, args + i));
            }
            release(*reg(frame, at));
            return called(frame, vm, word, flow);
        }
        if let Some(f) = callable.get::<Function>() {
            let target = f.body.get();
            if !target.is_null()
                && (*target).simple_args as usize == n
                && (*vm).exec.depth < (*vm).recursion_limit
            {
                if (*vm).breaker <= 0 {
                    return UNDONE;
                }
                let func = Value::from_bits(*reg(frame, at));
                let new = push(&mut *vm, frame, target, func);
                fill(vm, new, frame, target, 0, (args, n));
                return ENTERED;
            }
        } else if let Some(class) = callable.get::<Type>()
            && let Some(init) = steps::plain_init(&*vm, class)
            && (*init.body.get()).simple_args as usize == n + 1
            && (*vm).exec.depth < (*vm).recursion_limit
        {
            if (*vm).breaker <= 0 {
                return UNDONE;
            }
            if (*vm).enter_native().is_ok() {
                let class = Value::from_bits(*reg(frame, at));
                let instance = steps::new_instance(&*vm, &class);
                let kept = [instance.clone()];
                let waiting = (*vm).exec.stack.push_machine(frame, &ops::call::INIT, 1, kept);
                let target = init.body.get();
                let new = push(&mut *vm, waiting, target, init.to_value());
                reg(new, 0).write(instance.into_bits());
                fill(vm, new, frame, target, 1, (args, n));
                drop(class);
                return ENTERED;
            }
        }
        let flow = call_with(&mut *vm, frame, at, (args, n), None);
        called(frame, vm, word, flow)
    }
}

/// As `complete` for a call, which may have switched to a frame that waits for a plain result.
#[inline(always)]
unsafe fn called(frame: *mut Frame, vm: *mut Vm, word: u64, flow: Flow) -> Left {
    // SAFETY: as `complete` and `arrive`.
    unsafe {
        match flow {
            Ok(reply) if reply.is_away() => arrive(vm),
            flow => complete(frame, vm, word, flow),
        }
    }
}

/// Pushes a frame whose registers are not yet written.
#[inline(always)]
pub(super) unsafe fn push(
    vm: &mut Vm,
    caller: *mut Frame,
    target: *const Body,
    func: Value,
) -> *mut Frame {
    vm.exec.depth += 1;
    vm.breaker -= 1;
    // SAFETY: the caller is the current frame or a machine on it; the function keeps the body.
    unsafe { vm.exec.stack.push_python(caller, target, func) }
}

/// Moves the arguments into the new frame, from register `own` on, and makes it the current one.
#[inline(always)]
unsafe fn fill(
    vm: *mut Vm,
    new: *mut Frame,
    frame: *mut Frame,
    target: *const Body,
    own: usize,
    (args, n): (usize, usize),
) {
    // SAFETY: the arguments are valid; the body takes so many.
    unsafe {
        for i in 0..n {
            reg(new, own + i).write(*reg(frame, args + i));
        }
        ops::call::fill_rest(&*vm, new, &*target, own + n);
        (*vm).exec.frame = new;
    }
}

/// A return that is not to a plain frame.
#[inline(never)]
pub(super) unsafe fn return_oddly(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    _word: u64,
) -> Left {
    // SAFETY: as `leave_init`.
    unsafe {
        if let Some(successor) = tasklets::end(frame, vm, *ip) {
            return tasklets::arrive_after_end(vm, successor);
        }
        arrived(vm, leave_init(ip, frame, vm))
    }
}

/// What the return `word` gives: a constant, which is not counted, or what is in a register.
#[inline(always)]
unsafe fn returned(frame: *mut Frame, word: u64) -> u64 {
    // SAFETY: the current frame at a return.
    unsafe {
        if word as u16 == op::RETURN_CONST {
            (*frame).body().consts.get_unchecked(bc(word)).bits()
        } else {
            *reg(frame, a(word))
        }
    }
}

/// The end of a constructor's `__init__`: the instance is the answer.
#[inline(never)]
pub(super) unsafe fn leave_init(ip: *const u64, frame: *mut Frame, vm: *mut Vm) -> Left {
    // SAFETY: as `unwind`, for the frame and the machine below it.
    unsafe {
        (*frame).ip = ip;
        let v = returned(frame, *ip);
        let waiting = (*frame).caller;
        if v != NONE
            || (*frame).state != 0
            || (*waiting).state != state::NATIVE | 1
            || !std::ptr::eq((*waiting).machine(), &ops::call::INIT)
        {
            return UNDONE;
        }
        let below = (*waiting).caller;
        if !waits_plainly(below) {
            return UNDONE;
        }
        for i in (0..(*frame).body().first_temp as usize).rev() {
            release(*reg(frame, i));
        }
        release((*frame).func.bits());
        let exec = &mut *(*vm).exec;
        exec.stack.top = waiting.cast();
        exec.frame = below;
        exec.depth -= 1;
        exec.native_depth -= 1;
        finish(below, vm, *(*below).ip, *reg(waiting, 0), ARRIVED)
    }
}

/// Writes the result of the frame's instruction; `done`, unless finalisers wait.
#[inline(always)]
pub(super) unsafe fn finish(frame: *mut Frame, vm: *mut Vm, word: u64, v: u64, done: Left) -> Left {
    // SAFETY: the instruction has a destination; a temporary one is empty.
    unsafe {
        let slot = reg(frame, a(word));
        if *META.get_unchecked(word as u16 as usize) & DST_LOCAL != 0 {
            release(slot.replace(v));
        } else {
            slot.write(v);
        }
        if (*vm).heap.pending.get() { FINALIZE } else { done }
    }
}

/// Delivers what waits for the frame to which control moved, if that is a plain result.
#[inline(always)]
pub(super) unsafe fn arrive(vm: *mut Vm) -> Left {
    // SAFETY: the new current frame is suspended and whole.
    unsafe {
        let frame = (*vm).exec.frame;
        let Some(Ok(v)) = &(*vm).pending_input else { return AWAY };
        if !waits_plainly(frame) {
            return AWAY;
        }
        let (word, v) = (*(*frame).ip, v.bits());
        std::mem::forget((*vm).pending_input.take());
        finish(frame, vm, word, v, ARRIVED)
    }
}

/// Is this a Python frame that waits for a plain result, at an instruction that shows its own word?
#[inline(always)]
pub(super) unsafe fn waits_plainly(frame: *mut Frame) -> bool {
    // SAFETY: the frame is alive; only that of a Python frame is an instruction address.
    unsafe {
        (*frame).state & state::NOT_WAITING == 0 && (*(*frame).ip as u16 as usize) < META.len()
    }
}

/// May the frame be left by the short way?
#[inline(always)]
unsafe fn returns_plainly(frame: *mut Frame) -> bool {
    // SAFETY: frames of the chain are alive.
    unsafe { (*frame).state == 0 && waits_plainly((*frame).caller) }
}

handler! {
    fn return_temp<>(ip, frame, vm, word) {
        if !returns_plainly(frame) {
            return return_oddly(ip, frame, vm, word);
        }
        unwind::<false>(ip, frame, vm)
    }
}

handler! {
    fn return_local<>(ip, frame, vm, word) {
        if !returns_plainly(frame) {
            return return_oddly(ip, frame, vm, word);
        }
        // The value stays where it is until it is taken; a copy is counted meanwhile.
        retain(*reg(frame, a(word)));
        unwind::<false>(ip, frame, vm)
    }
}

handler! {
    fn return_const<>(ip, frame, vm, word) {
        if !returns_plainly(frame) {
            return return_oddly(ip, frame, vm, word);
        }
        unwind::<true>(ip, frame, vm)
    }
}

/// Gives up the registers of a returning frame, the last one first, and its function.
#[inline(always)]
unsafe fn unwind<const CONST: bool>(ip: *const u64, frame: *mut Frame, vm: *mut Vm) -> Left {
    // SAFETY: registers below `first_temp` are valid; they are not used again, except the result.
    unsafe {
        let n = (*frame).body().first_temp as u64;
        for i in (0..n).rev() {
            let bits = *reg(frame, i as usize);
            if is_object(bits) {
                let rc = &header(bits).rc;
                rc.set(rc.get() - 1);
                if rc.get() & COUNT_MASK == 0 {
                    return freed_register(ip, frame, vm, i);
                }
            }
        }
        if is_last((*frame).func.bits()) {
            return freed_register(ip, frame, vm, n);
        }
        unref((*frame).func.bits());
        let v = if CONST {
            let v = (*frame).body().consts.get_unchecked(bc(*ip)).bits();
            retain(v);
            v
        } else {
            *reg(frame, a(*ip))
        };
        answer(frame, vm, v, false)
    }
}

/// Frees what register `i` of a returning frame held (the function: the number behind the last
/// register) and goes on with the return.
#[cold]
#[inline(never)]
pub(super) unsafe fn freed_register(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    i: u64,
) -> Left {
    // SAFETY: as `unwind`; the object's count is zero, the function's is given up here.
    unsafe {
        let n = (*frame).body().first_temp as u64;
        let mut i = i;
        while i < n {
            let bits = *reg(frame, i as usize);
            if is_object(bits) && header(bits).rc.get() & COUNT_MASK == 0 {
                heap::release(NonNull::from(header(bits)));
            }
            if i == 0 {
                break;
            }
            i -= 1;
            unref(*reg(frame, i as usize));
        }
        // The function keeps the body, of which the result may be a constant.
        let func = (*frame).func.bits();
        let v = returned(frame, *ip);
        if *ip as u16 == op::RETURN_CONST {
            retain(v);
        }
        let left = answer(frame, vm, v, true);
        release(func);
        left
    }
}

/// Hands the result `v` of the returning frame, whose contents are gone, to its caller.
#[inline(always)]
pub(super) unsafe fn answer(frame: *mut Frame, vm: *mut Vm, v: u64, freed: bool) -> Left {
    // SAFETY: the frame is the topmost of its chunk; see `returns_plainly`.
    unsafe {
        let caller = (*frame).caller;
        let exec = &mut *(*vm).exec;
        exec.stack.top = frame.cast();
        exec.frame = caller;
        exec.depth -= 1;
        let ip = (*caller).ip;
        let word = *ip;
        let meta = *META.get_unchecked(word as u16 as usize);
        debug_assert!(meta & DST != 0);
        let slot = reg(caller, a(word));
        let old = if meta & DST_LOCAL != 0 {
            slot.replace(v)
        } else {
            slot.write(v);
            NONE
        };
        if freed {
            release(old);
            (*caller).ip = ip;
            return FINALIZE;
        }
        if is_object(old) {
            return dropped(ip, caller, vm, (meta & WORDS) as usize, old);
        }
        next(ip.add(1 + (meta & WORDS) as usize), caller, vm)
    }
}
