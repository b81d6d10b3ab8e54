# native: the objects of t-strings. CPython's counterparts: Objects/templateobject.c,
# interpolationobject.c.


class Interpolation:
    __slots__ = ('value', 'expression', 'conversion', 'format_spec')
    __match_args__ = ('value', 'expression', 'conversion', 'format_spec')

    def __new__(cls, value, expression='', conversion=None, format_spec=''):
        if not isinstance(expression, str):
            raise TypeError(f"Interpolation() argument 'expression' must be str, not "
                            f"{type(expression).__name__}")
        if conversion is not None:
            if not isinstance(conversion, str):
                raise TypeError(f"Interpolation() argument 'conversion' must be str, not "
                                f"{type(conversion).__name__}")
            if conversion not in ('s', 'r', 'a'):
                raise ValueError("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'")
        self = object.__new__(cls)
        put = object.__setattr__
        put(self, 'value', value)
        put(self, 'expression', expression)
        put(self, 'conversion', conversion)
        put(self, 'format_spec', format_spec)
        return self

    def __setattr__(self, name, value):
        raise AttributeError("readonly attribute")

    def __init_subclass__(cls):
        raise TypeError("type 'string.templatelib.Interpolation' is not an acceptable base type")

    def __repr__(self):
        return (f"Interpolation({self.value!r}, {self.expression!r}, {self.conversion!r}, "
                f"{self.format_spec!r})")

    def __reduce__(self):
        return (Interpolation, (self.value, self.expression, self.conversion, self.format_spec))

    __class_getitem__ = classmethod(type(list[int]))


class Template:
    __slots__ = ('strings', 'interpolations')

    def __new__(cls, *args):
        strings, parts = [], []
        text = None
        for arg in args:
            if isinstance(arg, str):
                text = arg if text is None else text + arg
            elif isinstance(arg, Interpolation):
                strings.append(text or '')
                text = None
                parts.append(arg)
            else:
                raise TypeError(f"Template.__new__ *args need to be of type 'str' or "
                                f"'Interpolation', got {type(arg).__name__}")
        strings.append(text or '')
        return _template(tuple(strings), tuple(parts))

    def __setattr__(self, name, value):
        raise AttributeError("readonly attribute")

    def __init_subclass__(cls):
        raise TypeError("type 'string.templatelib.Template' is not an acceptable base type")

    @property
    def values(self):
        return tuple([i.value for i in self.interpolations])

    def __iter__(self):
        for text, part in zip(self.strings, self.interpolations):
            if text:
                yield text
            yield part
        if self.strings[-1]:
            yield self.strings[-1]

    def __add__(self, other):
        if not isinstance(other, Template):
            raise TypeError(f'can only concatenate string.templatelib.Template (not '
                            f'"{type(other).__name__}") to string.templatelib.Template')
        return _template(self.strings[:-1] + (self.strings[-1] + other.strings[0],)
                         + other.strings[1:], self.interpolations + other.interpolations)

    def __repr__(self):
        return f"Template(strings={self.strings!r}, interpolations={self.interpolations!r})"

    def __reduce__(self):
        return (_template, (self.strings, self.interpolations))


def _template(strings, interpolations):
    self = object.__new__(Template)
    object.__setattr__(self, 'strings', tuple(strings))
    object.__setattr__(self, 'interpolations', tuple(interpolations))
    return self


Interpolation.__module__ = Template.__module__ = 'string.templatelib'
