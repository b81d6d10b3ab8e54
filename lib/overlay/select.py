# native: waiting for descriptors; waits for the host's poll.

error = OSError
POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL = 1, 2, 4, 8, 16, 32
PIPE_BUF = 4096


def select(rlist, wlist, xlist, timeout=None, /):
    raise OSError(38, "select is not available yet")
