# native: the parts of sys that need no look into the VM. Runs once with `_sys`, the module's
# namespace, and `_options`, what the command line said.

_structseq = _load('_structseq')
_make = _structseq.make


def exit(status=None, /):
    raise SystemExit(status)


def displayhook(object, /):
    if object is None:
        return
    builtins = _sys['modules'].get('builtins')
    builtins._ = None
    text = repr(object)
    out = _sys.get('stdout')
    if out is None:
        raise RuntimeError("lost sys.stdout")
    try:
        out.write(text)
    except UnicodeEncodeError:
        data = text.encode(out.encoding, 'backslashreplace')
        if hasattr(out, 'buffer'):
            out.buffer.write(data)
        else:
            out.write(data.decode(out.encoding, 'strict'))
    out.write("\n")
    builtins._ = object


def excepthook(exctype, value, traceback, /):
    err = _sys.get('stderr')
    if err is None:
        return
    try:
        import traceback as library
        library.print_exception(exctype, value, traceback)
    except BaseException as e:
        _plain(err, exctype, value, traceback)
        err.write("while printing it:\n")
        _plain(err, type(e), e, e.__traceback__)


def _plain(err, exctype, value, traceback):
    """Without the library's printer."""
    err.write("Traceback (most recent call last):\n")
    while traceback is not None:
        code = traceback.tb_frame.f_code
        err.write(f'  File "{code.co_filename}", line {traceback.tb_lineno}, in {code.co_name}\n')
        traceback = traceback.tb_next
    err.write(f"{exctype.__name__}: {value}\n")


def unraisablehook(unraisable, /):
    err = _sys.get('stderr')
    if err is None:
        return
    message = unraisable.err_msg or "Exception ignored in"
    what = "" if unraisable.object is None else f" {unraisable.object!r}"
    err.write(f"{message}:{what}\n")
    try:
        import traceback as library
        library.print_exception(unraisable.exc_type, unraisable.exc_value,
                                unraisable.exc_traceback, file=err)
    except BaseException:
        err.write(f"{unraisable.exc_type.__name__}: {unraisable.exc_value}\n")


def breakpointhook(*args, **kws):
    import os
    name = os.environ.get('PYTHONBREAKPOINT')
    if name == '0':
        return None
    if not name:
        name = 'pdb.set_trace'
    module, dot, function = name.rpartition('.')
    import importlib
    try:
        if dot and (not module or module.startswith('.')):
            raise ValueError('Empty module name')
        hook = getattr(importlib.import_module(module or 'builtins'), function)
    except (ImportError, AttributeError, ValueError):
        import warnings
        warnings.warn(f'Ignoring unimportable $PYTHONBREAKPOINT: "{name}"', RuntimeWarning,
                      stacklevel=2)
        return None
    return hook(*args, **kws)


def is_remote_debug_enabled():
    """Other processes cannot make this one run scripts."""
    return False


# A tuple, so that no list that the collector knows leads to a hook.
_audit_hooks = ()
_absent = object()


def audit(event, /, *args):
    if not isinstance(event, str):
        raise TypeError(f"audit() argument 1 must be str, not {type(event).__name__}")
    for hook in _audit_hooks:
        if getattr(hook, '__cantrace__', False):
            hook(event, args)
            continue
        # Trace functions do not see a hook that does not ask for it.
        was = _inside(True)
        try:
            hook(event, args)
        finally:
            _inside(was)


def addaudithook(hook):
    global _audit_hooks, _inside
    try:
        audit('sys.addaudithook')
    except Exception:
        return
    if not _audit_hooks:
        from _tracing_native import inside
        import _import_hooks
        _inside = inside
        _import_hooks.audit()
        _sys['_set_audited'](audit)
        _audit_frames()
    _audit_hooks += hook,


def _audit_frames():
    """The natives that give frames are put behind functions that tell the hooks."""
    frame, modulename = _sys['_getframe'], _sys['_getframemodulename']

    def _getframe(depth=0, /):
        found = frame(depth)
        audit('sys._getframe', found)
        return found

    def _getframemodulename(depth=0):
        audit('sys._getframemodulename', depth)
        return modulename(depth)

    _sys['_getframe'], _sys['_getframemodulename'] = _getframe, _getframemodulename


def getsizeof(object, default=_absent, /):
    method = getattr(type(object), '__sizeof__', None)
    if method is None:
        if default is not _absent:
            return default
        return _native_size(object)
    size = method(object)
    if not isinstance(size, int):
        raise TypeError(f"'{type(size).__name__}' object cannot be interpreted as an integer")
    if size < 0:
        raise ValueError("__sizeof__() should return >= 0")
    return size


_native_size = _sys['_native_size']


def getdefaultencoding():
    return 'utf-8'


def getfilesystemencoding():
    return 'utf-8'


def getfilesystemencodeerrors():
    return 'surrogateescape'


def is_finalizing():
    return False


def is_stack_trampoline_active():
    return False


_state = {'switch': 0.005, 'origin': 0, 'dlopen': 2,
          'asyncgen': (None, None)}


def getswitchinterval():
    return _state['switch']


def setswitchinterval(interval, /):
    if not interval > 0:
        raise ValueError("switch interval must be strictly positive")
    _state['switch'] = float(interval)


def gettrace():
    return _tracing().gettrace()


def settrace(function, /):
    audit('sys.settrace')
    _tracing().settrace(function)


def getprofile():
    return _tracing().getprofile()


def setprofile(function, /):
    audit('sys.setprofile')
    _tracing().setprofile(function)


def _settraceallthreads(function, /):
    audit('sys.settrace')
    _tracing().settrace(function)


def _setprofileallthreads(function, /):
    audit('sys.setprofile')
    _tracing().setprofile(function)


def call_tracing(func, args, /):
    if not isinstance(args, tuple):
        raise TypeError(f"call_tracing() argument 2 must be tuple, not {type(args).__name__}")
    return _tracing().call_tracing(func, args)


def _tracing():
    import _tracing
    return _tracing


def getdlopenflags():
    return _state['dlopen']


def setdlopenflags(flags, /):
    _state['dlopen'] = flags


def get_coroutine_origin_tracking_depth():
    return _state['origin']


def set_coroutine_origin_tracking_depth(depth):
    if depth < 0:
        raise ValueError("depth must be >= 0")
    _state['origin'] = depth
    _sys['_set_origin_depth'](depth)


def getallocatedblocks():
    return 0


def getunicodeinternedsize(*, _only_immortal=False):
    return 0


def _clear_type_cache():
    pass


def _clear_internal_caches():
    pass


def _clear_type_descriptors(cls, /):
    for name in ('__dict__', '__weakref__'):
        if name in cls.__dict__:
            try:
                delattr(cls, name)
            except (AttributeError, TypeError):
                pass


def _baserepl():
    import _repl
    _repl.base()


def _get_cpu_count_config():
    given = _sys['_xoptions'].get('cpu_count')
    if given is None and not _sys['flags'].ignore_environment:
        import os
        given = os.environ.get('PYTHON_CPU_COUNT')
    return int(given) if isinstance(given, str) and given.isdigit() and int(given) else -1


def _is_gil_enabled():
    return True


def _is_interned(string, /):
    return _sys['intern'](string) is string


def _is_immortal(op, /):
    return False


_own_frame = _sys['_getframe']


def _current_frames():
    audit('sys._current_frames')
    return {1: _own_frame(0)}


def _current_exceptions():
    audit('sys._current_exceptions')
    return {1: _sys['exception']()}


def activate_stack_trampoline(backend, /):
    raise ValueError("perf trampoline not available")


def deactivate_stack_trampoline():
    pass


def remote_exec(pid, script):
    raise RuntimeError("Remote debugging is not enabled")


_hooks_type, _hooks = _make('sys.asyncgen_hooks', ['firstiter', 'finalizer'])


def get_asyncgen_hooks():
    return _hooks(_state['asyncgen'])


def set_asyncgen_hooks(firstiter=_absent, finalizer=_absent):
    first, final = _state['asyncgen']
    for hook, name in ((firstiter, 'firstiter'), (finalizer, 'finalizer')):
        if hook is not _absent and hook is not None and not callable(hook):
            raise TypeError(f"callable {name} expected, got {type(hook).__name__}")
    if firstiter is not _absent:
        first = firstiter
    if finalizer is not _absent:
        final = finalizer
    _state['asyncgen'] = (first, final)
    _sys['_set_generator_hooks'](first, final)


_UnraisableHookArgs, _unraisable = _make(
    'UnraisableHookArgs', ['exc_type', 'exc_value', 'exc_traceback', 'err_msg', 'object'])

_flag_names = ['debug', 'inspect', 'interactive', 'optimize', 'dont_write_bytecode',
               'no_user_site', 'no_site', 'ignore_environment', 'verbose', 'bytes_warning',
               'quiet', 'hash_randomization', 'isolated', 'dev_mode', 'utf8_mode',
               'warn_default_encoding', 'safe_path', 'int_max_str_digits', 'gil',
               'thread_inherit_context', 'context_aware_warnings']


class _Text:
    """Standard streams before `io` is there."""

    encoding = 'utf-8'
    errors = 'backslashreplace'

    def __init__(self, fd):
        self._fd = fd

    def write(self, text):
        _write_fd(self._fd, text)
        return len(text)

    def flush(self):
        pass

    def fileno(self):
        return self._fd


_write_fd = _sys['_write_fd']

_STDLIB = """
__future__ _abc _aix_support _android_support _apple_support _ast _ast_unparse _asyncio _bisect
_blake2 _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw
_collections _collections_abc _colorize _compat_pickle _contextvars _csv _ctypes _curses
_curses_panel _datetime _dbm _decimal _elementtree _frozen_importlib _frozen_importlib_external
_functools _gdbm _hashlib _heapq _hmac _imp _interpchannels _interpqueues _interpreters _io
_ios_support _json _locale _lsprof _lzma _markupbase _md5 _multibytecodec _multiprocessing _opcode
_opcode_metadata _operator _osx_support _overlapped _pickle _posixshmem _posixsubprocess _py_abc
_py_warnings _pydatetime _pydecimal _pyio _pylong _pyrepl _queue _random _remote_debugging _scproxy
_sha1 _sha2 _sha3 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string
_strptime _struct _suggestions _symtable _sysconfig _thread _threading_local _tkinter _tokenize
_tracemalloc _types _typing _uuid _warnings _weakref _weakrefset _winapi _wmi _zoneinfo _zstd abc
annotationlib antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2
cProfile calendar cmath cmd code codecs codeop collections colorsys compileall compression
concurrent configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime
dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp
fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib
grp gzip hashlib heapq hmac html http idlelib imaplib importlib inspect io ipaddress itertools json
keyword linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder msvcrt
multiprocessing netrc nt ntpath nturl2path numbers opcode operator optparse os pathlib pdb pickle
pickletools pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd
py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource
rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket
socketserver sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep
struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile termios textwrap this
threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle
turtledemo types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser
winreg winsound wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo stackless _stackless
"""


class _Monitoring(type(_sys['modules']['builtins'])):
    """`sys.monitoring`, whose contents are made when somebody looks."""

    def __getattr__(self, name):
        _tracing().fill_monitoring(self.__dict__)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module 'sys.monitoring' has no attribute '{name}'") from None

    def __dir__(self):
        _tracing().fill_monitoring(self.__dict__)
        return sorted(self.__dict__)


_BUILTIN = '''_abc _ast _codecs _collections _contextvars _functools _imp _io _locale _opcode _operator
_random _signal _sre _stat _string _struct _symtable _sysconfig _thread _tokenize _tracemalloc
_types _typing _warnings _weakref atexit binascii builtins cmath errno faulthandler gc itertools
marshal math posix pwd sys time unicodedata'''


def _fill():
    public = {n: v for n, v in (lambda: 0).__globals__.items()
              if callable(v) and not n.startswith('__')
              and n not in ('_make', '_fill', '_load', '_Text', '_write_fd', '_native_size',
                            '_hooks', '_hooks_type', '_Namespace', '_Monitoring', '_tracing', '_plain', '_unraisable', '_UnraisableHookArgs')}
    _sys.update(public)
    _sys['UnraisableHookArgs'] = _UnraisableHookArgs
    for hook in ('displayhook', 'excepthook', 'unraisablehook', 'breakpointhook'):
        _sys[f'__{hook}__'] = _sys[hook]
    info, new = _make('sys.version_info', ['major', 'minor', 'micro', 'releaselevel', 'serial'],
                      constructible=False)
    version = new((3, 14, 0, 'final', 0))
    given = _options['flags']
    flags, new_flags = _make('sys.flags', _flag_names, 18, constructible=False)
    defaults = {'hash_randomization': 1, 'utf8_mode': 0, 'int_max_str_digits': 4300, 'gil': 1,
                'thread_inherit_context': 0, 'context_aware_warnings': 0}
    values = [given.get(n, defaults.get(n, 0)) for n in _flag_names]
    for boolean in ('dev_mode', 'safe_path'):
        i = _flag_names.index(boolean)
        values[i] = bool(values[i])
    _sys['flags'] = new_flags(values)
    _sys['version_info'] = version
    _sys['version'] = '3.14.0 (Stackless 3.14, Nov 23 2026, 00:00:00) [Rust]'
    _sys['hexversion'] = 0x030e00f0
    _sys['api_version'] = 1013
    _sys['copyright'] = ('Copyright (c) 2001-2025 Python Software Foundation.\n'
                         'All Rights Reserved.')
    _sys['maxsize'] = (1 << 63) - 1
    _sys['maxunicode'] = 0x10ffff
    _sys['byteorder'] = 'little'
    _sys['platform'] = 'linux'
    _sys['platlibdir'] = 'lib'
    _sys['abiflags'] = ''
    _sys['float_repr_style'] = 'short'
    _sys['_git'] = ('Stackless', '', '')
    _sys['_framework'] = ''
    _sys['ps1'], _sys['ps2'] = '>>> ', '... '
    del _sys['ps1'], _sys['ps2']
    _sys['implementation'] = _Namespace(
        name='stackless', version=version, hexversion=0x030e00f0, cache_tag='stackless-314',
        _multiarch='x86_64-linux-gnu', supports_isolated_interpreters=False)
    _, new = _make('sys.float_info',
                   ['max', 'max_exp', 'max_10_exp', 'min', 'min_exp', 'min_10_exp', 'dig',
                    'mant_dig', 'epsilon', 'radix', 'rounds'])
    _sys['float_info'] = new((1.7976931348623157e308, 1024, 308, 2.2250738585072014e-308, -1021,
                              -307, 15, 53, 2.220446049250313e-16, 2, 1))
    _, new = _make('sys.int_info', ['bits_per_digit', 'sizeof_digit', 'default_max_str_digits',
                                    'str_digits_check_threshold'])
    _sys['int_info'] = new((30, 4, 4300, 640))
    _, new = _make('sys.hash_info', ['width', 'modulus', 'inf', 'nan', 'imag', 'algorithm',
                                     'hash_bits', 'seed_bits', 'cutoff'])
    _sys['hash_info'] = new((64, (1 << 61) - 1, 314159, 0, 1000003, 'siphash13', 64, 128, 0))
    _, new = _make('sys.thread_info', ['name', 'lock', 'version'])
    _sys['thread_info'] = new(('pthread', 'pymutex', None))
    _sys['meta_path'], _sys['path_hooks'], _sys['path_importer_cache'] = [], [], {}
    _sys['path'] = []
    _sys['warnoptions'] = _options['warnoptions']
    xoptions = {}
    for option in _options['xoptions']:
        name, eq, value = option.partition('=')
        xoptions[name] = value if eq else True
    _sys['_xoptions'] = xoptions
    _sys['stdlib_module_names'] = frozenset(_STDLIB.split())
    _sys['builtin_module_names'] = tuple(sorted({*_builtin_names, *_BUILTIN.split()}))
    _sys['dont_write_bytecode'] = True
    _sys['pycache_prefix'] = None
    no = staticmethod(lambda: False)
    _sys['_jit'] = _Namespace(is_available=no, is_enabled=no, is_active=no)
    _sys['monitoring'] = _Monitoring('sys.monitoring')
    executable = _executable() or ''
    _sys['executable'] = _sys['_base_executable'] = executable
    prefix = executable.rpartition('/')[0].rpartition('/')[0] or '/usr/local'
    for name in ('prefix', 'exec_prefix', 'base_prefix', 'base_exec_prefix'):
        _sys[name] = prefix
    _sys['_home'] = None
    _sys['_stdlib_dir'] = None
    _sys['orig_argv'] = _options['orig_argv']
    _sys['argv'] = ['']
    for n, (name, fd) in enumerate((('stdin', 0), ('stdout', 1), ('stderr', 2))):
        _sys[name] = _sys[f'__{name}__'] = _Text(fd)


_fill()
