"""Identicons are the same for the same account, small, plain SVG, readable on their ground."""
import re
import unittest
from xml.etree import ElementTree

from app.identicon import PAIRS, identicon

SVG = '{http://www.w3.org/2000/svg}'


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def dots(id):
    return {(int(c.get('cx')), int(c.get('cy'))): c.get('r')
            for c in ElementTree.fromstring(identicon(id)).iter(SVG + 'circle')}


class IdenticonTest(unittest.TestCase):
    def test_an_account_always_has_the_same_picture(self):
        self.assertEqual(identicon(7), identicon(7))
        self.assertIn(' viewBox="0 0 80 80" ', identicon(1))

    def test_the_picture_of_an_account_never_changes_between_releases(self):
        self.assertEqual(dots(1), {
            (14, 14): '3.2', (40, 14): '5.6', (66, 14): '3.2',
            (14, 27): '5.6', (27, 27): '5.6', (40, 27): '3.2', (53, 27): '5.6', (66, 27): '5.6',
            (27, 40): '5.6', (40, 40): '3.2', (53, 40): '5.6',
            (14, 53): '3.2', (27, 53): '5.6', (53, 53): '5.6', (66, 53): '3.2',
            (40, 66): '3.2'})

    def test_neighbours_look_different(self):
        pictures = {identicon(id) for id in range(1, 1001)}
        self.assertGreaterEqual(len(pictures), 999)

    def test_all_eight_pairs_of_colours_are_used_about_equally(self):
        grounds = [re.search(r'fill="(#\w+)"', identicon(id)).group(1) for id in range(1, 1601)]
        for ground, _ in PAIRS:
            self.assertGreater(grounds.count(ground), 130)

    def test_each_dot_can_be_seen_on_its_ground(self):
        self.assertEqual(len(PAIRS), 8)
        for ground, deep in PAIRS:
            with self.subTest(ground):
                self.assertGreaterEqual(contrast(ground, deep), 4.5)

    def test_the_grid_is_mirrored_and_neither_bare_nor_full(self):
        for id in range(1, 501):
            found = dots(id)
            self.assertEqual({(80 - x, y): r for (x, y), r in found.items()}, found)
            self.assertTrue(9 <= len(found) <= 22, (id, len(found)))
            self.assertLessEqual(set(found.values()), {'3.2', '5.6'})

    def test_it_is_small_and_holds_nothing_but_dots(self):
        for id in (0, 1, 10**6, 2**63 - 1):
            picture = identicon(id)
            self.assertLess(len(picture), 1500)
            tags = {element.tag for element in ElementTree.fromstring(picture).iter()}
            self.assertEqual(tags, {SVG + 'svg', SVG + 'rect', SVG + 'g', SVG + 'circle'})


if __name__ == '__main__':
    unittest.main()
