def numbers(n):
    for i in range(n):
        yield i


def evens(it):
    for x in it:
        if x % 2 == 0:
            yield x


def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)


sum(x * 2 for x in evens(numbers(400000)))
sum(tree(13))
