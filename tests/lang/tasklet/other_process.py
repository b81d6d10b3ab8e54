# outputs: ours (CPython has no tasklets)
# Tasklets go on in another process: modules that they know are imported there, and a module that was
# being imported goes along.
import os
import pickle
import shutil
import stackless
import subprocess
import sys
import tempfile

LOADER = """
import pickle, sys
sys.path.insert(0, sys.argv[1])
print('before', [name in sys.modules for name in ('colorsys', 'fractions', 'half', 'json.scanner')])
with open(sys.argv[2], 'rb') as f:
    t = pickle.load(f)
t.run()
print('after', 'half' in sys.modules and sorted(n for n in vars(sys.modules['half']) if n[0] != '_'))
"""
HALF = """
import stackless
import colorsys
x = 1
def f():
    return x + 1
g = lambda: f() * 2
for i in range(3):
    stackless.schedule_remove(i)
    x += 10
y = f(), g()
"""

folder = tempfile.mkdtemp()
with open(os.path.join(folder, "half.py"), "w") as f:
    f.write(HALF)
sys.path.insert(0, folder)


def saved(function):
    t = stackless.tasklet(function)()
    stackless.run()
    return t


def elsewhere(t):
    path = os.path.join(folder, "tasklet")
    with open(path, "wb") as f:
        pickle.dump(t, f)
    out = subprocess.run([sys.executable, "-c", LOADER, folder, path], capture_output=True, text=True)
    print(out.stdout.rstrip(), out.stderr)


def uses_modules():
    import colorsys
    import json.scanner
    from fractions import Fraction

    half = Fraction(1, 2)
    stackless.schedule_remove()
    print(colorsys.rgb_to_hsv(1, 0, 0), half + 1, json.scanner.__name__)


def imports():
    import half
    import sys

    print("imported", half.y, half.g(), sys.modules["half"] is half)


uses_modules.__module__ = imports.__module__ = None
elsewhere(saved(uses_modules))
t = saved(imports)
elsewhere(t)
copy = pickle.loads(pickle.dumps(t))
for _ in range(2):
    t.insert()
    stackless.run()
elsewhere(t)
t.insert()
stackless.run()
import half

print(half.y, t.alive, copy.alive)
shutil.rmtree(folder)
