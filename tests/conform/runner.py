"""Runs one file of CPython's test suite, unmodified, and reports each test on its own line.

    runner.py MODULE [FILE_OF_IDS_TO_LEAVE_OUT]

The report goes to a private copy of standard output, since tests replace or close the real one:
`> id` before a test, `ok|fail|error|skip|xfail|xpass id` after it, `end` at the end.  Tests with the
same id are numbered.  Runs under any Python 3.14; `cargo x conform` drives it.
"""

import os
import sys
import unittest

report_fd = os.dup(1)
null = os.open(os.devnull, os.O_RDWR)
if not os.environ.get("CONFORM_OUTPUT"):
    os.dup2(null, 1)
    os.dup2(null, 2)


def report(word, name=""):
    text = f"{word} {name}".replace("\n", "\\n")
    os.write(report_fd, (text + "\n").encode("utf-8", "backslashreplace"))


class Result(unittest.TestResult):
    """One line per test; a failing part (subtest, fixture) fails the whole test."""

    def startTest(self, test):
        super().startTest(test)
        self.outcome = "ok"
        report(">", names[test])

    def stopTest(self, test):
        report(self.outcome, names[test])
        super().stopTest(test)

    def addError(self, test, err):
        self.worse(test, "error", err)

    def addFailure(self, test, err):
        self.worse(test, "fail", err)

    def addSkip(self, test, reason):
        if test in names:
            self.outcome = "skip" if self.outcome == "ok" else self.outcome
        else:
            report("fixture", f"skip {test.id()}")

    def addExpectedFailure(self, test, err):
        self.outcome = "xfail"

    def addUnexpectedSuccess(self, test):
        self.outcome = "xpass"

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.worse(test, "fail" if issubclass(err[0], test.failureException) else "error", err)

    def worse(self, test, outcome, err):
        if test in names:
            self.outcome = outcome
        else:
            report("fixture", f"{outcome} {test.id()}")
        if os.environ.get("CONFORM_OUTPUT"):
            import traceback
            print("=" * 30, outcome, test.id(), file=sys.stderr)
            traceback.print_exception(*err)


class Key:
    """Tests compare equal by method name, so that names are kept by identity."""

    def __init__(self):
        self.by_id = {}

    def __contains__(self, test):
        return id(test) in self.by_id

    def __getitem__(self, test):
        return self.by_id[id(test)][0]

    def add(self, test, name):
        self.by_id[id(test)] = (name, test)


names = Key()


def collect(suite, seen, out):
    """The tests of a suite in order, each with a name of its own."""
    pending = [suite]
    while pending:
        item = pending.pop()
        if isinstance(item, unittest.BaseTestSuite):
            pending.extend(reversed(list(item)))
            continue
        name = item.id()
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{name}#{seen[name]}"
        names.add(item, name)
        out.append(item)


def main():
    module = sys.argv[1]
    left_out = set()
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            left_out = {line.rstrip("\n") for line in file}
    only = os.environ.get("CONFORM_ONLY")
    if sys.implementation.name != "cpython":
        # Modules of CPython's C API tests, without which some files do not load.
        stubs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stubs")
        sys.path += [stubs, os.path.join(stubs, module)]
    from test import support
    support.use_resources = {}
    support.verbose = 0
    tests = []
    try:
        suite = unittest.defaultTestLoader.loadTestsFromName("test." + module)
    except unittest.SkipTest as e:
        report("skip-file", str(e))
        report("end")
        return
    collect(suite, {}, tests)
    tests = [t for t in tests if names[t] not in left_out and (not only or only in names[t])]
    from test.support import os_helper
    with os_helper.temp_cwd(f"conform-{os.getpid()}"):
        unittest.TestSuite(tests).run(Result())
    report("end")


main()
sys.stdout = sys.__stdout__
os._exit(0)
