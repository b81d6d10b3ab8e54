"""What a switch costs among a million tasklets, as a multiple of its cost between two."""
import sys
import time
import stackless


def cost(tasklets, rounds):
    def work():
        for _ in range(rounds):
            stackless.schedule()

    for _ in range(tasklets):
        stackless.tasklet(work)()
    stackless.schedule()
    start = time.perf_counter()
    stackless.run()
    return (time.perf_counter() - start) / (tasklets * rounds)


many = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
two = cost(2, 1_000_000)
crowd = cost(many, 5)
print(f'two {two * 1e9:.1f} ns, {many} {crowd * 1e9:.1f} ns, {crowd / two:.1f} times')
