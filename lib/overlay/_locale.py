# native: the C locale, with UTF-8 text.

"""The locale of the process."""

LC_CTYPE, LC_NUMERIC, LC_TIME, LC_COLLATE, LC_MONETARY, LC_MESSAGES, LC_ALL = 0, 1, 2, 3, 4, 5, 6
CHAR_MAX = 127
CODESET = 14
D_T_FMT, D_FMT, T_FMT, T_FMT_AMPM = 131112, 131113, 131114, 131115
AM_STR, PM_STR = 131110, 131111
RADIXCHAR, THOUSEP, YESEXPR, NOEXPR, CRNCYSTR = 65536, 65537, 327680, 327681, 262159
ERA, ERA_D_FMT, ERA_D_T_FMT, ERA_T_FMT, ALT_DIGITS = 131116, 131118, 131120, 131121, 131119
for _i, (_d, _a) in enumerate((('Sunday', 'Sun'), ('Monday', 'Mon'), ('Tuesday', 'Tue'),
                               ('Wednesday', 'Wed'), ('Thursday', 'Thu'), ('Friday', 'Fri'),
                               ('Saturday', 'Sat')), 1):
    (lambda: 0).__globals__[f'ABDAY_{_i}'] = 131071 + _i
    (lambda: 0).__globals__[f'DAY_{_i}'] = 131078 + _i
_MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
           'October', 'November', 'December']
for _i in range(1, 13):
    (lambda: 0).__globals__[f'ABMON_{_i}'] = 131085 + _i
    (lambda: 0).__globals__[f'MON_{_i}'] = 131097 + _i

Error = type('Error', (Exception,), {'__module__': 'locale'})
_current = {}


def setlocale(category, locale=None, /):
    if locale is None:
        return _current.get(category, 'C')
    if locale not in ('', 'C', 'POSIX', 'C.UTF-8', 'C.utf8', 'en_US.UTF-8'):
        raise Error("unsupported locale setting")
    name = 'C.UTF-8' if locale == '' else locale
    if category == LC_ALL:
        for c in range(7):
            _current[c] = name
    _current[category] = name
    return name


def localeconv():
    conv = {n: CHAR_MAX for n in ('int_frac_digits', 'frac_digits', 'p_cs_precedes',
                                  'p_sep_by_space', 'n_cs_precedes', 'n_sep_by_space',
                                  'p_sign_posn', 'n_sign_posn')}
    conv.update({n: '' for n in ('int_curr_symbol', 'currency_symbol', 'mon_decimal_point',
                                 'mon_thousands_sep', 'positive_sign', 'negative_sign',
                                 'thousands_sep')})
    conv.update(decimal_point='.', grouping=[], mon_grouping=[])
    return conv


def strcoll(os1, os2, /):
    return (os1 > os2) - (os1 < os2)


def strxfrm(string, /):
    return string


def nl_langinfo(key, /):
    table = {CODESET: 'UTF-8', D_T_FMT: '%a %b %e %H:%M:%S %Y', D_FMT: '%m/%d/%y',
             T_FMT: '%H:%M:%S', T_FMT_AMPM: '%I:%M:%S %p', AM_STR: 'AM', PM_STR: 'PM',
             RADIXCHAR: '.', THOUSEP: '', YESEXPR: '^[yY]', NOEXPR: '^[nN]', CRNCYSTR: '-'}
    if 131098 <= key <= 131109:
        return _MONTHS[key - 131098]
    if 131086 <= key <= 131097:
        return _MONTHS[key - 131086][:3]
    return table.get(key, '')


def getencoding():
    return 'utf-8'


def _get_locale_encoding():
    return 'utf-8'


def gettext(msg, /):
    return msg


def dgettext(domain, msg, /):
    return msg


def dcgettext(domain, msg, category, /):
    return msg


def textdomain(domain, /):
    return domain or 'messages'


def bindtextdomain(domain, dir, /):
    return dir


def bind_textdomain_codeset(domain, codeset, /):
    return codeset
