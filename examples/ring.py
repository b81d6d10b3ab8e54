"""A token goes round a ring of 1,000 tasklets a hundred times."""
import stackless

SIZE, ROUNDS = 1000, 100


def node(inp, out):
    while True:
        out.send(inp.receive() + 1)


channels = [stackless.channel() for _ in range(SIZE + 1)]
for inp, out in zip(channels, channels[1:]):
    stackless.tasklet(node)(inp, out)


def driver():
    token = 0
    for _ in range(ROUNDS):
        channels[0].send(token)
        token = channels[-1].receive()
    print(token)


stackless.tasklet(driver)()
stackless.run()
