"""A prime sieve: each prime is a tasklet that filters its multiples out of a channel."""
import stackless


def numbers(out):
    n = 2
    while True:
        out.send(n)
        n += 1


def filter_multiples(inp, out, prime):
    while True:
        n = inp.receive()
        if n % prime:
            out.send(n)


def sieve(count):
    channel = stackless.channel()
    stackless.tasklet(numbers)(channel)
    for _ in range(count):
        prime = channel.receive()
        print(prime)
        following = stackless.channel()
        stackless.tasklet(filter_multiples)(channel, following, prime)
        channel = following


stackless.tasklet(sieve)(30)
stackless.run()
