# The packed library behaves as files on sys.path: place, source, and what goes before it.
import inspect
import os
import sys
import tempfile
import textwrap
import traceback

print(os.path.basename(textwrap.__file__), inspect.getsource(textwrap.dedent).splitlines()[0])
print(os.path.basename(textwrap.dedent.__code__.co_filename), os.path.basename(inspect.getsourcefile(textwrap)))
try:
    textwrap.shorten('x' * 10, 1)
except ValueError as e:
    frames = traceback.extract_tb(e.__traceback__)
    print([os.path.basename(f.filename) for f in frames][1:3], bool(frames[-1].line))
with tempfile.TemporaryDirectory() as folder:
    for name in ('colorsys', 'math'):
        with open(os.path.join(folder, name + '.py'), 'w') as file:
            file.write('here = True\n')
    sys.path.insert(0, folder)
    sys.modules.pop('colorsys', None)
    import colorsys
    import math
    print(getattr(colorsys, 'here', False), getattr(math, 'here', False))
    sys.path.remove(folder)
print(any(path.endswith('python3.14') for path in sys.path))
