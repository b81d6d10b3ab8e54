import os, re, json, collections, functools, itertools, dataclasses, enum, typing, unittest
print(os.path.join('a','b'), os.getcwd() != '', len(os.listdir('/')) > 3)
print(re.sub(r'(\w+) (\w+)', r'\2 \1', 'hello world'), re.findall(r'\d+', 'a1b22c333'))
print(json.dumps({'a':[1,2.5,None,True,"x\u00e9"]}), json.loads('{"k": [1, 2, {"z": null}]}'))
P = collections.namedtuple('P','x y'); print(P(1,2), P(1,2)._replace(x=5))
print(collections.Counter('abracadabra').most_common(2), collections.OrderedDict(a=1))
d = collections.defaultdict(list); d['a'].append(1); print(d)
q = collections.deque([1,2,3], maxlen=2); print(q)
print(functools.reduce(lambda a,b:a+b, range(10)), functools.partial(int, base=2)('101'))
@functools.lru_cache(None)
def fib(n): return n if n<2 else fib(n-1)+fib(n-2)
print(fib(80), fib.cache_info())
print(list(itertools.islice(itertools.count(3), 4)), list(itertools.permutations('abc', 2))[:3])
@dataclasses.dataclass(order=True)
class D:
    x: int
    y: str = 'q'
    z: list = dataclasses.field(default_factory=list)
print(D(1), D(1) == D(1), D(1) < D(2))
class Color(enum.Enum):
    RED = 1
    GREEN = 2
print(Color.RED, Color(2), list(Color), Color['RED'])
class F(enum.Flag):
    A = enum.auto(); B = enum.auto()
print(F.A | F.B, repr(F.A))
T = typing.TypeVar('T')
class G(typing.Generic[T]): pass
print(G[int], typing.Optional[int], typing.List[int], typing.get_type_hints(D))
class N(typing.NamedTuple):
    a: int
    b: str = 'x'
print(N(1))
class Test(unittest.TestCase):
    def test_a(self): self.assertEqual(1, 1)
    def test_b(self): self.assertEqual(1, 2)
    def test_c(self):
        with self.assertRaises(ValueError): int('x')
r = unittest.TextTestRunner(stream=__import__('io').StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(Test))
print(r.testsRun, len(r.failures), len(r.errors))
