# bz2 and lzma: streams in parts, limits, formats, filters, errors; files of both.
import bz2
import io
import lzma
import tarfile
import zipfile


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


data = b''.join(b'%d green bottles ' % i for i in range(3000))
for level in (1, 9):
    assert bz2.decompress(bz2.compress(data, level)) == data
packed = bz2.compress(data) + b'tail'
d = bz2.BZ2Decompressor()
out = d.decompress(packed, 100)
print(len(out), d.needs_input, d.eof)
while not d.eof:
    out += d.decompress(b'', 5000)
print(out == data, d.unused_data)
attempt(lambda: d.decompress(b'x'))
attempt(lambda: bz2.decompress(b'x' * 50))
bad = bz2.BZ2Decompressor()
attempt(lambda: bad.decompress(b'BZh9' + b'x' * 50))
attempt(lambda: bad.decompress(b'x'))
attempt(lambda: bz2.BZ2Compressor(0))
c = bz2.BZ2Compressor()
c.flush()
attempt(lambda: c.compress(b'x'))
attempt(lambda: c.flush())
print(bz2.decompress(bz2.compress(b'a') + bz2.compress(b'b')))

for kw in ({}, {'format': lzma.FORMAT_ALONE}, {'preset': 9 | lzma.PRESET_EXTREME}, {'check': lzma.CHECK_SHA256},
           {'check': lzma.CHECK_NONE}, {'filters': [{'id': lzma.FILTER_DELTA, 'dist': 5},
                                                    {'id': lzma.FILTER_LZMA2, 'preset': 1, 'lc': 4, 'lp': 0}]},
           {'filters': [{'id': lzma.FILTER_X86}, {'id': lzma.FILTER_LZMA2, 'dict_size': 1 << 16}]}):
    p = lzma.compress(data, **kw)
    assert lzma.decompress(p) == data
    d = lzma.LZMADecompressor()
    print(d.check, len(d.decompress(p + b'rest', 10)), len(d.decompress(b'')), d.check, d.eof, d.unused_data)
raw = [{'id': lzma.FILTER_LZMA2, 'mode': lzma.MODE_FAST, 'mf': lzma.MF_HC4, 'nice_len': 64, 'depth': 10}]
p = lzma.compress(data, format=lzma.FORMAT_RAW, filters=raw)
print(lzma.decompress(p, format=lzma.FORMAT_RAW, filters=raw) == data)
for kw in ({'format': 99}, {'format': lzma.FORMAT_RAW}, {'preset': 99}, {'preset': -1}, {'check': 77},
           {'check': 2}, {'filters': [5]}, {'filters': [{}]}, {'filters': [{'id': 99}]},
           {'filters': [{'id': 33, 'foo': 1}]}, {'filters': [{'id': 33}] * 5}, {'preset': 1, 'filters': []},
           {'filters': [{'id': 3, 'dist': 9999}]}, {'format': lzma.FORMAT_ALONE, 'check': 1}):
    attempt(lambda: lzma.LZMACompressor(**kw))
attempt(lambda: lzma.decompress(b'x' * 50))
attempt(lambda: lzma.decompress(lzma.compress(data)[:-20]))
attempt(lambda: lzma.LZMADecompressor(memlimit=1).decompress(lzma.compress(b'a')))
attempt(lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW))
print(lzma.is_check_supported(4), lzma._encode_filter_properties({'id': 33}),
      lzma._encode_filter_properties({'id': lzma.FILTER_LZMA1, 'preset': 6}),
      lzma._decode_filter_properties(lzma.FILTER_LZMA1, b']\0\0\1\0'), lzma._decode_filter_properties(3, b'\4'))

for mode in ('w:gz', 'w:bz2', 'w:xz'):
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode=mode) as t:
        info = tarfile.TarInfo('a.txt')
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
    box.seek(0)
    with tarfile.open(fileobj=box) as t:
        print(mode, t.getnames(), t.extractfile('a.txt').read() == data)
for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
    box = io.BytesIO()
    with zipfile.ZipFile(box, 'w', method) as z:
        z.writestr('a', data)
    with zipfile.ZipFile(box) as z:
        print(method, z.read('a') == data)
