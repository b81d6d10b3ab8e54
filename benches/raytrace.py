from math import sqrt


class Vec:
    __slots__ = ('x', 'y', 'z')

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y, self.z - o.z)

    def scale(self, f):
        return Vec(self.x * f, self.y * f, self.z * f)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self.scale(1 / sqrt(self.dot(self)))


class Sphere:
    def __init__(self, centre, radius, colour):
        self.centre, self.radius, self.colour = centre, radius, colour

    def hit(self, origin, ray):
        to = self.centre - origin
        along = to.dot(ray)
        d = self.radius ** 2 - to.dot(to) + along * along
        return along - sqrt(d) if d > 0 and along > 0 else None


scene = [Sphere(Vec(i * 1.5 - 3, j - 1.0, 8 + i), 0.9, (i + j) / 8) for i in range(5) for j in range(3)]
light = Vec(5, 8, -4).unit()


def trace(ray):
    best, at = None, 1e9
    for s in scene:
        d = s.hit(Vec(0, 0, 0), ray)
        if d is not None and d < at:
            best, at = s, d
    if best is None:
        return 0
    normal = (ray.scale(at) - best.centre).unit()
    return best.colour * max(0.1, normal.dot(light))


total = 0
for y in range(60):
    for x in range(60):
        total += trace(Vec((x - 30) / 30, (y - 30) / 30, 1.5).unit())
