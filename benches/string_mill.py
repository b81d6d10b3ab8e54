words = [f'word{i % 977}' for i in range(60000)]
text = ' '.join(words)
for _ in range(4):
    parts = text.split()
    upper = [p.upper().replace('W', 'v') for p in parts]
    joined = ','.join(p[1:-1].title() for p in upper if p.startswith('v'))
    total = sum(1 for c in joined if c.isdigit())
    found = joined.find('zzz'), joined.count('Ord')
    out = []
    for i, p in enumerate(parts[:20000]):
        out.append('%s=%d;' % (p, i))
        out.append(f'{p:>12}|{i:06d}')
    ''.join(out)
