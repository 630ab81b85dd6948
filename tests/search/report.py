"""The table of queries by engine: `python -m tests.search.report [sqlite] [postgresql://...] [mysql://...] [elastic]`.

A server's address names an empty database for tests; for `elastic` TEST_ELASTICSEARCH_URL says where it is. Exit code 1
when any answer is not the table's.
"""
import json
import os
import subprocess
import sys

from tests.search.table import CASES, POSTS, SEEN

ONE = '--one'
QUESTIONS = CASES | {f'{text}, asked by {reader or "a visitor"}': wanted for (reader, text), wanted in SEEN.items()}


def main() -> None:
    """Ask every engine, and print a line for each query."""
    engines = sys.argv[1:] or ['sqlite']
    answers = {engine.partition(':')[0]: asked(engine) for engine in engines}
    print(f'{"query":44} {" ".join(name[:10].rjust(10) for name in answers)}  finds')
    wrong = 0
    for text, wanted in QUESTIONS.items():
        expected = None if wanted is None else sorted(wanted.split(), key=list(POSTS).index, reverse=True)
        said = ['as said' if found[text] == expected else 'WRONG' for found in answers.values()]
        wrong += said.count('WRONG')
        finds = 'a sentence' if expected is None else ' '.join(expected) or 'nothing'
        print(f'{text[:44]:44} {" ".join(word.rjust(10) for word in said)}  {finds}')
    print(f'{len(QUESTIONS)} queries, {len(answers)} engines, {wrong} wrong answers')
    sys.exit(bool(wrong))


def asked(engine: str) -> dict:
    """The answers of an engine, from a process of its own: a process has one database."""
    address = engine if '://' in engine else ''
    done = subprocess.run([sys.executable, '-m', 'tests.search.report', ONE, engine], stdout=subprocess.PIPE,
                          env=os.environ | {'TEST_DATABASE_URL': address}, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def answer(engine: str) -> None:
    """Ask one engine everything, and print it as JSON."""
    if engine == 'elastic':
        from tests.search.test_elastic_table import Elastic as case
    else:
        from tests.search.test_table import Embedded as case
    case.setUpClass()
    table = case('test_every_query_finds_its_posts_and_no_others')
    table.setUp()
    answers = [*(table.found(text) for text in CASES), *(table.seen(*question) for question in SEEN)]
    found = dict(zip(QUESTIONS, answers, strict=True))
    table.tearDown()
    table.doCleanups()
    case.tearDownClass()
    print('\n' + json.dumps({text: names if names is None else names.split() for text, names in found.items()}))


if __name__ == '__main__':
    if sys.argv[1:2] == [ONE]:
        answer(sys.argv[2])
    else:
        main()
