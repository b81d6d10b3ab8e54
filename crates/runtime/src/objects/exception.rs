//! Exceptions: the payload, the hierarchy, and raising from native code.
//!
//! One payload serves all classes; attributes of special classes (`OSError.errno`, `SyntaxError`'s
//! positions, …) are `extra` slots named by the class's table in `exception_methods`. CPython's
//! counterpart: `Objects/exceptions.c`.

use std::cell::Cell;

use crate::exc::{Exc, PyResult};
use crate::object::{Obj, Payload, ValueCell, VmCell};
use crate::objects::types::Type;
use crate::value::{Ref, Value};
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = EXCEPTION, clear = release)]
pub struct Exception {
    pub args: ValueCell,
    /// Traceback object or None.
    pub traceback: ValueCell,
    pub context: ValueCell,
    pub cause: ValueCell,
    pub suppress_context: Cell<bool>,
    /// Slots of special classes; unbound when not set.
    pub extra: VmCell<Vec<Value>>,
}

impl Exception {
    /// Breaks the cycles of garbage that it is in.
    fn release(&self, vm: &mut Vm) {
        self.traceback.set(Value::NONE);
        self.context.set(Value::NONE);
        self.cause.set(Value::NONE);
        self.args.set(vm.tuple(Vec::new()));
        drop(std::mem::take(self.extra.get_mut(vm)));
    }
}

impl Exception {
    pub fn new(args: Value) -> Exception {
        Exception {
            args: ValueCell::new(args),
            traceback: ValueCell::new(Value::NONE),
            context: ValueCell::new(Value::NONE),
            cause: ValueCell::new(Value::NONE),
            suppress_context: Cell::new(false),
            extra: VmCell::new(Vec::new()),
        }
    }
    pub fn extra(&self, vm: &Vm, i: usize) -> Option<Value> {
        self.extra.get(vm).get(i).filter(|v| !v.is_unbound()).cloned()
    }
    pub fn set_extra(&self, vm: &mut Vm, i: usize, value: Value) {
        let extra = self.extra.get_mut(vm);
        while extra.len() <= i {
            extra.push(Value::UNBOUND);
        }
        extra[i] = value;
    }
}

macro_rules! hierarchy_body {
    ($make:ident; $($field:ident $name:literal : $base:ident),*) => {{
        let mut made: Vec<(&'static str, Ref<Type>)> = vec![("base_exception", $make("BaseException", None))];
        $({
            let base = made.iter().find(|(n, _)| *n == stringify!($base)).map(|(_, t)| t.clone());
            let class = $make($name, base.as_ref());
            made.push((stringify!($field), class));
        })*
        let mut it = made.into_iter().map(|(_, t)| t);
        let mut next = || match it.next() {
            Some(t) => t,
            None => unreachable!("one class per field"),
        };
        ExcTypes { base_exception: next(), $($field: next()),* }
    }};
}

macro_rules! hierarchy {
    ($($field:ident $name:literal : $base:ident),* $(,)?) => {
        /// The static exception classes.
        pub struct ExcTypes { pub base_exception: Ref<Type>, $(pub $field: Ref<Type>),* }
        /// (name, base) of all classes after BaseException, bases first.
        pub const HIERARCHY: &[(&str, &str)] = &[$(($name, stringify!($base))),*];
        impl ExcTypes {
            pub(crate) fn build(mut make: impl FnMut(&'static str, Option<&Ref<Type>>) -> Ref<Type>) -> ExcTypes {
                hierarchy_body!(make; $($field $name : $base),*)
            }
            /// Every class with its name.
            pub fn all(&self) -> Vec<(&'static str, &Ref<Type>)> {
                vec![("BaseException", &self.base_exception), $(($name, &self.$field)),*]
            }
        }
    };
}

hierarchy! {
    exception "Exception": base_exception,
    base_exception_group "BaseExceptionGroup": base_exception,
    generator_exit "GeneratorExit": base_exception,
    keyboard_interrupt "KeyboardInterrupt": base_exception,
    system_exit "SystemExit": base_exception,
    tasklet_exit "TaskletExit": base_exception,
    arithmetic_error "ArithmeticError": exception,
    floating_point_error "FloatingPointError": arithmetic_error,
    overflow_error "OverflowError": arithmetic_error,
    zero_division_error "ZeroDivisionError": arithmetic_error,
    assertion_error "AssertionError": exception,
    attribute_error "AttributeError": exception,
    buffer_error "BufferError": exception,
    eof_error "EOFError": exception,
    import_error "ImportError": exception,
    module_not_found_error "ModuleNotFoundError": import_error,
    lookup_error "LookupError": exception,
    index_error "IndexError": lookup_error,
    key_error "KeyError": lookup_error,
    memory_error "MemoryError": exception,
    name_error "NameError": exception,
    unbound_local_error "UnboundLocalError": name_error,
    os_error "OSError": exception,
    blocking_io_error "BlockingIOError": os_error,
    child_process_error "ChildProcessError": os_error,
    connection_error "ConnectionError": os_error,
    broken_pipe_error "BrokenPipeError": connection_error,
    connection_aborted_error "ConnectionAbortedError": connection_error,
    connection_refused_error "ConnectionRefusedError": connection_error,
    connection_reset_error "ConnectionResetError": connection_error,
    file_exists_error "FileExistsError": os_error,
    file_not_found_error "FileNotFoundError": os_error,
    interrupted_error "InterruptedError": os_error,
    is_a_directory_error "IsADirectoryError": os_error,
    not_a_directory_error "NotADirectoryError": os_error,
    permission_error "PermissionError": os_error,
    process_lookup_error "ProcessLookupError": os_error,
    timeout_error "TimeoutError": os_error,
    reference_error "ReferenceError": exception,
    runtime_error "RuntimeError": exception,
    not_implemented_error "NotImplementedError": runtime_error,
    recursion_error "RecursionError": runtime_error,
    python_finalization_error "PythonFinalizationError": runtime_error,
    stop_async_iteration "StopAsyncIteration": exception,
    stop_iteration "StopIteration": exception,
    syntax_error "SyntaxError": exception,
    indentation_error "IndentationError": syntax_error,
    tab_error "TabError": indentation_error,
    incomplete_input_error "_IncompleteInputError": syntax_error,
    system_error "SystemError": exception,
    type_error "TypeError": exception,
    value_error "ValueError": exception,
    unicode_error "UnicodeError": value_error,
    unicode_decode_error "UnicodeDecodeError": unicode_error,
    unicode_encode_error "UnicodeEncodeError": unicode_error,
    unicode_translate_error "UnicodeTranslateError": unicode_error,
    warning "Warning": exception,
    bytes_warning "BytesWarning": warning,
    deprecation_warning "DeprecationWarning": warning,
    encoding_warning "EncodingWarning": warning,
    future_warning "FutureWarning": warning,
    import_warning "ImportWarning": warning,
    pending_deprecation_warning "PendingDeprecationWarning": warning,
    resource_warning "ResourceWarning": warning,
    runtime_warning "RuntimeWarning": warning,
    syntax_warning "SyntaxWarning": warning,
    unicode_warning "UnicodeWarning": warning,
    user_warning "UserWarning": warning,
}

macro_rules! raisers {
    ($($name:ident),* $(,)?) => {
        impl Vm {
            $(#[cold] pub fn $name(&mut self, message: impl AsRef<str>) -> Exc {
                let class = self.excs.$name.clone();
                self.new_exception_msg(&class, message.as_ref())
            })*
        }
    };
}
raisers!(
    type_error,
    value_error,
    overflow_error,
    index_error,
    runtime_error,
    system_error,
    memory_error,
    zero_division_error,
    buffer_error,
    lookup_error,
    not_implemented_error,
    reference_error,
    eof_error,
    assertion_error,
);

impl Vm {
    /// An instance of a static exception class with these arguments.
    pub fn new_exception(&self, class: &Obj<Type>, args: Vec<Value>) -> Exc {
        Exc(self.new_object(class, Exception::new(self.tuple(args))).into_value())
    }
    pub fn new_exception_msg(&self, class: &Obj<Type>, message: &str) -> Exc {
        self.new_exception(class, vec![self.str(message)])
    }
    /// `KeyError(key)`.
    #[cold]
    pub fn key_error(&mut self, key: &Value) -> Exc {
        let class = self.excs.key_error.clone();
        self.new_exception(&class, vec![key.clone()])
    }
    /// `NameError` with the name set.
    #[cold]
    pub fn name_error(&mut self, message: &str, name: &Value) -> Exc {
        let class = self.excs.name_error.clone();
        let exc = self.new_exception_msg(&class, message);
        self.set_exc_extra(&exc, 0, name.clone());
        exc
    }
    #[cold]
    pub fn unbound_local_error(&mut self, name: &Value) -> Exc {
        let class = self.excs.unbound_local_error.clone();
        let text = name.display_str(self);
        let message = format!(
            "cannot access local variable '{text}' where it is not associated with a value"
        );
        let exc = self.new_exception_msg(&class, &message);
        self.set_exc_extra(&exc, 0, name.clone());
        exc
    }
    /// `AttributeError` with name and object set.
    #[cold]
    pub fn attribute_error(&mut self, message: impl AsRef<str>, obj: &Value, name: &Value) -> Exc {
        let class = self.excs.attribute_error.clone();
        let exc = self.new_exception_msg(&class, message.as_ref());
        self.set_exc_extra(&exc, 0, name.clone());
        self.set_exc_extra(&exc, 1, obj.clone());
        exc
    }
    /// The usual `'X' object has no attribute 'y'`.
    #[cold]
    pub fn no_attribute(&mut self, obj: &Value, name: &Value) -> Exc {
        let n = name.display_str(self);
        let message = if let Some(class) = obj.get::<Type>() {
            format!("type object '{}' has no attribute '{n}'", class.name_str(self))
        } else {
            format!("'{}' object has no attribute '{n}'", self.type_name(obj))
        };
        self.attribute_error(message, obj, name)
    }
    #[cold]
    pub fn stop_iteration(&mut self, value: Value) -> Exc {
        let class = self.excs.stop_iteration.clone();
        let args = if value.is_none() { vec![] } else { vec![value.clone()] };
        let exc = self.new_exception(&class, args);
        self.set_exc_extra(&exc, 0, value);
        exc
    }
    #[cold]
    pub fn import_error(&mut self, message: &str, name: &Value) -> Exc {
        let class = self.excs.import_error.clone();
        let exc = self.new_exception_msg(&class, message);
        let msg = self.str(message);
        self.set_exc_extra(&exc, 0, msg);
        self.set_exc_extra(&exc, 1, name.clone());
        exc
    }
    pub fn set_exc_extra(&mut self, exc: &Exc, i: usize, value: Value) {
        if let Some(e) = exc.0.get::<Exception>() {
            e.set_extra(self, i, value);
        }
    }
    /// An error of the value-level algorithms as a Python exception.
    #[cold]
    pub fn primitive_error(&mut self, e: stackless_primitives::Error) -> Exc {
        let name = e.kind.class_name();
        let class = self
            .excs
            .all()
            .into_iter()
            .find(|(n, _)| *n == name)
            .map_or_else(|| self.excs.value_error.clone(), |(_, c)| c.clone());
        match e.kind {
            stackless_primitives::ErrorKind::OverflowErrno => {
                let errno = Value::from_i32(stackless_primitives::error::ERANGE);
                self.new_exception(&class, vec![errno, self.str(&e.message)])
            }
            stackless_primitives::ErrorKind::MemoryError => self.new_exception(&class, vec![]),
            _ => self.new_exception_msg(&class, &e.message),
        }
    }
    /// Does the exception match a static class?
    #[inline]
    pub fn exc_is(&self, exc: &Exc, class: &Obj<Type>) -> bool {
        self.is_instance(&exc.0, class)
    }
    /// `Ok(None)` if the error matches `class`, which is swallowed.
    pub fn swallow<T>(&self, result: PyResult<T>, class: &Obj<Type>) -> PyResult<Option<T>> {
        match result {
            Ok(v) => Ok(Some(v)),
            Err(e) if self.exc_is(&e, class) => Ok(None),
            Err(e) => Err(e),
        }
    }
}
