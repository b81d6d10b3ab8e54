class S:
    def __len__(self): return 1
    def __getitem__(self, i): return 'got'
def f(item):
    if not item:
        print('yes')
    x = item[0]
    print(x)
f(S())
class B:
    def __bool__(self): return True
    def __getitem__(self, i): return 'got'
f(B())
def h(item):
    x = item[0]
    y = len(item)
    z = item[0]
    print(x, y, z)
h(S())
