# native: the interactive loop of the command. On a terminal the library's editor, if it can work
# there, else lines. CPython's counterpart: PyRun_InteractiveLoop.


def run(sys, ns, banner):
    """Reads and runs statements until the end of input; gives the exit status."""
    import os
    if banner and not sys.flags.quiet:
        sys.stderr.write(f"Python {sys.version} on {sys.platform}\n")
        if not sys.flags.no_site:
            sys.stderr.write('Type "help", "copyright", "credits" or "license" for more '
                             'information.\n')
    if banner:
        _startup_file(sys, os, ns)
    hook = getattr(sys, '__interactivehook__', None)
    if hook is not None and not sys.flags.isolated:
        try:
            sys.audit('cpython.run_interactivehook', hook)
            hook()
        except Exception as e:
            sys.stderr.write("Failed calling sys.__interactivehook__\n")
            sys.excepthook(type(e), e, e.__traceback__)
    if _can_edit(sys, os):
        try:
            from _pyrepl.main import interactive_console
        except ImportError:
            pass
        else:
            interactive_console(sys.modules['__main__'], quiet=True)
            return 0
    return _lines(sys, ns)


def _startup_file(sys, os, ns):
    path = None if sys.flags.ignore_environment else os.environ.get('PYTHONSTARTUP')
    if not path:
        return
    try:
        with open(path, 'rb') as file:
            source = file.read()
    except OSError as e:
        sys.stderr.write(f"Could not open PYTHONSTARTUP\n{type(e).__name__}: {e}\n")
        return
    try:
        exec(compile(source, path, 'exec', dont_inherit=True), ns)
    except SystemExit:
        raise
    except BaseException as e:
        sys.excepthook(type(e), e, e.__traceback__)


def _can_edit(sys, os):
    if os.environ.get('PYTHON_BASIC_REPL') and not sys.flags.ignore_environment:
        return False
    try:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return False
        import termios
        termios.tcgetattr(sys.stdin.fileno())
    except Exception:
        return False
    return os.environ.get('TERM', 'dumb') != 'dumb'


def _read(sys, prompt):
    """A line with its newline, '' at the end of input. Prompts go where they do not mix with output."""
    try:
        sys.stdout.flush()
        sys.stderr.write(str(prompt))
        sys.stderr.flush()
        return sys.stdin.readline()
    except (OSError, ValueError, AttributeError):
        # A stream that is gone ends the input.
        return ''


def base():
    """`sys._baserepl`: the loop over lines, in `__main__`."""
    import sys
    _lines(sys, sys.modules['__main__'].__dict__)


def _compiled(compiler, *args):
    """The code; an error of the text shows no frames."""
    try:
        return compiler(*args)
    except (SyntaxError, ValueError, OverflowError) as e:
        error = e.with_traceback(None)
    error.__context__ = None
    raise error


def _lines(sys, ns):
    import codeop
    import linecache
    compiler = codeop.CommandCompiler()
    if not hasattr(sys, 'ps1'):
        sys.ps1 = '>>> '
    if not hasattr(sys, 'ps2'):
        sys.ps2 = '... '
    while True:
        lines = []
        try:
            code = None
            while code is None:
                line = _read(sys, getattr(sys, 'ps2' if lines else 'ps1', ''))
                if not line:
                    if not lines:
                        sys.stderr.write('\n')
                        return 0
                    # The end of input ends the statement.
                    source = '\n'.join(lines) + '\n'
                    code = _compiled(compile, source, '<stdin>', 'single',
                                     compiler.compiler.flags & ~0x4200, True)
                    break
                if not line.endswith('\n'):
                    # The input ends here: what follows does not share the prompt's line.
                    sys.stderr.write('\n')
                lines.append(line.rstrip('\n'))
                source = '\n'.join(lines)
                code = _compiled(compiler, source, '<stdin>', 'single')
                if code is not None and not source.strip():
                    lines.clear()
                    code = None
            linecache._register_code(code, '\n'.join(lines) + '\n', '<stdin>')
            exec(code, ns)
        except SystemExit:
            raise
        except KeyboardInterrupt:
            sys.stderr.write('\nKeyboardInterrupt\n')
        except BaseException as e:
            sys.last_exc = e
            sys.last_type, sys.last_value, sys.last_traceback = type(e), e, e.__traceback__
            try:
                sys.excepthook(type(e), e, e.__traceback__)
            except SystemExit:
                raise
            except BaseException as other:
                sys.stderr.write("Error in sys.excepthook:\n")
                sys.__excepthook__(type(other), other, other.__traceback__)
                sys.stderr.write("\nOriginal exception was:\n")
                sys.__excepthook__(type(e), e, e.__traceback__)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
