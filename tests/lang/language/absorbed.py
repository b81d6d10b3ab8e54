# Builtins that take what a generator yields while it goes on.
import itertools
def g(*xs):
    for x in xs: yield x
class T:
    def __init__(s,t): s.t=t
    def __bool__(s): print('bool',s.t); return s.t
print(sum(g(1,2,3)), sum(g(1,2.5,3)), sum(g(0.1,0.2,0.3)), sum(g(1,2.5,3j)), sum(g(2**62,2**62,1)), sum(g(0.1,1,2**70,True)), sum(g(1e308,1e308)), sum(g(float('inf'),1.0)), sum(g(0.0,-0.0)), sum(g(-0.0), -0.0))
print(any(g(0,'',[],None,0.0)), any(g(0,T(False),T(True),T(False))), all(g(1,'a',[0])), all(g(1,T(True),T(False),T(True))), all(g()), any(g()))
print(list(g(1,2,3)), tuple(g('a','b')), set(g(1,1,2)), sorted(g(3,1,2)), ','.join(g('x','y')), dict(g((1,2),(3,4))), max(g(1,5,2)), [*g(1,2),*g(3)], bytes(g(1,2)), list(map(str,g(1,2))))
def bad():
    yield 1
    yield 2
    raise KeyError('x')
for f in (sum,list,any,all,sorted):
    try: print(f(x*0 for x in bad()))
    except KeyError as e: print(f.__name__, e)
def peek():
    l=[]
    def gen():
        for i in range(3):
            l.append(i); yield l[:]
    return list(gen())
print(peek())
def rec(n):
    return sum(rec(n-1) for _ in range(2)) if n else 1
print(rec(10))
def s():
    r = yield 1
    print('got', r)
    r = yield 2
    print('got', r)
print(list(s()), sum(s()))
class It:
    def __init__(s,it): s.it=it
    def __iter__(s): return s.it
print(sum(It(g(1,2))), list(It(g(1))))
gg=g(1,2,3)
print(any(x==2 for x in gg), list(gg))
l=[]
def ext():
    for i in range(4):
        yield len(l)
l.extend(ext()); print(l)
l+= (len(l) for _ in range(3)); print(l)
try: sum(g('a'))
except TypeError as e: print(e)
