"""Texts that the tests of counting, cleaning and links share."""
import json
import random
from pathlib import Path

CASES = json.loads(Path(__file__).with_name('cases.json').read_text(encoding='utf-8'))
COUNTER = Path(__file__).parents[2] / 'app' / 'static' / 'counter.js'
LONG = 100_000

_POOLS = (
    'abc xyz 019', ' \t\n\r\u00a0\u3000\u200b\u2800\u3164\u2028',
    '\u0301\u0302\u034f\u20dd\u3099\ufe0e\ufe0f',
    '\u200c\u200d\u200d\u200d', '\u0903\u093e\u0bbe\u0e33\u0eb3\u102b', '\u0600\u06dd\u08e2\u0d4e\U000110bd',
    '\u1100\u115f\ua960', '\u1160\u1161\ud7b0\U00016d63', '\u11a8\u11ff\ud7cb', '가까각힣',
    '🇦🇧🇩🇪🇿', '©®™❤☃😀👩🏴🫩🛘', '🏻🏽🏿', '\U000e0067\U000e0062\U000e0065\U000e006e\U000e007f\U000e0001',
    'कखगक্ককਕકକకകကកᬅ', '\u094d\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d\u1039\u17d2\u1b44', '\u093c\u0300\u0cd5',
    'שלוםאבمرحباלא', '\u05b8\u05c1\u05bc\u064b\u0651\u0670', 'สวัสดีນ້ຳမြန်မာབོད',
    '漢字かなカナ한글「」。、', '𐐷𠮷𝒳𓀀\U00013430',
    '\u200e\u200f\u061c\u202a\u202e\u202c\u2066\u2068\u2069', '\x00\x01\x0b\x0c\x1b\x7f\x85\x9f',
    '\ufeff\u00ad\u2060\u180e\u206a\ufff9\ufffc\ufffd\ufdd0\uffff', '\ud800\udbff\udc00\udfff',
    '\u05c8\u0b53\u1ade\u1aec\u1cf5\U00010ef0\U00011a3a\U00011b0a\U00011df1\U0001d250\U0001f1ae\U0001f7da',
    ('http://', 'https://', 'HTTPS://', 'a.b', '/x', '//', '(', ')', '[', ']', '.', '?', '#', '@',
     ':80', "'", '"'),
    ('👨‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '1️⃣', 'क्षि', '\r\n', '\n\n\n', 'https://example.org/a_(b)?c=d#e',
     '\u0301' * 12),
)


def random_texts(seed: int, number: int) -> list[str]:
    """So many texts of pieces that join, break or vanish; half of them from few kinds of pieces."""
    chance = random.Random(seed)
    return [_random_text(chance) for _ in range(number)]


def _random_text(chance: random.Random) -> str:
    pools = _POOLS if chance.random() < 0.5 else chance.sample(_POOLS, chance.randint(1, 4))
    pieces = [
        chr(chance.randrange(0x110000)) if chance.random() < 0.03 else chance.choice(chance.choice(pools))
        for _ in range(chance.randint(1, 40))
    ]
    # Halves of a pair that meet are one character, as in a browser.
    return json.loads(json.dumps(''.join(pieces)))


def hostile_texts() -> dict[str, str]:
    """Texts of 100,000 characters on which a pattern that looks back or tries again would not end."""
    pieces = (
        'http://', 'http://a', 'http://a(', 'http:/', 'https://a.b/[', '.a', '(a', ' ', '\n ', '\u200b',
        '\u0301', 'क\u094d', '🇦', '👩\u200d', '👩\u0301', '\u0600', 'ᄀ', '🏴\U000e0061',
        '\u202e', '<&', 'x \u00a0\n',
    )
    texts = {f'{piece!a} repeated': (piece * LONG)[:LONG] + 'x' for piece in pieces}
    for start in ('https://', 'https://a/', 'https://a/('):
        texts |= {f'{piece!a} after {start}': start + (piece * LONG)[:LONG] for piece in 'a.(@:?\u0301'}
    return texts
