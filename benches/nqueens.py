def queens(n, row, cols, left, right):
    if row == n:
        return 1
    total = 0
    for c in range(n):
        a, b = row + c, row - c + n
        if not (cols[c] or left[a] or right[b]):
            cols[c] = left[a] = right[b] = True
            total += queens(n, row + 1, cols, left, right)
            cols[c] = left[a] = right[b] = False
    return total


queens(8, 0, [False] * 8, [False] * 16, [False] * 17)
