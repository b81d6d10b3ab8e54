# Random playouts on a 9 by 9 board with captures.
import random

random.seed(3)
SIZE = 9
NEIGHBOURS = {(y, x): [(y + a, x + b) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
                       if 0 <= y + a < SIZE and 0 <= x + b < SIZE]
              for y in range(SIZE) for x in range(SIZE)}


def group(board, at):
    colour, todo, seen, liberties = board[at], [at], {at}, set()
    while todo:
        for n in NEIGHBOURS[todo.pop()]:
            if n not in board:
                liberties.add(n)
            elif board[n] == colour and n not in seen:
                seen.add(n)
                todo.append(n)
    return seen, liberties


def playout():
    board, colour = {}, 0
    empty = list(NEIGHBOURS)
    random.shuffle(empty)
    for at in empty:
        board[at] = colour
        for n in NEIGHBOURS[at]:
            if n in board and board[n] != colour:
                stones, liberties = group(board, n)
                if not liberties:
                    for s in stones:
                        del board[s]
        stones, liberties = group(board, at)
        if not liberties:
            del board[at]
        colour = 1 - colour
    return len(board)


for _ in range(60):
    playout()
