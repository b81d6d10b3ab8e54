# native: the system log. CPython's counterpart: Modules/syslogmodule.c.

"""The log of the system."""

import _accounts_native as _n
import sys as _sys

_NUMBERS = {
    'LOG_ALERT': 1, 'LOG_AUTH': 32, 'LOG_AUTHPRIV': 80, 'LOG_CONS': 2, 'LOG_CRIT': 2,
    'LOG_CRON': 72, 'LOG_DAEMON': 24, 'LOG_DEBUG': 7, 'LOG_EMERG': 0, 'LOG_ERR': 3, 'LOG_FTP': 88,
    'LOG_INFO': 6, 'LOG_KERN': 0, 'LOG_LOCAL0': 128, 'LOG_LOCAL1': 136, 'LOG_LOCAL2': 144,
    'LOG_LOCAL3': 152, 'LOG_LOCAL4': 160, 'LOG_LOCAL5': 168, 'LOG_LOCAL6': 176, 'LOG_LOCAL7': 184,
    'LOG_LPR': 48, 'LOG_MAIL': 16, 'LOG_NDELAY': 8, 'LOG_NEWS': 56, 'LOG_NOTICE': 5,
    'LOG_NOWAIT': 16, 'LOG_ODELAY': 4, 'LOG_PERROR': 32, 'LOG_PID': 1, 'LOG_SYSLOG': 40,
    'LOG_USER': 8, 'LOG_UUCP': 64, 'LOG_WARNING': 4,
}
(lambda: 0).__globals__.update(_NUMBERS)
_open = False


def _default_ident():
    """The last part of the script's name."""
    argv = getattr(_sys, 'argv', None)
    if not argv or not isinstance(argv[0], str) or not argv[0]:
        return None
    return argv[0].rpartition('/')[2] or None


def openlog(ident=None, logoption=0, facility=LOG_USER):
    global _open
    if ident is not None and not isinstance(ident, str):
        raise TypeError(f"openlog() argument 1 must be str, not {type(ident).__name__}")
    if ident is not None:
        ident.encode('utf-8')
    if ident is None:
        ident = _default_ident()
    _sys.audit('syslog.openlog', ident, logoption, facility)
    _n.openlog(ident, logoption, facility)
    _open = True


def syslog(*args):
    if not 1 <= len(args) <= 2:
        raise TypeError("syslog.syslog requires 1 to 2 arguments")
    priority, message = args if len(args) == 2 else (LOG_INFO, args[0])
    if not isinstance(message, str):
        raise TypeError(f"syslog() argument {len(args)} must be str, not {type(message).__name__}")
    _sys.audit('syslog.syslog', priority, message)
    if not _open:
        openlog()
    _n.syslog(priority, message.replace('\0', ''))


def closelog():
    global _open
    _sys.audit('syslog.closelog')
    if _open:
        _n.closelog()
        _open = False


def setlogmask(maskpri, /):
    _sys.audit('syslog.setlogmask', maskpri)
    return _n.setlogmask(maskpri)


def LOG_MASK(pri, /):
    return 1 << pri


def LOG_UPTO(pri, /):
    return (1 << pri + 1) - 1
