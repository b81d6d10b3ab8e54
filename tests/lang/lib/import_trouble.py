"""What is said of names that are missing because of how a module was found or is being imported."""
import os
import sys
import tempfile


def attempt(name):
    sys.modules.pop(name, None)
    try:
        __import__(name)
    except (AttributeError, ImportError) as e:
        print(type(e).__name__, str(e).replace(place, '<place>'))


def write(name, text):
    with open(os.path.join(place, name), 'w') as file:
        file.write(text)


with tempfile.TemporaryDirectory() as place:
    sys.path.insert(0, place)
    os.mkdir(os.path.join(place, 'pack'))
    write('first.py', 'import second\nx = 1\n')
    write('second.py', 'import first\nfirst.x\n')
    write('third.py', 'import fourth\nx = 1\n')
    write('fourth.py', 'from third import x\n')
    write('pack/__init__.py', 'from . import inner\n')
    write('pack/inner.py', 'import pack\npack.inner\n')
    write('whole.py', '')
    for name in 'first', 'third', 'pack':
        attempt(name)
    import whole
    try:
        whole.nothing
    except AttributeError as e:
        print(e)
    try:
        from whole import nothing
    except ImportError as e:
        print(str(e).replace(place, '<place>'), e.name, e.path == whole.__file__)
