# Copies that the strategy saves are no part of the program: nothing of them shows.
class Resource:
    def __del__(self):
        print("given back")


def closing():
    try:
        yield 1
        yield 2
    finally:
        print("closed")


async def never():
    pass


r, g, c = Resource(), closing(), never()
next(g)
x = 0
for i in range(3000):
    x += i
print(x)
c.close()
del g
del r
