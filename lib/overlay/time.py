# native: `time` over the host's clocks. CPython's counterpart: Modules/timemodule.c.

"""Clocks, times and their formats."""

import _structseq
import sys as _sys

import _time_native as _n
from _time_native import (time_ns, monotonic_ns, perf_counter_ns, process_time_ns, thread_time_ns,
                          clock_gettime_ns)

CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID = 0, 1, 2, 3
CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI = 4, 7, 11
_STRUCT_TM_ITEMS = 11

struct_time, _new = _structseq.make(
    'time.struct_time',
    ['tm_year', 'tm_mon', 'tm_mday', 'tm_hour', 'tm_min', 'tm_sec', 'tm_wday', 'tm_yday',
     'tm_isdst', 'tm_zone', 'tm_gmtoff'], 9)


def time():
    return time_ns() / 1e9


def monotonic():
    return monotonic_ns() / 1e9


def perf_counter():
    return perf_counter_ns() / 1e9


def process_time():
    return process_time_ns() / 1e9


def thread_time():
    return thread_time_ns() / 1e9


def clock_gettime(clk_id, /):
    return clock_gettime_ns(clk_id) / 1e9


def clock_getres(clk_id, /):
    return _n.clock_getres_ns(clk_id) / 1e9


def _clock_to_set(clk_id):
    if not hasattr(type(clk_id), '__index__'):
        raise TypeError(f"'{type(clk_id).__name__}' object cannot be interpreted as an integer")
    clk_id = clk_id.__index__()
    if not -1 << 31 <= clk_id < 1 << 31:
        raise OverflowError("signed integer is " + ("greater than maximum" if clk_id > 0
                                                    else "less than minimum"))
    return clk_id


def _set_clock(clk_id, ns):
    if not -1 << 63 <= ns < 1 << 63:
        raise OverflowError("timestamp out of range for C PyTime_t")
    _n.clock_settime_ns(clk_id, ns)


def clock_settime(clk_id, time, /):
    clk_id = _clock_to_set(clk_id)
    if isinstance(time, float):
        if time != time:
            raise ValueError("Invalid value NaN (not a number)")
        ns = time * 1e9
        if not -2.0 ** 63 <= ns < 2.0 ** 63:
            raise OverflowError("timestamp out of range for C PyTime_t")
        ns = ns.__floor__()
    elif hasattr(type(time), '__index__'):
        ns = time.__index__() * 1000000000
    else:
        raise TypeError(f"'{type(time).__name__}' object cannot be interpreted as an integer or float")
    _set_clock(clk_id, ns)


def clock_settime_ns(clk_id, time, /):
    clk_id = _clock_to_set(clk_id)
    if not isinstance(time, int):
        raise TypeError(f"expect int, got {type(time).__name__}")
    _set_clock(clk_id, time)


def sleep(seconds, /):
    _sys.audit('time.sleep', seconds)
    if isinstance(seconds, float):
        if seconds != seconds:
            raise ValueError("Invalid value NaN (not a number)")
        ns = int(seconds * 1e9)
        if seconds > 0 and ns == 0:
            ns = 1
    elif hasattr(type(seconds), '__index__'):
        ns = seconds.__index__() * 1000000000
    else:
        raise TypeError(f"'{type(seconds).__name__}' object cannot be interpreted as an integer")
    if ns < 0:
        raise ValueError("sleep length must be non-negative")
    if ns >= 1 << 63:
        raise OverflowError("timestamp too large to convert to C PyTime_t")
    from _blocking import sleep
    sleep(ns)


def _seconds(value):
    if value is None:
        return time_ns() // 1000000000
    if isinstance(value, float):
        if value != value:
            raise ValueError("Invalid value NaN (not a number)")
        n = value.__floor__()
    elif hasattr(type(value), '__index__'):
        n = value.__index__()
    else:
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    if not -(1 << 63) <= n < 1 << 63:
        raise OverflowError("timestamp out of range for platform time_t")
    return n


def _days(n):
    """Year, month and day of a day number since 1970-01-01."""
    n += 719468
    era = n // 146097
    doe = n - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    day = doy - (153 * mp + 2) // 5 + 1
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (month <= 2), month, day


def _leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


_BEFORE = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]


def gmtime(seconds=None, /):
    n = _seconds(seconds)
    days, rest = divmod(n, 86400)
    year, month, day = _days(days)
    if abs(year) > 2147483647:
        raise OverflowError(75, "Value too large for defined data type")
    yday = _BEFORE[month] + day + (month > 2 and _leap(year))
    return _new((year, month, day, rest // 3600, rest // 60 % 60, rest % 60, (days + 3) % 7, yday,
                 0, 'UTC', 0))


def localtime(seconds=None, /):
    return _new(_n.localtime(_seconds(seconds)))


def _fields(t):
    if not isinstance(t, tuple):
        raise TypeError("Tuple or struct_time argument required")
    if len(t) < 9:
        raise TypeError("function takes exactly 9 arguments (%d given)" % len(t))
    return t


def mktime(t, /):
    t = _fields(t)
    return float(_n.mktime(tuple([int(x) for x in t[:9]])))


_DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
_MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
           'October', 'November', 'December']


def asctime(t=None, /):
    t = localtime() if t is None else _check(_fields(t))
    return (f"{_DAYS[t[6]][:3]} {_MONTHS[t[1] - 1][:3]} {t[2]:2d} "
            f"{t[3]:02d}:{t[4]:02d}:{t[5]:02d} {t[0]}")


def ctime(seconds=None, /):
    return asctime(localtime(seconds))


def _check(t):
    year, mon, day, hour, minute, sec, wday, yday, dst = t[:9]
    mon = mon or 1
    day = day or 1
    yday = yday or 1
    if not 1 <= mon <= 12:
        raise ValueError("month out of range")
    if not 1 <= day <= 31:
        raise ValueError("day of month out of range")
    if not 0 <= hour <= 23:
        raise ValueError("hour out of range")
    if not 0 <= minute <= 59:
        raise ValueError("minute out of range")
    if not 0 <= sec <= 61:
        raise ValueError("seconds out of range")
    if wday < -1:
        raise ValueError("day of week out of range")
    if not 1 <= yday <= 366:
        raise ValueError("day of year out of range")
    return (year, mon, day, hour, minute, sec, (wday + 7) % 7, yday, dst)


def strftime(format, t=None, /):
    full = localtime() if t is None else _fields(t)
    year, mon, day, hour, minute, sec, wday, yday, dst = _check(full)
    zone = getattr(full, 'tm_zone', None)
    if zone is None:
        zone = tzname[1 if dst > 0 else 0]
    offset = getattr(full, 'tm_gmtoff', None)
    if offset is None:
        offset = -(altzone if dst > 0 else timezone)

    def iso():
        week_day = wday
        week = (yday - 1 - week_day + 10) // 7
        if week < 1:
            y = year - 1
            days = 366 if _leap(y) else 365
            week = (yday - 1 + days - week_day + 10) // 7
            return y, week
        last = 366 if _leap(year) else 365
        if week == 53 and last - (yday - 1) - 1 + week_day < 3 + 0 and (last - yday) < 3 - week_day:
            return year + 1, 1
        return year, week

    def one(c):
        if c == 'a':
            return _DAYS[wday][:3]
        if c == 'A':
            return _DAYS[wday]
        if c in 'bh':
            return _MONTHS[mon - 1][:3]
        if c == 'B':
            return _MONTHS[mon - 1]
        if c == 'c':
            return (f"{_DAYS[wday][:3]} {_MONTHS[mon - 1][:3]} {day:2d} "
                    f"{hour:02d}:{minute:02d}:{sec:02d} {year}")
        if c == 'C':
            return f"{year // 100:02d}"
        if c == 'd':
            return f"{day:02d}"
        if c == 'D':
            return f"{mon:02d}/{day:02d}/{year % 100:02d}"
        if c == 'e':
            return f"{day:2d}"
        if c == 'F':
            return f"{year}-{mon:02d}-{day:02d}"
        if c == 'g':
            return f"{iso()[0] % 100:02d}"
        if c == 'G':
            return str(iso()[0])
        if c == 'H':
            return f"{hour:02d}"
        if c == 'I':
            return f"{(hour + 11) % 12 + 1:02d}"
        if c == 'j':
            return f"{yday:03d}"
        if c == 'k':
            return f"{hour:2d}"
        if c == 'l':
            return f"{(hour + 11) % 12 + 1:2d}"
        if c == 'm':
            return f"{mon:02d}"
        if c == 'M':
            return f"{minute:02d}"
        if c == 'n':
            return '\n'
        if c == 'p':
            return 'AM' if hour < 12 else 'PM'
        if c == 'P':
            return 'am' if hour < 12 else 'pm'
        if c == 'r':
            return f"{one('I')}:{minute:02d}:{sec:02d} {one('p')}"
        if c == 'R':
            return f"{hour:02d}:{minute:02d}"
        if c == 's':
            return str(int(mktime((year, mon, day, hour, minute, sec, wday, yday, dst))))
        if c == 'S':
            return f"{sec:02d}"
        if c == 't':
            return '\t'
        if c in 'TX':
            return f"{hour:02d}:{minute:02d}:{sec:02d}"
        if c == 'u':
            return str(wday + 1)
        if c == 'U':
            return f"{(yday + 6 - (wday + 1) % 7) // 7:02d}"
        if c == 'V':
            return f"{iso()[1]:02d}"
        if c == 'w':
            return str((wday + 1) % 7)
        if c == 'W':
            return f"{(yday + 6 - wday) // 7:02d}"
        if c == 'x':
            return f"{mon:02d}/{day:02d}/{year % 100:02d}"
        if c == 'y':
            return f"{year % 100:02d}"
        if c == 'Y':
            return str(year)
        if c == 'z':
            sign = '-' if offset < 0 else '+'
            minutes = abs(offset) // 60
            return f"{sign}{minutes // 60:02d}{minutes % 60:02d}"
        if c == 'Z':
            return zone
        if c == '%':
            return '%'
        return '%' + c

    out = []
    i = 0
    while i < len(format):
        c = format[i]
        if c != '%' or i + 1 == len(format):
            out.append(c)
            i += 1
            continue
        i += 1
        if format[i] in 'EO' and i + 1 < len(format):
            i += 1
        out.append(one(format[i]))
        i += 1
    return ''.join(out)


def strptime(string, format="%a %b %d %H:%M:%S %Y", /):
    import _strptime
    return _strptime._strptime_time(string, format)


def tzset():
    _n.tzset()
    _zones()


def _zones():
    global timezone, altzone, daylight, tzname
    try:
        base = (localtime()[0] - 1970) * 31556952
        january, july = localtime(base + 86400 * 10), localtime(base + 86400 * 190)
    except PermissionError:
        # A host that does not say where it is.
        timezone = altzone = daylight = 0
        tzname = 'UTC', 'UTC'
        return
    a, b = january.tm_gmtoff, july.tm_gmtoff
    standard, summer = (january, july) if a <= b else (july, january)
    timezone, altzone = -standard.tm_gmtoff, -summer.tm_gmtoff
    daylight = int(a != b)
    tzname = (standard.tm_zone, summer.tm_zone)


_zones()


def get_clock_info(name, /):
    from types import SimpleNamespace
    table = {'time': ('clock_gettime(CLOCK_REALTIME)', False, True),
             'monotonic': ('clock_gettime(CLOCK_MONOTONIC)', True, False),
             'perf_counter': ('clock_gettime(CLOCK_MONOTONIC)', True, False),
             'process_time': ('clock_gettime(CLOCK_PROCESS_CPUTIME_ID)', True, False),
             'thread_time': ('clock_gettime(CLOCK_THREAD_CPUTIME_ID)', True, False)}
    if name not in table:
        raise ValueError("unknown clock")
    implementation, monotonic, adjustable = table[name]
    return SimpleNamespace(implementation=implementation, monotonic=monotonic,
                           adjustable=adjustable, resolution=1e-09)
