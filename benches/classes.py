class Meta(type):
    def __new__(cls, name, bases, ns):
        ns['tag'] = name.lower()
        return super().__new__(cls, name, bases, ns)


for i in range(2500):
    class Base(metaclass=Meta):
        x = i

        def __init__(self):
            self.y = self.x

        @property
        def z(self):
            return self.y + 1

    class Derived(Base):
        def __init__(self):
            super().__init__()
            self.w = self.z

    for _ in range(10):
        Derived().w
