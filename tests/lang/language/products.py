def f(a,b,c,d):
    x=a*b+c
    y=c+a*b
    z=c-a*b
    w=a*b-c
    t=[0.0]
    t[0]+=a*b
    t[0]-=a*b
    c+=a*b
    d-=c*b
    return x,y,z,w,t,c,d
print(f(1.5,2.5,3.5,4.5)); print(f(2,3,4,5)); print(f(0.0,1.0,0.0,-0.0)); print(f(1e308,1e10,-1e300,3.0)); print(f(1e-300,1e-300,2.0,5)); print(f(3,1.5,2,7))
class A:
    def __mul__(s,o): return 5
    def __rmul__(s,o): return 5
print(f(A(),2,3.0,4)); 
try: print(f(A(),"",3.0,""))
except TypeError as e: print(e)
for a,b in [(1,2),[3,4]]: print(a,b)
class D:
    def __del__(s): print('del')
for a,b in [(D(),D()),(1,2)]: print('it')
a=b=0
print("end")
