# outputs: ours (CPython cannot go so deep)
# Data nested 200,000 deep: whatever is done with it ends with a result or an exception (RecursionError,
# mostly), and freeing it needs no native stack.
import collections
import copy
import functools
import gc
import itertools
import json
import marshal
import operator
import pickle
import resource
import sys
import types

resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
DEPTH = 200_000


class Node:
    def __init__(self, x):
        self.x = x


MAKERS = {
    'list': lambda x: [x], 'tuple': lambda x: (x,), 'dict': lambda x: {'k': x}, 'instance': Node,
    'frozenset': lambda x: frozenset([x]), 'closure': lambda x: lambda: x, 'deque': lambda x: collections.deque([x]),
    'exception': ValueError, 'partial': lambda x: functools.partial(print, x), 'slice': slice,
    'list iterator': lambda x: iter([x]), 'generator': lambda x: (i for i in [x]), 'alias': lambda x: list[x],
    'proxy': lambda x: types.MappingProxyType({'a': x}), 'namespace': lambda x: types.SimpleNamespace(a=x),
    'chain': itertools.chain, 'enumerate': lambda x: enumerate(x), 'zip': lambda x: zip(x), 'map': lambda x: map(str, x),
    'staticmethod': staticmethod, 'property': property, 'itemgetter': operator.itemgetter,
    'method': lambda x: types.MethodType(len, x), 'method of a method': lambda x: types.MethodType(x, 1),
    'import error': ImportError, 'proxy of a proxy': types.MappingProxyType, 'alias of an alias': lambda x: types.GenericAlias(x, int),
}
FIRST = {'chain': [], 'enumerate': [], 'zip': [], 'map': [], 'staticmethod': len, 'alias': int, 'method': 1,
         'method of a method': len, 'proxy of a proxy': {}, 'alias of an alias': list}
OPERATIONS = {
    'repr': repr, 'eq': lambda x, y: x == y, 'lt': lambda x, y: x < y, 'hash': hash, 'copy': copy.copy, 'deepcopy': copy.deepcopy,
    'pickle': pickle.dumps, 'marshal': marshal.dumps, 'json': json.dumps, 'isinstance': lambda x: isinstance(1, x),
    'issubclass': lambda x: issubclass(int, x), 'call': lambda x: x(), 'next': lambda x: next(iter(x)), 'in': lambda x, y: x in [y],
    'key': lambda x: {x: 1}, 'sort': lambda x, y: sorted([x, y]), 'format': lambda x: f'{x}', 'startswith': lambda x: 'a'.startswith(x),
    'len': len, 'iter': list, 'item': lambda x: x['a'], 'contains': lambda x: 'a' in x, 'truth': bool, 'attribute': lambda x: x.nothing,
    'doc': lambda x: (x.__doc__, x.__name__), 'or': lambda x: x | {}, 'str': str, 'special': lambda x: x.__nothing__,
    'except': None, 'flatten': lambda x: sum(x, []), 'collect': lambda x: gc.collect(),
}


def nested(name):
    x, make = FIRST.get(name), MAKERS[name]
    for _ in range(DEPTH):
        x = make(x)
    return x


def catch(x):
    try:
        1 / 0
    except x:
        pass


OPERATIONS['except'] = catch
for name in MAKERS:
    x, y = nested(name), nested(name)
    for operation in OPERATIONS.values():
        two = operation.__code__.co_argcount == 2 if hasattr(operation, '__code__') and operation not in (json.dumps, copy.copy, copy.deepcopy) else False
        try:
            operation(x, y) if two else operation(x)
        except Exception:
            pass
    del x, y
    gc.collect()
    print(name, 'alive')

for text in ['[' * DEPTH, '(' * DEPTH + ')' * DEPTH, '-' * DEPTH + '1', 'x' + '.x' * DEPTH, 'not ' * DEPTH + '1', 'x' + '()' * DEPTH,
             '{' * DEPTH, 'f(' * DEPTH, '1' + '+1' * DEPTH, 'lambda: ' * DEPTH + '1', '"' + 'a' * DEPTH, 'if 1:\n' + ' if 1:\n' * 200, '1 if 1 else ' * DEPTH + '1']:
    try:
        compile(text, 'deep', 'eval')
    except (SyntaxError, MemoryError, RecursionError):
        pass
print('sources', 'alive')
for text in ['[' * DEPTH, '[' * DEPTH + ']' * DEPTH, '{"a":' * DEPTH + '1' + '}' * DEPTH]:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        pass
print('json', 'alive')
for data in [b'(' * DEPTH, b'(' * DEPTH + b't' * DEPTH + b'.', b']' * DEPTH + b'a' * (DEPTH - 1) + b'.', b'\x80\x04' + b']\x94' * DEPTH]:
    try:
        pickle.loads(data)
    except Exception:
        pass
try:
    marshal.loads(b'[\x01\0\0\0' * DEPTH)
except Exception:
    pass
print('pickles', 'alive')
