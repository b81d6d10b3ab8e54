# One-way constraints between variables, planned by strength and executed in order.
class Variable:
    def __init__(self, value):
        self.value, self.constraints, self.determined, self.mark = value, [], None, 0


class Constraint:
    def __init__(self, strength):
        self.strength = strength

    def attach(self, *variables):
        self.variables = variables
        for v in variables:
            v.constraints.append(self)


class Stay(Constraint):
    def output(self):
        return self.variables[0]

    def execute(self):
        pass


class Scale(Constraint):
    def __init__(self, strength, factor, offset):
        super().__init__(strength)
        self.factor, self.offset = factor, offset

    def output(self):
        return self.variables[1]

    def execute(self):
        src, dst = self.variables
        dst.value = src.value * self.factor.value + self.offset.value


class Equal(Scale):
    def __init__(self, strength):
        Constraint.__init__(self, strength)

    def execute(self):
        src, dst = self.variables
        dst.value = src.value


class Planner:
    mark = 0

    def plan(self, source):
        Planner.mark += 1
        todo, out = [source], []
        while todo:
            v = todo.pop()
            v.mark = self.mark
            for c in sorted(v.constraints, key=lambda c: c.strength):
                target = c.output()
                if target is not v and target.mark != self.mark:
                    out.append(c)
                    todo.append(target)
        return out


def chain(n):
    variables = [Variable(0) for _ in range(n)]
    ten, one = Variable(10), Variable(1)
    for i, (a, b) in enumerate(zip(variables, variables[1:])):
        c = Equal(2) if i % 2 else Scale(1, one, ten)
        c.attach(a, b)
    Stay(0).attach(variables[-1])
    planner = Planner()
    for value in range(60):
        plan = planner.plan(variables[0])
        variables[0].value = value
        for c in plan:
            c.execute()


chain(600)
