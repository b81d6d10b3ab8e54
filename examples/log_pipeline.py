"""A web server's log, analysed by a pipeline of tasklets over channels.

    log_pipeline.py [LOG_FILE]

Without a file a log is made up. Lines flow from the reader to the parser, from there to one counter
each for hosts, paths and statuses; a slow stage holds up those before it, so nothing piles up.
"""

import random
import re
import sys
from collections import Counter

import stackless

LINE = re.compile(r'(\S+) \S+ \S+ \[([^\]]*)\] "(\w+) (\S+)[^"]*" (\d+) (\d+|-)')
END = None


def made_up(lines):
    rng = random.Random(7)
    for i in range(lines):
        host = f"10.0.0.{int(rng.paretovariate(1.2)) % 250}"
        path = rng.choice(["/", "/index.html", "/login", "/api/items", "/static/site.css"])
        status = rng.choices([200, 304, 404, 500], [80, 10, 8, 2])[0]
        yield (f'{host} - - [23/Nov/2026:10:{i // 60 % 60:02}:{i % 60:02} +0000] '
               f'"GET {path} HTTP/1.1" {status} {rng.randrange(200, 9000)}\n')


def reader(source, out):
    for line in source:
        out.send(line)
    out.send(END)


def parser(inp, outs):
    bad = 0
    while (line := inp.receive()) is not END:
        match = LINE.match(line)
        if match is None:
            bad += 1
            continue
        host, _, _, path, status, size = match.groups()
        for out, value in zip(outs, (host, path, status)):
            out.send((value, int(size) if size != '-' else 0))
    for out in outs:
        out.send(END)
    return bad


def counter(inp, name, results):
    requests, sizes = Counter(), Counter()
    while (item := inp.receive()) is not END:
        value, size = item
        requests[value] += 1
        sizes[value] += size
    results[name] = requests, sizes


source = open(sys.argv[1]) if len(sys.argv) > 1 else made_up(20_000)
lines = stackless.channel()
columns = [stackless.channel() for _ in range(3)]
results = {}
stackless.tasklet(reader)(source, lines)
stackless.tasklet(parser)(lines, columns)
for channel, name in zip(columns, ("hosts", "paths", "statuses")):
    stackless.tasklet(counter)(channel, name, results)
stackless.run()
for name, (requests, sizes) in results.items():
    print(f"{name}: {len(requests)}")
    for value, n in requests.most_common(5):
        print(f"  {n:7} {sizes[value] / 1024:10.1f} KiB  {value}")
