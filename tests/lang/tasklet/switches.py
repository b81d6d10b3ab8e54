# Switches of tasklets in every plain and odd case, with the run queue looked at after each.
import gc
import weakref
import stackless
from stackless import channel, getcurrent, schedule, tasklet


def ring():
    """The names of the run queue's members, from the current one on; both directions agree."""
    first = t = getcurrent()
    names = []
    while True:
        names.append(name_of(t))
        assert t.next.prev is t and t.prev.next is t
        t = t.next
        if t is first:
            break
    assert len(names) == stackless.getruncount(), (names, stackless.getruncount())
    return ' '.join(names)


def queue(c):
    names, t, before = [], c.queue, None
    while t is not None:
        assert t.prev is before and t.blocked and t._channel is c
        names.append(name_of(t))
        before, t = t, t.next
    assert abs(c.balance) == len(names)
    return c.balance, names


names = {id(getcurrent()): 'main'}


def name_of(t):
    return names.get(id(t), '?')


def spawn(name, f, *args, **kwargs):
    t = tasklet(f)
    names[id(t)] = name
    keep.append(t)
    return t(*args, **kwargs)


keep = []


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print('del', self.name)


print('-- schedule')


def values(n):
    for i in range(n):
        got = schedule()
        assert got is getcurrent()
        got = schedule((getcurrent(), i))
        assert got == (getcurrent(), i)
        got = schedule(retval=i)
        assert got == i
        got = stackless.schedule(None)
        assert got is None
    return Loud('value of %d' % n)


print(schedule() is getcurrent(), schedule(7), stackless.schedule(retval=8))
spawn('a', values, 2)
spawn('b', values, 3)
print(ring())
stackless.run()
print(ring())


def replaced():
    held = Loud('first')
    held = schedule(Loud('second'))
    print('got', held.name)
    held = schedule(Loud('third'))
    print('got', held.name)
    held = schedule(None)
    print('none')


spawn('c', replaced)
spawn('d', replaced)
stackless.run()
for wrong in (lambda: schedule(1, 2), lambda: schedule(x=1), lambda: channel.send(1, 2), lambda: channel().send(),
              lambda: channel().receive(1), lambda: channel.receive()):
    try:
        wrong()
    except TypeError as e:
        print('TypeError')

print('-- messages')


def partner(log, c, sending, what):
    try:
        if sending:
            log.append(('sent', c.send(what)))
        else:
            log.append(('received', c.receive()))
    except ValueError as e:
        log.append(('raised', str(e)))
    log.append(ring())


def idle(log, name):
    log.append(name)


for preference in (-1, 0, 1):
    for schedule_all in (0, 1):
        for waiting in (False, True):
            log, c = [], channel()
            c.preference, c.schedule_all = preference, schedule_all
            spawn('w', partner, log, c, waiting, 'from w')
            spawn('x', idle, log, 'x ran')
            stackless.run()
            log.append(queue(c))
            spawn('q', idle, log, 'q ran')
            spawn('y', partner, log, c, not waiting, 'from y')
            spawn('z', idle, log, 'z ran')
            stackless.run()
            print(preference, schedule_all, waiting, log, queue(c))


def many(c, n, log):
    for i in range(n):
        v = c.receive()
        log.append(v)
    log.append(ring())


log, c = [], channel()
for i in range(3):
    spawn('r%d' % i, many, c, 2, log)
stackless.run()
print(queue(c))
keep[-2].kill()
print(queue(c), ring())
for i in range(4):
    c.send(i)
    print(queue(c), ring())
print(log)


def queued_senders(c, v):
    c.send(v)
    print('sent', v.name)


c = channel()
for i in range(4):
    spawn('s%d' % i, queued_senders, c, Loud('message %d' % i))
stackless.run()
print(queue(c))
keep[-1].kill()
print(queue(c))
while c.balance:
    print('main has', c.receive().name)
stackless.run()
del c

print('-- errors')


def fails(what, *args):
    try:
        print(what(*args))
    except BaseException as e:
        print(type(e).__name__, e)


c = channel()
getcurrent().block_trap = True
spawn('i', idle, [], 'i')
fails(c.receive)
fails(lambda: c.receive())
getcurrent().block_trap = False
stackless.run()
c.close()
spawn('i', idle, [], 'i')
fails(lambda: c.send(1))
c.open()
stackless.switch_trap(1)
fails(lambda: schedule())
fails(lambda: c.receive())
fails(lambda: c.send(1))
stackless.switch_trap(-1)
stackless.run()


def receiver(c):
    try:
        print('received', c.receive())
    except LookupError as e:
        print('raised', repr(e))
    return 5


for prefer in (-1, 0, 1):
    c.preference = prefer
    spawn('e', receiver, c)
    schedule()
    c.send_exception(KeyError, 'k')
    schedule()
    t = tasklet(c.send_exception)(IndexError, 'i')
    schedule()
    fails(lambda: c.receive())
    stackless.run()
    spawn('e', receiver, c)
    schedule()
    c.send(stackless.bomb(LookupError, LookupError('bomb')))
    stackless.run()


def raises():
    local = Loud('local of the failing one')
    schedule()
    raise ValueError('from a tasklet')


spawn('f', raises)
spawn('g', idle, [], 'g')
fails(stackless.run)
print(ring())
stackless.run()

print('-- callbacks')


def on_channel(c, t, sending, will_block):
    print('channel', name_of(t), bool(sending), bool(will_block))


c = channel()
log = []
stackless.set_channel_callback(on_channel)
spawn('h', many, c, 2, log)
schedule()
c.send(1)
c.send(2)
stackless.set_channel_callback(None)
print(log)

print('-- begin and end')


def with_arguments(a, b=2, *rest, k=4, **more):
    print(a, b, rest, k, more)


spawn('j', with_arguments, 1)
spawn('k', with_arguments, 1, 3, 5, k=6, z=7)
spawn('l', with_arguments, *'abc')
spawn('m', lambda x, y: print(x, y.name), 1, Loud('argument'))
spawn('n', print, 'builtin')
spawn('o', 'text'.upper)
spawn('p', Loud, 'instance')
spawn('p', weakref.ref, keep[0])


def closure(x):
    def inner(y):
        nonlocal x
        x += y
        schedule()
        print('closure', x)
    return inner


spawn('q', closure(1), 2)


def generator():
    print('never runs')
    yield


spawn('r', generator)


async def coroutine():
    print('never runs')


def handles():
    try:
        1 / 0
    except ZeroDivisionError:
        schedule()
        return 'from a handler'


spawn('s', handles)


def uses_generator():
    print(sum(x for x in range(5)))
    for x in (y for y in 'ab'):
        schedule()
    print('after generator')


spawn('t', uses_generator)


def deep(n):
    if n:
        return deep(n - 1)
    schedule()
    return n


spawn('u', deep, 200)
print(ring())
stackless.run()
print(ring())


def missing(a):
    pass


spawn('v', missing)
fails(stackless.run)
spawn('v', missing, 1, 2)
fails(stackless.run)

t = tasklet(idle)
print(t.alive, t.paused, t.scheduled, t.recursion_depth)
r = weakref.ref(t, lambda r: print('tasklet is gone'))
t(log, 1)
print(t.alive, t.scheduled, t.recursion_depth, t.frame)
del t
print(r() is not None)
stackless.run()
print(r())

again = tasklet(print)
for i in range(3):
    again.bind(print)
    again('run', i)
    fails(again, 1)
    stackless.run()
    print(again.alive, again.scheduled, again.next, again.prev)
fails(again)
fails(lambda: tasklet()())
fails(lambda: tasklet(5))
fails(lambda: tasklet('not callable')())


class Named(tasklet):
    def __new__(cls, *args):
        self = super().__new__(cls)
        self.label = 'label'
        return self

    def __call__(self, *args):
        print('called', args)
        return super().__call__(*args)

    def __del__(self):
        print('del', self.label)


n = Named(idle)
n(log, 'named')
del n
stackless.run()
print(log[-1])


class Counting(channel):
    sent = 0

    def send(self, v):
        self.sent += 1
        return super().send(v)


c = Counting()
log = []
spawn('w', many, c, 2, log)
schedule()
c.send(1)
channel.send(c, 2)
print(c.sent, log)


def waits_for_nobody():
    channel().receive()


spawn('lost', waits_for_nobody)
stackless.run()
print(keep[-1].alive)

print('-- watchdog')


def spins(log, name):
    while True:
        log.append(name)
        schedule()


log = []
for name in 'ab':
    spawn(name, spins, log, name)
victim = stackless.run(2000, totaltimeout=True)
print(name_of(victim) in 'ab', abs(log.count('a') - log.count('b')) <= 1, len(log) > 10)
victim.kill()
while stackless.getruncount() > 1:
    getcurrent().next.kill()


def nested():
    spawn('inner', idle, log, 'inner')
    stackless.run()
    log.append('nested done')


log = []
spawn('outer', nested)
spawn('other', idle, log, 'other')
stackless.run()
print(log, ring())

print('-- cycles')


class Node:
    pass


def cyclic(node):
    node.me = getcurrent()
    node.other = node
    c = channel()
    c.receive()


nodes = []
for i in range(5):
    n = Node()
    nodes.append(weakref.ref(n))
    tasklet(cyclic)(n)
del n
stackless.run()
keep.clear()
gc.collect()
print(sum(r() is not None for r in nodes))
total = 0


def adds(c):
    global total
    while True:
        total += c.receive()


def gives(c, n):
    for i in range(n):
        c.send(i)
        if not i % 50:
            gc.collect(i % 3)


c = channel()
tasklet(adds)(c)
for n in (100, 200):
    tasklet(gives)(c, n)
stackless.run()
print(total, c.balance)

print('-- methods of channels')


class Ends:
    pass


def bound(c, sending, n, log):
    ends = Ends()
    ends.send, ends.receive = send, receive = c.send, c.receive
    for i in range(n):
        if sending:
            log.append(('sent', send(i), ends.send((i, Loud('in a tuple'))[0])))
        else:
            log.append(('received', receive(), ends.receive()))
    log.append(ring())


for preference in (-1, 0, 1):
    for schedule_all in (0, 1):
        log, c = [], channel()
        c.preference, c.schedule_all = preference, schedule_all
        spawn('s', bound, c, True, 2, log)
        spawn('r', bound, c, False, 2, log)
        stackless.run()
        print(preference, schedule_all, log, queue(c))


def temporary():
    channel().receive()


def temporary_bound():
    receive = channel().receive
    receive()


spawn('t', temporary)
spawn('b', temporary_bound)
stackless.run()
send = channel().send
fails(lambda: send())
fails(lambda: send(1, 2))
c = channel()
c.close()
send, receive = c.send, c.receive
spawn('i', idle, [], 'i')
fails(lambda: send(1))
fails(lambda: receive())
stackless.run()
c.open()
spawn('e', receiver, c)
schedule()
send(stackless.bomb(LookupError, LookupError('through a method')))
stackless.run()
