def t(f):
    try:
        r = f()
    except BaseException as e:
        print(type(e).__name__, e)
        return
    s = repr(r)
    i = s.find(' at 0x')
    print(s if i < 0 else s[:i], type(r).__name__)


class X: pass
m=memoryview(b'abcdef'); w=memoryview(bytearray(b'abcdef'))
t(lambda: memoryview(3)); t(lambda: memoryview('a')); t(lambda: memoryview())
t(lambda: m[10]); t(lambda: m['a']); t(lambda: m[0,0]); t(lambda: m[...]); t(lambda: m[()]); t(lambda: m[1:3].tolist())
t(lambda: m[::2].tobytes()); t(lambda: m[::2].contiguous); t(lambda: m[(1,)]); t(lambda:m[1.5]); t(lambda: m[None])
def s(v,k,x): v[k]=x
t(lambda: s(m,0,1)); t(lambda: s(w,0,'a')); t(lambda: s(w,0,300)); t(lambda: s(w,10,3)); t(lambda: s(w,slice(0,2),b'abc')); t(lambda: s(w,slice(0,2),b'ab')); t(lambda: s(w,slice(0,2),3)); t(lambda: s(w,0,1.5)); t(lambda: s(w,'a',1)); t(lambda: s(w,0,b'a'))
def d(v,k): del v[k]
t(lambda: d(w,0))
c=m.cast('H'); t(lambda: c.tolist()); t(lambda: (c.format,c.itemsize,c.shape,c.strides,c.ndim,c.nbytes,c.suboffsets,c.readonly,len(c)))
t(lambda: m.cast('x')); t(lambda: m.cast('I')); t(lambda: m.cast('2B')); t(lambda: m.cast(3)); t(lambda: c.cast('I'))
t(lambda: m[::2].cast('H')); 
x=m.cast('B',[2,3]); t(lambda: x.tolist()); t(lambda: x[0,1]); t(lambda: x[0]); t(lambda: x[0:1]); t(lambda: x[0:1,0:1]); t(lambda: x.shape); t(lambda: x.strides); t(lambda: len(x)); t(lambda: list(x)); t(lambda: x[5,0]); t(lambda: x[0,7]); t(lambda: x[0,0,0]); t(lambda: x['a','b']); t(lambda: x==x); t(lambda: x.tobytes()); t(lambda: x.tobytes('F')); t(lambda: x.tobytes('Z')); t(lambda: x.hex()); t(lambda: x.f_contiguous)
t(lambda: m.cast('B',[2,2])); t(lambda: m.cast('B',(0,))); t(lambda: m.cast('B',[-1])); t(lambda: m.cast('B',['a'])); t(lambda: m.cast('B',3)); t(lambda: x.cast('B',[3,2])); t(lambda: x.cast('H')); t(lambda: x.cast('B').shape); t(lambda: m.cast('B',[])); t(lambda: m[:1].cast('B',[])); 
z=m[:1].cast('B',[]); t(lambda: z[()]); t(lambda: z[0]); t(lambda: z.tolist()); t(lambda: len(z)); t(lambda: z[...]); t(lambda: z.shape); t(lambda: list(z)); t(lambda: z.tobytes()); t(lambda: z==z)
t(lambda: m==b'abcdef'); t(lambda: m=='a'); t(lambda: m<m); t(lambda: hash(m)==hash(b'abcdef')); t(lambda: hash(w)); t(lambda: w.toreadonly().readonly); t(lambda: m.count(97)); t(lambda: m.index(98)); t(lambda: m.index(200)); t(lambda: m.index(98,3)); t(lambda: m.hex(':',2))
t(lambda: m.obj); t(lambda: memoryview(m).obj); t(lambda: 97 in m); t(lambda: list(reversed(m)));
t(lambda: c==memoryview(b'abcdef').cast('h')); t(lambda: c==m); t(lambda: memoryview(b'\0\0\0\0').cast('f')==memoryview(b'\0\0\0\x80').cast('f'))
with memoryview(b'abc') as q: pass
for n in 'format itemsize shape strides ndim nbytes suboffsets readonly obj c_contiguous contiguous'.split(): t(lambda: getattr(q,n))
t(lambda: q[0]); t(lambda: len(q)); t(lambda: q.tolist()); t(lambda: q.__enter__()); t(lambda: q.release()); t(lambda: hash(q)); t(lambda: q==q); t(lambda: q==b'abc'); t(lambda: bytes(q)); t(lambda: memoryview(q)); print(str(q)[:20]); print(repr(m)[:10])
t(lambda: m.cast('c').tolist()); t(lambda: m.cast('?').tolist()); t(lambda: memoryview(bytearray(8)).cast('d').tolist())
v=memoryview(bytearray(8)).cast('q'); t(lambda: s(v,0,2**63)); t(lambda: s(v,0,2**62)); t(lambda:v.tolist()); v=memoryview(bytearray(8)).cast('c'); t(lambda: s(v,0,b'x')); t(lambda: s(v,0,b'xx'));t(lambda: s(v,0,3)); v=memoryview(bytearray(8)).cast('d'); t(lambda: s(v,0,'x')); t(lambda: s(v,0,3)); v=memoryview(bytearray(8)).cast('?'); t(lambda: s(v,0,'x')); v=memoryview(bytearray(8)).cast('P'); t(lambda: s(v,0,-1)); t(lambda: v[0]); v=memoryview(bytearray(8)).cast('f'); t(lambda: s(v,0,1e300)); v=memoryview(bytearray(8)).cast('e'); t(lambda: s(v,0,1e300))
t(lambda: memoryview(bytearray(8)).cast('H')[::2].tolist()); t(lambda: x[::-1]); t(lambda: m[::-1].tobytes()); t(lambda: memoryview[int]); t(lambda: memoryview(object=b'a').nbytes); t(lambda: memoryview(b'a',b'c')); t(lambda: s(x,(0,0),1)); y=memoryview(bytearray(6)).cast('B',[2,3]); t(lambda: s(y,(1,1),7)); t(lambda: y.tolist()); t(lambda: s(y,0,7)); t(lambda: s(y,slice(0,1),b'abc')); t(lambda: s(y,slice(0,1),y))
t(lambda: s(w, slice(0,4,2), b'XY')); t(lambda: w.tobytes()); t(lambda: s(w, slice(0,2), memoryview(b'aabb').cast('H'))); t(lambda: s(w, slice(1,6), w[0:5])); t(lambda: w.tobytes()); t(lambda: s(w,...,b'abcdef')); t(lambda: w.tobytes())
# range & slice
t(lambda: range()); t(lambda: range(1,2,0)); t(lambda: range('a')); t(lambda: range(1.5)); t(lambda: range(1,2,3,4)); t(lambda: range(stop=1)); r=range(0,20,3); t(lambda: r[10]); t(lambda: r['a']); t(lambda: r[1:3]); t(lambda: r.index(4)); t(lambda: r.index('a')); t(lambda: r.count(3)); t(lambda: r<r); t(lambda: hash(r)==hash(range(0,19,3))); t(lambda: hash(range(0))==hash(range(5,3))); t(lambda: len(range(10**30))); t(lambda: range(10**30)[10**29]); t(lambda: range(10**30)[-1]); t(lambda: range(10**30)[10**31]); t(lambda: range(10)[::-2]); t(lambda: reversed(r)); t(lambda: list(reversed(range(0,-10,-3)))); t(lambda: r.__reduce__()); t(lambda: 3.0 in r); t(lambda: r==range(0,19,3)); t(lambda: range(5).start); t(lambda: bool(range(0))); t(lambda: reversed(range(10**30))); t(lambda: iter(range(10**30))); t(lambda: repr(range(1,2,3))); t(lambda: range(True)); t(lambda: range(10)[True]); t(lambda: r.index(3,4))
t(lambda: slice()); t(lambda: slice(1)); t(lambda: slice(1,2)); t(lambda: slice(1,2,3)); t(lambda: slice(1,2,3,4)); t(lambda: slice(1,2,0).indices(3)); t(lambda: slice(1,2).indices(-3)); t(lambda: slice(1,2).indices('a')); t(lambda: slice('a').indices(3)); t(lambda: slice(None,None,-1).indices(10**30)); t(lambda: slice(1)<slice(2)); t(lambda: slice(1)==slice(1)); t(lambda: slice(1)<3); t(lambda: hash(slice(1))==hash(slice(1))); t(lambda: hash(slice([]))); t(lambda: slice(1).__reduce__()); t(lambda: slice(start=1)); t(lambda: slice(-5,None,2).indices(3)); t(lambda: s(slice(1),'start',3))
def f(): slice(1).start=3
t(f); t(lambda: slice[int]); t(lambda: slice(10**30).indices(5))

