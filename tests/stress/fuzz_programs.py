"""Mutated source text: lines and tokens of the language programs are cut, repeated, swapped; what
still compiles runs under a limit. Usage: fuzz_programs.py SEED"""
import io
import os
import random
import signal
import sys

seed = int(sys.argv[1])
rng = random.Random(seed)
here = os.path.dirname(os.path.abspath(__file__))
folders = [os.path.join(here, '..', 'lang'), os.environ.get('FUZZ_CORPUS', '')]
paths = [os.path.join(d, f) for top in folders if top for d, _, files in os.walk(top) for f in files
         if f.endswith('.py') and f not in ('many_processes.py', 'processes.py', 'sockets.py', 'memory_limit.py')]
paths.sort()
TOKENS = ['(', ')', '[', ']', '{', '}', ':', ',', '=', '==', ':=', '*', '**', '.', '...', ';', '\n', '    ', '\\\n', '"', "'", '"""', "f'", '{x!r:>{y}}', "t'{x}'", '@', '->', 'lambda', 'yield',
          'yield from', 'await ', 'async ', 'for', 'in', 'if', 'else', 'while', 'with', 'as', 'try:', 'except:', 'except*', 'finally:', 'class C:', 'def f():', 'return', 'global x', 'nonlocal x', 'del ', 'import', 'from . import *',
          'match x:', 'case _:', 'type X = ', '[T]', 'None', 'True', '0', '1e400', '0x', '10**10', '9' * 50, '1_0', '\t', '\x00', '\x0c', 'é', '\ud800', '😀', '#', '# coding: latin-1', '~', '-', 'not ', 'is', '<<', '>>=', '%', '@=',
          'print', 'self', 'x', '_', '__debug__', '__class__', 'super()', 'raise', 'assert', 'break', 'continue', 'pass', '*a', '**k', '/', '*,', 'locals()', '(' * 90, '[' * 300, '-' * 2000, 'not ' * 500, 'x.' * 500]


def mutate(text):
    lines = text.split('\n')
    if len(lines) > 60:
        at = rng.randrange(len(lines) - 40)
        lines = lines[at:at + rng.randrange(5, 60)]
    for _ in range(rng.randrange(1, 6)):
        i = rng.randrange(len(lines))
        kind = rng.randrange(7)
        if kind == 0:
            del lines[i]
        elif kind == 1:
            lines.insert(i, rng.choice(lines))
        elif kind == 2:
            j = rng.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
        elif kind == 3:
            lines[i] = rng.choice(['    ', '']) + lines[i].lstrip() if rng.random() < 0.5 else '    ' + lines[i]
        else:
            line = lines[i]
            a = rng.randrange(len(line) + 1)
            b = min(len(line), a + rng.choice([0, 0, 1, 3, 10]))
            lines[i] = line[:a] + rng.choice(TOKENS) + line[b:]
        if not lines:
            lines = ['pass']
    return '\n'.join(lines)


class Timeout(BaseException):
    pass


def on_alarm(*args):
    raise Timeout


signal.signal(signal.SIGALRM, on_alarm)
out = sys.stdout
MODES = ['exec', 'exec', 'exec', 'exec', 'single', 'eval']
for round in range(60):
    with open(rng.choice(paths), encoding='utf-8', errors='surrogateescape') as f:
        text = mutate(f.read())
    data = text if rng.random() < 0.7 else text.encode('utf-8', 'surrogateescape' if rng.random() < 0.5 else 'replace')
    print(round, ascii(data)[-150:], file=out, flush=True)
    signal.setitimer(signal.ITIMER_REAL, 3)
    sys.stdout = io.StringIO()
    sys.stdin = io.StringIO('')
    try:
        code = compile(data, 'fuzz.py', rng.choice(MODES), optimize=rng.choice([-1, 0, 2]))
        if not any(w in text for w in ('remove', 'unlink', 'rmtree', 'fork', 'kill', 'exec', 'Popen', 'rename', 'open(', 'setrlimit', 'RLIMIT', 'alarm', 'itimer', '_exit')):
            exec(code, {'__name__': '__main__'})
    except Timeout:
        pass
    except BaseException:
        try:
            import traceback
            traceback.format_exc()
        except BaseException:
            pass
    finally:
        sys.stdout = out
        for _ in range(2):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
                sys.settrace(None)
                sys.setrecursionlimit(1000)
                signal.signal(signal.SIGALRM, on_alarm)
            except BaseException:
                pass
os.write(1, b'end\n')
os._exit(0)
