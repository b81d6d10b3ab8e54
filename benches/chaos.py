import random

random.seed(1)


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def towards(self, other, f):
        return Point(self.x + (other.x - self.x) * f, self.y + (other.y - self.y) * f)


corners = [Point(0.0, 0.0), Point(1.0, 0.0), Point(0.5, 0.9), Point(0.2, 0.7)]
image = [[0] * 100 for _ in range(100)]
p = Point(0.3, 0.3)
for _ in range(120000):
    p = p.towards(corners[int(random.random() * 4)], 0.5)
    image[int(p.y * 99)][int(p.x * 99)] += 1
