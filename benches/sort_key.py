import random

random.seed(5)
rows = [(random.random(), random.randrange(1000), f'r{i}') for i in range(40000)]
for _ in range(3):
    sorted(rows, key=lambda r: r[1])
    sorted(rows, key=lambda r: (r[1], r[0]), reverse=True)
    sorted([r[2] for r in rows])
