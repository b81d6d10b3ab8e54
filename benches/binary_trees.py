class Node:
    __slots__ = ('left', 'right')

    def __init__(self, left, right):
        self.left, self.right = left, right


def make(depth):
    return Node(make(depth - 1), make(depth - 1)) if depth else Node(None, None)


def check(node):
    return 1 + check(node.left) + check(node.right) if node.left is not None else 1


for depth in range(4, 15, 2):
    for _ in range(1 << max(0, 10 - depth)):
        check(make(depth))
