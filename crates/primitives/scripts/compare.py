"""Compares the primitives with the running Python, on generated input.

  cargo build --release -p stackless-primitives --example oracle
  python3.14 scripts/compare.py PATH_TO/examples/oracle [rounds] [name...]

PYTHONHASHSEED is fixed by re-executing. Prints the first differences of each operation.
"""
import codecs, math, os, random, struct, subprocess, sys, unicodedata, warnings

if os.environ.get("PYTHONHASHSEED") != "12345":
    os.environ["PYTHONHASHSEED"] = "12345"
    os.execv(sys.executable, [sys.executable] + sys.argv)
warnings.simplefilter("ignore")
DRIVER, ROUNDS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000
ONLY = set(sys.argv[3:])
rnd = random.Random(int(os.environ.get("SEED", "1")))
cases = []

def enc(s): return (s.encode("utf-8", "surrogatepass") if isinstance(s, str) else bytes(s)).hex()
def arg(x):
    if x is None: return "None"
    if isinstance(x, bool): return str(int(x))
    if isinstance(x, int): return str(x)
    if isinstance(x, float): return struct.pack(">d", x).hex()
    return enc(x)
def fl(x): return "nan" if x != x else struct.pack(">d", x).hex()
def cx(z): return fl(z.real) + "," + fl(z.imag)
class Raw(str): pass

def case(op, args, f):
    if ONLY and op not in ONLY: return
    try:
        r = "=" + str(f())
    except MemoryError: r = "!MemoryError: "
    except RecursionError: raise
    except Exception as e:
        msg = e.args[-1] if e.args else ""
        if isinstance(e, KeyError): msg = str(e)
        name = "struct.error" if isinstance(e, struct.error) else type(e).__name__
        r = f"!{name}: {msg}"
    cases.append((op + "".join("\t" + (a if isinstance(a, Raw) else arg(a)) for a in args), r))

sys.set_int_max_str_digits(4300)
def dec(n):
    sys.set_int_max_str_digits(0)
    try: return str(n)
    finally: sys.set_int_max_str_digits(4300)
def arg_int(n): return Raw(dec(n))

def rint():
    k = rnd.random()
    if k < .3: n = rnd.randrange(-20, 20)
    elif k < .6: n = rnd.choice([1, -1]) * ((1 << rnd.randrange(0, 140)) + rnd.randrange(-3, 4))
    elif k < .9: n = rnd.choice([1, -1]) * rnd.getrandbits(rnd.randrange(1, 300))
    else: n = rnd.choice([1, -1]) * rnd.getrandbits(rnd.randrange(1, 20000))
    return n
def rfloat():
    k = rnd.random()
    if k < .25: return struct.unpack("<d", rnd.randbytes(8))[0]
    if k < .4: return rnd.choice([0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, .5, 2.5, 1e16, 1e15, 1e22, 1e23, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 0.1, 1e-4, 1e-5, 123456789012345680.0])
    if k < .6: return float(rnd.randrange(-1000, 1000)) / rnd.choice([1, 2, 4, 8, 10, 100, 1000, 3])
    if k < .8: return rnd.uniform(-1, 1) * 10 ** rnd.randrange(-20, 25)
    return float(f"{rnd.randrange(-10**6, 10**6)}e{rnd.randrange(-12, 12)}")
CHARS = ("aAbBzZ09 _-+.,:;\t\n\r\x0b\x0c\x1c\x1d\x1f\x7f\x80\x85\xa0'\"\\{}%éÉßµÿŸǅǆıİσςΣŉΐﬁﬃΌ\u0345\u0300\u2028\u2029\u3000"
         "٣२²½Ⅷ一\u4e8c\ud800\udc00\udc80\udcff\ufffe\uffff😀𐐀𐐨𝟘\U0010ffffᾳᾼ\u1e9e가\u1100\u1161\u0378\u200d\ufeff·ªʰ")
def rstr(n=12):
    k = rnd.random()
    m = rnd.randrange(0, n)
    if k < .35: return "".join(rnd.choice("abAB01 ,x\t\n\r._") for _ in range(m))
    if k < .85: return "".join(rnd.choice(CHARS) for _ in range(m))
    return "".join(chr(rnd.choice([rnd.randrange(0x250), rnd.randrange(0x3000), rnd.randrange(0x20000)])) for _ in range(m))
def rbytes(n=12):
    k = rnd.random()
    m = rnd.randrange(0, n)
    if k < .5: return bytes(rnd.choice(b"abAB01 ,x\t\n\r\x0b\x0c\x1c'\"\\\x00\xff\xc3\xa9") for _ in range(m))
    return rnd.randbytes(m)
def mutate(s):
    i = rnd.randrange(len(s) + 1)
    return rnd.choice([s[:i] + rnd.choice(" _+-.0x9eEjnaif()bB１") + s[i:], s[:i] + s[i + 1:], s])

# ---- int
for _ in range(ROUNDS):
    a, b = rint(), rint()
    A, B = arg_int(a), arg_int(b)
    case("add", [A, B], lambda: dec(a + b)); case("sub", [A, B], lambda: dec(a - b)); case("mul", [A, B], lambda: dec(a * b))
    case("divmod", [A, B], lambda: "{},{}".format(*map(dec, divmod(a, b)))); case("mod", [A, B], lambda: dec(a % b))
    case("and", [A, B], lambda: dec(a & b)); case("or", [A, B], lambda: dec(a | b)); case("xor", [A, B], lambda: dec(a ^ b))
    case("inv", [A], lambda: dec(~a)); case("gcd", [A, B], lambda: dec(math.gcd(a, b))); case("lcm", [A, B], lambda: dec(math.lcm(a, b)))
    case("isqrt", [A], lambda: dec(math.isqrt(a))); case("bits", [A], lambda: f"{a.bit_length()},{a.bit_count()}")
    case("tofloat", [A], lambda: fl(float(a))); case("truediv", [A, B], lambda: fl(a / b)); case("ihash", [A], lambda: hash(a))
    s = rnd.randrange(-2, 400); case("shl", [A, s], lambda: dec(a << s)); case("shr", [A, s], lambda: dec(a >> s))
    e = rnd.randrange(0, 12); case("pow", [A, e], lambda: dec(a ** e))
    m, e = rint(), rnd.choice([rint(), rnd.randrange(-5, 50)])
    if m.bit_length() < 400 and e.bit_length() < 400: case("modpow", [A, arg_int(e), arg_int(m)], lambda: dec(pow(a, e, m)))
    f = rfloat(); case("fromfloat", [f], lambda: dec(int(f)))
    f = rnd.choice([f, float(a) if abs(a) < 1 << 900 else 1.0]); case("cmpf", [A, f], lambda: "None" if f != f else "Some(" + ("Less" if a < f else "Greater" if a > f else "Equal") + ")")
    n = rnd.randrange(0, 40); case("iround", [A, n], lambda: dec(round(a, -n)))
    n, o, sg = rnd.randrange(-1, 40), rnd.choice(["little", "big", "x"]), rnd.random() < .5
    case("tobytes", [A, n, Raw(o), sg], lambda: a.to_bytes(n, o, signed=sg).hex())
    bb = rbytes(30); case("frombytes", [bb, Raw(o), sg], lambda: dec(int.from_bytes(bb, o, signed=sg)))
    base = rnd.choice([0, 0, 10, 10, 2, 8, 16, 36, 7, 37, 1])
    t = rnd.choice([dec(a), hex(a), oct(a), bin(a), f"{a:_}" if abs(a) < 10**4000 else "0", " " + dec(a) + "\n", "\u2003" + dec(a), rstr(5), "0_1", "0x_f", "00", "+ 1", "٣٤"])
    for _ in range(rnd.randrange(2)): t = mutate(t)
    case("iparse", [t, base], lambda: dec(int(t, base)))
    tb = t.encode("utf-8", "surrogatepass")
    case("ibparse", [tb, base], lambda: dec(int(tb, base)))
    case("istr", [A], lambda: str(a)); base = rnd.choice([2, 8, 16]); case("ibase", [A, base], lambda: {2: bin, 8: oct, 16: hex}[base](a))
for k in (4299, 4300, 4301, 5000):
    n = 10 ** (k - 1); case("istr", [arg_int(n)], lambda: str(n)); case("istr", [arg_int(-n)], lambda: str(-n)); t = "1" * k; case("iparse", [t, 10], lambda: dec(int(t))); case("iparse", [t, 16], lambda: dec(int(t, 16)))
for sh in [1 << 62, 1 << 64, 1 << 40]:
    case("shl", [1, sh], lambda: 1 << sh); case("shl", [0, sh], lambda: 0 << sh); case("shr", [-1, sh], lambda: -1 >> sh)

# ---- float, complex
for _ in range(ROUNDS):
    a, b = rfloat(), rfloat()
    case("frepr", [a], lambda: repr(a)); case("fhex", [a], lambda: a.hex()); case("fratio", [a], lambda: "{},{}".format(*map(dec, a.as_integer_ratio())))
    n = rnd.choice([rnd.randrange(-5, 20), rnd.randrange(-330, 330)]); case("fround", [a, n], lambda: fl(round(a, n))); case("fround0", [a], lambda: dec(round(a)))
    if b: case("fdivmod", [a, b], lambda: "{},{}".format(*map(fl, divmod(a, b))))
    case("fmod", [a, b], lambda: fl(a % b)); case("ffloordiv", [a, b], lambda: fl(a // b))
    p = rnd.choice([b, float(rnd.randrange(-20, 20)), .5, -.5])
    case("fpow", [a, p], lambda: "complex" if a < 0 and math.isfinite(a) and math.isfinite(p) and p != math.floor(p) else fl(a ** p))
    if a == a: case("fhash", [a], lambda: hash(a))
    case("fhalf", [h := rnd.choice([a, rnd.uniform(-70000, 70000), rnd.uniform(-1e-4, 1e-4)])], (lambda h: lambda: struct.unpack("<H", struct.pack("<e", h))[0])(h))
    t = rnd.choice([repr(a), str(int(a)) if a == a and abs(a) < 1e300 else "inf", f"{a:.30f}", f"{a:e}", " " + repr(a) + "\t", "1_0.5e1_0", "infinity", "-NaN", "٣.٥", rstr(6), ".5", "5.", "1e", "0x1", "1" * 400, "1e400", "1e-400"])
    for _ in range(rnd.randrange(3)): t = mutate(t)
    case("fparse", [t], lambda: fl(float(t))); tb = t.encode("utf-8", "surrogatepass"); case("fbparse", [tb], lambda: fl(float(tb)))
    t = rnd.choice([a.hex(), "0x1.8p3", "1.8", "0x.8", "-0x1p-1074", "0x1.fffffffffffff8p1023", "0x1.fffffffffffff7fp1023", "0x1p1024", "inf", "nan", " 0xaP2 ", f"0x{rnd.getrandbits(80):x}.{rnd.getrandbits(90):x}p{rnd.randrange(-1200, 1100)}", "0x1p99999999999999999999", "0x0p99999999999999999999"])
    if rnd.random() < .4: t = mutate(t)
    if t.isascii(): case("ffromhex", [t], lambda: fl(float.fromhex(t)))
    z, w = complex(a, b), complex(rfloat(), rfloat())
    if rnd.random() < .5: w = complex(rnd.randrange(-5, 6), rnd.choice([0, 0, 1]))
    Z, W = [z.real, z.imag], [w.real, w.imag]
    case("cmul", Z + W, lambda: cx(z * w)); case("cdiv", Z + W, lambda: cx(z / w)); case("cpow", Z + W, lambda: cx(z ** w)); case("cabs", Z, lambda: fl(abs(z))); case("crepr", Z, lambda: repr(z))
    case("rdivc", [a] + W, lambda: cx(a / w)); case("cdivr", W + [a], lambda: cx(w / a)); case("cmulr", W + [a], lambda: cx(w * a)); case("rsubc", [a] + W, lambda: cx(a - w))
    if z == z: case("chash", Z, lambda: hash(z))
    t = rnd.choice([repr(z), repr(w), "1+2j", "(1-j)", "j", "-j", " ( 1e5j ) ", "1_0+2_0j", "nan+infj", "1+1"])
    for _ in range(rnd.randrange(3)): t = mutate(t)
    case("cparse", [t], lambda: cx(complex(t)))
for h in range(0, 65536, 7): case("fhalfun", [h], lambda: fl(struct.unpack("<e", struct.pack("<H", h))[0]))

# ---- format
def rspec():
    s = ""
    r = rnd.random
    if r() < .4: s += rnd.choice(["", "*", "é", "0", "😀", "<"]) + rnd.choice("<>=^")
    if r() < .3: s += rnd.choice("+- ")
    if r() < .15: s += "z"
    if r() < .2: s += "#"
    if r() < .2: s += "0"
    if r() < .5: s += str(rnd.randrange(0, 25))
    if r() < .3: s += rnd.choice([",", "_", ",_", "__"]) if r() < .2 else rnd.choice(",_")
    if r() < .4: s += "." + (str(rnd.randrange(0, 20)) if r() < .95 else "")
    if r() < .1 and "." in s: s += rnd.choice([",", "_"])
    if r() < .8: s += rnd.choice("bcdeEfFgGnosxX%")
    if r() < .05: s = mutate(s)
    return s
for _ in range(ROUNDS * 3):
    a, f, s = rint(), rfloat(), rspec()
    if abs(a) >> 200: a = rnd.randrange(-10**12, 10**12)
    if rnd.random() < .3: a = rnd.randrange(0, 300)
    case("fmti", [arg_int(a), s], lambda: enc(format(a, s))); case("fmtf", [f, s], lambda: enc(format(f, s)))
    g = rfloat(); case("fmtc", [f, g, s], lambda: enc(format(complex(f, g), s))); t = rstr(8); case("fmts", [t, s], lambda: enc(format(t, s)))
    t = rnd.choice(["", "a", "é%%"]) + "%" + "".join(rnd.choice("-+ #0") for _ in range(rnd.randrange(3))) + rnd.choice(["", str(rnd.randrange(20))]) + rnd.choice(["", ".", "." + str(rnd.randrange(15))]) + rnd.choice(["", "", "l"]) 
    c = rnd.choice("diuoxX"); case("pct", [t + c, Raw("i:" + dec(a))], lambda: enc((t + c) % a))
    c = rnd.choice("eEfFgG"); case("pct", [t + c, Raw("f:" + arg(f))], lambda: enc((t + c) % f))
    x = rstr(8); case("pct", [t + "s", Raw("s:" + arg(x))], lambda: enc((t + "s") % x))
    t = "".join(rnd.choice(["{", "}", "{{", "}}", "a", "!", "!r", ":", "[", "]", ".", "0", "{}", "{0:{1}}", "{a.b[c]!s:>5}", "é"]) for _ in range(rnd.randrange(1, 7)))
    import _string
    def fields(t=t):
        out = ""
        for lit, name, spec, conv in _string.formatter_parser(t):
            out += enc(lit)
            if name is not None: out += f"|{enc(name)}|{enc(spec)}|{None if conv is None else ord(conv)}"
            out += ";"
        return out
    case("fields", [t], fields)

# ---- str and bytes
for _ in range(ROUNDS * 2):
    t = rstr(25); u = rnd.choice([rstr(3), t[(i := rnd.randrange(len(t) + 1)):i + rnd.randrange(4)], rnd.choice(CHARS)]); v = rstr(4); n = rnd.choice([-1, -1, 0, 1, 2, 3])
    nn = lambda i: None if i < 0 else i
    case("sfind", [t, u], lambda: nn(t.find(u))); case("srfind", [t, u], lambda: nn(t.rfind(u))); case("scount", [t, u], lambda: t.count(u))
    sep = rnd.choice([None, u, u]); L = lambda x: ",".join(map(enc, x))
    case("ssplit", [t, sep, n], lambda: L(t.split(sep, n))); case("srsplit", [t, sep, n], lambda: L(t.rsplit(sep, n)))
    k = rnd.random() < .5; case("slines", [t, k], lambda: L(t.splitlines(k)))
    case("spart", [t, u], lambda: "None" if not (p := t.partition(u))[1] else enc(p[0]) + "," + enc(p[2])); case("srpart", [t, u], lambda: "None" if not (p := t.rpartition(u))[1] else enc(p[0]) + "," + enc(p[2]))
    sd = rnd.choice("lrb"); f = {"l": str.lstrip, "r": str.rstrip, "b": str.strip}[sd]; cs = rnd.choice([None, u, rstr(6)]); case("sstrip", [t, cs, Raw(sd)], lambda: enc(f(t, cs)))
    case("sreplace", [t, u, v, n], lambda: enc(t.replace(u, v, n)))
    for m in "lower upper title capitalize swapcase casefold".split(): case("s" + m, [t], lambda: enc(getattr(t, m)()))
    case("sis", [t], lambda: [int(getattr(t, "is" + m)()) for m in "alpha alnum decimal digit numeric space printable lower upper title identifier".split()])
    q = rnd.choice([t[:1], t[:2], u]); case("sis", [q], lambda: [int(getattr(q, "is" + m)()) for m in "alpha alnum decimal digit numeric space printable lower upper title identifier".split()])
    w = rnd.randrange(-2, 40); fc = rnd.choice(CHARS)
    for m in "center ljust rjust".split(): case("s" + m, [t, w, ord(fc)], lambda: enc(getattr(t, m)(w, fc)))
    z = rnd.choice("+- a") + t; case("szfill", [z, w], lambda: enc(z.zfill(w))); case("stabs", [t, w % 12], lambda: enc(t.expandtabs(w % 12)))
    case("srepr", [t], lambda: enc(repr(t))); case("sascii", [t], lambda: enc(ascii(t))); case("slen", [t], lambda: f"{len(t)},{len(t)}")
    big = t * rnd.randrange(1, 60); i = rnd.randrange(len(big) + 2); case("sat", [big, i], lambda: ord(big[i]) if i < len(big) else None)
    case("shash", [t, 12345], lambda: hash(t))
    form = rnd.choice(["NFC", "NFD", "NFKC", "NFKD"]); case("snorm", [t, Raw(form)], lambda: enc(unicodedata.normalize(form, t))); case("snorm32", [t, Raw(form)], lambda: enc(unicodedata.ucd_3_2_0.normalize(form, t)))
    b = rbytes(25); u = rnd.choice([rbytes(3), b[(i := rnd.randrange(len(b) + 1)):i + 2]]); v = rbytes(4)
    sep = rnd.choice([None, u, u]); case("bsplit", [b, sep, n], lambda: L(b.split(sep, n))); case("brsplit", [b, sep, n], lambda: L(b.rsplit(sep, n))); case("blines", [b, k], lambda: L(b.splitlines(k)))
    case("bcount", [b, u], lambda: b.count(u)); fb = {"l": bytes.lstrip, "r": bytes.rstrip, "b": bytes.strip}[sd]; cb = rnd.choice([None, u]); case("bstrip", [b, cb, Raw(sd)], lambda: enc(fb(b, cb)))
    case("breplace", [b, u, v, n], lambda: enc(b.replace(u, v, n))); case("bcase", [b], lambda: L([b.lower(), b.upper(), b.title(), b.capitalize(), b.swapcase()]))
    case("bis", [b], lambda: [int(getattr(b, "is" + m)()) for m in "alpha alnum digit space lower upper title".split()])
    case("bpad", [b, w], lambda: L([b.center(w, b"*"), b.ljust(w, b"*"), b.rjust(w, b"*"), b.zfill(w), b.expandtabs(w)]))
    case("brepr", [b], lambda: enc(repr(b)))
    sp, g = rnd.choice([None, b":", b"-", "é", "ab"]), rnd.randrange(-5, 6)
    case("bhex", [b, sp, g], lambda: enc(b.hex() if sp is None else b.hex(sp, g)))
    hx = rnd.choice([b.hex(), b.hex(" ") if b else "", mutate(b.hex()), rstr(4)]); case("bfromhex", [hx], lambda: enc(bytes.fromhex(hx)))

# ---- unicode database
if not ONLY or ONLY & {"ucd", "ucd32", "ulookup"}:
    N = None
    for src, op in ((unicodedata, "ucd"), (unicodedata.ucd_3_2_0, "ucd32")):
        for c in range(0, 0x110000, 1 if ROUNDS >= 2000 else 17):
            if 0x3400 < c < 0x9f00 and c % 97 or 0xac00 < c < 0xd700 and c % 13 or c > 0x32000 and c % 61: continue
            ch = chr(c)
            case(op, [c], lambda: ",".join(map(str, [src.category(ch), src.bidirectional(ch), src.combining(ch), src.mirrored(ch), src.east_asian_width(ch), src.decomposition(ch), src.decimal(ch, N), src.digit(ch, N), "None" if (x := src.numeric(ch, N)) is None else fl(x), src.name(ch, N)])))
    for c in range(0, 0x110000, 1 if ROUNDS >= 2000 else 37):
        if 0x3400 < c < 0x9f00 and c % 97 or c > 0x32000: continue
        if n := unicodedata.name(chr(c), None):
            n = rnd.choice([n, n.lower()]); case("ulookup", [n], lambda: "+".join(str(ord(z)) for z in unicodedata.lookup(n)))
    for n in ["LINE FEED", "NULL", "BEL", "latin small letter ghA", "KEYCAP DIGIT ONE", "LATIN SMALL LETTER R WITH TILDE", "CJK UNIFIED IDEOGRAPH-4E00", "CJK UNIFIED IDEOGRAPH-4e00", "CJK UNIFIED IDEOGRAPH-04E00", "HANGUL SYLLABLE GAG", "HANGUL SYLLABLE XX", "hangul syllable a", "TANGUT IDEOGRAPH-17000", "x", "EGYPTIAN HIEROGLYPH-13460"]:
        def look(n=n):
            try: return "+".join(str(ord(z)) for z in unicodedata.lookup(n))
            except KeyError: return "None"
        case("ulookup", [n], look)
    for c in range(0, 0x110000, 1):
        ch = chr(c)
        if 0x3400 < c < 0x9f00 and c % 97 or 0xac00 < c < 0xd700 and c % 13 or c > 0x32000 and c % 61: continue
        case("sis", [ch], lambda: [int(getattr(ch, "is" + m)()) for m in "alpha alnum decimal digit numeric space printable lower upper title identifier".split()])
        for m in "lower upper title casefold".split():
            if c < 0x20000: case("s" + m, [ch], lambda: enc(getattr(ch, m)()))
        if c < 0x32000:
            form = rnd.choice(["NFC", "NFD", "NFKC", "NFKD"]); case("snorm", [ch, Raw(form)], lambda: enc(unicodedata.normalize(form, ch))); case("snorm32", [ch, Raw(form)], lambda: enc(unicodedata.ucd_3_2_0.normalize(form, ch)))

# ---- codecs
HANDLERS = ["strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "surrogateescape", "surrogatepass"]
CODECS = {"utf-8": codecs.utf_8_decode, "latin-1": codecs.latin_1_decode, "ascii": codecs.ascii_decode, "utf-16": codecs.utf_16_decode, "utf-16-le": codecs.utf_16_le_decode, "utf-16-be": codecs.utf_16_be_decode, "utf-32": codecs.utf_32_decode, "utf-32-le": codecs.utf_32_le_decode, "utf-32-be": codecs.utf_32_be_decode, "utf-7": codecs.utf_7_decode, "unicode-escape": codecs.unicode_escape_decode, "raw-unicode-escape": codecs.raw_unicode_escape_decode}
SPICE = [b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xe2\x82", b"\xc3\xa9", b"\xf4\x90\x80\x80", b"\x00\xd8\x00\xdc", b"\xd8\x00\xdc\x00", b"\xff\xfe", b"\xfe\xff", b"+AOk-", b"+2D3eAA-", b"+2D0-", b"+", b"\\u00e9", b"\\x4", b"\\N{BEL}", b"\\N{x}", b"\\N{", b"\\U0011ffff", b"\\q", b"\\777", b"\\", b"\x00\x00\xd8\x00", b"A\0\0\0", b"A\0"]
for _ in range(ROUNDS * 4):
    t = rstr(10); name = rnd.choice(list(CODECS)); h = rnd.choice(HANDLERS)
    def encode():
        try: return enc(t.encode(name, h))
        except UnicodeEncodeError as e: return f"{e.encoding} {e.start} {e.end} {e.reason}"
    case("enc", [t, Raw(name), Raw(h)], encode)
    b = rnd.choice([rbytes(10), b"".join(rnd.choice(SPICE + [b"a", b"\n"]) for _ in range(rnd.randrange(5))), t.encode(name, "surrogatepass" if "utf" in name and name != "utf-7" else "replace")])
    if rnd.random() < .4 and b: i = rnd.randrange(len(b)); b = b[:i] + rnd.randbytes(1) * rnd.randrange(2) + b[i + 1:]
    last = rnd.random() < .6
    def decode():
        try:
            if name in ("latin-1", "ascii"): r = CODECS[name](b, h)
            else: r = CODECS[name](b, h, last)
            return f"{enc(r[0])},{r[1]}"
        except UnicodeDecodeError as e: return f"{e.encoding} {e.start} {e.end} {e.reason}"
        except TypeError as e: return f"TYPEERROR {e}"
    r = decode()
    if not r.startswith("TYPEERROR"): case("dec", [b, Raw(name), Raw(h), last], lambda: r)
    eh = rnd.choice(["strict", "replace", "ignore"]); case("escdec", [b, Raw(eh)], lambda: enc(codecs.escape_decode(b, eh)[0])); case("escenc", [b], lambda: enc(codecs.escape_encode(b)[0]))
    hs = [rnd.choice([rnd.randrange(-3, 1000), rnd.getrandbits(60)]) for _ in range(rnd.randrange(1, 6))]; hs = [x for x in hs if x != -1] or [0]
    case("htuple", hs, lambda: hash(tuple(hs))); hs = list(set(hs)); case("hfset", hs, lambda: hash(frozenset(hs)))

# ---- math, cmath, struct, random
import cmath
def rmath():
    k = rnd.random()
    if k < .4: return rfloat()
    if k < .7: return rnd.uniform(-3, 3)
    return rnd.choice([rnd.uniform(-200, 200), rnd.uniform(-1, 1), float(rnd.randrange(-180, 180)), rnd.uniform(-720, 720)])
M1 = "acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp2 expm1 gamma lgamma log log10 log1p log2 sin sinh sqrt tan tanh ulp degrees radians".split()
CM = "acos acosh asin asinh atan atanh cos cosh exp log10 sin sinh sqrt tan tanh log".split()
for _ in range(ROUNDS):
    for n in M1:
        x = rmath(); case("m1", [Raw(n), x], lambda: fl(getattr(math, n)(x)))
    x, y, z = rmath(), rmath(), rmath()
    case("m1", [Raw("frexp"), x], lambda: "{},{}".format(fl(math.frexp(x)[0]), math.frexp(x)[1])); case("m1", [Raw("modf"), x], lambda: ",".join(map(fl, math.modf(x))))
    for n in "atan2 copysign fmod remainder pow nextafter".split(): case("m2", [Raw(n), x, y], lambda: fl(getattr(math, n)(x, y)))
    case("m3", [x, y, z], lambda: fl(math.fma(x, y, z))); e = rnd.choice([rnd.randrange(-2000, 2000), 10**15, -10**15]); case("ldexp", [x, e], lambda: fl(math.ldexp(x, e)))
    st = rnd.choice([0, 1, 5, rnd.getrandbits(62)]); case("nextsteps", [x, y, st], lambda: fl(math.nextafter(x, y, steps=st)))
    t = [abs(rmath()) * rnd.choice([1, -1, 1, 1]) for _ in range(2)]; w = rnd.choice([y, x * (1 + 1e-10)]); case("isclose", [x, w] + t, lambda: str(math.isclose(x, w, rel_tol=t[0], abs_tol=t[1])).lower())
    v = [rnd.choice([rmath(), x, -x, 1e16, 1.0, -1e16]) for _ in range(rnd.randrange(1, 12))]
    if rnd.random() < .7: v = [q for q in v if math.isfinite(q)] or [1.0]
    case("fsum", v, lambda: fl(math.fsum(v))); case("hypot", v, lambda: fl(math.hypot(*v)))
    if len(v) % 2 == 0: case("sumprod", v, lambda: fl(math.sumprod(v[::2], v[1::2])))
    n, k = rnd.randrange(-1, 200), rnd.randrange(-1, 100)
    if rnd.random() < .2: n = rint()
    if abs(n) < 1 << 2000: case("comb", [arg_int(n), k], lambda: dec(math.comb(n, k))); case("perm", [arg_int(n), k], lambda: dec(math.perm(n, k)))
    k = rnd.randrange(-2, 500); case("factorial", [k], lambda: dec(math.factorial(k)))
    n = rint(); A = arg_int(n); case("logbig", [A], lambda: fl(math.log(n))); case("log2big", [A], lambda: fl(math.log2(n))); case("log10big", [A], lambda: fl(math.log10(n)))
    c = complex(rmath(), rmath())
    if rnd.random() < .1: c = complex(rnd.choice([-1, 1]) * rnd.uniform(708, 711), c.real)
    if rnd.random() < .1: c = complex(c.imag, rnd.choice([-1, 1]) * rnd.uniform(708, 711))
    for n in CM: case("cm", [Raw(n), c.real, c.imag], lambda: cx(getattr(cmath, n)(c)))
    case("cm", [Raw("phase"), c.real, c.imag], lambda: fl(cmath.phase(c))); case("cm", [Raw("polar"), c.real, c.imag], lambda: ",".join(map(fl, cmath.polar(c)))); case("cm", [Raw("rect"), c.real, c.imag], lambda: cx(cmath.rect(c.real, c.imag)))
    seed = rint(); ks = [rnd.choice([0, 0, rnd.randrange(1, 200)]) for _ in range(rnd.randrange(1, 20))]
    def mt():
        r = random.Random(seed); out = "".join((fl(r.random()) if k == 0 else dec(r.getrandbits(k))) + "," for k in ks); s = r.getstate()[1]
        return f"{out}{s[-1]}:{s[0]}:{s[623]}"
    case("mt", [arg_int(seed)] + ks, mt)
    code = rnd.choice("bBhHiIlLqQnNP"); pre = rnd.choice(["", "@", "<", ">", "=", "!"]) if code not in "nNP" else ""
    v = rnd.choice([rint(), rnd.choice([1, -1]) * ((1 << rnd.choice([7, 8, 15, 16, 31, 32, 63, 64])) + rnd.randrange(-2, 2)), rnd.randrange(-100, 100)])
    case("pack", [pre + code, arg_int(v)], lambda: enc(struct.pack(pre + code, v))); code = rnd.choice("efd"); case("pack", [pre + code, x], lambda: enc(struct.pack(pre + code, x)))
    code = rnd.choice("sp"); n = rnd.randrange(0, 9); b = rbytes(10); case("pack", [f"{n}{code}", b], lambda: enc(struct.pack(f"{n}{code}", b)))
    code = rnd.choice("FD"); case("pack", [pre + code, c.real, c.imag], lambda: enc(struct.pack(pre + code, c)))
    f = rnd.choice(["", "@", "<", ">", "=", "!"]) + "".join(rnd.choice(["", "", str(rnd.randrange(4)), " "]) + rnd.choice("xcbB?hHiIlLqQefdFDspnNPz") for _ in range(rnd.randrange(1, 6)))
    def nvalues(f=f):
        n = struct.calcsize(f); k = len(struct.unpack(f, bytes(n))); return f"{n},{k}"
    case("calcsize", [f], nvalues)
    try: n = struct.calcsize(f)
    except struct.error: continue
    b = rnd.randbytes(n)
    def unpack(f=f, b=b):
        out = []
        for v in struct.unpack(f, b): out.append(enc(v) if isinstance(v, bytes) else str(int(v)) if isinstance(v, int) else cx(v) if isinstance(v, complex) else fl(v))
        return f"{len(b)}:" + ",".join(out)
    case("unpack", [f, b], unpack)

if out := os.environ.get("GOLDEN"):
    # A selection for `cargo test`: short lines, evenly over the operations, nothing that depends
    # on the version of the C library.
    rough = {"m1", "m2", "cm", "fpow", "cpow", "hypot", "logbig", "log10big", "log2big"}
    per, lines = {}, []
    for c, want in rnd.sample(cases, len(cases)):
        op = c.split("\t")[0]
        if op in rough and not want.startswith("!"): continue
        if len(c) + len(want) < 180 and per.get(op, 0) < (60 if op in ("ucd", "dec", "enc") else 14) and "\n" not in c + want and "\r" not in c + want and c + want == (c + want).encode("utf-8", "replace").decode():
            per[op] = per.get(op, 0) + 1
            lines.append(c + "\t=>\t" + want)
    open(out, "w").write("\n".join(sorted(lines)) + "\n")

p = subprocess.run([DRIVER], input="\n".join(c for c, _ in cases) + "\n", capture_output=True, encoding="utf-8", errors="replace")
got = p.stdout.split("\n")[:-1]
if p.returncode or len(got) != len(cases): print("driver failed", p.returncode, len(got), len(cases), p.stderr[-2000:], cases[len(got)][0][:300])
bad = {}
counts = {}
for (c, want), g in zip(cases, got):
    op = c.split("\t")[0]
    counts[op] = counts.get(op, 0) + 1
    if c.startswith("m1\tcbrt") and want[0] == g[0] == "=" and len(want) == len(g) == 17 and abs(int(want[1:], 16) - int(g[1:], 16)) <= 4: continue  # ours is the correctly rounded one
    if want.encode("utf-8", "replace").decode() != g: bad.setdefault(op, []).append((c, want, g))
for op, v in bad.items():
    print(f"== {op}: {len(v)} of {counts[op]} differ")
    for c, want, g in v[:6]: print("  ", c[:200], "\n     want", want[:200], "\n     got ", g[:200])
print(len(cases), "cases,", sum(map(len, bad.values())), "differ,", len(counts), "operations")
