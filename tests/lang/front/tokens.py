# Tokens of awkward texts, with and without comments and blank lines.
import _tokenize
import io
import warnings

warnings.simplefilter("ignore")


def toks(s, extra):
    it = _tokenize.TokenizerIter(io.StringIO(s, newline='').readline, extra_tokens=extra)
    out = []
    try:
        for t in it:
            out.append(t)
    except SyntaxError as e:
        out.append((type(e).__name__, e.args))
    return out
cases = ["", "1 + 1", "x\n", "# c", "# c\nx # d\n\n  \n", "if a:\n    b\n\n    # c\n  # d\nc", "if a:\r\n    # NL\r\n    foo='bar'\r\n\r\n", "x = 1 + \\\r\n1\r\n", "(1,\n 2)\n", "'''a\nb''' + c\n", "f'a{b!r:>{w}}c{{}} {x=}'", "f'''a\n{\nb:x\ny}\n'''", "rb'x' Rb\"y\" u'z' t'{a}' rt'\\{b}'", "a...b.c.5.e5 1e+5 0x1f 0b1 0o7 1j 1_0.5", "$ ? ! `", "€", "a€", "\x01", "(", "]", "(]", "'abc", "'''abc", "'a\\'b", "f'abc", "f'''abc", "f'{a", "f'{a:", "f'}'", "f'{a}}'", "f'{a]}'", "if a:\n  b\n c\n", "if a:\n\tb\n        c\n", "a \\ b\n", "a \\", "\\\n", "\\", "1_", "1__0", "0b2", "0x", "0o8", "012", "00", "1e+", "1if x else y", "1a", "0b1and", "1.0or", "1jif", "ub'x'", "fb''", "tf''", "ur''", "'\\N{BULLET}' f'\\N{BULLET}{a}' f'\\{a}'", "a := b != c -> d ** e // f >>= g", "async def f(): await x\n", "def f():\n\tpass\n  \n\nx", "f'{a:\\n}'", "f'{a!r:^{b}.{c}}'", "f'{a:{b:{c}}}'", "f'{a:{b:{c:{d}}}}'", "f'{{{a}}}'", "f'{a:{{b}}}'", "x\x0cy\n\x0c z", "日本 = '語' + f'{日本}語'\n", "if x:\n    y # \n\\\n    z", "\n\n\n", "  ", "   \n  a\n", "a\n  \\\n  b", "x = '''\n\n'''  # c", "f'{x # c\n}'", "f'''{x # c\n}'''", "lambda:0", "f'{lambda x: 1}'", "f'{(lambda x: 1)}'", "f'{a[b:c]:d}'", "a;b;\n", "@a\nclass b: pass", "\ufeffx", "if a:\n b\n  c", "x\\\n\n\ny", "f'a\nb'", "f'''a\\\nb'''", "r'''a\\''' '''b\\''''"]
for s in cases:
    for extra in (True, False):
        print(repr(s), extra)
        for t in toks(s, extra):
            print("   ", t)
