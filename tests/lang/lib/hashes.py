# hashlib and hmac: all algorithms, their parameters and errors; native functions do not bind.
import hashlib
import hmac
import _blake2
import _hashlib
import _hmac
import _md5
import _sha2
import _sha3


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


data = bytes(range(256)) * 5
for name in sorted(hashlib.algorithms_available - {'shake_128', 'shake_256'}):
    h = hashlib.new(name, data, usedforsecurity=False)
    other = h.copy()
    h.update(b'more')
    print(name, h.name, h.digest_size, h.block_size, h.hexdigest(), other.digest() == hashlib.new(name, data).digest())
for name in ('shake_128', 'shake_256'):
    print(hashlib.new(name, data).hexdigest(40), hashlib.new(name).digest_size)
b = hashlib.blake2b(data, digest_size=20, key=b'key', salt=b'salt', person=b'me', fanout=2, depth=3,
                    leaf_size=4096, node_offset=7, node_depth=1, inner_size=32, last_node=True)
print(b.hexdigest(), b.digest_size, b.block_size, b.name, b.copy().hexdigest() == b.hexdigest())
s = hashlib.blake2s(data, digest_size=16, key=b'key', salt=b'salt', person=b'me', node_offset=2**48 - 1)
print(s.hexdigest(), hashlib.blake2s.SALT_SIZE, hashlib.blake2b.MAX_KEY_SIZE)
for kw in ({'digest_size': 0}, {'key': b'x' * 65}, {'salt': b'x' * 17}, {'person': b'x' * 17},
           {'fanout': 256}, {'depth': 0}, {'leaf_size': -1}, {'leaf_size': 2**32},
           {'node_offset': 2**64}, {'node_depth': 256}, {'inner_size': 65}):
    attempt(lambda: hashlib.blake2b(**kw))
attempt(lambda: hashlib.md5('text'))
attempt(lambda: hashlib.md5(5))
attempt(lambda: hashlib.new('nope'))
attempt(lambda: type(hashlib.md5())())
attempt(lambda: _hashlib.hmac_new(b'k', b'm'))
attempt(lambda: _hashlib.hmac_new(b'k', b'm', 'nope2'[:0] or None))
attempt(lambda: _hmac.new(b'k', b'm', 'nope'))
for name in ('md5', 'sha1', 'sha256', 'sha512', 'sha3_256', 'blake2b'):
    h = hmac.new(b'key' * 50, b'text', name)
    h.update(b' more')
    print(h.name, h.digest_size, h.block_size, h.hexdigest(), h.copy().digest() == h.digest(),
          hmac.digest(b'k', b'm', name).hex() == hmac.new(b'k', b'm', name).hexdigest())
print(_hmac.compute_md5(b'k', b'm').hex(), _hmac.new(b'k', b'm', 'sha1').hexdigest())
print(hmac.compare_digest('a', 'a'), hmac.compare_digest(b'a', b'b'), hmac.compare_digest(b'', b'a'))
attempt(lambda: hmac.compare_digest('a', b'a'))
attempt(lambda: hmac.compare_digest('é', 'a'))
attempt(lambda: hmac.compare_digest(1, 2))
print(hashlib.pbkdf2_hmac('sha256', b'password', b'salt', 100, 40).hex())
print(hashlib.scrypt(b'password', salt=b'salt', n=16, r=8, p=2, dklen=20).hex())
attempt(lambda: hashlib.pbkdf2_hmac('md5', b'', b'', 0))
attempt(lambda: hashlib.pbkdf2_hmac('md5', b'', b'', 1, 0))
attempt(lambda: hashlib.scrypt(b'', salt=b'', n=3, r=8, p=1))
attempt(lambda: hashlib.scrypt(b'', salt=b'', n=2, r=8, p=1, maxmem=1))
print(_md5.md5(b'x').hexdigest(), _sha2.sha384(b'x').name, _sha3.sha3_224()._rate_bits)
print(hashlib.file_digest(open(__file__, 'rb'), 'md5').name)


class Holder:
    compare = hmac.compare_digest
    md5 = hashlib.md5


print(Holder().compare(b'a', b'a'), Holder().md5(b'x').hexdigest(), hmac.compare_digest)
try:
    _hashlib.HASH.x = 1
except TypeError as e:
    print(str(e)[:30])
