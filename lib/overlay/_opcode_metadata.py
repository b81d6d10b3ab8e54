# The instruction set's names and numbers. Ours has no specialised instructions that programs see.

import _opcode_native

opmap = {row[1]: row[0] for row in _opcode_native.table()}
_specializations = {}
_specialized_opmap = {}
# Every instruction has operand fields.
HAVE_ARGUMENT = 0
# Tracing rewrites instructions in place without numbers of their own.
MIN_INSTRUMENTED_OPCODE = max(opmap.values()) + 4
