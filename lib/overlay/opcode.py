"""Numbers, names and kinds of the instructions."""

__all__ = ["cmp_op", "stack_effect", "hascompare", "opname", "opmap", "HAVE_ARGUMENT",
           "EXTENDED_ARG", "hasarg", "hasconst", "hasname", "hasjump", "hasjrel", "hasjabs",
           "hasfree", "haslocal", "hasexc"]

import _opcode
import _opcode_native
from _opcode import stack_effect
from _opcode_metadata import (_specializations, _specialized_opmap, opmap,  # noqa: F401
                              HAVE_ARGUMENT, MIN_INSTRUMENTED_OPCODE)

# Operands have their full width; no instruction extends another's.
EXTENDED_ARG = -1

opname = [f'<{op}>' for op in range(MIN_INSTRUMENTED_OPCODE)]
for _number, _name, _variants, *_ in _opcode_native.table():
    # The variants of an instruction (temporary or local operands) share its name.
    for _i in range(_variants):
        opname[_number + _i] = _name

cmp_op = ('<', '<=', '==', '!=', '>', '>=')

_all = [op for op in range(len(opname)) if _opcode.is_valid(op)]
hasarg = [op for op in _all if _opcode.has_arg(op)]
hasconst = [op for op in _all if _opcode.has_const(op)]
hasname = [op for op in _all if _opcode.has_name(op)]
hasjump = [op for op in _all if _opcode.has_jump(op)]
hasjrel = hasjump
hasjabs = []
hasfree = [op for op in _all if _opcode.has_free(op)]
haslocal = [op for op in _all if _opcode.has_local(op)]
hasexc = [op for op in _all if _opcode.has_exc(op)]
hascompare = [opmap[name] for name in ('LT', 'LE', 'EQ', 'NE', 'GT', 'GE') if name in opmap]

_intrinsic_1_descs = _opcode.get_intrinsic1_descs()
_intrinsic_2_descs = _opcode.get_intrinsic2_descs()
_special_method_names = _opcode.get_special_method_names()
_common_constants = _opcode.get_common_constants()
_nb_ops = _opcode.get_nb_ops()
# Words behind an instruction that hold no operand.
_inline_cache_entries = {name: words - bool(word)
                         for _, name, _, _, words, word, _ in _opcode_native.table()
                         if words - bool(word) > 0}
_cache_format = {name: {'cache': words} for name, words in _inline_cache_entries.items()}
