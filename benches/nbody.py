from math import sqrt

SUN = 4 * 3.141592653589793 ** 2
DAYS = 365.24


class Body:
    def __init__(self, x, y, z, vx, vy, vz, mass):
        self.x, self.y, self.z = x, y, z
        self.vx, self.vy, self.vz = vx * DAYS, vy * DAYS, vz * DAYS
        self.mass = mass * SUN


bodies = [
    Body(0, 0, 0, 0, 0, 0, 1),
    Body(4.84, -1.16, -0.10, 0.00166, 0.00769, -0.0000690, 0.000954),
    Body(8.34, 4.12, -0.4, -0.00276, 0.00499, 0.0000230, 0.000285),
    Body(12.89, -15.11, -0.22, 0.00296, 0.00237, -0.0000296, 0.0000436),
    Body(15.37, -25.9, 0.179, 0.00268, 0.00162, -0.0000951, 0.0000515),
]
pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1:]]


def advance(dt, n):
    for _ in range(n):
        for a, b in pairs:
            dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
            d = dx * dx + dy * dy + dz * dz
            mag = dt / (d * sqrt(d))
            am, bm = a.mass * mag, b.mass * mag
            a.vx -= dx * bm
            a.vy -= dy * bm
            a.vz -= dz * bm
            b.vx += dx * am
            b.vy += dy * am
            b.vz += dz * am
        for b in bodies:
            b.x += dt * b.vx
            b.y += dt * b.vy
            b.z += dt * b.vz


advance(0.01, 20000)
