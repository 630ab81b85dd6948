"""What a browser says it is, in two words for the list of sessions."""

# Only the beginning is looked at: the header is free text and may be as long as the server lets it be.
_LONGEST = 512

# The order matters: nearly everybody also says Chrome and Safari, so the imitators stand before the imitated.
_BROWSERS = (
    ('Edg/', 'Edge'), ('EdgA/', 'Edge'), ('EdgiOS/', 'Edge'), ('Edge/', 'Edge'),
    ('OPR/', 'Opera'), ('OPX/', 'Opera'), ('OPT/', 'Opera'), ('Opera', 'Opera'),
    ('SamsungBrowser/', 'Samsung Internet'), ('Vivaldi/', 'Vivaldi'), ('YaBrowser/', 'Yandex Browser'),
    ('DuckDuckGo/', 'DuckDuckGo'), ('Ddg/', 'DuckDuckGo'), ('Brave/', 'Brave'), ('UCBrowser/', 'UC Browser'),
    ('FxiOS/', 'Firefox'), ('Focus/', 'Firefox'), ('Klar/', 'Firefox'), ('Firefox/', 'Firefox'),
    ('CriOS/', 'Chrome'), ('HeadlessChrome/', 'Chrome'), ('Chromium/', 'Chromium'), ('Chrome/', 'Chrome'),
    ('Epiphany/', 'GNOME Web'), ('Safari/', 'Safari'), ('AppleWebKit/', 'Safari'),
    ('MSIE ', 'Internet Explorer'), ('Trident/', 'Internet Explorer'),
    ('Lynx/', 'Lynx'), ('w3m/', 'w3m'), ('curl/', 'curl'), ('Wget/', 'Wget'), ('python-requests/', 'Python'),
    ('Python-urllib/', 'Python'),
)

# iPhones and iPads say "like Mac OS X", Windows phones and some televisions say Android, Android says Linux.
_SYSTEMS = (
    ('Windows', 'Windows'), ('iPhone', 'iPhone'), ('iPad', 'iPad'), ('iPod', 'iPod'), ('Android', 'Android'),
    ('CrOS', 'ChromeOS'), ('Macintosh', 'macOS'), ('Mac OS X', 'macOS'), ('FreeBSD', 'FreeBSD'),
    ('OpenBSD', 'OpenBSD'), ('Linux', 'Linux'), ('X11', 'Linux'),
)


def describe(user_agent: str) -> tuple[str, str]:
    """The browser and the system of a User-Agent header, each '' when it is not known."""
    beginning = (user_agent or '')[:_LONGEST]
    return _first(_BROWSERS, beginning), _first(_SYSTEMS, beginning)


def _first(table: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for token, name in table if token in text), '')
