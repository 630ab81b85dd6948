"""The pages under the checkers that others have made: `python -m tests.quality [pages|lighthouse|weight ...]`.

npm installs the tools into `tests.checkers.HOME` (Node 18.19 or newer and Java are needed); `docs/quality.md` says what
they find, and is written anew when all of them ran.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests import checkers
from tests.browser.lively import LivelySite
from tests.browser.site import CHROMIUM, NARROW, chromium
from tests.screenshots import prepare

LIGHTHOUSE = 'lighthouse@12.8.2'  # newer ones want a newer Node
REPORT = Path(__file__).resolve().parent.parent / 'docs' / 'quality.md'
LIGHT = {'login': ('', '/auth/login'), 'home': ('susan', '/'), 'profile': ('susan', '/user/david'),
         'explore': ('', '/explore')}
RUNS = 3
FLAGS = '--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage'


def main() -> None:
    """Run what is named, or everything, and say what was found."""
    names = sys.argv[1:]
    checks = {'pages': check_pages, 'lighthouse': check_lighthouse, 'weight': check_weight}
    chosen = [name for name in names if name in checks] or list(checks)
    site = LivelySite()
    browser = chromium()
    said = [told(checks[name], site, browser) for name in chosen]
    write([text for text in said if text is not None], len(checks))


def write(said: list[str], whole: int) -> None:
    """Print what was found, and keep it once nothing is missing."""
    text = '\n\n'.join(said)
    print(text)
    if len(said) == whole:
        head = REPORT.read_text().partition('<!-- figures -->')[0]
        REPORT.write_text(f'{head}<!-- figures -->\n\n{text}\n')


def told(check, *parts) -> str | None:
    """What a check finds, or nothing: one tool that fails or is late says why and does not take the others along."""
    try:
        return check(*parts)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, PlaywrightError) as error:
        print(f'{check.__name__.removeprefix("check_")}: no result, {type(error).__name__}: {error}')
        return None


def check_pages(site: LivelySite, browser: Browser) -> str:
    """What html-validate and the Nu checker say of every page, as the server sends it."""
    checkers.install()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = checkers.gather(folder, site, browser)
        said, nu = checkers.html_validate(folder), checkers.nu(folder)
    print('\n'.join(said + nu))
    return (f'| checker | pages | errors and warnings |\n|---|---|---|\n'
            f'| html-validate | {count} | {len(said)} |\n| Nu | {count} | {len(nu)} |')


def check_lighthouse(site: LivelySite, browser: Browser) -> str:
    """The median of Lighthouse's marks on four pages, each as a phone and as a desk."""
    install_lighthouse()
    reader = prepare(browser, site, 'susan')
    cookie = '; '.join(f'{one["name"]}={one["value"]}' for one in reader.context.cookies())
    rows = ['| page | as | performance | accessibility | best practices | SEO | layout shift |', '|---' * 7 + '|']
    for name, (who, path) in LIGHT.items():
        for form in ('mobile', 'desktop'):
            with tempfile.NamedTemporaryFile('w', suffix='.json') as headers:
                json.dump({'Cookie': cookie} if who else {}, headers)
                headers.flush()
                found = [look(site.url + path, form, headers.name) for _ in range(RUNS)]
            marks = [round(statistics.median(column)) for column in list(zip(*found, strict=True))[:4]]
            shift = max(one[4] for one in found)
            rows.append(f'| {name} | {form} | {" | ".join(map(str, marks))} | {shift:g} |')
            print(rows[-1])
    reader.context.close()
    return '\n'.join(rows)


def install_lighthouse() -> None:
    """Put it next to the checkers, unless it is there."""
    checkers.install()
    if not (checkers.HOME / 'node_modules' / 'lighthouse').is_dir():
        subprocess.run(['npm', 'install', '--prefix', checkers.HOME, '--no-save', '--no-audit', '--no-fund',
                        LIGHTHOUSE], check=True)


def look(url: str, form: str, headers: str) -> tuple[float, ...]:
    """Lighthouse's marks of one look at a page, 0 to 100, and how far things moved."""
    command = ['node', str(checkers.HOME / 'node_modules/lighthouse/cli/index.js'), url, '--quiet', '--output=json',
               f'--extra-headers={headers}', f'--chrome-flags={FLAGS}']
    if form == 'desktop':
        command.append('--preset=desktop')
    done = subprocess.run(command, capture_output=True, check=True, timeout=checkers.PATIENCE,
                          env={**os.environ, 'CHROME_PATH': CHROMIUM or ''})
    report = json.loads(done.stdout)
    for name, audit in report['audits'].items():
        if audit['score'] is not None and audit['score'] < 0.9 and audit['scoreDisplayMode'] == 'binary':
            print(f'{url} {form}: {name}: {audit["title"]}')
    marks = [100 * report['categories'][name]['score']
             for name in ('performance', 'accessibility', 'best-practices', 'seo')]
    return (*marks, report['audits']['cumulative-layout-shift']['numericValue'])


def check_weight(site: LivelySite, browser: Browser) -> str:
    """How many bytes come over the wire for home: on a first visit, and on a second."""
    rows = ['| visit | HTML | everything | what else |', '|---|---|---|---|']
    reader = prepare(browser, site, '', viewport=NARROW)
    reader.log_in('susan')
    fresh = prepare(browser, site, '', viewport=NARROW)
    fresh.context.add_cookies(reader.context.cookies())
    for visit in ('first', 'second'):
        came = weigh(fresh, '/')
        html = came.pop(site.url + '/')
        kinds = sorted({kind(address) for address in came})
        rows.append(f'| {visit} | {html} | {html + sum(came.values())} | {", ".join(kinds)} |')
    return '\n'.join(rows)


def kind(address: str) -> str:
    """What an address leads to: a file by its ending, or somebody's picture, which has none."""
    name = urlsplit(address).path.rpartition('/')[2]
    return name.rpartition('.')[2] if '.' in name else 'pictures of people'


def weigh(reader, path: str) -> dict[str, int]:
    """The bytes of each answer that came from the server and not from the browser's own store."""
    session = reader.context.new_cdp_session(reader.page)
    session.send('Network.enable')
    addresses: dict[str, str] = {}
    came: dict[str, int] = {}
    stored: set[str] = set()
    session.on('Network.responseReceived', lambda event: addresses.update(
        {event['requestId']: event['response']['url']}))
    session.on('Network.requestServedFromCache', lambda event: stored.add(event['requestId']))
    session.on('Network.loadingFinished', lambda event: event['requestId'] in stored or came.update(
        {addresses.get(event['requestId'], ''): int(event['encodedDataLength'])}))
    reader.go(path)
    reader.page.wait_for_load_state('networkidle')
    session.detach()
    return {address: size for address, size in came.items() if size}


if __name__ == '__main__':
    main()
