# Objects that die inside of a native operation are finalised before the next instruction, warm or not.
log = []
class E:
    def __del__(self): log.append('del'); E.d=True
def gen(x):
    yield
def k4():
    e=gen(E()); E.d=False
    next(e)
    e.close()
    return E.d
for i in range(3):
    r=k4(); log.append(r)
print(log)
class G:
    def __del__(self): log.append('del')
def k5():
    e=gen(G())
    next(e)
    e.close()
    log.append('after')
    return 1
log = []
for i in range(3):
    r=k5(); log.append(r)
print(log)
def k6():
    e=gen(G())
    next(e)
    e.close()
    return 1
log = []
for i in range(3):
    r=k6(); log.append(r)
print(log)
