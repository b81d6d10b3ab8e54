# Sockets over the loopback: streams, datagrams, Unix sockets, messages, timeouts, errors; select, poll,
# epoll; servers in threads; asyncio.
import array
import asyncio
import http.server
import os
import select
import socket
import socketserver
import threading
import urllib.request


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


server = socket.create_server(('127.0.0.1', 0))


def echo():
    connection, address = server.accept()
    with connection:
        while data := connection.recv(100):
            connection.sendall(data.upper())


thread = threading.Thread(target=echo)
thread.start()
with socket.create_connection(server.getsockname()) as c:
    c.sendall(b'hello')
    print(c.recv(100), c.getpeername() == server.getsockname(), c.family.name, c.type.name)
    c.shutdown(socket.SHUT_WR)
    print(c.recv(10))
thread.join()
server.close()

a, b = socket.socketpair()
a.sendall(b'0123456789')
buffer = bytearray(4)
print(b.recv(3), b.recv_into(buffer), buffer, b.recv(2, socket.MSG_PEEK), b.recv(100))
print(select.select([a, b], [a, b], [], 0)[0] == [], select.select([], [a], [], 1)[1] == [a])
r, w = os.pipe()
os.write(w, b'through')
a.sendmsg([b'de', b'scriptor'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [r]))])
data, ancillary, flags, address = b.recvmsg(100, socket.CMSG_SPACE(4))
level, kind, body = ancillary[0]
fds = array.array('i')
fds.frombytes(body)
print(data, level == socket.SOL_SOCKET, kind == socket.SCM_RIGHTS, os.read(fds[0], 10), flags & socket.MSG_CTRUNC)
for fd in (r, w, fds[0]):
    os.close(fd)
b.settimeout(0.01)
print(b.gettimeout(), b.getblocking())
attempt(lambda: b.recv(1))
b.setblocking(False)
attempt(lambda: b.recv(1))
poller = select.poll()
poller.register(b, select.POLLIN)
print(poller.poll(0))
a.send(b'x')
print(poller.poll() == [(b.fileno(), select.POLLIN)])
with select.epoll() as e:
    e.register(b.fileno(), select.EPOLLIN)
    print(e.poll(1) == [(b.fileno(), select.EPOLLIN)], e.closed)
print(e.closed)
a.close()
b.close()
attempt(lambda: a.send(b'x'))
attempt(lambda: e.poll())

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as d, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    d.bind(('', 0))
    s.sendto(b'datagram', ('127.0.0.1', d.getsockname()[1]))
    data, sender = d.recvfrom(100)
    print(data, sender[0])
    print(d.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_DGRAM)
    d.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    print(d.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST), d.getsockopt(1, 6, 4))
    attempt(lambda: d.bind('x'))
    attempt(lambda: d.bind(('127.0.0.1', 70000)))
    attempt(lambda: d.bind((5, 5)))
    attempt(lambda: d.setsockopt(1, 2))
    attempt(lambda: d.recv(-1))
    attempt(lambda: d.settimeout(-1))
    attempt(lambda: d.sendto(b'x', 'y'))
attempt(lambda: socket.create_connection(('127.0.0.1', 1)))
attempt(lambda: socket.socket(fileno=-1))
attempt(lambda: socket.inet_aton('1.2.3'))
attempt(lambda: socket.inet_aton('256.1.1.1'))
attempt(lambda: socket.inet_pton(socket.AF_INET6, '::g'))
attempt(lambda: socket.inet_ntop(socket.AF_INET, b'abc'))
print(socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, '1:0:0::2')))
print(socket.getaddrinfo('127.0.0.1', 80, type=socket.SOCK_STREAM))
print(socket.getnameinfo(('127.0.0.1', 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV))
print(socket.htons(1), socket.ntohl(1), socket.gethostbyname('127.0.0.1'))
attempt(lambda: socket.htons(-1))
attempt(lambda: socket.getaddrinfo(5, 80))
attempt(lambda: select.select([-1], [], [], 0))
attempt(lambda: select.poll().modify(5, 1))


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'page ' + self.path.encode())

    def log_message(self, *args):
        pass


with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Page) as httpd:
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    print(urllib.request.urlopen(f'http://127.0.0.1:{httpd.server_port}/a?b').read())
    httpd.shutdown()
    thread.join()


async def main():
    async def handle(reader, writer):
        writer.write((await reader.readline())[::-1])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, '127.0.0.1', 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b'abc\n')
    print(await reader.read())
    writer.close()
    print(await asyncio.gather(*[asyncio.sleep(0.001 * i, i) for i in (3, 1, 2)]))
    process = await asyncio.create_subprocess_exec('echo', 'out', stdout=asyncio.subprocess.PIPE)
    print(await process.communicate(), process.returncode)
    print(await asyncio.to_thread(lambda: 'thread'))
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.01)
    except TimeoutError:
        print('timeout')
    server.close()


asyncio.run(main())
