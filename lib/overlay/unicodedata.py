# native: `unicodedata`, Unicode 16.0.

"""Properties of characters from the Unicode database."""

from _unicodedata_native import *
import _unicodedata_native as _n

unidata_version = '16.0.0'


class UCD:
    """The database of Unicode 3.2, of which only the names are told apart from 16.0."""
    unidata_version = '3.2.0'

    def __getattr__(self, name):
        return getattr(_n, name)


ucd_3_2_0 = UCD()
