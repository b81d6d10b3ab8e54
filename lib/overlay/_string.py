# native: the parts of `str.format` for `string.Formatter`.

"""Helpers of string.Formatter."""


def formatter_parser(format_string, /):
    if not isinstance(format_string, str):
        raise TypeError(f"expected str, got {type(format_string).__name__}")
    return iter(_parse(format_string))


def _parse(s):
    out = []
    i, n = 0, len(s)
    literal = []
    while i < n:
        c = s[i]
        if c == '{':
            if i + 1 < n and s[i + 1] == '{':
                out.append((''.join(literal) + '{', None, None, None))
                literal = []
                i += 2
                continue
            if i + 1 >= n:
                raise ValueError("Single '{' encountered in format string")
            depth, j = 1, i + 1
            bracket = False
            while j < n and depth:
                if s[j] == '{':
                    depth += 1
                elif s[j] == '}':
                    depth -= 1
                j += 1
            if depth:
                raise ValueError("expected '}' before end of string")
            field = s[i + 1:j - 1]
            name, conversion, spec = _field(field)
            out.append((''.join(literal), name, spec, conversion))
            literal = []
            i = j
        elif c == '}':
            if i + 1 < n and s[i + 1] == '}':
                out.append((''.join(literal) + '}', None, None, None))
                literal = []
                i += 2
                continue
            raise ValueError("Single '}' encountered in format string")
        else:
            literal.append(c)
            i += 1
    if literal:
        out.append((''.join(literal), None, None, None))
    return out


def _field(field):
    inside = False
    for i, c in enumerate(field):
        if c == '[':
            inside = True
        elif c == ']':
            inside = False
        elif inside:
            continue
        elif c == '{':
            raise ValueError("unexpected '{' in field name")
        elif c == ':':
            return field[:i], None, field[i + 1:]
        elif c == '!':
            rest = field[i + 1:]
            if not rest:
                raise ValueError("end of string while looking for conversion specifier")
            if len(rest) > 1 and rest[1] != ':':
                raise ValueError("expected ':' after conversion specifier")
            return field[:i], rest[0], rest[2:]
    return field, None, ''


def formatter_field_name_split(field_name, /):
    end = len(field_name)
    for i, c in enumerate(field_name):
        if c in '.[':
            end = i
            break
    first = field_name[:end]
    if first.isdecimal():
        first = int(first)
    return first, iter(_rest(field_name[end:]))


def _rest(s):
    out = []
    i = 0
    while i < len(s):
        if s[i] == '.':
            j = i + 1
            while j < len(s) and s[j] not in '.[':
                j += 1
            name, is_attr = s[i + 1:j], True
        elif s[i] == '[':
            j = s.find(']', i)
            if j < 0:
                raise ValueError("Missing ']' in format string")
            name, is_attr = s[i + 1:j], False
            j += 1
            if name.isdecimal():
                name = int(name)
        else:
            raise ValueError("Only '.' or '[' may follow ']' in format field specifier")
        if name == '':
            raise ValueError("Empty attribute in format string")
        out.append((is_attr, name))
        i = j
    return out
