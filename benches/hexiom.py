# Exact cover by backtracking over sets: pentomino-like strips on a board.
def solve(cells, pieces, used, count):
    if not cells:
        return count + 1
    first = min(cells)
    for i, piece in enumerate(pieces):
        if used & 1 << i:
            continue
        for shape in piece:
            placed = {(first[0] + y, first[1] + x) for y, x in shape}
            if placed <= cells:
                count = solve(cells - placed, pieces, used | 1 << i, count)
    return count


bar = [((0, 0), (0, 1), (0, 2)), ((0, 0), (1, 0), (2, 0))]
corner = [((0, 0), (0, 1), (1, 0)), ((0, 0), (1, 0), (1, 1)), ((0, 0), (0, 1), (1, 1)),
          ((0, 0), (1, -1), (1, 0))]
board = {(y, x) for y in range(3) for x in range(6)}
solve(board, [bar, corner, bar, corner, corner, bar], 0, 0)
