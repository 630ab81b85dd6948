"""Pictures of every page, for people who change the look: `python -m tests.screenshots FOLDER [VIEW ...]`."""
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser.lively import LivelySite
from tests.browser.site import NARROW, WIDE, Reader, chromium
from tests.browser.views import View, views

SIZES = {'1280': WIDE, '360': NARROW}
README = {  # its two pictures
    'home': {'viewport': {'width': 1280, 'height': 800}, 'color_scheme': 'light'},
    'phone': {'viewport': {'width': 360, 'height': 740}, 'color_scheme': 'dark', 'device_scale_factor': 2},
}
COLOURS = 256


def main() -> None:
    """Take the pictures of the views that are named, or of all; those in `docs` are called `readme`."""
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    site = LivelySite()
    browser = chromium()
    if not names or 'readme' in names:
        take_readme(browser, site, folder)
    chosen = [view for view in views(site) if not names or view.name in names]
    for who in dict.fromkeys(view.who for view in chosen):
        for width in SIZES:
            for scheme, language in (('light', ''), ('dark', ''), ('light', 'ar')):
                reader = prepare(browser, site, who, viewport=SIZES[width], color_scheme=scheme)
                if language:
                    reader.context.add_cookies([{'name': 'language', 'value': language, 'url': site.url}])
                take(reader, folder, [view for view in chosen if view.who == who], f'{width}-{language or scheme}')
                reader.context.close()


def prepare(browser: Browser, site: LivelySite, who: str, **options) -> Reader:
    """A reader, logged in unless `who` is empty."""
    reader = Reader(browser.new_context(locale='en-GB', reduced_motion='reduce', **options), site.url)
    if who:
        reader.log_in(who)
    return reader


def take(reader: Reader, folder: Path, chosen: list[View], kind: str) -> None:
    """One picture of each view, in its whole length."""
    for view in chosen:
        reader.page.set_viewport_size(SIZES[kind.partition('-')[0]])
        view.show(reader)
        height = reader.page.evaluate('document.documentElement.scrollHeight')
        reader.page.set_viewport_size({**reader.page.viewport_size, 'height': height})  # the bar goes to its end
        reader.page.screenshot(path=folder / f'{view.name}-{kind}.png')


def take_readme(browser: Browser, site: LivelySite, folder: Path) -> None:
    """The home page as one window shows it, in as few colours as it needs."""
    for name, options in README.items():
        reader, path = prepare(browser, site, 'susan', **options), folder / f'{name}.png'
        reader.go('/')
        reader.page.screenshot(path=path)
        Image.open(path).convert('RGB').quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        reader.context.close()


if __name__ == '__main__':
    main()
