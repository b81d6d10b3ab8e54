it=iter([1,2,3])
for a,b in zip(it,it): print(a,b)
print(list(it))
x=iter([1,2,3]); y=iter([1,2])
for a,b in zip(x,y): print(a,b)
print(list(x))
x=iter([1,2]); y=iter([1,2,3])
for a,b in zip(x,y): print(a,b)
print(list(y))
for i,c in enumerate("aé日z",5): print(i,c)
for i,c in enumerate((1,2.5),-2): print(i,c)
for c in "aé日zxx": print(c,end=' ')
def g():
    for a,b in enumerate(zip(range(3),(4,5,6))): yield a,b
print(list(g()))
for i,(a,b) in enumerate(zip(range(10**18,10**18+3),range(3))): print(i,a,b)
for i,x in enumerate([1,2],2**62-1): print(i,x)
for i,x in enumerate([1,2],2**63): print(i,x)
t=[(1,2)]*3
for x,y in t:
    pass
print(x,y)
def h():
    for p,q in ((i,i*i) for i in range(3)): print(p,q)
h()
