# Seeded random patterns over random texts: spans, last groups and every way of asking.
import random
import re
import sys
import warnings
import zlib

warnings.simplefilter('ignore')
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
VERBOSE = len(sys.argv) > 3
rng = random.Random(SEED)

LETTERS = 'abAB'
WIDE = 'é\u0131ſK\u20acßÀ\U00010400\ud800'
UNITS = ['.', r'\w', r'\W', r'\d', r'\s', r'\S', '[ab]', '[^a]', '[a-c]', '[^a-b\n]', r'[\w-]', r'[^\d]',
         r'\.', r'[A-Z]', '[é-ü]', r'[\sa]', '[^\u0100]', '[ſ-ƒa]']
ANCHORS = ['^', '$', r'\b', r'\B', r'\A', r'\Z']


class Maker:
    def __init__(self, wide, words):
        self.groups = 0
        self.loops = 0
        self.open = []
        self.done = []
        self.wide = wide
        self.letters = LETTERS + ('é' if wide else '') + ('0 ' if words else '')

    def unit(self):
        r = rng.random()
        if r < 0.55:
            return rng.choice(self.letters)
        if r < 0.6 and self.wide:
            return rng.choice(WIDE[:-1])
        unit = rng.choice(UNITS)
        if not self.wide and not unit.isascii():
            return 'b'
        return unit

    def quantifier(self, atom):
        # No more than one loop around a loop: the time would explode.
        if '*' in atom or '+' in atom or ',' in atom or '?' in atom.replace('(?', ''):
            if atom.count('(') > 1 or self.loops > 12:
                return ''
            self.loops += 4
            return rng.choice(['*', '?', '+', '*?', '{,2}'])
        self.loops += 1
        q = rng.choice(['*', '+', '?', '{2}', '{1,2}', '{,3}', '{2,}', '*', '+', '?', '{0}'])
        return q + rng.choice(['', '', '', '?', '?', '+'])

    def atom(self, depth):
        r = rng.random()
        if depth <= 0 or r < 0.45:
            return self.unit()
        if r < 0.65:
            self.groups += 1
            n = self.groups
            self.open.append(n)
            body = self.alternation(depth - 1)
            self.open.pop()
            self.done.append(n)
            return f'({body})' if rng.random() < 0.8 else f'(?P<n{n}>{body})'
        if r < 0.78:
            return f'(?:{self.alternation(depth - 1)})'
        if r < 0.82:
            return f'(?>{self.alternation(depth - 1)})'
        if r < 0.87:
            return f'(?={self.alternation(depth - 1)})'
        if r < 0.91:
            return f'(?!{self.alternation(depth - 1)})'
        if r < 0.94:
            return rng.choice(['(?<=', '(?<!']) + ''.join(
                self.unit() for _ in range(rng.randrange(1, 3))) + ')'
        if r < 0.97 and self.done:
            return '\\%d(?:)' % rng.choice(self.done)
        if self.done:
            n = rng.choice(self.done)
            return f'(?({n}){self.sequence(depth - 1)}|{self.sequence(depth - 1)})'
        return rng.choice(ANCHORS)

    def sequence(self, depth):
        out = []
        for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4])):
            if rng.random() < 0.1:
                out.append(rng.choice(ANCHORS))
                continue
            atom = self.atom(depth)
            if rng.random() < 0.4:
                atom += self.quantifier(atom)
            out.append(atom)
        return ''.join(out)

    def alternation(self, depth):
        n = rng.choice([1, 1, 1, 2, 2, 3])
        return '|'.join(self.sequence(depth) for _ in range(n))


def subject(wide, words):
    alphabet = LETTERS * 2 + '\n' + ('0 .-' if words else '') + (WIDE if wide else '')
    return ''.join(rng.choice(alphabet) for _ in range(rng.randrange(0, 11)))


def show(m):
    return m and (m.regs, m.lastindex, m.lastgroup, m.pos, m.endpos, m.groups('-'))


def ask(p, text, empty):
    out = []
    n = len(text)
    i, j = rng.randrange(-1, n + 2), rng.randrange(-1, n + 2)
    for f in (p.match, p.fullmatch, p.search):
        out.append(show(f(text)))
        out.append(show(f(text, i)))
        if i <= j:
            out.append(show(f(text, i, j)))
    out.append(p.findall(text))
    out.append([m.regs for m in p.finditer(text, max(i, 0))])
    out.append(p.split(text))
    out.append(p.split(text, 2))
    template = rng.choice(['<\\g<0>>', 'x', '\\1-' if p.groups else '']) or 'y'
    if isinstance(text, bytes):
        template = template.encode()
    out.append(p.subn(template, text))
    out.append(p.sub(lambda m: m[0][::-1] + (m[p.groups] or empty), text, count=3))
    scanner = p.scanner(text)
    for _ in range(6):
        m = scanner.match() if rng.random() < 0.5 else scanner.search()
        out.append(m and m.regs)
        if not m:
            break
    return out


crc = 0
compiled = refused = 0
for number in range(COUNT):
    wide, words = rng.random() < 0.35, rng.random() < 0.5
    source = Maker(wide, words).alternation(3)
    flags = 0
    for flag in (re.I, re.M, re.S, re.A):
        if rng.random() < 0.2:
            flags |= flag
    binary = not wide and rng.random() < 0.25
    try:
        if binary:
            p = re.compile(source.encode(), flags | (re.L if rng.random() < 0.2 and not flags & re.A else 0))
        else:
            p = re.compile(source, flags)
    except (re.PatternError, ValueError, OverflowError) as e:
        refused += 1
        continue
    compiled += 1
    for _ in range(3):
        text = subject(wide and not binary, words)
        # What is not in the pattern's alphabet may still be in the text.
        if not binary and rng.random() < 0.3:
            text += rng.choice(WIDE)
        if binary:
            text = text.encode('latin-1', 'replace')
        state = rng.getstate()
        result = repr(ask(p, text, text[:0]))
        rng.setstate(state)
        rng.random()
        crc = zlib.crc32(result.encode('utf-8', 'surrogatepass'), crc)
        if VERBOSE:
            print(number, ascii(source), flags, ascii(text), crc)
            if sys.argv[3] == str(number):
                print(ascii(result))
    if number % 100 == 99:
        print(number + 1, compiled, refused, crc)
print(compiled, refused, crc)
