# outputs: ours (CPython has no tasklets)
# Tasklets saved where values wait in the middle of an expression: in front of a call, when the watchdog
# interrupts, and inside a finaliser, when the result of the instruction is written already.
import os
import pickle
import select
import socket
import stackless
import tempfile


def plus(a, b):
    return a + b


def loop():
    x = 0
    for i in range(100):
        x = plus(plus(x, 1), plus(1, len([i]))) - 1
    return [x, *map(plus, [1, 2], (3, x))]


found = []


def note():
    result = loop()
    found.append(result)


for budget in range(400, 440):
    t = stackless.tasklet(note)()
    copies = 0
    while stackless.run(budget) is not None:
        image = pickle.dumps(t)
        t.kill()
        t = pickle.loads(image)
        t.insert()
        copies += 1
    if not copies:
        print("never interrupted", budget)
print(len(found), {tuple(x) for x in found})


class Slow:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("begins to go:", self.name)
        stackless.schedule_remove()
        print("gone:", self.name)


def values():
    print("".join(["a", repr(type(Slow("call")))]), "end")
    x = Slow("truth") and 5
    print(x, [1, Slow("item") is None, 2])
    x = Slow("local")
    x = (1, 2)
    print(x)
    for i in iter([Slow("loop")]):
        i = 3
    try:
        raise ValueError(Slow("exception"))
    except ValueError as e:
        pass
    return "end"


t = stackless.tasklet(lambda: print(values()))()
stackless.run()
rounds = 0
while t.alive:
    copy = pickle.loads(pickle.dumps(t))
    rounds += 1
    t.insert()
    stackless.run()
    t, copy = copy, None
    t.insert()
    stackless.run()
print(rounds)


# What stands for a descriptor is not saved: the copy would close it.
def holds(x):
    stackless.schedule_remove()


with tempfile.TemporaryFile() as file, socket.socket() as s, select.epoll() as poll:
    file.write(b"text")
    file.seek(0)
    file.read(2)
    for x in file, s, poll, os.scandir("."):
        t = stackless.tasklet(holds)(x)
        stackless.run()
        try:
            pickle.dumps(t)
            print("saved", x)
        except TypeError as e:
            print(e)
        t.kill()
    print(file.read())

# Static methods of native types.
t = stackless.tasklet(lambda make: (stackless.schedule_remove(), print(make("a", "b"))))(str.maketrans)
stackless.run()
t = pickle.loads(pickle.dumps(t))
t.insert()
stackless.run()
