# native: the part of `posix` about processes: forks and programs, waiting, users, scheduling.
# CPython's counterpart: Modules/posixmodule.c.

# Functions belong to the public module.
__name__ = 'posix'

import _descriptors_native as _d
import _descriptors_numbers as _dn
import _posix_native as _n
import _process_native as _p
import _process_numbers as _pn
import _structseq
import stackless as _stackless
import sys as _sys
from _posix_io import _encoded, _fd, _id, _int, _path, _retry, _sequence
from _process_numbers import getpgrp, sched_yield

POSIX_SPAWN_OPEN, POSIX_SPAWN_CLOSE, POSIX_SPAWN_DUP2, POSIX_SPAWN_CLOSEFROM = range(4)
_ACTIONS = {POSIX_SPAWN_OPEN: ('open', 5), POSIX_SPAWN_CLOSE: ('close', 2),
            POSIX_SPAWN_DUP2: ('dup2', 3), POSIX_SPAWN_CLOSEFROM: ('closefrom', 2)}
_before, _in_parent, _in_child = [], [], []

_sched_param, _ = _structseq.make('posix.sched_param', ['sched_priority'])
waitid_result, _new_waitid = _structseq.make(
    'posix.waitid_result', ['si_pid', 'si_uid', 'si_signo', 'si_status', 'si_code'])


class sched_param(_sched_param):
    """Made of its one number, not of a sequence."""
    __module__ = 'posix'

    def __new__(cls, sched_priority):
        return _sched_param.__new__(cls, (sched_priority,))

    def __reduce__(self):
        return sched_param, tuple(self)

    def __replace__(self, /, **changes):
        new = _sched_param.__replace__(self, **changes)
        return sched_param(new[0])


_absent = object()


def register_at_fork(*, before=_absent, after_in_child=_absent, after_in_parent=_absent):
    given = (('before', before, _before), ('after_in_child', after_in_child, _in_child),
             ('after_in_parent', after_in_parent, _in_parent))
    if before is _absent and after_in_child is _absent and after_in_parent is _absent:
        raise TypeError("At least one argument is required.")
    for name, function, _ in given:
        if function is not _absent and not callable(function):
            raise TypeError(f"'{name}' must be callable, not {type(function).__name__}")
    for _, function, functions in given:
        if function is not _absent:
            functions.append(function)


def _run_hooks(functions):
    for function in functions:
        try:
            function()
        except BaseException as e:
            from types import SimpleNamespace
            _sys.unraisablehook(SimpleNamespace(
                exc_type=type(e), exc_value=e, exc_traceback=e.__traceback__, object=function,
                err_msg="Exception ignored in"))


def _fork():
    return _pn.fork()


def fork():
    _sys.audit('os.fork')
    _run_hooks(list(reversed(_before)))
    try:
        pid = _pn.fork()
    except OSError:
        _run_hooks(_in_parent)
        raise
    if pid == 0:
        import _thread
        _thread._after_fork()
        _run_hooks(_in_child)
    else:
        _run_hooks(_in_parent)
    return pid


def forkpty():
    master, slave = _d.openpty()
    try:
        pid = fork()
    except OSError:
        _n.close(master)
        _n.close(slave)
        raise
    if pid == 0:
        _n.close(master)
        _dn.login_tty(slave)
        return 0, -1
    _n.close(slave)
    return pid, master


def kill(pid, signal, /):
    pid, signal = _int(pid), _int(signal)
    _sys.audit('os.kill', pid, signal)
    _n.kill(pid, signal)
    import _signal
    _signal._deliver()


def killpg(pgid, signal, /):
    pgid, signal = _int(pgid), _int(signal)
    _sys.audit('os.killpg', pgid, signal)
    _pn.killpg(pgid, signal)
    import _signal
    _signal._deliver()


def abort():
    import _signal
    _signal._n.disposition(6, 0)
    _n.kill(_n.getpid(), 6)
    _n._exit(134)


def _c_string(text):
    text = _encoded(text)
    if b'\0' in text:
        raise ValueError("embedded null byte")
    return text


def _arguments(argv, who, where):
    if not isinstance(argv, (tuple, list)):
        raise TypeError(f"{who}{where} must be a tuple or list")
    if not argv:
        raise ValueError(f"{who}{where} must not be empty")
    argv = [_c_string(a) for a in argv]
    if not argv[0]:
        raise ValueError(f"{who}{where} first element cannot be empty")
    return argv


def _environment(env, who):
    if not hasattr(type(env), 'keys') or not hasattr(type(env), '__getitem__'):
        raise TypeError(f"{who}: environment must be a mapping object")
    found = []
    # Both at once: what runs below may change the mapping.
    for key, value in zip(list(env.keys()), list(env.values())):
        name, value = _c_string(key), _c_string(value)
        if b'=' in name[1:] or not name:
            raise ValueError("illegal environment variable name")
        found.append(name + b'=' + value)
    return found


def execv(path, argv, /):
    path = _path(path, 'execv')
    argv = _arguments(argv, 'execv()', ' arg 2')
    _sys.audit('os.exec', path, argv, None)
    _p.execute(path, argv, None)


def execve(path, argv, env):
    path = _path(path, 'execve', fd=True)
    argv = _arguments(argv, 'execve:', ' argv')
    env = _environment(env, 'execve')
    _sys.audit('os.exec', path, argv, env)
    _p.execute(path, argv, env)


def _file_actions(file_actions):
    actions = []
    if file_actions is not None and not hasattr(type(file_actions), '__iter__'):
        raise TypeError("file_actions must be a sequence or None")
    for action in file_actions or ():
        if not isinstance(action, tuple) or not action:
            raise TypeError("Each file_actions element must be a non-empty tuple")
        if action[0] not in _ACTIONS:
            raise TypeError("Unknown file_actions identifier")
        name, count = _ACTIONS[action[0]]
        if len(action) != count:
            raise TypeError(f"A {name} file_action tuple must have {count} elements")
        if action[0] == POSIX_SPAWN_OPEN:
            action = (action[0], _int(action[1]), _encoded(action[2]), _int(action[3]), action[4])
            if b'\0' in action[2]:
                raise ValueError("embedded null byte")
        else:
            action = (action[0], *[_int(part) for part in action[1:]])
        actions.append(action)
    return actions


def _do_actions(actions, told):
    for kind, fd, *rest in actions:
        if kind == POSIX_SPAWN_OPEN:
            new = _n.open(*rest, None)
            if new != fd:
                _n.dup2(new, fd, True)
                _n.close(new)
            else:
                _n.set_inheritable(fd, True)
        elif kind == POSIX_SPAWN_CLOSE:
            try:
                _n.close(fd)
            except OSError:
                pass
        elif kind == POSIX_SPAWN_DUP2:
            if fd == rest[0]:
                _n.set_inheritable(fd, True)
            else:
                _n.dup2(fd, rest[0], True)
        else:
            _dn.closerange(fd, told)
            _dn.closerange(max(told + 1, fd), 0x7fffffff)


def _spawn(who, path, argv, env, file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef,
           scheduler, search):
    import _signal
    path = _path(path, who)
    argv = _arguments(argv, who + ':', ' argv')
    envp = None if env is None else _environment(env, who)
    actions = _file_actions(file_actions)
    setpgroup = None if setpgroup is None else _int(setpgroup)
    mask = None if setsigmask == () else _signal._set(setsigmask)
    defaults = _signal._set(setsigdef)
    if scheduler is not None:
        if not isinstance(scheduler, tuple):
            raise TypeError("scheduler must be a tuple or None")
        if len(scheduler) != 2:
            raise TypeError("A scheduler tuple must have two elements")
        policy, parameter = scheduler
        if not isinstance(parameter, sched_param):
            raise TypeError("must have a sched_param object")
    programs = [_c_string(path)]
    if search and b'/' not in programs[0]:
        import posix
        folders = posix.environ.get(b'PATH', b'/bin:/usr/bin').split(b':')
        programs = [(folder or b'.') + b'/' + programs[0] for folder in folders]
    # The program closes this pipe; a child that does not get so far tells why through it.
    report, told = _d.pipe2(0o2000000)
    try:
        pid = _pn.fork()
    except OSError:
        _n.close(report)
        _n.close(told)
        raise
    if pid == 0:
        number = 38
        try:
            if setsid:
                _n.setsid()
            if setpgroup is not None:
                _pn.setpgid(0, setpgroup)
            if resetids:
                setegid(_n.getgid())
                seteuid(_n.getuid())
            if scheduler is not None:
                if policy is None:
                    sched_setparam(0, parameter)
                else:
                    sched_setscheduler(0, policy, parameter)
            for signal in range(1, 65):
                if signal in defaults or callable(_signal._handlers.get(signal)):
                    _signal._n.disposition(signal, 0)
            if mask is not None:
                _signal._n.sigmask(2, mask)
            _do_actions(actions, told)
            number = 2
            for program in programs:
                try:
                    _p.execute(program, argv, envp)
                except OSError as e:
                    number = e.errno
                    if number not in (2, 20):
                        break
        except OSError as e:
            number = e.errno
        finally:
            _n.write(told, b'%d' % number)
            _n._exit(127)
    _n.close(told)
    try:
        message = _retry(_n.read, report, 20)
    finally:
        _n.close(report)
    if message:
        _retry(_n.waitpid, pid, 0)
        raise OSError(int(message), _n.strerror(int(message)), path)
    return pid


def posix_spawn(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False,
                setsigmask=(), setsigdef=(), scheduler=None):
    return _spawn('posix_spawn', path, argv, env, file_actions, setpgroup, resetids, setsid,
                  setsigmask, setsigdef, scheduler, False)


def posix_spawnp(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False,
                 setsigmask=(), setsigdef=(), scheduler=None):
    return _spawn('posix_spawnp', path, argv, env, file_actions, setpgroup, resetids, setsid,
                  setsigmask, setsigdef, scheduler, True)


def system(command):
    command = _encoded(command)
    _sys.audit('os.system', command)
    return _p.system(command)


def _wait(function, options):
    """A wait for a child: in slices when other tasklets could run meanwhile."""
    if options & 1 or _stackless.getruncount() <= 1:
        return _retry(function, options)
    from _blocking import wait_until
    found = []

    def ready():
        result = function(options | 1)
        if result is not None and result[0] != 0:
            found.append(result)
        return bool(found)

    wait_until(ready)
    return found[0]


def waitpid(pid, options, /):
    pid, options = _int(pid), _int(options)
    return _wait(lambda options: _n.waitpid(pid, options), options)


def wait():
    return waitpid(-1, 0)


def wait4(pid, options):
    from resource import struct_rusage
    pid = _int(pid)
    pid, status, usage = _wait(lambda options: _p.wait4(pid, options), _int(options))
    return pid, status, struct_rusage(usage)


def wait3(options):
    return wait4(-1, options)


def waitid(idtype, id, options, /):
    result = _wait(lambda options: _p.waitid(idtype, id, options), _int(options))
    return None if result is None else _new_waitid(result)


def WIFCONTINUED(status):
    return status == 0xffff


# Users and groups.

def setuid(uid, /):
    _pn.setuid(_id(uid, 'uid'))


def seteuid(euid, /):
    _pn.seteuid(_id(euid, 'uid'))


def setgid(gid, /):
    _pn.setgid(_id(gid, 'gid'))


def setegid(egid, /):
    _pn.setegid(_id(egid, 'gid'))


def setreuid(ruid, euid, /):
    _pn.setreuid(_id(ruid, 'uid'), _id(euid, 'uid'))


def setregid(rgid, egid, /):
    _pn.setregid(_id(rgid, 'gid'), _id(egid, 'gid'))


def setresuid(ruid, euid, suid, /):
    _pn.setresuid(_id(ruid, 'uid'), _id(euid, 'uid'), _id(suid, 'uid'))


def setresgid(rgid, egid, sgid, /):
    _pn.setresgid(_id(rgid, 'gid'), _id(egid, 'gid'), _id(sgid, 'gid'))


def getresuid():
    return _p.getres(False)


def getresgid():
    return _p.getres(True)


def getgroups():
    return _p.getgroups()


def setgroups(groups, /):
    _p.setgroups([_id(g, 'gid') for g in _sequence(groups, 'setgroups', 1)])


def getgrouplist(user, group, /):
    return _p.getgrouplist(user, _id(group, 'gid'))


def initgroups(username, gid, /):
    _p.initgroups(_encoded(username), _id(gid, 'gid'))


def getlogin():
    from pwd import getpwuid
    try:
        fd = _n.open('/proc/self/loginuid', 0, 0, None)
        try:
            uid = int(_n.read(fd, 20))
        finally:
            _n.close(fd)
    except (OSError, ValueError):
        uid = 0xffffffff
    if uid == 0xffffffff:
        raise OSError(6, "No such device or address")
    return getpwuid(uid).pw_name


def setpgid(pid, pgrp, /):
    _pn.setpgid(_int(pid), _int(pgrp))


def setpgrp():
    _pn.setpgid(0, 0)


def tcgetpgrp(fd, /):
    return _pn.tcgetpgrp(_int(fd))


def tcsetpgrp(fd, pgid, /):
    _pn.tcsetpgrp(_int(fd), _int(pgid))


def getpriority(which, who):
    return _pn.getpriority(_int(which), _int(who))


def setpriority(which, who, priority):
    _pn.setpriority(_int(which), _int(who), _int(priority))


def nice(increment, /):
    return _pn.nice(_int(increment))


# Scheduling and namespaces.

def sched_get_priority_max(policy):
    return _pn.sched_get_priority_max(_int(policy))


def sched_get_priority_min(policy):
    return _pn.sched_get_priority_min(_int(policy))


def sched_getscheduler(pid, /):
    return _pn.sched_getscheduler(_int(pid))


def _priority(param):
    if not isinstance(param, sched_param):
        raise TypeError("must have a sched_param object")
    return _int(param.sched_priority)


def sched_setscheduler(pid, policy, param, /):
    _pn.sched_setscheduler(_int(pid), _int(policy), _priority(param))


def sched_getparam(pid, /):
    return sched_param(_pn.sched_getparam(_int(pid)))


def sched_setparam(pid, param, /):
    _pn.sched_setparam(_int(pid), _priority(param))


def sched_rr_get_interval(pid, /):
    return _p.sched_rr_get_interval(_int(pid))


def sched_getaffinity(pid, /):
    return set(_p.sched_getaffinity(_int(pid)))


def sched_setaffinity(pid, mask, /):
    cpus = []
    for cpu in mask:
        if not isinstance(cpu, int):
            raise TypeError("an integer is required")
        cpu = _int(cpu)
        if cpu < 0:
            raise ValueError("negative CPU number")
        cpus.append(cpu)
    _p.sched_setaffinity(_int(pid), cpus)


def unshare(flags):
    _pn.unshare(_int(flags))


def setns(fd, nstype=0):
    _pn.setns(_fd(fd), _int(nstype))


def pidfd_open(pid, flags=0):
    return _pn.pidfd_open(_int(pid), flags)
