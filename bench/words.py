"""What people of a data set are called and what they say."""
import random

FIRST = ('anna', 'maria', 'mark', 'susan', 'john', 'david', 'emma', 'luis', 'chen', 'omar', 'ines', 'peter', 'paula',
         'hugo', 'nina', 'oscar', 'ruth', 'felix', 'clara', 'ivan', 'marta', 'leo', 'julia', 'tom', 'sara', 'max')
LAST = ('Adler', 'Brown', 'Castro', 'Dubois', 'Evans', 'Ferrari', 'Garcia', 'Hansen', 'Ito', 'Jensen', 'Khan', 'Lopez',
        'Müller', 'Novak', 'Olsen', 'Petit', 'Quinn', 'Rossi', 'Silva', 'Torres', 'Umar', 'Varga', 'Wolf', 'Young')
WORDS = """the a of and to in is it was that for on with as at by this we you they have had not but from or one all
    morning bread garden river street window summer winter coffee train letter book story music picture friend small
    green early quiet long bright old new walked found wrote read baked planted lost waited opened yesterday today
    tomorrow again never often somewhere home market station library kitchen bicycle""".split()  # noqa: SIM905
TAGS = ('coffee', 'moss', 'wall', 'bakery', 'north', 'Garten', 'café', 'река', '咖啡', 'a_b', 'long_walk')
BODIES = 5000


def username(id: int) -> str:
    """Unique, and many begin alike."""
    return f'{FIRST[id % len(FIRST)]}{id}'


def name(id: int) -> str:
    """A display name; three people in ten have none."""
    if id % 10 < 3:
        return ''
    return f'{FIRST[id % len(FIRST)].title()} {LAST[id // len(FIRST) % len(LAST)]}'


def about(id: int) -> str:
    """A line about oneself; half of the people say nothing."""
    return f'{LAST[id % len(LAST)]} street, somewhere near the river.' if id % 2 else ''


def body(number: int) -> str:
    """What a post says: one of a few thousand texts, and its number, so that no two are alike."""
    return f'{_bodies[number % BODIES]} {number}'


def tag_of(body: str) -> str | None:
    """The tag that a text ends with, before its number; one in four has one, and four of ten of these the first."""
    _said, sign, end = body.rpartition(' #')
    return end.partition(' ')[0] if sign else None


def _text(chance: random.Random) -> str:
    said = ' '.join(chance.choices(WORDS, k=int(chance.triangular(4, 60, 18)))).capitalize() + '.'
    kind = chance.random()
    if kind < 0.1:
        said += f' https://example.com/{chance.choice(WORDS)}/{chance.randrange(10_000)}'
    elif kind < 0.2:
        said = f'@{chance.choice(FIRST)} {said}'
    elif kind < 0.25:
        said += f'\n\n{chance.choice(WORDS).capitalize()}! ☕'
    elif kind > 0.75:
        said += f' #{TAGS[min(int(chance.expovariate(0.5)), len(TAGS) - 1)]}'
    return said


_chance = random.Random('bodies')
_bodies = [_text(_chance) for _ in range(BODIES)]
