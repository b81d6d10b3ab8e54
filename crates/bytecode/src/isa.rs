//! The instruction set: the one table from which numbers, decoder, disassembler, verifier and
//! documentation come.
//!
//! An instruction is one 64-bit word `op | a << 16 | b << 32 | c << 48`, followed by the number of
//! extra words that its row says (names, constants, inline caches; all cache bits are zero in
//! canonical code). Offsets and jump distances count 64-bit words.
//!
//! Registers of a frame: locals (parameters first), then cells that are not parameters, then free
//! variables (cells copied from the closure at entry), from `Code::first_temp` on temporaries. The
//! temporaries are a stack: T[i] stands for a register number of that area. A cell variable that is
//! a parameter keeps its register; MAKE_CELL at the start wraps it.
//!
//! Operand kinds:
//! - `Dst`: destination. Variant bit 0 = temporary (empty before), 1 = local (old value is dropped).
//! - `Src`: source. Variant bit 0 = temporary (consumed), 1 = local (borrowed, known to be bound).
//! - `Reg`: source whose register number alone tells: below `first_temp` borrowed, else consumed.
//! - `Peek`: a temporary that is read and stays.
//! - `Temp`: first of a run of temporaries; the row's text says what happens to them.
//! - `Local`: a register below `first_temp`.
//! - `Const`, `Name`, `Int`, `Jump`: 32 bits in `b` and `c` (`b` low); `Imm`, `Jump16`, `Num`: 16 bits.
//!
//! The opcode of a variant is the row's number plus one bit per `Dst`/`Src` operand, the first of
//! them at bit 0. Canonical numbers are fixed for ever: rows are appended, never renumbered; a row
//! that is no longer emitted stays. Numbers from `FIRST_PRIVATE` on belong to the interpreter's
//! specialised forms and never leave a process.
//!
//! Liveness law: consumed operands are gone (moved out of their registers) before the instruction
//! can raise or suspend. `Code::live[offset]` is the number of temporaries that remain then: those
//! below the consumed operands, `Peek` operands included. A result is written to its destination
//! only when the instruction completes.

/// First opcode number of the interpreter's private, specialised instructions.
pub const FIRST_PRIVATE: u16 = 512;

/// What an operand field means; see the module's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    None,
    Dst,
    Src,
    Reg,
    Peek,
    Temp,
    Local,
    Const,
    Name,
    Int,
    Jump,
    Imm,
    Jump16,
    Num,
}

/// One row of the instruction table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// Number of the variant with all operands temporary.
    pub base: u16,
    pub name: &'static str,
    /// Number of `Dst`/`Src` operands, each of which doubles the variants.
    pub variants: u8,
    pub operands: [Operand; 3],
    /// 64-bit words that follow the instruction.
    pub words: u8,
    /// May raise an exception.
    pub raises: bool,
    /// May suspend the frame: Python code can run before it completes.
    pub suspends: bool,
    pub doc: &'static str,
}

/// Calls `$m!` with every row of the table.
#[macro_export]
macro_rules! for_each_op {
    ($m:ident) => {
        $m! {
        // number NAME variants [a, b, c] words raises suspends "semantics"
        // Moves, constants, variables.
        0 NOP 0 [None, None, None] 0 false false "No effect.";
        1 MOVE 2 [Dst, Src, None] 0 false false "a = b. From a temporary the value is moved, from a local it is copied (the local is known to be bound, or holds a raw cell that is copied as such).";
        5 COPY 1 [Dst, Peek, None] 0 false false "a = copy of temporary b, which stays.";
        7 DROP 0 [Temp, None, None] 0 false false "Drop temporary a.";
        8 LOAD_CONST 1 [Dst, Const, None] 0 false false "a = constants[bc].";
        10 LOAD_INT 1 [Dst, Int, None] 0 false false "a = bc as a signed 32-bit integer.";
        12 LOAD_COMMON_CONST 1 [Dst, Num, None] 0 false false "a = b-th of: 0 AssertionError, 1 NotImplementedError, 2 tuple, 3 all, 4 any, 5 list, 6 set.";
        14 LOAD_FAST_CHECK 1 [Dst, Local, None] 0 true false "a = local b; UnboundLocalError (or NameError for a hidden comprehension variable) if unbound.";
        16 CHECK_BOUND 0 [Local, None, None] 0 true false "UnboundLocalError if local a is unbound.";
        17 DELETE_FAST 0 [Local, None, None] 0 true false "Unbind local a; UnboundLocalError if unbound.";
        18 CLEAR_FAST 0 [Local, None, None] 0 false false "Unbind local a whether bound or not.";
        19 MAKE_CELL 0 [Local, None, None] 0 false false "a = new cell that holds what local a held (empty if unbound).";
        20 LOAD_DEREF 1 [Dst, Local, None] 0 true false "a = contents of the cell in register b; UnboundLocalError/NameError (free variable) if empty.";
        22 STORE_DEREF 1 [Local, Src, None] 0 false false "Contents of the cell in register a = b.";
        24 DELETE_DEREF 0 [Local, None, None] 0 true false "Empty the cell in register a; error if empty.";
        25 LOAD_FROM_DICT_OR_DEREF 2 [Dst, Src, Local] 0 true true "a = mapping b[name of cell c] if present, else contents of cell c.";
        29 LOAD_GLOBAL 1 [Dst, Name, None] 2 true true "a = globals[names[bc]] or builtins. Two cache words.";
        31 STORE_GLOBAL 1 [Src, Name, None] 0 true true "globals[names[bc]] = a.";
        33 DELETE_GLOBAL 0 [None, Name, None] 0 true true "del globals[names[bc]].";
        34 LOAD_NAME 1 [Dst, Name, None] 2 true true "a = names[bc] looked up in the frame's locals mapping, globals, builtins. Two cache words.";
        36 STORE_NAME 1 [Src, Name, None] 1 true true "locals mapping[names[bc]] = a. One cache word.";
        38 DELETE_NAME 0 [None, Name, None] 0 true true "del locals mapping[names[bc]]; NameError if absent.";
        39 LOAD_FROM_DICT_OR_GLOBALS 2 [Dst, Src, None] 1 true true "Word 1: name. a = mapping b[name], else globals, else builtins.";
        43 LOAD_LOCALS 1 [Dst, None, None] 0 true false "a = the frame's locals mapping (class and module bodies).";
        45 LOAD_BUILD_CLASS 1 [Dst, None, None] 0 true true "a = builtins.__build_class__.";
        47 SETUP_ANNOTATIONS 0 [None, None, None] 0 true true "Make __annotations__ in the locals mapping if absent.";
        // Attributes and items.
        48 LOAD_ATTR 2 [Dst, Src, None] 2 true true "a = b.name. Word 1: name in the low 32 bits, then cache; word 2: cache.";
        52 STORE_ATTR 1 [Src, Reg, None] 2 true true "a.name = b. Words as LOAD_ATTR.";
        54 DELETE_ATTR 1 [Src, None, None] 1 true true "del a.name. Word 1: name.";
        56 LOAD_METHOD 1 [Temp, Src, None] 2 true true "Look up b.name for a call: T[a] = the callable, T[a+1] = self, or unbound when the callable takes no self. Words as LOAD_ATTR. b may be T[a].";
        58 LOAD_SUPER_ATTR 1 [Dst, Temp, Num] 1 true true "T[b] = global `super`, T[b+1] = class, T[b+2] = self, all consumed; a = super(class, self).name; c = 1 if written with two arguments. Word 1: name.";
        60 LOAD_SUPER_METHOD 0 [Temp, Temp, Num] 1 true true "As LOAD_SUPER_ATTR, with the result pair of LOAD_METHOD in T[a], T[a+1]. Word 1: name.";
        61 LOAD_ITEM 2 [Dst, Src, Reg] 0 true true "a = b[c].";
        65 STORE_ITEM 1 [Src, Reg, Reg] 0 true true "a[b] = c.";
        67 DELETE_ITEM 1 [Src, Reg, None] 0 true true "del a[b].";
        // Operators (D R R); the immediate forms take a signed 16-bit c.
        69 ADD 1 [Dst, Reg, Reg] 0 true true "a = b + c.";
        71 SUB 1 [Dst, Reg, Reg] 0 true true "a = b - c.";
        73 MUL 1 [Dst, Reg, Reg] 0 true true "a = b * c.";
        75 TRUEDIV 1 [Dst, Reg, Reg] 0 true true "a = b / c.";
        77 FLOORDIV 1 [Dst, Reg, Reg] 0 true true "a = b // c.";
        79 MOD 1 [Dst, Reg, Reg] 0 true true "a = b % c.";
        81 POW 1 [Dst, Reg, Reg] 0 true true "a = b ** c.";
        83 MATMUL 1 [Dst, Reg, Reg] 0 true true "a = b @ c.";
        85 LSHIFT 1 [Dst, Reg, Reg] 0 true true "a = b << c.";
        87 RSHIFT 1 [Dst, Reg, Reg] 0 true true "a = b >> c.";
        89 AND 1 [Dst, Reg, Reg] 0 true true "a = b & c.";
        91 OR 1 [Dst, Reg, Reg] 0 true true "a = b | c.";
        93 XOR 1 [Dst, Reg, Reg] 0 true true "a = b ^ c.";
        95 INPLACE_ADD 1 [Dst, Reg, Reg] 0 true true "a = (b += c).";
        97 INPLACE_SUB 1 [Dst, Reg, Reg] 0 true true "a = (b -= c).";
        99 INPLACE_MUL 1 [Dst, Reg, Reg] 0 true true "a = (b *= c).";
        101 INPLACE_TRUEDIV 1 [Dst, Reg, Reg] 0 true true "a = (b /= c).";
        103 INPLACE_FLOORDIV 1 [Dst, Reg, Reg] 0 true true "a = (b //= c).";
        105 INPLACE_MOD 1 [Dst, Reg, Reg] 0 true true "a = (b %= c).";
        107 INPLACE_POW 1 [Dst, Reg, Reg] 0 true true "a = (b **= c).";
        109 INPLACE_MATMUL 1 [Dst, Reg, Reg] 0 true true "a = (b @= c).";
        111 INPLACE_LSHIFT 1 [Dst, Reg, Reg] 0 true true "a = (b <<= c).";
        113 INPLACE_RSHIFT 1 [Dst, Reg, Reg] 0 true true "a = (b >>= c).";
        115 INPLACE_AND 1 [Dst, Reg, Reg] 0 true true "a = (b &= c).";
        117 INPLACE_OR 1 [Dst, Reg, Reg] 0 true true "a = (b |= c).";
        119 INPLACE_XOR 1 [Dst, Reg, Reg] 0 true true "a = (b ^= c).";
        121 ADD_IMM 1 [Dst, Reg, Imm] 0 true true "a = b + c.";
        123 SUB_IMM 1 [Dst, Reg, Imm] 0 true true "a = b - c.";
        125 INPLACE_ADD_IMM 1 [Dst, Reg, Imm] 0 true true "a = (b += c).";
        127 INPLACE_SUB_IMM 1 [Dst, Reg, Imm] 0 true true "a = (b -= c).";
        129 LT 1 [Dst, Reg, Reg] 0 true true "a = b < c (any object).";
        131 LE 1 [Dst, Reg, Reg] 0 true true "a = b <= c (any object).";
        133 EQ 1 [Dst, Reg, Reg] 0 true true "a = b == c (any object).";
        135 NE 1 [Dst, Reg, Reg] 0 true true "a = b != c (any object).";
        137 GT 1 [Dst, Reg, Reg] 0 true true "a = b > c (any object).";
        139 GE 1 [Dst, Reg, Reg] 0 true true "a = b >= c (any object).";
        141 IS 1 [Dst, Reg, Reg] 0 false false "a = b is c.";
        143 IS_NOT 1 [Dst, Reg, Reg] 0 false false "a = b is not c.";
        145 IN 1 [Dst, Reg, Reg] 0 true true "a = b in c.";
        147 NOT_IN 1 [Dst, Reg, Reg] 0 true true "a = b not in c.";
        149 NEG 1 [Dst, Reg, None] 0 true true "a = -b.";
        151 POS 1 [Dst, Reg, None] 0 true true "a = +b.";
        153 INVERT 1 [Dst, Reg, None] 0 true true "a = ~b.";
        155 NOT 1 [Dst, Reg, None] 0 true true "a = not b.";
        // Jumps. Offsets count words from the next instruction (its words included: offset 0 falls through).
        157 JUMP 0 [None, Jump, None] 0 false false "Jump by bc, forward.";
        158 JUMP_BACK 0 [None, Jump, None] 0 true true "Jump by bc (negative). The eval-breaker is looked at here: every loop contains one.";
        159 JUMP_IF_TRUE 1 [Src, Jump, None] 0 true true "Jump by bc if a is true.";
        161 JUMP_IF_FALSE 1 [Src, Jump, None] 0 true true "Jump by bc if a is false.";
        163 JUMP_IF_TRUE_OR_POP 0 [Peek, Jump, None] 0 true true "If temporary a is true jump by bc and leave it, else drop it.";
        164 JUMP_IF_FALSE_OR_POP 0 [Peek, Jump, None] 0 true true "If temporary a is false jump by bc and leave it, else drop it.";
        165 JUMP_IF_NONE 1 [Src, Jump, None] 0 false false "Jump by bc if a is None.";
        167 JUMP_IF_NOT_NONE 1 [Src, Jump, None] 0 false false "Jump by bc if a is not None.";
        169 JUMP_IF_LT 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a lt b` is true.";
        170 JUMP_IF_LE 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a le b` is true.";
        171 JUMP_IF_EQ 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a eq b` is true.";
        172 JUMP_IF_NE 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a ne b` is true.";
        173 JUMP_IF_GT 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a gt b` is true.";
        174 JUMP_IF_GE 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a ge b` is true.";
        175 JUMP_UNLESS_LT 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a lt b` is false (NaN: not the opposite comparison).";
        176 JUMP_UNLESS_LE 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a le b` is false (NaN: not the opposite comparison).";
        177 JUMP_UNLESS_EQ 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a eq b` is false (NaN: not the opposite comparison).";
        178 JUMP_UNLESS_NE 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a ne b` is false (NaN: not the opposite comparison).";
        179 JUMP_UNLESS_GT 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a gt b` is false (NaN: not the opposite comparison).";
        180 JUMP_UNLESS_GE 0 [Reg, Reg, Jump16] 0 true true "Jump by c if `a ge b` is false (NaN: not the opposite comparison).";
        181 JUMP_IF_LT_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c if `a lt b`, b a signed 16-bit integer.";
        182 JUMP_IF_LE_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c if `a le b`, b a signed 16-bit integer.";
        183 JUMP_IF_EQ_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c if `a eq b`, b a signed 16-bit integer.";
        184 JUMP_IF_NE_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c if `a ne b`, b a signed 16-bit integer.";
        185 JUMP_IF_GT_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c if `a gt b`, b a signed 16-bit integer.";
        186 JUMP_IF_GE_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c if `a ge b`, b a signed 16-bit integer.";
        187 JUMP_UNLESS_LT_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c unless `a lt b`, b a signed 16-bit integer.";
        188 JUMP_UNLESS_LE_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c unless `a le b`, b a signed 16-bit integer.";
        189 JUMP_UNLESS_EQ_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c unless `a eq b`, b a signed 16-bit integer.";
        190 JUMP_UNLESS_NE_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c unless `a ne b`, b a signed 16-bit integer.";
        191 JUMP_UNLESS_GT_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c unless `a gt b`, b a signed 16-bit integer.";
        192 JUMP_UNLESS_GE_IMM 0 [Reg, Imm, Jump16] 0 true true "Jump by c unless `a ge b`, b a signed 16-bit integer.";
        // Iteration and unpacking.
        193 GET_ITER 2 [Dst, Src, None] 0 true true "a = iter(b).";
        197 FOR_ITER 1 [Dst, Peek, Jump16] 0 true true "a = next(T[b]); when exhausted drop T[b] and jump by c (unsigned, forward).";
        199 UNPACK_SEQUENCE 1 [Temp, Src, Num] 0 true true "Unpack b into exactly c items: item i goes to T[a+c-1-i].";
        201 UNPACK_EX 1 [Temp, Src, Num] 1 true true "Unpack b: c items, a list of the rest, word-1 items after it; of n = c+1+after items, item i goes to T[a+n-1-i].";
        203 LIST_APPEND 0 [Peek, Reg, None] 0 false false "T[a].append(b), T[a] an exact list being built.";
        204 LIST_EXTEND 1 [Peek, Src, None] 0 true true "T[a].extend(b); TypeError `Value after * must be an iterable, not X`.";
        206 SET_ADD 0 [Peek, Reg, None] 0 true true "T[a].add(b).";
        207 SET_UPDATE 1 [Peek, Src, None] 0 true true "T[a].update(b).";
        209 MAP_ADD 0 [Peek, Reg, Reg] 0 true true "T[a][b] = c.";
        210 DICT_UPDATE 1 [Peek, Src, None] 0 true true "T[a].update(b); TypeError if b is not a mapping.";
        212 DICT_MERGE 1 [Peek, Src, Peek] 0 true true "Merge keyword mapping b into T[a] for a call of temporary c (named in the errors); duplicate keys are a TypeError.";
        // Building.
        214 BUILD_TUPLE 1 [Dst, Temp, Num] 0 false false "a = tuple of the c temporaries from T[b].";
        216 BUILD_LIST 1 [Dst, Temp, Num] 0 false false "a = list of the c temporaries from T[b].";
        218 BUILD_SET 1 [Dst, Temp, Num] 0 true true "a = set of the c temporaries from T[b].";
        220 BUILD_MAP 1 [Dst, Temp, Num] 0 true true "a = dict of c pairs key, value from T[b].";
        222 BUILD_SLICE 1 [Dst, Temp, Num] 0 false false "a = slice of the c (2 or 3) temporaries from T[b].";
        224 BUILD_STRING 1 [Dst, Temp, Num] 0 true false "a = concatenation of the c strings from T[b].";
        226 LIST_TO_TUPLE 2 [Dst, Src, None] 0 false false "a = tuple of list b.";
        230 FORMAT_SIMPLE 2 [Dst, Src, None] 0 true true "a = format(b, '').";
        234 FORMAT_WITH_SPEC 1 [Dst, Temp, None] 0 true true "a = format(T[b], T[b+1]), both consumed.";
        236 CONVERT 2 [Dst, Src, Num] 0 true true "a = str (c=1), repr (2) or ascii (3) of b.";
        240 BUILD_INTERPOLATION 1 [Dst, Temp, Num] 0 true false "a = Interpolation(T[b], T[b+1] expression text, conversion c>>2 (0 none, 1 str, 2 repr, 3 ascii), format spec T[b+2] if c&1).";
        242 BUILD_TEMPLATE 1 [Dst, Temp, None] 0 true false "a = Template of the strings tuple T[b] and the interpolations tuple T[b+1].";
        // Calls and functions. Everything from the callable up is consumed.
        244 CALL 1 [Dst, Temp, Num] 1 true true "T[b] = callable, then c positional arguments. Word 1: cache.";
        246 CALL_KW 1 [Dst, Temp, Num] 1 true true "As CALL; word 1: constant index of the tuple of keyword names, whose values are the last of the c arguments.";
        248 CALL_METHOD 1 [Dst, Temp, Num] 1 true true "T[b], T[b+1] from LOAD_METHOD, then c positional arguments. Word 1: cache.";
        250 CALL_METHOD_KW 1 [Dst, Temp, Num] 1 true true "As CALL_METHOD with word 1 as CALL_KW.";
        252 CALL_EX 1 [Dst, Temp, Num] 0 true true "T[b](*T[b+1], **T[b+2]); T[b+1] is a tuple or any iterable; T[b+2] is a mapping if c=1 and absent if c=0.";
        254 RETURN 1 [Src, None, None] 0 false false "Return a.";
        256 RETURN_CONST 0 [None, Const, None] 0 false false "Return constants[bc].";
        257 MAKE_FUNCTION 2 [Dst, Src, None] 0 false false "a = function of code object b with the frame's globals.";
        261 SET_FUNCTION_ATTR 1 [Peek, Src, Num] 0 false false "Set on function T[a]: c=1 defaults tuple, 2 kwdefaults dict, 4 annotations, 8 closure tuple of cells, 16 __annotate__ function.";
        263 IMPORT_NAME 1 [Dst, Temp, None] 1 true true "T[b] = level, T[b+1] = fromlist, consumed; a = __import__. Word 1: name.";
        265 IMPORT_FROM 1 [Dst, Peek, None] 1 true true "a = attribute of module T[b], which stays. Word 1: name.";
        267 IMPORT_STAR 1 [Src, None, None] 0 true true "Bind the public names of module a in the locals mapping.";
        269 INTRINSIC_1 2 [Dst, Src, Num] 0 true true "a = intrinsic c (see `intrinsic1`) of b.";
        273 INTRINSIC_2 1 [Dst, Temp, Num] 0 true true "a = intrinsic c (see `intrinsic2`) of T[b], T[b+1], consumed.";
        // Generators and coroutines. A call of such a function makes the object; the first resume starts at offset 0.
        275 YIELD 2 [Dst, Src, Num] 0 true true "Suspend and give b; on resume a = the value sent. c=1: b is an async generator's own item.";
        279 YIELD_FROM 1 [Dst, Peek, Num] 0 true true "Delegate to iterator T[b] (which stays while suspended, and is dropped at the end); a = its result. c=1: await.";
        281 GET_YIELD_FROM_ITER 2 [Dst, Src, None] 0 true true "a = b if it is a generator (or a coroutine where allowed), else iter(b).";
        285 GET_AWAITABLE 2 [Dst, Src, Num] 0 true true "a = iterator of awaitable b; c: 0 await, 1 result of __aenter__, 2 of __aexit__ (error texts).";
        289 GET_AITER 2 [Dst, Src, None] 0 true true "a = b.__aiter__().";
        293 GET_ANEXT 1 [Dst, Peek, None] 0 true true "a = awaitable of T[b].__anext__(); T[b] stays.";
        295 END_ASYNC_FOR 0 [Temp, None, None] 0 true false "T[a] = async iterator, T[a+1] = exception, consumed: fall through if it is StopAsyncIteration, else raise it again.";
        // Exceptions and with. A handler starts with the exception in T[depth] of its table entry.
        296 RAISE 0 [Reg, Reg, Num] 0 true true "c=0: re-raise the handled exception; 1: raise a; 2: raise a from b.";
        297 ENTER_HANDLER 0 [Temp, None, None] 0 false false "T[a] = exception (stays); T[a+1] = handled exception so far; T[a] becomes the handled one.";
        298 EXIT_HANDLER 0 [Temp, None, None] 0 false false "The handled exception becomes T[a+1] again; T[a], T[a+1] are dropped.";
        299 RERAISE 0 [Temp, None, None] 0 true false "As EXIT_HANDLER, then raise T[a] again without a new traceback entry.";
        300 RERAISE_CLEANUP 0 [Temp, None, None] 0 true false "A new exception in T[a+2] left the handler of T[a], T[a+1]: EXIT_HANDLER, then raise T[a+2] without a new traceback entry.";
        301 RERAISE_PLAIN 0 [Temp, None, None] 0 true false "Raise T[a] again without a new traceback entry; no handler was entered.";
        302 CHECK_EXC_MATCH 2 [Dst, Peek, Src] 0 true true "a = exception T[b] matches c (class or tuple of classes).";
        306 CHECK_EG_MATCH 0 [Temp, Reg, Reg] 0 true true "T[a] = rest of exception b that does not match class c (or None), T[a+1] = the matching part or None. The matching part becomes the handled exception.";
        307 BEFORE_WITH 1 [Temp, Src, None] 0 true true "T[a-1] = bound __exit__ of b, T[a] = result of its __enter__(). b may be T[a-1]; live while suspended: a.";
        309 BEFORE_ASYNC_WITH 1 [Temp, Src, None] 0 true true "T[a-1] = bound __aexit__ of b, T[a] = result of __aenter__() (to be awaited).";
        311 WITH_EXIT 1 [Dst, Temp, None] 0 true true "a = T[b](None, None, None); T[b] is consumed.";
        313 WITH_EXCEPT_START 1 [Dst, Peek, Peek] 0 true true "a = T[b](type, T[c], traceback); T[b] and T[c] stay.";
        // Pattern matching.
        315 MATCH_MAPPING 1 [Dst, Peek, None] 0 false false "a = T[b] is a mapping.";
        317 MATCH_SEQUENCE 1 [Dst, Peek, None] 0 false false "a = T[b] is a sequence (not str, bytes, bytearray).";
        319 MATCH_KEYS 1 [Dst, Peek, Peek] 0 true true "a = tuple of the values of T[b] for the keys in tuple T[c], or None.";
        321 MATCH_CLASS 1 [Dst, Temp, Num] 0 true true "T[b] = subject, T[b+1] = class, T[b+2] = tuple of keyword attribute names, consumed; c positional patterns; a = tuple of attributes or None.";
        323 GET_LEN 1 [Dst, Peek, None] 0 true true "a = len(T[b]).";
        // Hints: what the compiler knows about the next instruction.
        325 MUL_ADD 1 [Dst, Reg, Reg] 0 true true "As MUL; the next instruction is an ADD or INPLACE_ADD that consumes temporary a.";
        327 MUL_SUB 1 [Dst, Reg, Reg] 0 true true "As MUL; the next instruction is a SUB or INPLACE_SUB that consumes temporary a.";
        }
    };
}

macro_rules! define_ops {
    ($($num:literal $name:ident $variants:literal [$a:ident, $b:ident, $c:ident] $words:literal $raises:literal $suspends:literal $doc:literal;)*) => {
        /// Opcode numbers (of the variant with all operands temporary).
        pub mod op {
            $(#[doc = $doc] pub const $name: u16 = $num;)*
        }
        /// Variant 1: only the first `Dst`/`Src` operand is a local.
        pub mod op1 {
            $(pub const $name: u16 = $num + 1;)*
        }
        /// Variant 2: only the second one is a local.
        pub mod op2 {
            $(pub const $name: u16 = $num + 2;)*
        }
        /// Variant 3: both are locals.
        pub mod op3 {
            $(pub const $name: u16 = $num + 3;)*
        }
        /// The table, in order of number.
        pub static OPS: &[OpInfo] = &[$(OpInfo {
            base: $num,
            name: stringify!($name),
            variants: $variants,
            operands: [Operand::$a, Operand::$b, Operand::$c],
            words: $words,
            raises: $raises,
            suspends: $suspends,
            doc: $doc,
        },)*];
    };
}
for_each_op!(define_ops);

/// Numbers of INTRINSIC_1.
pub mod intrinsic1 {
    /// Call `sys.displayhook` (interactive expression statement); the result is None.
    pub const PRINT: u16 = 1;
    /// TypeVar(name).
    pub const TYPEVAR: u16 = 2;
    /// ParamSpec(name).
    pub const PARAMSPEC: u16 = 3;
    /// TypeVarTuple(name).
    pub const TYPEVARTUPLE: u16 = 4;
    /// Generic[params] from a tuple of type parameters.
    pub const SUBSCRIPT_GENERIC: u16 = 5;
    /// TypeAliasType from the tuple (name, type parameters or None, function that gives the value).
    pub const TYPEALIAS: u16 = 6;
    /// `+value` is an instruction; this is the check that `*value` in a subscript is iterable.
    pub const UNPACK_TO_TUPLE: u16 = 7;
}

/// Numbers of INTRINSIC_2.
pub mod intrinsic2 {
    /// (original exception, list of raised and re-raised parts) -> exception to raise, or None.
    pub const PREP_RERAISE_STAR: u16 = 1;
    /// TypeVar(name) with a lazily evaluated bound.
    pub const TYPEVAR_WITH_BOUND: u16 = 2;
    /// TypeVar(name) with lazily evaluated constraints.
    pub const TYPEVAR_WITH_CONSTRAINTS: u16 = 3;
    /// (function, type parameters tuple): sets `__type_params__`, gives the function.
    pub const SET_FUNCTION_TYPE_PARAMS: u16 = 4;
    /// (type parameter, function that gives its default): gives the parameter.
    pub const SET_TYPEPARAM_DEFAULT: u16 = 5;
}

const fn build_index() -> [u16; FIRST_PRIVATE as usize] {
    let mut index = [u16::MAX; FIRST_PRIVATE as usize];
    let mut i = 0;
    while i < OPS.len() {
        let mut v = 0;
        while v < 1 << OPS[i].variants {
            index[OPS[i].base as usize + v] = i as u16;
            v += 1;
        }
        i += 1;
    }
    index
}
static INDEX: [u16; FIRST_PRIVATE as usize] = build_index();

/// The row of an opcode number (any variant), or None for a number that is not canonical.
pub fn info(opcode: u16) -> Option<&'static OpInfo> {
    let row = *INDEX.get(opcode as usize)?;
    OPS.get(row as usize)
}

/// One decoded instruction word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    pub op: u16,
    pub a: u16,
    pub b: u16,
    pub c: u16,
}

impl Insn {
    #[inline(always)]
    pub const fn new(op: u16, a: u16, b: u16, c: u16) -> Insn {
        Insn { op, a, b, c }
    }
    /// With a 32-bit operand in `b` and `c`.
    #[inline(always)]
    pub const fn wide(op: u16, a: u16, bc: u32) -> Insn {
        Insn { op, a, b: bc as u16, c: (bc >> 16) as u16 }
    }
    #[inline(always)]
    pub const fn decode(word: u64) -> Insn {
        Insn {
            op: word as u16,
            a: (word >> 16) as u16,
            b: (word >> 32) as u16,
            c: (word >> 48) as u16,
        }
    }
    #[inline(always)]
    pub const fn encode(self) -> u64 {
        self.op as u64 | (self.a as u64) << 16 | (self.b as u64) << 32 | (self.c as u64) << 48
    }
    /// The 32-bit operand in `b` and `c`.
    #[inline(always)]
    pub const fn bc(self) -> u32 {
        self.b as u32 | (self.c as u32) << 16
    }
}
