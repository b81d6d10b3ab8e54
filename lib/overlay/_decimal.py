"""The names of `decimal` that CPython writes in C; here they are the library's own Python."""

from _pydecimal import *
from _pydecimal import __libmpdec_version__, __version__
