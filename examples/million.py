"""A million tasklets, each blocked on a channel of its own group; one message wakes one of them."""
import stackless

COUNT = 1_000_000


def wait(channel, n):
    channel.receive()
    print('woken', n)


channel = stackless.channel()
for n in range(COUNT):
    stackless.tasklet(wait)(channel, n)
stackless.run()
print(-channel.balance, 'tasklets are blocked')
for _ in range(3):
    channel.send(None)
stackless.run()
