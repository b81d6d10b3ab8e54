//! Names that the runtime looks up itself, interned once per `Vm`.

use crate::value::Value;

macro_rules! names {
    ($($field:ident = $text:literal),* $(,)?) => {
        /// One interned str per field.
        pub struct Names { $(pub $field: Value),* }
        impl Names {
            pub(crate) fn new(mut intern: impl FnMut(&str) -> Value) -> Names {
                Names { $($field: intern($text)),* }
            }
        }
    };
}

names! {
    io_buffer = "_buffer", io_chars = "_decoded_chars", io_decoder = "_decoder", io_fast = "_fast",
    io_pos = "_read_pos", io_read = "_read_buf", io_snapshot = "_snapshot", io_telling = "_telling",
    io_size = "buffer_size", io_translate = "_readtranslate", io_used = "_decoded_chars_used", io_write = "_write_buf",
    abs = "__abs__", aenter = "__aenter__", aexit = "__aexit__", aiter = "__aiter__",
    all = "__all__", anext = "__anext__", annotate = "__annotate__", annotate_func = "__annotate_func__",
    annotations = "__annotations__", annotations_cache = "__annotations_cache__",
    await_ = "__await__", bases = "__bases__", bool_ = "__bool__", build_class = "__build_class__",
    builtins = "__builtins__", bytes = "__bytes__", call = "__call__", class = "__class__",
    class_getitem = "__class_getitem__", classcell = "__classcell__", classdictcell = "__classdictcell__",
    close = "close", complex = "__complex__", contains = "__contains__", del = "__del__",
    delattr = "__delattr__", delete = "__delete__", delitem = "__delitem__", dict = "__dict__",
    dir = "__dir__", doc = "__doc__", enter = "__enter__", eq = "__eq__", exit = "__exit__",
    file = "__file__", firstlineno = "__firstlineno__", float = "__float__", format = "__format__",
    fspath = "__fspath__", ge = "__ge__", get = "__get__", getattr = "__getattr__",
    getattribute = "__getattribute__", getitem = "__getitem__", gt = "__gt__", hash = "__hash__",
    import_ = "__import__", index = "__index__", init = "__init__", init_subclass = "__init_subclass__",
    instancecheck = "__instancecheck__", int = "__int__", invert = "__invert__", iter = "__iter__",
    keys = "keys", le = "__le__", len = "__len__", length_hint = "__length_hint__", lt = "__lt__",
    main = "__main__", match_args = "__match_args__", missing = "__missing__", module = "__module__",
    mro = "mro", mro_entries = "__mro_entries__", name = "__name__", ne = "__ne__", neg = "__neg__",
    new = "__new__", next = "__next__", notes = "__notes__", orig_bases = "__orig_bases__",
    pos = "__pos__", prepare = "__prepare__", qualname = "__qualname__", repr = "__repr__",
    reversed = "__reversed__", round = "__round__", send = "send", set = "__set__", set_name = "__set_name__",
    setattr = "__setattr__", setitem = "__setitem__", slots = "__slots__", spec = "__spec__",
    static_attributes = "__static_attributes__", str = "__str__", subclasscheck = "__subclasscheck__",
    subclasshook = "__subclasshook__", throw = "throw", trunc = "__trunc__", type_params = "__type_params__",
    weakref = "__weakref__", path = "__path__", package = "__package__", loader = "__loader__",
    metaclass = "metaclass", items = "items", stdout = "stdout", stderr = "stderr", write = "write",
    empty = "", underscore = "_", lambda = "<lambda>", buffer = "__buffer__", copy = "copy",
    abstractmethods = "__abstractmethods__", isabstractmethod = "__isabstractmethod__",
    wrapped = "__wrapped__", ceil = "__ceil__", floor = "__floor__", obj = "obj", stdin = "stdin",
    append = "append", extend = "extend", update = "update", flush = "flush", objclass = "__objclass__",
}
