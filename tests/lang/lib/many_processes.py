# multiprocessing: processes, queues, locks, pools and shared memory under every start method.
import multiprocessing
from multiprocessing import shared_memory


def work(queue, lock, n):
    with lock:
        queue.put(n * n)


def square(x):
    return x * x


if __name__ == '__main__':
    for method in ('fork', 'spawn', 'forkserver'):
        context = multiprocessing.get_context(method)
        queue, lock = context.Queue(), context.Lock()
        processes = [context.Process(target=work, args=(queue, lock, i)) for i in range(3)]
        for p in processes:
            p.start()
        print(method, sorted([queue.get() for _ in processes]))
        for p in processes:
            p.join()
        print([p.exitcode for p in processes])
        with context.Pool(2) as pool:
            print(pool.map(square, range(5)))
        a, b = context.Pipe()
        a.send({'x': [1, 2]})
        print(b.recv(), b.poll(0))
    semaphore = multiprocessing.BoundedSemaphore(2)
    print(semaphore.acquire(), semaphore.acquire(), semaphore.acquire(False), semaphore.acquire(timeout=0.01))
    semaphore.release()
    semaphore.release()
    try:
        semaphore.release()
    except ValueError as e:
        print(e)
    memory = shared_memory.SharedMemory(create=True, size=10)
    memory.buf[:3] = b'abc'
    other = shared_memory.SharedMemory(memory.name)
    print(bytes(other.buf[:3]))
    other.close()
    memory.close()
    memory.unlink()
