"""A run: each data set in turn, and for each database first the ceilings."""
import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack

from bench import loading, measuring, protections, servers, words
from bench.backends import Backends
from bench.inside import figures
from bench.measuring import Result
from bench.profiles import by_package
from bench.servers import Server
from bench.statements import medians
from bench.stores import Store, store
from bench.tables import Table
from bench.visits import Visit, usual, visits

# The last one is what pages are compared with.
CEILINGS = (('/plain', False), ('/memory', False), ('/url_for', False), ('/memory', True), ('/url_for', True))
MEASURED = {'pages', 'statements', 'inside'}
WRITERS = 8
NAMED = 20


def drop(asked: argparse.Namespace) -> None:
    """Remove the data sets that were named."""
    for place in places(asked):
        place.drop()
        print(f'{place.kind}: {place.plan.name} is gone')


def run(asked: argparse.Namespace) -> None:
    """Measure everything that was asked for."""
    table = Table(asked.results, workers=asked.workers, threads=asked.threads, seconds=asked.seconds,
                  analyzed=asked.analyze)
    for place in places(asked):
        made = loading.prepare(place)
        print(f'{place.kind}: {place.plan.name} is ready after {made:.1f} s', file=sys.stderr)
        if asked.analyze:
            place.analyze()
        servers.log_in(place)
        measure(asked, place, table)


def places(asked: argparse.Namespace) -> list[Store]:
    """The data sets, the smaller first."""
    return [store(plan, database, asked.folder) for database in asked.database for plan in asked.size]


def measure(asked: argparse.Namespace, place: Store, table: Table) -> None:
    """One data set."""
    if 'ceilings' in asked.only:
        ceilings(asked, place, table)
    chosen = visits(place, asked.page, asked.reader, asked.number) if MEASURED & set(asked.only) else []
    if asked.protections != 'on':
        protections.compare(asked, place, table, chosen)
        return
    if {'pages', 'writes'} & set(asked.only):
        served(asked, place, table, chosen)
    if 'statements' in asked.only:
        statements(place, table, chosen)
    if 'inside' in asked.only:
        inside(place, table, chosen)
    if 'profile' in asked.only:
        profile(place)


def ceilings(asked: argparse.Namespace, place: Store, table: Table) -> None:
    """What Flask can do at all, on the same machine with the same settings; the one to compare with for each data set,
    since the neighbours of this machine change."""
    with Server(place, 'bench.ceilings:app', asked.workers, asked.threads) as server:
        for path, is_logged_in in CEILINGS[-1:] if table.results else CEILINGS:
            cookie = servers.cookie_of('1') if is_logged_in else ''
            table.reference = measuring.ceiling(server, Backends(place), path, cookie, asked.clients, asked.seconds)
            table.add(table.reference)


def served(asked: argparse.Namespace, place: Store, table: Table, chosen: list[Visit]) -> None:
    """The product's pages, then writing."""
    with ExitStack() as stack:
        server = stack.enter_context(Server(place, workers=asked.workers, threads=asked.threads))
        backends = Backends(place)
        again = _ceiling_again(stack, asked, place) if asked.beside else None
        for visit in chosen if 'pages' in asked.only else ():
            table.reference = again() if again else table.reference
            browser = server.browser(visit.reader)
            table.add(measuring.visit(server, backends, visit, browser, asked.clients, asked.seconds))
        for what, text in texts(place).items() if 'writes' in asked.only else ():
            for connections in (1, asked.clients):
                table.add(measuring.writing(server, backends, place.plan.readers[-WRITERS:], connections, asked.seconds,
                                            what, text))
    loading.forget_new_posts(place)


def texts(place: Store) -> dict[str, str]:
    """What is written: a usual post, and one that names twenty people, who are told, and has four tags."""
    last = place.plan.people
    names = ' '.join(f'@{words.username(id)}' for id in range(last - NAMED, last))
    return {'write': 'It is as long as posts often are.', 'write names': f'{names} #moss #wall #bakery #north'}


def _ceiling_again(stack: ExitStack, asked: argparse.Namespace, place: Store) -> Callable[[], Result]:
    """Measures the ceiling once more: right before each page, whatever else the machine does then."""
    server = stack.enter_context(Server(place, 'bench.ceilings:app', asked.workers, asked.threads))
    path, cookie = CEILINGS[-1][0], servers.cookie_of('1')
    return lambda: measuring.ceiling(server, Backends(place), path, cookie, asked.clients, asked.seconds)


def statements(place: Store, table: Table, chosen: list[Visit]) -> None:
    """The database alone."""
    for visit, number, median, fastest in medians(place, chosen):
        print(f'{place.kind:<10} {place.plan.name:>5} in the database: {visit.page:<15} {visit.reader_name:<10} page '
              f'{visit.number:<5} {number} statement{"s" if number > 1 else " "} median {median:8.2f} ms, fastest '
              f'{fastest:.2f} ms', flush=True)
        table.write({'database': place.kind, 'size': place.plan.name, 'page': f'{visit.page} query',
                     'reader': visit.reader_name, 'number': visit.number, 'statements': number,
                     'median_ms': round(median, 3), 'fastest_ms': round(fastest, 3)})


def inside(place: Store, table: Table, chosen: list[Visit]) -> None:
    """The application alone, in one thread."""
    for visit, milliseconds, ceiling in figures(place, chosen):
        print(f'{place.kind:<10} {place.plan.name:>5} in one thread: {visit.page:<9} {visit.reader_name:<10} page '
              f'{visit.number:<5} {milliseconds:6.2f} ms {milliseconds / ceiling:6.2f} of the ceiling', flush=True)
        table.write({'database': place.kind, 'size': place.plan.name, 'page': f'{visit.page} inside',
                     'reader': visit.reader_name, 'number': visit.number, 'app_cpu': round(milliseconds, 3),
                     'cpu_of_ceiling': round(milliseconds / ceiling, 3)})


def profile(place: Store) -> None:
    """Where the time of a home page goes, in the application."""
    reader = usual(place.plan)
    shares = by_package(place, reader)
    whole = sum(shares.values())
    print(f'{place.kind} {place.plan.name}: home of {reader.name} by package, of {whole:.1f} ms under the profiler')
    for package, milliseconds in sorted(shares.items(), key=lambda item: -item[1]):
        print(f'  {package:<28} {milliseconds:6.2f} ms {milliseconds / whole:6.1%}')
