# A tasklet suspended inside the steps of itertools is saved, dropped, loaded and finished.
import itertools as it
import pickle
import stackless


def park(x):
    stackless.schedule_remove()
    return x


class N:
    def __init__(self, n): self.i, self.n = 0, n
    def __iter__(self): return self
    def __next__(self):
        self.i += 1
        if self.i > self.n: raise StopIteration
        return park(self.i)


def odd(x): return park(x) % 2 == 1
def add(a, b): return park(a + b)


cases = [
    lambda: list(it.chain(N(2), [10], N(1))),
    lambda: list(it.chain.from_iterable([N(1), N(2)])),
    lambda: list(it.accumulate(N(4))),
    lambda: list(it.accumulate([1, 2, 3], add, initial=5)),
    lambda: list(it.compress(N(4), [1, 0, 1, 1])),
    lambda: list(it.dropwhile(odd, [1, 3, 4, 5])),
    lambda: list(it.takewhile(odd, N(3))),
    lambda: list(it.filterfalse(odd, N(4))),
    lambda: list(it.starmap(add, [(1, 2), (3, 4)])),
    lambda: list(it.islice(N(9), 1, 7, 2)),
    lambda: list(it.batched(N(5), 2)),
    lambda: list(it.pairwise(N(4))),
    lambda: [(k, list(g)) for k, g in it.groupby(N(5), lambda x: park(x) // 2)],
    lambda: list(it.zip_longest(N(3), N(1), fillvalue='-')),
    lambda: [list(x) for x in it.tee(N(3), 2)],
    lambda: list(it.product(N(2), 'ab')),
    lambda: list(it.islice(it.cycle(N(2)), 5)),
    lambda: [(park(a), a) for a in it.permutations('abc', 2)],
    lambda: [(park(a), a) for a in it.combinations('abc', 2)],
    lambda: [(park(a), a) for a in it.combinations_with_replacement('ab', 2)],
    lambda: [(park(a), b) for a, b in zip(it.count(5, 3), it.repeat('x', 3))],
]


def run(f, out):
    out.append(f())


for i, f in enumerate(cases):
    results = []
    for save in (False, True):
        out = []
        t = stackless.tasklet(run)(f, out)
        stackless.run()
        steps = 0
        while t.alive:
            if save:
                data = stackless._save((t, out))
                t.bind(None)
                del t
                t, out = stackless._load(data)
            t.insert()
            stackless.run()
            steps += 1
        results.append(out[0])
    print(i, results[0] == results[1], steps, results[1])
