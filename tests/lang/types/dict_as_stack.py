# The last entry of a dict comes and goes under many keys: lookups of absent keys must still end.
d = {i: i for i in range(20)}
for n in range(100_000):
    d[n * 7919 + 1000] = n
    d.popitem()
print(len(d), 12345678901 in d, d.get('x'))
s = set(range(20))
for n in range(100_000):
    s.add(n * 104729 + 1000)
    s.discard(n * 104729 + 1000)
print(len(s), 'x' in s)
