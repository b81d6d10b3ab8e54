"""Costs of tasklet operations, as multiples of the call of an empty function."""

import time

import stackless

N = 1_000_000


def empty():
    pass


def calls(n):
    i = 0
    while i < n:
        empty()
        i += 1


def loop(n):
    i = 0
    while i < n:
        i += 1


def switching(n):
    i, schedule = 0, stackless.schedule
    while i < n:
        schedule()
        i += 1


def sending(channel, n):
    i = 0
    while i < n:
        channel.send(i)
        i += 1


def receiving(channel, n):
    i = 0
    while i < n:
        channel.receive()
        i += 1


def seconds(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


def spawn(n):
    for _ in range(n // 10_000):
        for _ in range(10_000):
            stackless.tasklet(empty)()
        stackless.run()


def measure():
    base = seconds(loop, N)
    call = (seconds(calls, N) - base) / N
    for _ in range(2):
        stackless.tasklet(switching)(N // 2)
    switch = (seconds(stackless.run) - base) / N
    channel = stackless.channel()
    stackless.tasklet(sending)(channel, N // 2)
    stackless.tasklet(receiving)(channel, N // 2)
    message = (seconds(stackless.run) - base) / (N // 2)
    return call, switch, message, seconds(spawn, 200_000) / 200_000


call, *others = [sorted(times)[2] for times in zip(*[measure() for _ in range(5)])]
print(f"call {call * 1e9:.1f} ns")
for name, cost in zip(("schedule", "channel message", "spawn, run and finish"), others):
    print(f"{name} {cost * 1e9:.1f} ns, {cost / call:.1f} calls")
