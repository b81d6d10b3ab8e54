# native: warnings of the import system; the module proper is the library's `_py_warnings`.

"""Warnings: how they are issued and filtered."""


def warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()):
    import warnings
    warnings.warn(message, category, stacklevel, source, skip_file_prefixes=skip_file_prefixes)
