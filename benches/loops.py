def run(n):
    total = 0
    for i in range(n):
        for j in range(n):
            if (i ^ j) & 1:
                total += i * j % 7
            else:
                total -= 1
    k = 0
    while k < n * n:
        k += 1
    return total


run(1200)
