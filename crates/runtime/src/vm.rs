//! The virtual machine: everything that one interpreter owns. Several live side by side.
//!
//! Access discipline: `&Vm` may read objects and allocate; `&mut Vm` may change containers, push
//! frames and run Python. One `Vm` is entered by one OS thread at a time.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::body;
use crate::exc::{Exc, PyResult};
use crate::frame::{Frame, MAIN_CHUNK, SpareChunks, Stack};
use crate::heap::Heap;
use crate::instance::Shapes;
use crate::names::Names;
use crate::native::Args;
use crate::nested::NestedEntry;
use crate::object::{Obj, Payload};
use crate::objects::dict::Dict;
use crate::objects::types::{Type, UNVERSIONED};
use crate::objects::{StaticTypes, exception::ExcTypes};
use crate::value::{Ref, Value};

/// The execution state of a tasklet. That of the running one is the `Vm`'s: see `tasklet::Running`.
pub struct Exec {
    pub frame: *mut Frame,
    pub stack: Stack,
    /// Python-visible activations on the chain.
    pub depth: u32,
    /// The exception being handled, or None.
    pub handled: Value,
    /// What few tasklets need.
    pub(crate) rare: Option<Box<Rare>>,
    /// Native loops on the chain (see `interp::run_nested`).
    pub nesting: u32,
    /// Machines on the chain.
    pub native_depth: u32,
}

/// The handled exception around a running generator.
struct Outer {
    /// Of the activation itself, or None.
    own: Value,
    /// The innermost one there is from it outwards: chains of generators are long.
    innermost: Value,
}

/// The part of the execution state that most tasklets never use.
pub(crate) struct Rare {
    /// Current context (`contextvars`), unbound until used.
    pub context: Value,
    /// Objects whose repr is in progress (cyclic containers).
    pub repr_active: Vec<u64>,
    /// Handled exceptions of the activations around running generators, innermost last.
    outer_handled: Vec<Outer>,
}

impl Exec {
    /// The innermost exception being handled, or None.
    pub(crate) fn innermost_handled(&self) -> &Value {
        match self.outer().last() {
            Some(outer) if self.handled.is_none() => &outer.innermost,
            _ => &self.handled,
        }
    }
    /// Has the tasklet, at the end of its function, nothing to give back but the space of two frames?
    pub(crate) fn ends_plainly(&self) -> bool {
        self.handled.is_none() && self.rare.is_none() && self.stack.is_single()
    }
    /// Ends the state of a tasklet that `ends_plainly` and whose frames hold nothing any more.
    #[inline]
    pub(crate) fn clear_plainly(&mut self, spare: &mut SpareChunks) {
        self.frame = std::ptr::null_mut();
        (self.depth, self.native_depth) = (0, 0);
        self.stack.clear_single(spare);
    }
    /// Begins a generator's activation: what is handled now is handled around it.
    pub(crate) fn enter_generator(&mut self, handled: Value) {
        let innermost = self.innermost_handled().clone();
        let own = std::mem::replace(&mut self.handled, handled);
        self.rare_mut().outer_handled.push(Outer { own, innermost });
    }
    /// Ends a generator's activation: gives what it was handling.
    pub(crate) fn leave_generator(&mut self) -> Value {
        // Chains of generators are long, and what their depth took is not kept.
        const KEPT: usize = 64;
        let own = self.rare.as_mut().and_then(|r| {
            let outer = r.outer_handled.pop()?;
            if r.outer_handled.is_empty() && r.outer_handled.capacity() > KEPT {
                r.outer_handled = Vec::new();
            }
            Some(outer.own)
        });
        let own = own.unwrap_or(Value::NONE);
        std::mem::replace(&mut self.handled, own)
    }
    /// What is handled around the running generators, outermost first.
    pub(crate) fn handled_around(&self) -> impl Iterator<Item = &Value> {
        self.outer().iter().map(|o| &o.own)
    }
    pub(crate) fn traverse_handled(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.handled);
        for outer in self.outer() {
            visit(&outer.own);
            visit(&outer.innermost);
        }
    }
    fn outer(&self) -> &[Outer] {
        self.rare.as_ref().map_or(&[], |r| &r.outer_handled)
    }
    pub(crate) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_with(|| {
            Box::new(Rare {
                context: Value::UNBOUND,
                repr_active: Vec::new(),
                outer_handled: Vec::new(),
            })
        })
    }
    /// The current context, unbound until used.
    pub fn context(&self) -> Value {
        self.rare.as_ref().map_or(Value::UNBOUND, |r| r.context.clone())
    }
    pub fn set_context(&mut self, context: Value) {
        self.rare_mut().context = context;
    }
    pub(crate) fn repr_active(&self) -> &[u64] {
        self.rare.as_ref().map_or(&[], |r| &r.repr_active)
    }
}

impl Default for Exec {
    #[inline(always)]
    fn default() -> Self {
        Exec {
            frame: std::ptr::null_mut(),
            stack: Stack::new(),
            depth: 0,
            handled: Value::NONE,
            rare: None,
            nesting: 0,
            native_depth: 0,
        }
    }
}

/// Version, name and value of a lookup in a class; words, so that the table starts as untouched pages.
type CacheEntry = [u64; 3];

const METHOD_CACHE: usize = 4096;

fn next_version(last: &Cell<u32>) -> u32 {
    if last.get() == crate::attrs::ELSEWHERE - 2 {
        return 0;
    }
    last.set(last.get() + 1);
    last.get()
}

/// Options fixed when a `Vm` is made.
#[derive(Clone, Default)]
pub struct Settings {
    /// `sys.argv`.
    pub argv: Vec<String>,
    pub optimize: u8,
    pub hash_seed: Option<u64>,
    /// Bytes that the `Vm` may hold; None: as many as the system gives.
    pub memory: Option<usize>,
    /// Hostile strategies, for tests.
    pub strategies: crate::stress::Strategies,
    /// A folder of the host with library modules that go before the packed ones, while the library
    /// is developed.
    pub overlay: Option<String>,
    /// The outside world; None: the real one, with all the rights of the process.
    pub host: Option<std::sync::Arc<dyn stackless_host::Host>>,
}

/// Requests that the interrupt check serves.
#[derive(Default)]
pub struct Interrupts {
    /// Bit `n`: the program has signal `n` for itself, which did not come from the host.
    pub pending: u128,
    /// Length of a thread's turn while there are threads, else 0; and when the turn began.
    pub slice_ns: i64,
    pub turn_ns: i64,
    /// Changes with each look that came at a bad moment.
    pub(crate) looks: u32,
}

pub struct Vm {
    /// The execution state of the running tasklet, where it lies.
    pub exec: crate::tasklet::Running,
    /// Looks at the requests when it falls below zero: counted down at back-edges and calls.
    pub breaker: i32,
    /// Value delivered to the frame that a tasklet switch resumes.
    /// What a native called by the quick tier raised, on its way to the loop.
    pub(crate) raised: Option<Exc>,
    pub(crate) pending_input: Option<Result<Value, Exc>>,
    pub recursion_limit: u32,
    pub types: StaticTypes,
    pub excs: ExcTypes,
    pub names: Names,
    pub(crate) interned: RefCell<crate::objects::str::Interned>,
    /// Interned names of the library's image, by their number there; *unbound*: not made yet.
    pub(crate) image_names: RefCell<Vec<Value>>,
    /// Special method names by slot (`dunder`), made with the first class.
    pub(crate) slot_table: Option<std::rc::Rc<crate::dunder::SlotTable>>,
    /// Names of the binary operators: plain and reflected (`ops::binary`).
    pub(crate) operator_names: Vec<[Value; 3]>,
    /// First steps of machines on the native stack now: see `Vm::start_now`.
    pub(crate) first_steps: u8,
    pub(crate) latin1: Vec<Value>,
    pub(crate) shapes: RefCell<Shapes>,
    method_cache: RefCell<Vec<CacheEntry>>,
    pub(crate) stubs: crate::attrs::Stubs,
    /// Machines of native modules: see `machines`.
    pub module_machines: Vec<&'static crate::machine::Machine>,
    type_version: Cell<u32>,
    dict_version: Cell<u32>,
    pub(crate) empty_tuple: Option<Value>,
    pub(crate) empty_bytes: Option<Value>,
    pub builtins: Option<Ref<Dict>>,
    pub modules: Option<Ref<Dict>>,
    pub(crate) sys_dict: Option<Ref<Dict>>,
    /// The program's own entry of `sys.path`; None: it has none.
    pub first_path: Option<String>,
    pub hash_key: stackless_primitives::wtf8::HashKey,
    pub settings: Settings,
    pub(crate) intrinsics: HashMap<&'static str, Value, foldhash::fast::FixedState>,
    /// Frame blocks whose code was replaced while they ran; freed with the `Vm`.
    pub(crate) scheduler: crate::tasklet::Scheduler,
    pub gc: crate::gc::Collector,
    pub(crate) stacks: crate::stacks::Stacks,
    /// Times native code entered the loop, by place.
    pub nested_entries: [u64; NestedEntry::ALL.len()],
    /// Code objects that were replaced on functions: running frames may still use them.
    pub(crate) retired_code: Vec<Value>,
    pub int_max_str_digits: usize,
    /// `sys.audit`, once there is a hook.
    pub audit: Option<Value>,
    /// The native that runs next was audited.
    pub(crate) audited: bool,
    /// `-b`: comparisons of bytes with text and `str()` of bytes warn.
    pub bytes_warning: bool,
    /// Listeners of trace, profile and monitoring events.
    pub(crate) tracing: Option<Box<crate::trace::Tracing>>,
    pub(crate) memory: crate::memory::Budget,
    /// The hostile strategies that run.
    pub(crate) stress: Option<Box<crate::stress::Stress>>,
    /// Asked at breaker points: signals, host requests.
    /// What the interrupt check calls: the delivery of signals. Unbound until there is one.
    pub interrupt_handler: Value,
    pub interrupt_check: Option<fn(&mut Vm) -> Option<crate::exc::Flow>>,
    pub interrupts: Interrupts,
    /// The outside world.
    pub host: std::sync::Arc<dyn stackless_host::Host>,
    /// State of native modules that no Python object carries, by module.
    pub module_state: HashMap<&'static str, Box<dyn std::any::Any>>,
    /// Object sizes by layout: where attribute extensions of subclasses start.
    pub(crate) layout_sizes: HashMap<u16, u32>,
    /// Last field: values are dropped before their heap.
    pub heap: Box<Heap>,
}

/// Ends the borrows of a cell, without asking for memory.
pub(crate) fn return_borrowed<T>(cell: &mut RefCell<T>, empty: T) {
    let contents = std::mem::replace(cell.get_mut(), empty);
    *cell = RefCell::new(contents);
}

impl Drop for Vm {
    fn drop(&mut self) {
        self.end_parked();
    }
}

impl Vm {
    /// After native code was left for ever: what it had borrowed is not borrowed any more.
    pub(crate) fn return_borrowed(&mut self) {
        return_borrowed(&mut self.interned, crate::objects::str::Interned::empty());
        return_borrowed(&mut self.image_names, Vec::new());
        return_borrowed(&mut self.shapes, Shapes::empty());
        return_borrowed(&mut self.method_cache, Vec::new());
        self.heap.return_borrowed();
    }

    pub fn new(settings: Settings) -> Box<Vm> {
        crate::boot::boot(settings)
    }

    pub(crate) fn raw(
        heap: Box<Heap>,
        types: StaticTypes,
        excs: ExcTypes,
        settings: Settings,
    ) -> Box<Vm> {
        let names = Names::new(|_| Value::NONE);
        let host = match &settings.host {
            Some(host) => host.clone(),
            None => std::sync::Arc::new(stackless_host::RealHost::new()),
        };
        Box::new(Vm {
            exec: crate::tasklet::Running::new(Exec {
                stack: Stack::with_room(MAIN_CHUNK),
                ..Exec::default()
            }),
            breaker: 1000,
            raised: None,
            pending_input: None,
            recursion_limit: 1000,
            types,
            excs,
            names,
            heap,
            interned: RefCell::default(),
            image_names: RefCell::default(),
            slot_table: None,
            operator_names: Vec::new(),
            first_steps: 0,
            latin1: Vec::new(),
            shapes: RefCell::default(),
            method_cache: RefCell::new(vec![[0; 3]; METHOD_CACHE]),
            stubs: Default::default(),
            module_machines: Vec::new(),
            type_version: Cell::new(1),
            dict_version: Cell::new(1),
            empty_tuple: None,
            empty_bytes: None,
            builtins: None,
            modules: None,
            sys_dict: None,
            first_path: None,
            hash_key: stackless_primitives::wtf8::HashKey::from_seed(0),
            settings,
            intrinsics: HashMap::default(),
            scheduler: Default::default(),
            gc: Default::default(),
            stacks: Default::default(),
            nested_entries: Default::default(),
            retired_code: Vec::new(),
            int_max_str_digits: 4300,
            audit: None,
            audited: false,
            bytes_warning: false,
            interrupt_handler: Value::UNBOUND,
            tracing: None,
            memory: Default::default(),
            stress: None,
            interrupt_check: None,
            interrupts: Interrupts::default(),
            host,
            module_state: HashMap::new(),
            layout_sizes: HashMap::new(),
        })
    }

    /// The type of any value.
    #[inline(always)]
    pub fn type_of<'a>(&'a self, value: &'a Value) -> &'a Obj<Type> {
        match value.header() {
            Some(header) => header.type_of(),
            None => self.type_of_immediate(value),
        }
    }

    fn type_of_immediate(&self, value: &Value) -> &Obj<Type> {
        let t = &self.types;
        if value.is_int() {
            &t.int
        } else if value.is_small_float() {
            &t.float
        } else if value.is_bool() {
            &t.bool_
        } else if value.is_none() {
            &t.none_type
        } else if value.is_ellipsis() {
            &t.ellipsis
        } else {
            &t.not_implemented_type
        }
    }

    /// Exact type test.
    #[inline(always)]
    pub fn is_exactly(&self, value: &Value, ty: &Obj<Type>) -> bool {
        std::ptr::eq(self.type_of(value), ty)
    }

    /// `isinstance` by MRO, without hooks.
    pub fn is_instance(&self, value: &Value, ty: &Obj<Type>) -> bool {
        self.type_of(value).is_subtype(ty, self)
    }

    /// The name of a value's type, for messages.
    pub fn type_name(&self, value: &Value) -> String {
        self.type_of(value).shown_name(self)
    }

    /// Allocates a plain object of a static type.
    #[inline]
    pub fn alloc<T: Payload>(&self, ty: &Obj<Type>, payload: T) -> Ref<T> {
        self.new_object(ty, payload)
    }

    /// A version that no class had before; `UNVERSIONED` when they have run out.
    pub(crate) fn next_type_version(&self) -> u32 {
        match next_version(&self.type_version) {
            0 => UNVERSIONED,
            version => version,
        }
    }
    /// The same for the keys of dicts; 0, which no cache holds, when they have run out.
    pub(crate) fn next_dict_version(&self) -> u32 {
        next_version(&self.dict_version)
    }

    fn cache_index(version: u32, name: &Value) -> usize {
        ((version as u64).wrapping_mul(0x9e37_79b9) ^ (name.bits() >> 4)) as usize % METHOD_CACHE
    }

    /// `Some(result)` if the lookup of `name` in the type of this version is known.
    #[inline]
    pub(crate) fn method_cache_get(&self, version: u32, name: &Value) -> Option<Option<Value>> {
        if version == UNVERSIONED {
            return None;
        }
        let cache = self.method_cache.borrow();
        let [of, named, value] = cache[Self::cache_index(version, name)];
        if of != version as u64 || named != name.bits() {
            return None;
        }
        if value == 0 {
            return Some(None);
        }
        Some(Some(crate::object::borrow_bits(value)))
    }

    pub(crate) fn method_cache_put(&self, version: u32, name: &Value, value: Option<&Value>) {
        if self.settings.strategies.no_caches {
            return;
        }
        let mut cache = self.method_cache.borrow_mut();
        cache[Self::cache_index(version, name)] =
            [version as u64, name.bits(), value.map_or(0, Value::bits)];
    }

    /// Counts an activation against the recursion limit.
    #[inline(always)]
    pub(crate) fn enter_frame(&mut self) -> PyResult<()> {
        if self.exec.depth >= self.recursion_limit {
            return Err(self.recursion_error());
        }
        if self.exec.depth.is_multiple_of(1024) {
            self.check_memory()?;
        }
        self.exec.depth += 1;
        Ok(())
    }

    /// Counts a machine. Natives have a limit of their own, far above that of Python frames.
    #[inline(always)]
    pub(crate) fn enter_native(&mut self) -> PyResult<()> {
        if self.exec.native_depth >= self.native_limit() {
            return Err(self.recursion_error());
        }
        if self.exec.native_depth.is_multiple_of(1024) {
            self.check_memory()?;
        }
        self.exec.native_depth += 1;
        Ok(())
    }

    /// How deep natives may nest.
    #[inline(always)]
    pub(crate) fn native_limit(&self) -> u32 {
        (self.recursion_limit as u64 * 10).clamp(100_000, u32::MAX as u64) as u32
    }

    pub fn recursion_error_text(&mut self, text: &str) -> Exc {
        let class = self.excs.recursion_error.clone();
        self.new_exception_msg(&class, text)
    }

    pub(crate) fn hash_key_setup(&mut self) {
        use stackless_primitives::wtf8::HashKey;
        self.hash_key = match self.settings.hash_seed {
            Some(seed) => HashKey::from_seed(seed as u32),
            None => {
                let mut bytes = [0; 16];
                if self.host.random(&mut bytes).is_err() {
                    // What is left is where the system put us, and the time.
                    let a = &raw const *self as u64;
                    let t = self.host.time_ns().unwrap_or(0) as u64;
                    let (first, last) = (
                        a.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                        t.wrapping_mul(0xd6e8_feb8_6659_fd93),
                    );
                    bytes[..8].copy_from_slice(&first.to_le_bytes());
                    bytes[8..].copy_from_slice(&last.to_le_bytes());
                }
                HashKey::from_bytes(bytes)
            }
        };
    }

    pub(crate) fn bootstrap_empty_str(&self) -> Value {
        self.new_bytes_tail::<crate::objects::str::Str>(&self.types.str, &[]).into_value()
    }

    #[cold]
    fn recursion_error(&mut self) -> Exc {
        // Room to handle the error, as CPython's headroom.
        let limit = self.recursion_limit;
        self.recursion_limit = limit.saturating_add(50);
        let exc = self.new_exception_msg(
            &self.excs.recursion_error.clone(),
            "maximum recursion depth exceeded",
        );
        self.recursion_limit = limit;
        exc
    }

    /// The code object's runnable copy and Python object.
    pub fn code(&self, code: impl Into<stackless_bytecode::CodeRef>) -> Value {
        self.alloc(&self.types.code, crate::objects::code::PyCode::new(code.into())).into_value()
    }

    pub(crate) fn make_body(
        &self,
        code: &std::sync::Arc<stackless_bytecode::Code>,
    ) -> Box<body::Body> {
        let body = body::Body::new(self, code);
        crate::trace::born(self, &body);
        body
    }

    /// Calls a Python callable and runs until its outcome is known. For hosts and tests; native
    /// code uses `ops::call` and machines.
    pub fn call_blocking(&mut self, callable: &Value, args: &[Value]) -> PyResult {
        crate::interp::run_nested(self, NestedEntry::HostCall, |vm| {
            crate::ops::call::call(vm, callable, Args::new(args))
        })
    }
}
