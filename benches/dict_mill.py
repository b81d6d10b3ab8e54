counts, index = {}, {}
for i in range(300000):
    k = (i * 7919) % 10007
    counts[k] = counts.get(k, 0) + 1
    if k not in index:
        index[k] = []
    index[k].append(i)
total = sum(len(v) for v in index.values())
names = {f'name{i}': i for i in range(20000)}
for i in range(100000):
    total += names[f'name{i % 20000}']
