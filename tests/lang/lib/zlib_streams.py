# zlib: every way in and out, its errors; gzip and zipfile over it.
import copy
import gzip
import io
import zipfile
import zlib

data = b''.join(b'%d bottles ' % i for i in range(2000))


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


for wbits in (15, -15, 31, 9, -9):
    for level in (0, 1, 6, 9, -1):
        assert zlib.decompress(zlib.compress(data, level, wbits), wbits) == data
print(zlib.crc32(data), zlib.adler32(data), zlib.crc32(b'x', -1), zlib.adler32(b'x', 2**70))
c = zlib.compressobj(zdict=b'bottles')
packed = c.compress(data) + c.flush(zlib.Z_SYNC_FLUSH)
other = c.copy()
print(zlib.decompressobj(zdict=b'bottles').decompress(packed + c.flush()) == data)
print(zlib.decompressobj(zdict=b'bottles').decompress(packed + other.flush()) == data)
d = zlib.decompressobj()
out, rest = b'', zlib.compress(data) + b'tail'
while rest and not d.eof:
    out += d.decompress(rest, 100)
    rest = d.unconsumed_tail
print(out == data, d.eof, d.unused_data, copy.copy(zlib.decompressobj()).flush())
z = zlib._ZlibDecompressor()
print(z.decompress(zlib.compress(data), 10), z.needs_input, z.eof)
print(len(z.decompress(b'')), z.eof, z.unused_data)
attempt(lambda: z.decompress(b'x'))
attempt(lambda: zlib.decompress(b'abc'))
attempt(lambda: zlib.decompress(packed))
attempt(lambda: zlib.decompress(zlib.compress(data)[:-1]))
attempt(lambda: zlib.compress(data, 99))
attempt(lambda: zlib.compressobj(99))
attempt(lambda: zlib.decompressobj(99))
attempt(lambda: zlib.decompressobj(zdict='x'))
attempt(lambda: zlib.decompressobj().decompress(b'', -1))
attempt(lambda: zlib.decompressobj().flush(0))
attempt(lambda: type(zlib.compressobj())())
attempt(lambda: zlib.crc32('text'))
print(gzip.decompress(gzip.compress(data)) == data)
attempt(lambda: gzip.decompress(b'nothing'))
box = io.BytesIO()
with zipfile.ZipFile(box, 'w', zipfile.ZIP_DEFLATED) as f:
    f.writestr('a/b.txt', data)
with zipfile.ZipFile(box) as f:
    print(f.namelist(), f.read('a/b.txt') == data, f.testzip())
print('é'.encode('cp437'), b'\x82'.decode('cp437'))
