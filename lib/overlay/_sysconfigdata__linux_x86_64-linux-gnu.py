"""What `sysconfig` tells of this build: there is no C build, no extension modules and no headers."""

import sys

build_time_vars = {
    'ABIFLAGS': sys.abiflags,
    'CC': 'cc',
    'CFLAGS': '',
    'CONFIG_ARGS': '',
    'EXE': '',
    'HAVE_FORK': 1,
    'HAVE_GETADDRINFO': 1,
    'LDFLAGS': '',
    'LDLIBRARY': '',
    'LIBDIR': sys.base_prefix + '/lib',
    'LIBRARY': '',
    'MULTIARCH': sys.implementation._multiarch,
    'PY_CFLAGS': '',
    'PY_CORE_CFLAGS': '',
    'Py_DEBUG': 0,
    'Py_ENABLE_SHARED': 0,
    'Py_GIL_DISABLED': 0,
    'SHELL': '/bin/sh -e',
    'SIZEOF_VOID_P': 8,
    'SIZEOF_TIME_T': 8,
    'VERSION': '%d.%d' % sys.version_info[:2],
    'WITH_DOC_STRINGS': 1,
    'exec_prefix': sys.base_exec_prefix,
    'prefix': sys.base_prefix,
}
