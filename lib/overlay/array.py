# native: `array`: the type is the runtime's. CPython's counterpart: Modules/arraymodule.c.

"""Arrays that hold numbers of one kind without a box around each."""

from _array_native import array

ArrayType = array
typecodes = 'bBuwhHiIlLqQfd'

# Machine formats of pickled arrays: `struct` code and size, or a codec.
_FORMATS = ['B', 'b', '<H', '>H', '<h', '>h', '<I', '>I', '<i', '>i', '<Q', '>Q', '<q', '>q',
            '<f', '>f', '<d', '>d', 'utf-16-le', 'utf-16-be', 'utf-32-le', 'utf-32-be']
_NATIVE = {'b': 1, 'B': 0, 'u': 20, 'w': 20, 'h': 4, 'H': 2, 'i': 8, 'I': 6, 'l': 12, 'L': 10,
           'q': 12, 'Q': 10, 'f': 14, 'd': 16}


def _register():
    from _collections_abc import MutableSequence
    MutableSequence.register(array)


def _array_reconstructor(arraytype, typecode, mformat_code, items, /):
    if not isinstance(arraytype, type):
        raise TypeError("first argument must be a type object, not "
                        f"{type(arraytype).__name__}")
    if not issubclass(arraytype, array):
        raise TypeError(f"{arraytype.__name__} is not a subtype of array.array")
    if not isinstance(typecode, str) or len(typecode) != 1:
        raise TypeError("_array_reconstructor() argument 2 must be a unicode character, not "
                        f"{type(typecode).__name__}")
    if typecode not in typecodes:
        raise ValueError("second argument must be a valid type code")
    if not 0 <= mformat_code < len(_FORMATS):
        raise ValueError("third argument must be a valid machine format code.")
    if not isinstance(items, bytes):
        raise TypeError(f"fourth argument should be bytes, not {type(items).__name__}")
    if mformat_code == _NATIVE[typecode]:
        result = array.__new__(arraytype, typecode)
        result.frombytes(items)
        return result
    form = _FORMATS[mformat_code]
    if form.startswith('utf'):
        return array.__new__(arraytype, typecode, items.decode(form))
    import struct
    size = struct.calcsize(form)
    if len(items) % size:
        raise ValueError("string length not a multiple of item size")
    order = form[0] if len(form) > 1 else '='
    count = len(items) // size
    # An integer type of another machine: the code of the same size and sign here.
    for code in ('bBhHiIlLqQ' if form[-1] not in 'fd' else ''):
        same = array(code)
        if same.itemsize == size and code.islower() == form[-1].islower():
            typecode = code if array(typecode).itemsize != size else typecode
            break
    return array.__new__(arraytype, typecode, list(struct.unpack(f'{order}{count}{form[-1]}', items)))


_register()
