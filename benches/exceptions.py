class Problem(Exception):
    pass


def risky(i):
    if i % 3 == 0:
        raise Problem(i)
    return i


def outer(i):
    try:
        return risky(i)
    finally:
        i += 1


caught = 0
for i in range(150000):
    try:
        outer(i)
    except Problem as e:
        caught += e.args[0] & 1
    try:
        {}[i]
    except KeyError:
        caught += 1
