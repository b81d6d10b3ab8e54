class K:
    def __init__(s,v): s.v=v
    def __hash__(s): return hash(s.v)
    def __eq__(s,o): print('eq',s.v,getattr(o,'v',o)); return s.v==getattr(o,'v',o)
class S(str): pass
class DD(dict):
    def __missing__(s,k): return ('missing',k)
def f():
    d={1:'a','x':'b',2.0:'c',True:'t',K(5):'k',K('z'):'kz',-1:'m1',-2:'m2',2**61-1:'M', 2**61-2:'M2'}
    for k in (1,'x',2,2.0,True,5,'z',-1,-2,2**61-1,0,2**61-2,S('x'),'y',None):
        try: print(repr(k), d[k], k in d)
        except KeyError as e: print('KeyError',e, k in d, k not in d)
    for k in (1,'x',2,5,'z',-1,S('x'),'new',0):
        d[k]=k
        d[k]+=k if isinstance(k,int) else 'q'
    print(list(d.items())[:3], len(d))
    s={1,'x',2.0,K(5)}
    for k in (1,'x',2,5,0,'q',None): print(k in s, k not in s)
    e=DD(); print(e[1],e['x']); e[1]=5; print(e[1])
    t='aé'; print(t[0],t[1],t[-1],'abc'[1],'abc'[-3])
    for i in (3,-4):
        try: 'abc'[i]
        except IndexError as ex: print(ex)
    class O: pass
    o=O(); o.a=1; o.b=2
    v=vars(o)
    v['a']=10; v['c']=3; print(o.a,o.c, v['b'], 'b' in v, 'z' in v)
    o.b=7; print(v['b'])
    v['b']+=1; print(o.b)
    w=[1,2,3]; print(2 in w, 5 not in w, 2 in (1,2), 'a' in 'abc')
    class Del:
        def __del__(s): print('del')
    d2={'k':Del()}
    d2['k']=1
    print({'a':Del()}['a'] is None)
    print({'a':1}['a'], 'a' in {'a':1}, ('a','b')[1] in {'b':2})
    x={(1,2):3}; print(x[1,2], (1,2) in x, (2,1) not in x)
f()
