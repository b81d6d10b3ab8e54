# A small operating system: tasks with priorities that pass packets to one another.
IDLE, WORKER, HANDLER, DEVICE = range(4)


class Packet:
    def __init__(self, link, target, kind):
        self.link, self.target, self.kind, self.datum, self.data = link, target, kind, 0, [0] * 4


class Task:
    def __init__(self, system, ident, priority, queue):
        self.ident, self.priority, self.queue, self.system = ident, priority, queue, system
        self.waiting = queue is None
        self.held = False
        self.handled = 0

    def add(self, packet):
        packet.link = None
        if self.queue is None:
            self.queue = packet
        else:
            at = self.queue
            while at.link is not None:
                at = at.link
            at.link = packet
        self.waiting = False

    def run(self):
        packet = self.queue
        if packet is not None:
            self.queue = packet.link
        if self.queue is None:
            self.waiting = True
        return self.step(packet)

    def step(self, packet):
        raise NotImplementedError


class Worker(Task):
    next = HANDLER

    def step(self, packet):
        if packet is None:
            return None
        self.handled += 1
        self.next = DEVICE if self.next == HANDLER else HANDLER
        for i in range(4):
            packet.data[i] = (packet.data[i] + self.handled + i) % 26
        packet.datum = 0
        return self.system.send(packet, self.next)


class Passer(Task):
    def step(self, packet):
        if packet is None:
            return None
        self.handled += 1
        packet.datum += 1
        return self.system.send(packet, WORKER if packet.datum > 2 else DEVICE if self.ident == HANDLER else HANDLER)


class System:
    def __init__(self):
        self.tasks = [Worker(self, WORKER, 10, None), Passer(self, HANDLER, 20, None),
                      Passer(self, DEVICE, 30, None)]
        self.by_id = {t.ident: t for t in self.tasks}
        self.sent = 0

    def send(self, packet, target):
        self.sent += 1
        task = self.by_id[target]
        task.add(packet)
        return task

    def run(self, limit):
        for i in range(6):
            self.send(Packet(None, WORKER, i), WORKER)
        while self.sent < limit:
            for task in self.tasks:
                if not task.waiting and not task.held:
                    task.run()


System().run(150000)
