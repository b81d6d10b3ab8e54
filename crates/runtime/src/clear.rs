//! Breaking garbage cycles: empties the payload and the attributes of an unreachable object.

use crate::instance;
use crate::object::Payload;
use crate::objects::exception::Exception;
use crate::objects::function::{Cell_, Function, Method};
use crate::objects::generator::Generator;
use crate::objects::{dict::Dict, list::List, set::Set, types::Type};
use crate::value::Value;
use crate::vm::Vm;

pub(crate) fn clear(vm: &mut Vm, v: &Value) {
    macro_rules! payloads {
        ($($t:ty),*) => {
            $(if let Some(p) = v.get::<$t>() {
                Payload::clear(&**p, vm);
            })*
        };
    }
    payloads!(
        List,
        Dict,
        Set,
        Exception,
        Function,
        Method,
        Generator,
        Type,
        crate::pyframe::PyFrame,
        crate::pyframe::Traceback,
        crate::objects::deque::Deque,
        crate::objects::itertool::IterTool,
        crate::weak::WeakRef,
        crate::tasklet::Tasklet,
        crate::tasklet::Channel
    );
    if let Some(c) = v.get::<Cell_>() {
        c.contents.set(Value::UNBOUND);
    }
    if let Some(ext) = instance::ext(v) {
        drop(ext.dict.take());
        for slot in ext.slots() {
            drop(slot.take());
        }
    }
}
