"""`python -m bench.faults`: try faults on the databases, print a table, exit with 1 when one was not survived."""
import argparse
import logging
import sys
import traceback

from bench.faults import FAULTS
from bench.faults.databases import KINDS
from bench.faults.result import Result


def main() -> int:
    """Try what was asked for."""
    parser = argparse.ArgumentParser(prog='python -m bench.faults', description=__doc__, epilog='faults: ' + '; '.join(
        f'{name}: {act.__doc__.splitlines()[0]}' for name, act in FAULTS.items()))
    parser.add_argument('faults', nargs='*', default=list(FAULTS), metavar='FAULT', help='all when none is named')
    parser.add_argument('--database', '-d', action='append', choices=KINDS, help='all when none is named')
    wanted = parser.parse_args()
    unknown = set(wanted.faults) - set(FAULTS)
    if unknown:
        parser.error(f'there is no fault {", ".join(sorted(unknown))}')
    logging.getLogger('app').setLevel(logging.CRITICAL)
    results = [result for name in wanted.faults for kind in wanted.database or KINDS
               for result in attempt(name, kind)]
    return 1 if any(result.troubles for result in results) else 0


def attempt(name: str, kind: str) -> list[Result]:
    """Try one fault on one database, and say what came out."""
    database = KINDS[kind]()
    try:
        database.start()
        results = FAULTS[name](database)
    except (AssertionError, RuntimeError, OSError) as error:
        traceback.print_exc()
        results = [Result(name, kind, '', [f'broken off: {error}'[:300]])]
    finally:
        database.remove()
    for result in results:
        print(result, flush=True)
    return results


if __name__ == '__main__':
    sys.exit(main())
