# native: start of the command. `options` came from the command line; `status` is what it gives back.

status = 1


_ORIGINS = {'_frozen_importlib': 'importlib._bootstrap',
            '_frozen_importlib_external': 'importlib._bootstrap_external'}


def _load(name):
    """A library module before the import system is there."""
    modules = _sys['modules']
    if name in modules:
        return modules[name]
    module = new_module(name)
    module.__origname__ = _ORIGINS.get(name, name)
    modules[name] = module
    exec(library_code(name), module.__dict__)
    return module


def _native(name):
    module = create_native(name)
    _sys['modules'][name] = module
    return module


def _boot():
    global _sys
    import sys
    _sys = sys.__dict__
    imp = _native('_imp')
    posix = _native('_posix_native')
    namespace = {'__name__': 'sys', '_sys': _sys, '_options': options, '_load': _load,
                 '_builtin_names': imp._builtin_names(), '_executable': posix.executable,
                 '_Namespace': namespace_type()}
    exec(library_code('_sys_init'), namespace)
    _native('_weakref_native')
    for name in ('_weakref', '_thread', '_warnings', '_frozen_importlib'):
        _load(name)
    bootstrap = sys.modules['_frozen_importlib']
    bootstrap._install(sys, imp)
    set_importer(bootstrap.__import__)
    bootstrap._install_external_importers()
    import importlib
    return sys


def _open_streams(sys):
    import io
    import builtins
    builtins.open = io.open
    unbuffered = 'unbuffered' in options['flags']
    for name, fd, mode in (('stdin', 0, 'r'), ('stdout', 1, 'w'), ('stderr', 2, 'w')):
        try:
            raw = io.open(fd, mode + 'b', buffering=-1, closefd=False)
        except OSError:
            stream = None
        else:
            tty = raw.isatty()
            stream = io.TextIOWrapper(
                raw, encoding='utf-8', newline=None if name == 'stdin' else '\n',
                errors='backslashreplace' if name == 'stderr' else 'strict',
                line_buffering=tty or name == 'stderr' or unbuffered,
                write_through=unbuffered and name != 'stdin')
            stream.buffer.raw.name = f'<{name}>'
            stream.mode = mode
        setattr(sys, name, stream)
        setattr(sys, f'__{name}__', stream)


def _set_path(sys):
    import os
    flags = sys.flags
    paths = []
    script = options['script']
    if not flags.safe_path:
        if options['module'] is not None:
            paths.append(os.getcwd())
        elif options['command'] is not None or script is None or script == '-':
            paths.append('')
        else:
            paths.append(os.path.dirname(os.path.realpath(script)))
    first = len(paths)
    extra = os.environ.get('PYTHONPATH')
    if extra and not flags.ignore_environment:
        paths.extend(extra.split(os.pathsep))
    sys.path[:] = paths
    if options['module'] is not None:
        sys.argv = ['-m'] + options['rest']
    elif options['command'] is not None:
        sys.argv = ['-c'] + options['rest']
    else:
        sys.argv = [script or ''] + options['rest']


def _run_main(sys):
    main = new_module('__main__')
    sys.modules['__main__'] = main
    ns = main.__dict__
    import builtins
    ns['__builtins__'] = builtins
    command, script = options['command'], options['script']
    if options['module'] is not None:
        import runpy
        runpy._run_module_as_main(options['module'])
        return
    if command is not None:
        exec(compile(command, '<string>', 'exec', dont_inherit=True), ns)
        return
    if script is None or script == '-':
        if script is None and sys.stdin is not None and sys.stdin.isatty():
            import code
            code.interact(local=ns, exitmsg='')
            return
        source, name = sys.stdin.buffer.read(), '<stdin>'
    else:
        import os
        if os.path.isdir(script):
            import runpy
            sys.path.insert(0, script)
            runpy._run_module_as_main('__main__', False)
            return
        try:
            with open(script, 'rb') as file:
                source = file.read()
        except OSError as e:
            sys.stderr.write(f"{sys.executable}: can't open file {os.path.abspath(script)!r}: "
                             f"[Errno {e.errno}] {e.strerror}\n")
            raise SystemExit(2) from None
        name = script
        ns['__file__'] = script
        ns['__cached__'] = None
        from importlib.machinery import SourceFileLoader
        ns['__loader__'] = SourceFileLoader('__main__', script)
    exec(compile(source, name, 'exec', dont_inherit=True), ns)


def _exit_status(sys, e):
    code = e.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xff
    try:
        sys.stderr.write(f"{code}\n")
    except Exception:
        pass
    return 1


def _finish(sys):
    result = 0
    threading = sys.modules.get('threading')
    if threading is not None:
        try:
            threading._shutdown()
        except BaseException as e:
            sys.excepthook(type(e), e, e.__traceback__)
    try:
        import atexit
        atexit._run_exitfuncs()
    except BaseException as e:
        sys.excepthook(type(e), e, e.__traceback__)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except AttributeError:
            pass
        except BaseException:
            result = 120
    return result


def _report(sys, e):
    hook = sys.excepthook
    try:
        hook(type(e), e, e.__traceback__)
    except SystemExit as exit:
        return _exit_status(sys, exit)
    except BaseException as other:
        sys.stderr.write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(other), other, other.__traceback__)
        sys.stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(type(e), e, e.__traceback__)
    return 1


def _main():
    global status
    sys = _boot()
    try:
        import encodings
        _open_streams(sys)
        _set_path(sys)
        if not sys.flags.no_site:
            pass
        status = 0
        _run_main(sys)
    except SystemExit as e:
        status = _exit_status(sys, e)
    except BaseException as e:
        sys.last_exc = e
        sys.last_type, sys.last_value, sys.last_traceback = type(e), e, e.__traceback__
        status = _report(sys, e)
        if isinstance(e, KeyboardInterrupt):
            status = 130
    status = _finish(sys) or status


_main()
