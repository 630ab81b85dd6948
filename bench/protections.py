"""What the protections cost: the home page with and without them, in turn."""
import argparse
import statistics
from collections.abc import Callable

from bench import measuring, servers
from bench.backends import Backends
from bench.measuring import Result
from bench.servers import Server
from bench.stores import Store
from bench.tables import Table, whole_cpu
from bench.visits import Visit

ROUNDS = 5  # in turn, so that what else the machine does falls on both


def compare(asked: argparse.Namespace, place: Store, table: Table, visits: list[Visit]) -> None:
    """Print the median of each kind, and with `both` the difference."""
    homes = [visit for visit in visits if visit.page == 'home']
    with Server(place, workers=asked.workers, threads=asked.threads) as product, \
            Server(place, 'bench.unprotected:app', asked.workers, asked.threads) as bare:
        for visit in homes:
            kinds = [_bare(asked, place, bare, visit)]
            if asked.protections == 'both':
                kinds.append(_whole(asked, place, product, visit))
            off, *on = in_turn(kinds)
            for row in (*on, off):
                table.add(row)
            if on:
                print(f'The protections cost {whole_cpu(on[0]) - whole_cpu(off):.2f} ms of CPU a request for '
                      f'{visit.reader_name}.', flush=True)


def in_turn(kinds: list[Callable[[], Result]]) -> list[Result]:
    """Measure several things one after the other, again and again; of each the result with the median CPU."""
    rounds = [[measure() for measure in kinds] for _ in range(ROUNDS)]
    return [_median(list(results)) for results in zip(*rounds, strict=True)]


def _median(results: list[Result]) -> Result:
    middle = statistics.median_high(whole_cpu(result) for result in results)
    return next(result for result in results if whole_cpu(result) == middle)


def _whole(asked: argparse.Namespace, place: Store, server: Server, visit: Visit) -> Callable[[], Result]:
    browser = server.browser(visit.reader)
    return lambda: measuring.visit(server, Backends(place), visit, browser, asked.clients, asked.seconds)


def _bare(asked: argparse.Namespace, place: Store, server: Server, visit: Visit) -> Callable[[], Result]:
    assert visit.reader is not None
    named = Visit('home, bare', visit.reader, visit.number, visit.path)
    browser = servers.Browser(servers.cookie_of(str(visit.reader.id)))
    return lambda: measuring.visit(server, Backends(place), named, browser, asked.clients, asked.seconds)
