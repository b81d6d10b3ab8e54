# mmap: anonymous and file mappings, items, the file's interface, buffers, errors.
import mmap
import os
import tempfile


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


m = mmap.mmap(-1, 10)
print(m, len(m), m[:], m[0], m[-1])
m[0] = 65
m[1:4] = b'BCD'
m[4:8:2] = b'xy'
print(m[:], m[::-2], list(m)[:2], b'B' in m, bytes(m))
print(m.read(3), m.tell(), m.seek(0), m.write(b'hello\n'), m.seek(0), m.readline(), m.read_byte())
print(m.find(b'l', 0), m.rfind(b'l', 0), m.find(b'zz'), m.seek(-1, 2))
m.move(0, 1, 3)
print(m[:], m.flush(), m.madvise(mmap.MADV_NORMAL))
for f in (lambda: m[20], lambda: m['x'], lambda: m.__setitem__(0, 256), lambda: m.__setitem__(0, b'a'),
          lambda: m.__setitem__(slice(0, 2), b'abc'), lambda: m.__delitem__(0), lambda: m.seek(99),
          lambda: m.seek(0, 9), lambda: m.write(b'xx'), lambda: m.move(0, 8, 5), lambda: m.resize(20),
          lambda: mmap.mmap(-1, -1), lambda: mmap.mmap(-1, 10, access=99), lambda: mmap.mmap(-1, 0)):
    attempt(f)
view = memoryview(m)
view[0] = 90
print(m[0], view.readonly, view.nbytes)
attempt(m.close)
view.release()
with tempfile.TemporaryFile() as f:
    f.write(b'0123456789' * 10)
    f.flush()
    with mmap.mmap(f.fileno(), 0) as w:
        w[:3] = b'abc'
        w.flush()
        w.resize(50)
        print(len(w), w.size(), os.fstat(f.fileno()).st_size)
    f.seek(0)
    print(f.read(5), w.closed, w)
    r = mmap.mmap(f.fileno(), 20, access=mmap.ACCESS_READ)
    print(r, memoryview(r).readonly)
    attempt(lambda: r.write(b'x'))
    attempt(lambda: r.__setitem__(0, 1))
    attempt(lambda: r.resize(5))
    c = mmap.mmap(f.fileno(), 20, access=mmap.ACCESS_COPY)
    c[0] = 90
    print(c[:3], r[:3])
    attempt(lambda: mmap.mmap(f.fileno(), 1000))
    attempt(lambda: mmap.mmap(f.fileno(), 0, offset=4096))
m.close()
attempt(lambda: m[0])
attempt(lambda: len(m))
print(m, m.closed)
