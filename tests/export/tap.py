"""TAP for the tests of this folder: a test is a function whose doc string begins with its claim."""


class Skip(Exception):
    """Raised by a test that cannot be run here, with the reason."""


def run_tests(tests):
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        title = test.__doc__.splitlines()[0]
        try:
            test()
            print(f"ok {number} - {title}")
        except Skip as why:
            print(f"ok {number} - {title} # SKIP {why}")
        except AssertionError as problem:
            print(f"not ok {number} - {title}")
            print("# " + repr(problem.args)[:1500])
