# native: what `opcode` and `dis` ask about instructions. Ours are not CPython's.


def stack_effect(opcode, oparg=None, /, *, jump=None):
    return 0


def _no(opcode, /):
    return False


has_arg = has_const = has_exc = has_free = has_jump = has_local = has_name = is_valid = _no


def get_intrinsic1_descs():
    return ['INTRINSIC_1_INVALID']


def get_intrinsic2_descs():
    return ['INTRINSIC_2_INVALID']


def get_nb_ops():
    return [('NB_ADD', '+')]


def get_special_method_names():
    return ['__enter__', '__exit__', '__aenter__', '__aexit__']


def get_common_constants():
    return [AssertionError, NotImplementedError, tuple, all, any]


def get_executor(*, code, offset):
    return None
