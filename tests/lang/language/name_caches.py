code=compile("r.append(q); q2=len; r.append(q2)","s","exec")
r=[]
len2=len
def t(g,l):
    for _ in range(4): exec(code,g,l)
l={'q':1,'r':r}
g1={}; g2={'len':'other'}
t(g1,l); t(g2,l); del l['q2']; t(g1,{'q':5,'r':r,'len':9})
g3={'q':1,'r':r}
t(g3,g3); g3['len']='mine'; t(g3,g3); del g3['len']; t(g3,g3)
for i in range(5):
    x=i
    if i==3:
        del x; x='again'
    print(x)
    if i==2:
        import builtins; builtins.hash='patched'
    print(hash)
print(r)
for i in range(3):
    class C:
        a=i
        a=a+1
        b=a
    print(C.a,C.b)
for i in range(4):
    try: print(zz)
    except NameError as e: print(e)
    if i==1: zz=5
    if i==2: del zz
