"""The names of `datetime` that CPython writes in C; here they are the library's own Python."""

from _pydatetime import (
    MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo)
