class Counter:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self

    def get(self):
        return self.n


c = Counter()
for i in range(500000):
    c.add(i).add(1)
    c.get()
