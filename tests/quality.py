"""The pages under the checkers that others have made: `python -m tests.quality [FOLDER] [pages|lighthouse|weight ...]`.

FOLDER keeps the tools, which npm installs there (Node 18 or newer and Java are needed), and what they were shown;
`docs/quality.md` says what they find, and is written anew when all of them ran.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.browser.lively import LivelySite, views
from tests.browser.site import CHROMIUM, NARROW, chromium
from tests.screenshots import prepare

TOOLS = ('html-validate@11', 'vnu-jar@26', 'lighthouse@13')
REPORT = Path(__file__).resolve().parent.parent / 'docs' / 'quality.md'
RULES = {'extends': ['html-validate:recommended'], 'rules': {
    # House style, not faults: HTML has no need of these.
    'void-style': 'off', 'no-trailing-whitespace': 'off', 'attribute-boolean-style': 'off', 'long-title': 'off',
    # Check boxes of one name are a list, as radios are.
    'form-dup-name': ['error', {'shared': ['radio', 'checkbox', 'submit', 'button', 'reset']}],
}}
LIGHT = {'login': ('', '/auth/login'), 'home': ('susan', '/'), 'profile': ('susan', '/user/david'),
         'explore': ('', '/explore')}
RUNS = 3
PATIENCE = 600  # seconds that a tool may take
FLAGS = '--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage'


def main() -> None:
    """Run what is named, or everything, and say what was found."""
    names = sys.argv[1:]
    checks = {'pages': check_pages, 'lighthouse': check_lighthouse, 'weight': check_weight}
    chosen = [name for name in names if name in checks] or list(checks)
    folder = Path(next((name for name in names if name not in checks), tempfile.gettempdir() + '/microblog-quality'))
    install(folder)
    site = LivelySite()
    browser = chromium()
    said = [told(checks[name], folder, site, browser) for name in chosen]
    text = '\n\n'.join(said)
    print(text)
    if len(chosen) == len(checks):
        head = REPORT.read_text().partition('<!-- figures -->')[0]
        REPORT.write_text(f'{head}<!-- figures -->\n\n{text}\n')


def told(check, *parts) -> str:
    """What a check finds, or why it has not ended: one tool that fails or is late does not take the others along."""
    try:
        return check(*parts)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, PlaywrightError) as error:
        return f'{check.__name__.removeprefix("check_")}: no result, {type(error).__name__}.'


def install(folder: Path) -> None:
    """Put the tools into the folder, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / 'node_modules' / 'lighthouse').is_dir():
        subprocess.run(['npm', 'install', '--prefix', folder, '--no-audit', '--no-fund', *TOOLS], check=True)


def check_pages(folder: Path, site: LivelySite, browser: Browser) -> str:
    """What html-validate and the Nu checker say of every page, as the server sends it."""
    pages = folder / 'pages'
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir()
    count = len([save(pages, name, text) for name, text in sent(site, browser)])
    (folder / '.htmlvalidate.json').write_text(json.dumps(RULES))
    said = run('node', folder / 'node_modules/html-validate/bin/html-validate.mjs', '--config',
               folder / '.htmlvalidate.json', '--formatter', 'text', pages)
    nu = run('java', '-jar', folder / 'node_modules/vnu-jar/build/dist/vnu.jar', '--format', 'gnu', '--skip-non-html',
             pages)
    for line in [*said, *nu]:
        print(line)
    return (f'| checker | pages | errors and warnings |\n|---|---|---|\n'
            f'| html-validate | {count} | {len(said)} |\n| Nu | {count} | {len(nu)} |')


def sent(site: LivelySite, browser: Browser) -> Iterator[tuple[str, str]]:
    """The name and the text of every page."""
    chosen = views(site)
    for who in dict.fromkeys(view.who for view in chosen):
        reader = prepare(browser, site, who, java_script_enabled=False)
        texts: list[str] = []
        for view in chosen:
            if view.who == who:
                texts.clear()
                keep(reader.page, texts)
                view.show(reader)
                yield view.name, texts[-1] if texts else reader.context.request.get(reader.page.url).text()
        reader.context.close()


def keep(page, texts: list[str]) -> None:
    """Note the text of the next page as it comes."""
    page.unroute_all()

    def pass_on(route):
        answer = route.fetch(max_redirects=0)
        if answer.status < 300 or answer.status >= 400:
            texts.append(answer.text())
        route.fulfill(response=answer)
    page.route(lambda _url: True, lambda route: pass_on(route) if route.request.is_navigation_request()
               else route.continue_())


def save(pages: Path, name: str, text: str) -> None:
    """Keep a page for the checkers."""
    (pages / f'{name}.html').write_text(text)


def run(*command) -> list[str]:
    """The lines that a command says, whether or not it finds something."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False,
                          timeout=PATIENCE)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]


def check_lighthouse(folder: Path, site: LivelySite, browser: Browser) -> str:
    """The median of Lighthouse's marks on four pages, each as a phone and as a desk."""
    reader = prepare(browser, site, 'susan')
    cookie = '; '.join(f'{one["name"]}={one["value"]}' for one in reader.context.cookies())
    rows = ['| page | as | performance | accessibility | best practices | SEO | layout shift |', '|---' * 7 + '|']
    for name, (who, path) in LIGHT.items():
        for form in ('mobile', 'desktop'):
            with tempfile.NamedTemporaryFile('w', suffix='.json') as headers:
                json.dump({'Cookie': cookie} if who else {}, headers)
                headers.flush()
                found = [look(folder, site.url + path, form, headers.name) for _ in range(RUNS)]
            marks = [round(statistics.median(column)) for column in list(zip(*found, strict=True))[:4]]
            shift = max(one[4] for one in found)
            rows.append(f'| {name} | {form} | {" | ".join(map(str, marks))} | {shift:g} |')
            print(rows[-1])
    reader.context.close()
    return '\n'.join(rows)


def look(folder: Path, url: str, form: str, headers: str) -> tuple[float, ...]:
    """Lighthouse's marks of one look at a page, 0 to 100, and how far things moved."""
    command = ['node', str(folder / 'node_modules/lighthouse/cli/index.js'), url, '--quiet', '--output=json',
               f'--extra-headers={headers}', f'--chrome-flags={FLAGS}']
    if form == 'desktop':
        command.append('--preset=desktop')
    done = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE,
                          env={**os.environ, 'CHROME_PATH': CHROMIUM or ''})
    report = json.loads(done.stdout)
    for name, audit in report['audits'].items():
        if audit['score'] is not None and audit['score'] < 0.9 and audit['scoreDisplayMode'] == 'binary':
            print(f'{url} {form}: {name}: {audit["title"]}')
    marks = [100 * report['categories'][name]['score']
             for name in ('performance', 'accessibility', 'best-practices', 'seo')]
    return (*marks, report['audits']['cumulative-layout-shift']['numericValue'])


def check_weight(folder: Path, site: LivelySite, browser: Browser) -> str:
    """How many bytes come over the wire for home: on a first visit, and on a second."""
    rows = ['| visit | HTML | everything | what else |', '|---|---|---|---|']
    reader = prepare(browser, site, '', viewport=NARROW)
    reader.log_in('susan')
    fresh = prepare(browser, site, '', viewport=NARROW)
    fresh.context.add_cookies(reader.context.cookies())
    for visit in ('first', 'second'):
        came = weigh(fresh, '/')
        html = came.pop(site.url + '/')
        kinds = sorted({address.partition('?')[0].rpartition('/')[2].rpartition('.')[2] for address in came})
        rows.append(f'| {visit} | {html} | {html + sum(came.values())} | {", ".join(kinds)} |')
    return '\n'.join(rows)


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
