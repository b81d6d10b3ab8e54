# Parameters and locals that become cells one after the other, at the start of a function.
def outer(a, b, c):
    d = a * 2

    def inner():
        nonlocal b
        b += 1
        return a + b + c + d
    return inner() + inner()


print([outer(i, 2, 3) for i in range(3)])
