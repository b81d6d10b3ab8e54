# A search that backtracks for ever is interrupted by a signal handler, wherever it runs.
import re
import signal


class Stop(Exception):
    pass


def stop(signum, frame):
    raise Stop


signal.signal(signal.SIGALRM, stop)
p = re.compile('(?:a|a)*$')
text = 'a' * 200 + 'b'
tasks = {
    'match': lambda: p.match(text),
    'fullmatch': lambda: p.fullmatch(text),
    'search': lambda: p.search(text),
    'findall': lambda: p.findall(text),
    'finditer': lambda: list(p.finditer(text)),
    'split': lambda: p.split(text),
    'sub': lambda: p.sub('x', text),
    'template': lambda: p.sub(r'\g<0>', text),
    'function': lambda: p.sub(lambda m: '', text),
    'scanner': lambda: p.scanner(text).search(),
    'bytes': lambda: re.search(b'(?:a|a)*$', text.encode()),
    'buffer': lambda: re.search(b'(?:a|a)*$', bytearray(text.encode())),
    'text': lambda: p.search(text + 'é'),
}
for name, task in tasks.items():
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        task()
    except Stop:
        print(name, 'stopped')
    # The pattern still works.
    print(p.findall('baa'))
