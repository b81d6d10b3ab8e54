# native: starting programs. Without `preexec_fn` the host forks and executes in one step; with it the
# child runs Python until the program starts. CPython's counterpart: Modules/_posixsubprocess.c.

"""The start of a child process for subprocess."""

import sys as _sys
import _process_native as _n
import posix as _posix

_ERRORS = {1: 'chdir'}


def _strings(sequence, what):
    if isinstance(sequence, (str, bytes)) or not hasattr(type(sequence), '__len__'):
        raise TypeError(f"{what} must be a sequence, not {type(sequence).__name__}")
    found = []
    for item in sequence:
        item = _posix.fspath(item)
        if isinstance(item, str):
            item = item.encode('utf-8', 'surrogateescape')
        if b'\0' in item:
            raise ValueError("embedded null byte")
        found.append(item)
    return found


def _report(fd, name, number, message):
    _posix.write(fd, b'%s:%X:%s' % (name.encode(), number, message.encode()))


def _group(value):
    try:
        return _posix._id(value, 'gid')
    except OverflowError:
        raise ValueError("invalid group id") from None


def fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread,
              c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid,
              pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /):
    if close_fds and errpipe_write < 3:
        raise ValueError("errpipe_write must be >= 3")
    if not isinstance(pass_fds, tuple):
        raise TypeError(f"fork_exec() argument 4 must be tuple, not {type(pass_fds).__name__}")
    last = -1
    for fd in pass_fds:
        if not isinstance(fd, int) or not last < fd <= 0x7fffffff or fd < 0:
            raise ValueError("bad value(s) in fds_to_keep")
        last = fd
    programs = _strings(executable_list, 'executable_list')
    argv = _strings(args, 'argv')
    envp = None if env is None else _strings(env, 'env')
    _sys.audit('_posixsubprocess.fork_exec', programs, argv, envp)
    if cwd is not None:
        cwd = _strings([cwd], 'cwd')[0]
    if extra_groups is not None:
        if not isinstance(extra_groups, list):
            raise TypeError("setgroups argument must be a sequence")
        if len(extra_groups) > 65536:
            raise ValueError("too many extra_groups")
        extra_groups = [_group(g) for g in extra_groups]
    gid = None if gid is None else _posix._id(gid, 'gid')
    uid = None if uid is None else _posix._id(uid, 'uid')
    child_umask = None if child_umask < 0 else child_umask
    group = None if pgid_to_set < 0 else pgid_to_set
    keep = [fd for fd in pass_fds if fd != errpipe_write]
    if preexec_fn is None:
        result = _n.spawn(argv, programs, envp, cwd, [p2cread, c2pwrite, errwrite], bool(close_fds),
                          keep, bool(restore_signals), bool(call_setsid), group, gid, extra_groups,
                          uid, child_umask)
        if type(result) is int:
            return result
        number, before, in_chdir = result
        _report(errpipe_write, 'OSError', number,
                'noexec:chdir' if in_chdir else 'noexec' if before else '')
        # The caller waits for a child: one that ends at once.
        pid = _posix._fork()
        if pid == 0:
            _posix._exit(255)
        return pid
    pid = _posix.fork()
    if pid != 0:
        return pid
    stage = 'noexec'
    try:
        _prepare_descriptors(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, keep)
        if cwd is not None:
            stage = 'noexec:chdir'
            _posix.chdir(cwd)
            stage = 'noexec'
        if child_umask is not None:
            _posix.umask(child_umask)
        if restore_signals:
            import _signal
            for number in (_signal.SIGPIPE, _signal.SIGXFSZ):
                _signal.signal(number, _signal.SIG_DFL)
        if call_setsid:
            _posix.setsid()
        if group is not None:
            _posix.setpgid(0, group)
        if extra_groups is not None:
            _posix.setgroups(extra_groups)
        if gid is not None:
            _posix.setregid(gid, gid)
        if uid is not None:
            _posix.setreuid(uid, uid)
        try:
            preexec_fn()
        except BaseException:
            _posix.write(errpipe_write, b'SubprocessError:0:Exception occurred in preexec_fn.')
            _posix._exit(255)
        if close_fds:
            low = 3
            for fd in [*keep, errpipe_write, 1 << 30]:
                if fd >= low:
                    _posix.closerange(low, fd)
                    low = fd + 1
        stage = ''
        problem = None
        for program in programs:
            try:
                _n.execute(program, argv, envp)
            except OSError as e:
                problem = problem or e
                if e.errno not in (2, 20):
                    problem = e
                    break
        _report(errpipe_write, 'OSError', problem.errno if problem else 2, '')
    except OSError as e:
        _report(errpipe_write, 'OSError', e.errno or 0, stage)
    except BaseException:
        _report(errpipe_write, 'SubprocessError', 0, 'the child failed before the program started')
    finally:
        _posix._exit(255)


def _prepare_descriptors(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, keep):
    for fd in keep:
        _posix.set_inheritable(fd, True)
    for fd in (p2cwrite, c2pread, errread):
        if fd != -1:
            _posix.close(fd)
    # Sources among 0 to 2 would be overwritten by an earlier target.
    sources = []
    for target, fd in enumerate((p2cread, c2pwrite, errwrite)):
        while 0 <= fd <= 2 and fd != target:
            fd = _posix.dup(fd)
        sources.append(fd)
    for target, fd in enumerate(sources):
        if fd == target:
            _posix.set_inheritable(fd, True)
        elif fd != -1:
            _posix.dup2(fd, target)
