"""Two checkers of HTML that others have made, html-validate and the Nu checker, and the pages to show them.

npm puts what `.ci/package-lock.json` names into a folder of their own: `TEST_CHECKERS`, else one among temporary files.
"""
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.lively import LivelySite
from tests.browser.site import Reader
from tests.browser.views import views
from tests.screenshots import prepare

LOCK = Path(__file__).resolve().parent.parent / '.ci'
HOME = Path(os.environ.get('TEST_CHECKERS') or tempfile.gettempdir() + '/microblog-quality')
HTML_VALIDATE, NU = 'html-validate/bin/html-validate.mjs', 'vnu-jar/build/dist/vnu.jar'
RULES = {'root': True, 'extends': ['html-validate:recommended'], 'rules': {
    # House style, not faults: HTML has no need of these.
    'void-style': 'off', 'no-trailing-whitespace': 'off', 'attribute-boolean-style': 'off', 'long-title': 'off',
    # Check boxes of one name are a list, as radios are.
    'form-dup-name': ['error', {'shared': ['radio', 'checkbox', 'submit', 'button', 'reset']}],
}}
PATIENCE = 600  # seconds that a tool may take


def are_there() -> bool:
    """True where both checkers, and what runs them, are installed."""
    return bool(all((HOME / 'node_modules' / name).is_file() for name in (HTML_VALIDATE, NU))
                and shutil.which('node') and shutil.which('java'))


def install() -> None:
    """Put both into their folder, unless they are there."""
    if are_there():
        return
    HOME.mkdir(parents=True, exist_ok=True)
    for name in ('package.json', 'package-lock.json'):
        shutil.copy(LOCK / name, HOME)
    subprocess.run(['npm', 'ci', '--prefix', HOME, '--ignore-scripts', '--no-audit', '--no-fund'], check=True)


def gather(folder: Path, site: LivelySite, browser: Browser) -> int:
    """Keep every page in the folder as the server sends it; how many they are."""
    pages = dict(_sent(site, browser))
    for name, text in pages.items():
        (folder / f'{name}.html').write_text(text)
    return len(pages)


def html_validate(folder: Path) -> list[str]:
    """What html-validate finds in the pages of the folder."""
    with tempfile.NamedTemporaryFile('w', suffix='.json') as rules:
        json.dump(RULES, rules)
        rules.flush()
        return _findings(folder, 'node', HOME / 'node_modules' / HTML_VALIDATE, '--config', rules.name,
                         '--formatter', 'text', folder)


def nu(folder: Path) -> list[str]:
    """What the Nu checker finds in the pages of the folder, warnings included."""
    return _findings(folder, 'java', '-jar', HOME / 'node_modules' / NU, '--format', 'gnu', '--skip-non-html', folder)


def _sent(site: LivelySite, browser: Browser) -> Iterator[tuple[str, str]]:
    """The name and the text of every page."""
    chosen = views(site)
    for who in dict.fromkeys(view.who for view in chosen):
        reader = prepare(browser, site, who, java_script_enabled=False)
        for view in chosen:
            if view.who == who and view.fields:
                yield view.name, _answered(reader, view)
            elif view.who == who:
                answer = reader.context.request.get(site.url + view.path)
                if answer.status != view.status or ('/login' in answer.url and '/login' not in view.path):
                    raise ValueError(f'{view.name} is answered by {answer.status} at {answer.url}.')
                yield view.name, answer.text()
        reader.context.close()


def _answered(reader: Reader, view) -> str:
    """The text of the page that comes after a form was sent."""
    texts: list[str] = []

    def pass_on(route):
        answer = route.fetch(max_redirects=0)
        texts.append(answer.text())
        route.fulfill(response=answer)
    reader.page.unroute_all()
    reader.page.route(lambda _url: True, lambda route: pass_on(route) if route.request.is_navigation_request()
                      else route.abort())
    view.show(reader)
    return texts[-1]


def _findings(folder: Path, *command) -> list[str]:
    """What a checker says; a line that names no page says that the checker itself broke."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False,
                          timeout=PATIENCE)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if any(str(folder) not in line for line in lines):
        raise ValueError('\n'.join(lines))
    if done.returncode and not lines:
        raise ValueError(f'{command[0]} ended with {done.returncode} and said nothing.')
    return lines
