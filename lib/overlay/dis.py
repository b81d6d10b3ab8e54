"""Disassembler of the VM's bytecode: the interface of CPython's `dis` over our instructions.

An instruction is a 64-bit word of opcode and three 16-bit operands, with extra words behind it;
offsets are byte offsets into `co_code`. `Instruction.opcode` is the number in `opmap`: the variants
of an instruction, which differ in where operands lie, share it.
"""

import collections
import io
import sys
import types

import _opcode_native
from opcode import *
from opcode import __all__ as _opcodes_all, _intrinsic_1_descs, _intrinsic_2_descs, _nb_ops  # noqa: F401

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels",
           "show_code", "get_instructions", "Instruction", "Bytecode"] + _opcodes_all
del _opcodes_all

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED", 2: "NEWLOCALS", 4: "VARARGS", 8: "VARKEYWORDS", 16: "NESTED", 32: "GENERATOR",
    64: "NOFREE", 128: "COROUTINE", 256: "ITERABLE_COROUTINE", 512: "ASYNC_GENERATOR",
    0x4000000: "HAS_DOCSTRING", 0x8000000: "METHOD",
}
_WORD = 8
_have_code = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)
_ROWS = {}
for _row in _opcode_native.table():
    for _i in range(_row[2]):
        _ROWS[_row[0] + _i] = _row
del _row, _i

_Unknown = type('_Unknown', (), {'__repr__': lambda self: '<unknown>'})
UNKNOWN = _Unknown()

Positions = collections.namedtuple(
    'Positions', 'lineno end_lineno col_offset end_col_offset', defaults=[None] * 4)
_ExceptionTableEntry = collections.namedtuple(
    '_ExceptionTableEntry', 'start end target depth lasti')


class Instruction(collections.namedtuple('_Instruction', [
        'opname', 'opcode', 'arg', 'argval', 'argrepr', 'offset', 'start_offset', 'starts_line',
        'line_number', 'label', 'positions', 'cache_info'], defaults=[None, None, None])):
    """An instruction: name and number, raw operands, what they mean, place in code and source."""

    __slots__ = ()

    @property
    def oparg(self):
        return self.arg

    @property
    def baseopcode(self):
        return self.opcode

    @property
    def baseopname(self):
        return self.opname

    @property
    def cache_offset(self):
        return self.offset + _WORD * (1 + bool(_ROWS[self.opcode][5]))

    @property
    def end_offset(self):
        return self.offset + _WORD * (1 + _ROWS[self.opcode][4])

    @property
    def jump_target(self):
        return self.argval if self.opcode in hasjump else None

    @property
    def is_jump_target(self):
        return self.label is not None

    def __str__(self):
        out = io.StringIO()
        Formatter(out).print_instruction(self)
        return out.getvalue().rstrip('\n')


def pretty_flags(flags):
    """The names of the code flags."""
    names = []
    for i in range(32):
        flag = 1 << i
        if flags & flag:
            names.append(COMPILER_FLAG_NAMES.get(flag, hex(flag)))
            flags ^= flag
            if not flags:
                break
    else:
        names.append(hex(flags))
    return ', '.join(names)


def _get_code_object(x):
    """The code object of a function, method, generator, class body or source text."""
    x = getattr(x, '__func__', x)
    for attribute in ('__code__', 'gi_code', 'ag_code', 'cr_code'):
        found = getattr(x, attribute, None)
        if found:
            x = found
            break
    if isinstance(x, str):
        try:
            x = compile(x, '<disassembly>', 'eval')
        except SyntaxError:
            x = compile(x, '<disassembly>', 'exec')
    if hasattr(x, 'co_code'):
        return x
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False,
        show_positions=False):
    """Disassembles a class, module, function, generator, code object or source text; without an
    argument the last traceback."""
    options = {'show_caches': show_caches, 'adaptive': adaptive, 'show_offsets': show_offsets,
               'show_positions': show_positions}
    if x is None:
        distb(file=file, **options)
        return
    x = getattr(x, '__func__', x)
    for attribute in ('__code__', 'gi_code', 'ag_code', 'cr_code'):
        if hasattr(x, attribute):
            x = getattr(x, attribute)
            break
    if hasattr(x, '__dict__'):
        for name, value in sorted(x.__dict__.items()):
            if isinstance(value, _have_code):
                print(f"Disassembly of {name}:", file=file)
                try:
                    dis(value, file=file, depth=depth, **options)
                except TypeError as e:
                    print("Sorry:", e, file=file)
                print(file=file)
    elif hasattr(x, 'co_code'):
        _recursive(x, file, depth, options)
    elif isinstance(x, (bytes, bytearray)):
        _print(_decode(bytes(x), None), Formatter(file, **_shown(options)), -1)
    elif isinstance(x, str):
        _recursive(_get_code_object(x), file, depth, options)
    else:
        raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False,
          show_positions=False):
    """Disassembles the frame where a traceback ends."""
    if tb is None:
        try:
            tb = sys.last_exc.__traceback__ if hasattr(sys, 'last_exc') else sys.last_traceback
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
    while tb.tb_next:
        tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_caches=show_caches,
                adaptive=adaptive, show_offsets=show_offsets, show_positions=show_positions)


def code_info(x):
    """What is known of a code object, as text."""
    co = _get_code_object(x)
    lines = [f"Name:              {co.co_name}", f"Filename:          {co.co_filename}",
             f"Argument count:    {co.co_argcount}",
             f"Positional-only arguments: {co.co_posonlyargcount}",
             f"Kw-only arguments: {co.co_kwonlyargcount}", f"Number of locals:  {co.co_nlocals}",
             f"Stack size:        {co.co_stacksize}",
             f"Flags:             {pretty_flags(co.co_flags)}"]
    for title, items, show in (('Constants', co.co_consts, repr), ('Names', co.co_names, str),
                               ('Variable names', co.co_varnames, str),
                               ('Free variables', co.co_freevars, str),
                               ('Cell variables', co.co_cellvars, str)):
        if items:
            lines.append(f"{title}:")
            lines.extend(f"{i:4d}: {show(item)}" for i, item in enumerate(items))
    return '\n'.join(lines)


_format_code_info = code_info


def show_code(co, *, file=None):
    """Prints `code_info`."""
    print(code_info(co), file=file)


# Decoding.

class _Reader:
    """Names of operands, for one code object or for bare bytes."""

    def __init__(self, co):
        self.co = co
        if co is None:
            self.first_temp, self.registers = 1 << 16, []
        else:
            self.first_temp, self.registers = _opcode_native.registers(co)

    def register(self, n):
        if n >= self.first_temp:
            return f"T{n - self.first_temp}"
        if n >= len(self.registers):
            return f"R{n}"
        name, kind = self.registers[n]
        return name if kind == 'fast' else f"~{name}" if kind == 'hidden' else f"&{name}"

    def local(self, n):
        return self.registers[n][0] if n < len(self.registers) else UNKNOWN

    def const(self, i):
        consts = () if self.co is None else self.co.co_consts
        return consts[i] if i < len(consts) else UNKNOWN

    def name(self, i):
        names = () if self.co is None else self.co.co_names
        return names[i] if i < len(names) else UNKNOWN


def _signed(n, bits):
    return n - (1 << bits) if n >> (bits - 1) else n


def _words(code):
    """(offset, row or None, word, first extra word) of each instruction."""
    at, end = 0, len(code) - len(code) % _WORD
    while at < end:
        word = int.from_bytes(code[at:at + _WORD], 'little')
        row = _ROWS.get(word & 0xffff)
        size = 1 + (row[4] if row else 0)
        extra = int.from_bytes(code[at + _WORD:at + 2 * _WORD], 'little') if size > 1 else 0
        yield at, row, word, extra
        at += size * _WORD


def _operands(reader, at, row, word, extra):
    """(value of the operand that has one, texts of all)."""
    fields = [word >> 16 & 0xffff, word >> 32 & 0xffff, word >> 48]
    wide = word >> 32
    after = at + _WORD * (1 + row[4])
    value, texts = None, []
    for field, kind in zip(fields, row[3]):
        if kind in ('dst', 'src', 'reg', 'peek', 'temp'):
            texts.append(reader.register(field))
        elif kind == 'local':
            texts.append(reader.register(field))
            value = reader.local(field)
        elif kind == 'const':
            value = reader.const(wide)
            texts.append(repr(value))
        elif kind == 'name':
            value = reader.name(wide)
            texts.append(str(value))
        elif kind == 'int':
            value = _signed(wide, 32)
            texts.append(str(value))
        elif kind in ('jump', 'jump16'):
            distance = (_signed(wide, 32) if kind == 'jump'
                        else field if row[1] == 'FOR_ITER' else _signed(field, 16))
            value = after + distance * _WORD
            texts.append(f"to {value}")
        elif kind == 'imm':
            value = _signed(field, 16)
            texts.append(f"#{value}")
        elif kind == 'num':
            value = field if value is None else value
            texts.append(f"#{field}")
    if row[5] == 'name':
        value = reader.name(extra & 0xffffffff)
        texts.append(str(value))
    elif row[5] == 'const':
        value = reader.const(extra)
        texts.append(repr(value))
    elif row[5] == 'num':
        texts.append(f"#{extra}")
    return value, texts


def _decode(code, co, line_offset=0):
    reader = _Reader(co)
    starts = dict(findlinestarts(co)) if co is not None else {}
    positions = list(co.co_positions()) if co is not None else []
    labels = {target: f"L{i}" for i, target in enumerate(sorted(_targets(code, co)), 1)}
    line = None
    for at, row, word, extra in _words(code):
        starts_line = at in starts
        if starts_line:
            line = starts[at]
            if line is not None:
                line += line_offset
        place = Positions(*positions[at // 2]) if at // 2 < len(positions) else Positions()
        if row is None:
            number = word & 0xffff
            yield Instruction(f"<{number}>", number, word >> 16, word >> 16, '', at, at,
                              starts_line, line, labels.get(at), place, None)
            continue
        value, texts = _operands(reader, at, row, word, extra)
        if any(kind in ('jump', 'jump16') for kind in row[3]) and value in labels:
            texts = [f"to {labels[value]}" if t == f"to {value}" else t for t in texts]
        cache = row[4] - bool(row[5])
        info = [('cache', cache, code[at + _WORD * (1 + row[4] - cache):at + _WORD * (1 + row[4])])]
        yield Instruction(row[1], row[0], word >> 16 if any(row[3]) else None, value,
                          ', '.join(texts), at, at, starts_line, line, labels.get(at), place,
                          info if cache else None)


def _parse_exception_table(co):
    table = co.co_exceptiontable
    numbers = [int.from_bytes(table[i:i + 4], 'little') for i in range(0, len(table), 4)]
    return [_ExceptionTableEntry(start * _WORD, end * _WORD, target * _WORD, depth, False)
            for start, end, target, depth in zip(*[iter(numbers)] * 4) if start < 0xffffffff]


def _targets(code, co):
    found = set(findlabels(code))
    if co is not None:
        for entry in _parse_exception_table(co):
            found.update((entry.start, entry.end, entry.target))
    return found


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """The instructions of a function, method, generator, source text or code object."""
    co = _get_code_object(x)
    offset = first_line - co.co_firstlineno if first_line is not None else 0
    started = False
    for instruction in _decode(co.co_code, co, offset):
        if not started and instruction.line_number is not None:
            # The call itself, which no instruction of ours stands for: programs look for where
            # a function begins by this name.
            started = True
            yield instruction._replace(opname='RESUME', opcode=-1, arg=None, argval=None, argrepr='',
                                       starts_line=False, label=None)
        yield instruction


def _unpack_opargs(code):
    """(offset, offset, opcode, operands) of each instruction."""
    for at, row, word, extra in _words(code):
        yield at, at, row[0] if row else word & 0xffff, word >> 16


def findlabels(code):
    """The offsets that jumps lead to."""
    reader, labels = _Reader(None), []
    for at, row, word, extra in _words(code):
        if row is not None and any(kind in ('jump', 'jump16') for kind in row[3]):
            target = _operands(reader, at, row, word, extra)[0]
            if target not in labels:
                labels.append(target)
    return labels


def findlinestarts(code):
    """(offset, line) where the line changes."""
    last = False
    for start, end, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def _find_imports(co):
    """(module, level, names) of each import statement."""
    recent = []
    for instruction in get_instructions(co):
        if instruction.opname in ('LOAD_CONST', 'LOAD_INT'):
            recent.append(instruction.argval)
        elif instruction.opname == 'IMPORT_NAME' and len(recent) >= 2:
            level, names = recent[-2:]
            yield instruction.argval, level, names


def _find_store_names(co):
    """The names that module code binds."""
    for instruction in get_instructions(co):
        if instruction.opname in ('STORE_NAME', 'STORE_GLOBAL'):
            yield instruction.argval


# Printing.

class Formatter:
    def __init__(self, file=None, lineno_width=0, offset_width=0, label_width=0, line_offset=0,
                 show_caches=False, *, show_positions=False):
        self.file, self.lineno_width, self.offset_width = file, lineno_width, offset_width
        self.label_width, self.show_caches = label_width, show_caches
        self.show_positions = show_positions

    def print_instruction(self, instr, mark_as_current=False):
        parts = []
        if self.show_positions:
            p = instr.positions
            place = (f"{p.lineno}:{p.col_offset}-{p.end_lineno}:{p.end_col_offset}"
                     if p.lineno is not None else 'NO_LINE')
            parts.append(place.ljust(self.lineno_width))
        elif self.lineno_width:
            if instr.starts_line:
                if instr.offset > 0:
                    print(file=self.file)
                text = '--' if instr.line_number is None else str(instr.line_number)
                parts.append(text.rjust(self.lineno_width))
            else:
                parts.append(' ' * self.lineno_width)
        parts.append(('' if instr.label is None else instr.label + ':').rjust(self.label_width))
        parts.append('-->' if mark_as_current else '   ')
        if self.offset_width:
            parts.append(str(instr.offset).rjust(self.offset_width))
        parts.append(instr.opname.ljust(20))
        parts.append(instr.argrepr)
        print(' '.join(parts).rstrip(), file=self.file)

    def print_exception_table(self, entries, labels):
        if not entries:
            return
        print("ExceptionTable:", file=self.file)
        for entry in entries:
            print(f"  {labels[entry.start]} to {labels.get(entry.end, entry.end)} -> "
                  f"{labels[entry.target]} [{entry.depth}]", file=self.file)


def _shown(options):
    return {'show_caches': options.get('show_caches', False),
            'show_positions': options.get('show_positions', False),
            'offset_width': 5 if options.get('show_offsets') else 0}


def _print(instructions, formatter, lasti):
    for instruction in instructions:
        current = instruction.offset <= lasti < instruction.end_offset
        formatter.print_instruction(instruction, current)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False,
                show_positions=False, line_offset=0):
    """Disassembles a code object, marking the instruction at `lasti`."""
    instructions = list(_decode(co.co_code, co, line_offset))
    lines = [len(str(i.line_number)) for i in instructions if i.line_number is not None]
    labels = {i.offset: i.label for i in instructions if i.label}
    width = max(lines, default=1)
    if show_positions:
        width = max((len(f"{p.lineno}:{p.col_offset}-{p.end_lineno}:{p.end_col_offset}")
                     for p in (i.positions for i in instructions)), default=1)
    formatter = Formatter(file, max(width, 3), len(str(len(co.co_code))) if show_offsets else 0,
                          max((len(text) + 1 for text in labels.values()), default=0),
                          show_caches=show_caches, show_positions=show_positions)
    _print(instructions, formatter, lasti)
    formatter.print_exception_table(_parse_exception_table(co), labels)


disco = disassemble


def _recursive(co, file, depth, options):
    disassemble(co, file=file, **options)
    if depth is None or depth > 0:
        for x in co.co_consts:
            if hasattr(x, 'co_code'):
                print(file=file)
                print(f"Disassembly of {x!r}:", file=file)
                _recursive(x, file, None if depth is None else depth - 1, options)


class Bytecode:
    """The instructions of a piece of code, with its text."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False,
                 adaptive=False, show_offsets=False, show_positions=False):
        self.codeobj = co = _get_code_object(x)
        self.first_line = co.co_firstlineno if first_line is None else first_line
        self._line_offset = self.first_line - co.co_firstlineno
        self._original_object = x
        self.current_offset = current_offset
        self._options = {'show_caches': show_caches, 'adaptive': adaptive,
                         'show_offsets': show_offsets, 'show_positions': show_positions}

    def __iter__(self):
        return _decode(self.codeobj.co_code, self.codeobj, self._line_offset)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti, show_caches=show_caches,
                   adaptive=adaptive)

    def info(self):
        return code_info(self.codeobj)

    def dis(self):
        out = io.StringIO()
        offset = -1 if self.current_offset is None else self.current_offset
        disassemble(self.codeobj, offset, file=out, line_offset=self._line_offset, **self._options)
        return out.getvalue()


def main(args=None):
    import argparse
    parser = argparse.ArgumentParser(color=True)
    parser.add_argument('-C', '--show-caches', action='store_true', help='show inline caches')
    parser.add_argument('-O', '--show-offsets', action='store_true', help='show instruction offsets')
    parser.add_argument('-P', '--show-positions', action='store_true',
                        help='show instruction positions')
    parser.add_argument('-S', '--specialized', action='store_true',
                        help='show specialized bytecode')
    parser.add_argument('infile', nargs='?', default='-')
    args = parser.parse_args(args=args)
    if args.infile == '-':
        name, source = '<stdin>', sys.stdin.buffer.read()
    else:
        name = args.infile
        with open(name, 'rb') as file:
            source = file.read()
    dis(compile(source, name, 'exec'), show_caches=args.show_caches, adaptive=args.specialized,
        show_offsets=args.show_offsets, show_positions=args.show_positions)


if __name__ == '__main__':
    main()
