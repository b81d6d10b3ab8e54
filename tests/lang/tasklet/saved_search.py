# A long search of a regular expression lets the watchdog in; the tasklet is saved in the middle of
# it, dropped, loaded and finished.
import pickle
import re
import stackless

out = []


def work(name):
    text = 'a' * 20 + 'b'
    out.append((name, 'begins'))
    found = re.match('(?:a|a)*$', text)
    out.append((name, found))
    out.append((name, re.sub('(?:a|a)*c|(b)', lambda m: m[1].upper(), text[8:])))
    out.append((name, [m.span() for m in re.finditer('(?:a|a)*c|b', text[8:])]))


t = stackless.tasklet(work)('saved')
interrupted = stackless.run(2000)
print(interrupted is t, out)
data = pickle.dumps(t)
t.kill()
print(out)
loaded = pickle.loads(data)
loaded.insert()
stackless.run()
for line in out:
    print(line)

# The iterator of finditer and a scanner are saved with their place.
def scan():
    it = re.finditer(r'(\w)(\d)?', 'a1 b c3')
    scanner = re.compile(r'\w').scanner('xyz')
    for m in it:
        stackless.schedule_remove()
        out.append((m.groups(), m.span(), scanner.match().group(), it.__class__.__name__))


out.clear()
t = stackless.tasklet(scan)()
while True:
    stackless.run()
    if not t.alive:
        break
    data = pickle.dumps(t)
    t.kill()
    t = pickle.loads(data)
    t.insert()
for line in out:
    print(line)
