def escape(cr, ci):
    zr = zi = 0.0
    for i in range(60):
        r2, i2 = zr * zr, zi * zi
        if r2 + i2 > 4.0:
            return i
        zr, zi = r2 - i2 + cr, 2.0 * zr * zi + ci
    return 60


total = 0
for y in range(120):
    for x in range(120):
        total += escape(x / 60 - 1.5, y / 60 - 1.0)
