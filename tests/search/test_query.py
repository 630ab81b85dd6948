"""What is typed is understood, never refused, and never more work than a few words are."""
import unittest
from datetime import UTC, date
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.models import MAX_ID, moment_of
from app.search.query import MOST_TERMS, MOST_TOKENS, Part, Query, Term, parse

WORDS = st.sampled_from(['moss', '"', '-', '#tag', '@susan', 'from:', 'from:me', 'since:2026-01-31', 'until:0001-01-01',
                         'since:9999-12-31', 'has:link', 'lang:es-MX', 'c++', '山田', '٣', 'AND', '(', '\u202e', '*'])
TYPED = st.text(st.characters(codec='utf-8'), max_size=1200) | st.lists(WORDS, max_size=60).map(' '.join) | st.lists(
    WORDS, max_size=60).map(''.join)


def understood(text: str) -> list[tuple]:
    return [(part.kind, part.text, part.is_excluded) for part in parse(text, UTC).parts]


class Typed(unittest.TestCase):
    def test_words_phrases_and_exclusions(self):
        self.assertEqual([('word', 'moss', False), ('phrase', 'north wall', False), ('word', 'cat', True),
                          ('phrase', 'big dog', True), ('prefix', 'wa', False)],
                         understood('moss "north wall" -cat -"big dog" wa'))

    def test_only_a_word_at_the_very_end_may_go_on(self):
        self.assertEqual(Term(('moss',), True), parse('moss', UTC).terms[0])
        for text in ('moss x', '"moss"', 'moss -x', 'moss has:link', 'moss"', 'moss!', 'moss +'):
            self.assertNotIn(Term(('moss',), True), parse(text, UTC).terms, text)
        self.assertEqual((Term(('山', '田')),), parse('山田', UTC).terms)

    def test_operators_in_any_case(self):
        self.assertEqual([('from', 'susan', False), ('from', 'me', True), ('has', 'link', False), ('lang', 'es', False),
                          ('tag', 'moss', False), ('name', 'john', True)],
                         understood('FROM:@susan -from:me HAS:Link lang:ES-mx #moss -@john'))

    def test_what_is_no_operator_is_text(self):
        for text in ('foo:bar', 'has:picture', 'since:yesterday', 'since:2026-13-01', 'from:a-b', 'lang:1', 'from:',
                     'https://example.com', '-since:2026-01-01', '#', '@a.b'):
            query = parse(text, UTC)
            self.assertEqual([], [part for part in query.parts if part.kind not in ('word', 'prefix')], text)
            self.assertEqual((0, MAX_ID), (query.since, query.until), text)

    def test_days_are_those_of_the_reader(self):
        query = parse('since:2026-01-31 until:2026-02-01', ZoneInfo('Asia/Tokyo'))
        self.assertEqual('2026-01-30T15:00', moment_of(query.since).isoformat()[:16])
        self.assertEqual('2026-02-01T15:00', moment_of(query.until).isoformat()[:16])
        self.assertEqual(Part('since', '2026-01-31', day=date(2026, 1, 31)), query.parts[0])
        summer = parse('since:2026-03-29 until:2026-03-29', ZoneInfo('Europe/Berlin'))
        self.assertEqual(23, (moment_of(summer.until) - moment_of(summer.since)).total_seconds() / 3600)

    def test_of_the_first_and_the_last_day_there_is_no_fault(self):
        for zone in ('Asia/Tokyo', 'America/Los_Angeles'):
            self.assertEqual(MAX_ID, parse('moss until:9999-12-31', ZoneInfo(zone)).until)
            self.assertEqual(0, parse('moss since:0001-01-01', ZoneInfo(zone)).since)
            query = parse('moss since:9999-12-31 until:9999-12-31 until:0001-01-01', ZoneInfo(zone))
            self.assertEqual(['word', 'since', 'until', 'until'], [part.kind for part in query.parts])

    def test_of_several_days_the_narrowest_count(self):
        query = parse('since:2026-01-02 since:2026-01-01 until:2026-01-05 until:2026-01-06', UTC)
        self.assertEqual(4, (moment_of(query.until) - moment_of(query.since)).days)

    def test_signs_alone_are_nothing_to_look_for(self):
        for text in ('', ' ', '-', '"', '-"', '()', '%', '\u200b'):
            self.assertTrue(parse(text, UTC).is_empty, text)
        for text in ('moss', 'from:susan', 'has:link', '@susan', '☕', '-moss', '-from:susan', 'since:0001-01-01'):
            self.assertFalse(parse(text, UTC).is_empty, text)

    def test_a_repeated_word_counts_once(self):
        self.assertEqual(1, len(parse('moss ' * 100 + '.', UTC).terms))

    @settings(max_examples=300, deadline=None)
    @given(TYPED)
    @example('a ' * 500)
    @example('山' * 1000)
    @example('-"' * 500)
    @example('"' + 'a' * 5000)
    def test_anything_is_understood_and_bounded(self, text):
        query = parse(text, UTC)
        self.assertIsInstance(query, Query)
        self.assertLessEqual(len(query.terms) + len(query.excluded), MOST_TERMS)
        self.assertLessEqual(sum(len(term.tokens) for term in query.terms + query.excluded), MOST_TOKENS + MOST_TERMS)
        self.assertTrue(all(term.tokens for term in query.terms + query.excluded))
        self.assertTrue(0 <= query.since <= MAX_ID and 0 <= query.until <= MAX_ID)
        self.assertEqual(query, parse(text, UTC))
