"""A tasklet saved by one process and finished by another.

    save_resume.py                  does both, the second half in a process of its own
    save_resume.py save FILE        counts primes, stops half-way and writes the tasklet to FILE
    save_resume.py resume FILE      goes on from there
"""

import os
import pickle
import subprocess
import sys
import tempfile

import stackless


def primes(limit, found):
    for n in range(2, limit):
        if all(n % p for p in found if p * p <= n):
            found.append(n)
            if len(found) % 500 == 0:
                print(f"process {os.getpid()}: {len(found)} primes up to {n}")
                stackless.schedule_remove()
    print(f"done: {len(found)} primes below {limit}")


def save(file):
    tasklet = stackless.tasklet(primes)(20_000, [])
    stackless.run()
    tasklet.insert()
    stackless.run()
    with open(file, "wb") as out:
        pickle.dump(tasklet, out)


def resume(file):
    with open(file, "rb") as saved:
        tasklet = pickle.load(saved)
    while tasklet.alive:
        tasklet.insert()
        stackless.run()


if len(sys.argv) == 3:
    {"save": save, "resume": resume}[sys.argv[1]](sys.argv[2])
else:
    file = os.path.join(tempfile.mkdtemp(), "tasklet.pickle")
    save(file)
    print(f"saved in {os.path.getsize(file)} bytes", flush=True)
    subprocess.run([sys.executable, __file__, "resume", file], check=True)
