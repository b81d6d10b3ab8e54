"""Runs a program as `__main__` in a tasklet that is not the main one, so that it can be saved."""


def start(namespace):
    import sys
    import stackless
    del sys.argv[0], namespace['start']
    path = namespace['__file__'] = sys.argv[0]
    with open(path, 'rb') as file:
        code = compile(file.read(), path, 'exec', dont_inherit=True)
    stackless.tasklet(exec)(code, namespace)
    stackless.run()


start(globals())
