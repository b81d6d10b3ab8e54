# native: what `opcode` and `dis` ask about instructions. CPython's counterpart: Modules/_opcode.c.

"""Properties of the interpreter's instructions."""

import _opcode_native as _n

ENABLE_SPECIALIZATION = True
ENABLE_SPECIALIZATION_FT = False

_rows = {}
for _row in _n.table():
    for _i in range(_row[2]):
        _rows[_row[0] + _i] = _row[:2] + (_i,) + _row[3:]


def _kinds(opcode):
    row = _rows.get(opcode)
    return () if row is None else row[3]


def is_valid(opcode):
    return opcode in _rows


def has_arg(opcode):
    return any(_kinds(opcode))


def has_const(opcode):
    return 'const' in _kinds(opcode)


def has_name(opcode):
    return 'name' in _kinds(opcode) or opcode in _rows and _rows[opcode][5] == 'name'


def has_jump(opcode):
    kinds = _kinds(opcode)
    return 'jump' in kinds or 'jump16' in kinds


def has_free(opcode):
    return opcode in _rows and 'DEREF' in _rows[opcode][1]


def has_local(opcode):
    return 'local' in _kinds(opcode)


def has_exc(opcode):
    return False


def stack_effect(opcode, oparg=None, /, *, jump=None):
    """Change of the number of temporaries, where the number of the instruction tells it."""
    if jump not in (None, True, False):
        raise ValueError("stack_effect: jump must be False, True or None")
    row = _rows.get(opcode)
    if row is None:
        raise ValueError("invalid opcode or oparg")
    effect, variant = 0, row[2]
    for kind in row[3]:
        if kind in ('reg', 'temp'):
            raise ValueError("the stack effect of this instruction depends on its registers")
        if kind in ('dst', 'src'):
            if not variant & 1:
                effect += 1 if kind == 'dst' else -1
            variant >>= 1
    return effect


def get_intrinsic1_descs():
    return ['INTRINSIC_1_INVALID', 'INTRINSIC_PRINT', 'INTRINSIC_TYPEVAR', 'INTRINSIC_PARAMSPEC',
            'INTRINSIC_TYPEVARTUPLE', 'INTRINSIC_SUBSCRIPT_GENERIC', 'INTRINSIC_TYPEALIAS',
            'INTRINSIC_UNPACK_TO_TUPLE']


def get_intrinsic2_descs():
    return ['INTRINSIC_2_INVALID', 'INTRINSIC_PREP_RERAISE_STAR', 'INTRINSIC_TYPEVAR_WITH_BOUND',
            'INTRINSIC_TYPEVAR_WITH_CONSTRAINTS', 'INTRINSIC_SET_FUNCTION_TYPE_PARAMS',
            'INTRINSIC_SET_TYPEPARAM_DEFAULT']


def get_nb_ops():
    names = [('ADD', '+'), ('SUB', '-'), ('MUL', '*'), ('TRUEDIV', '/'), ('FLOORDIV', '//'),
             ('MOD', '%'), ('POW', '**'), ('MATMUL', '@'), ('LSHIFT', '<<'), ('RSHIFT', '>>'),
             ('AND', '&'), ('OR', '|'), ('XOR', '^')]
    return names + [('INPLACE_' + name, sign + '=') for name, sign in names]


def get_special_method_names():
    return ['__enter__', '__exit__', '__aenter__', '__aexit__']


def get_common_constants():
    return [AssertionError, NotImplementedError, tuple, all, any, list, set]


def get_executor(*, code, offset):
    raise RuntimeError("Executors are not available in this build")
