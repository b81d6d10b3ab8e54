"""A list that is changed while it is sorted, also when it is empty again at the end."""


class Meddler:
    def __init__(self, n, meddle):
        self.n, self.meddle = n, meddle

    def __lt__(self, other):
        self.meddle()
        return self.n < other.n


def attempt(meddle):
    items[:] = [Meddler(n, meddle) for n in (3, 1, 2)]
    try:
        items.sort()
    except ValueError as e:
        print(e, end=' ')
    print([x.n for x in items])


items = []
attempt(lambda: None)
attempt(lambda: items.append(1))
attempt(lambda: (items.append(1), items.pop()))
