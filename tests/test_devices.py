"""Browsers and systems are named from what real ones send."""
import unittest

from app.devices import describe

WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
IOS = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
ANDROID = 'Mozilla/5.0 (Linux; Android 10; K)'
IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X)'
IPAD = 'Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X)'
CHROMEBOOK = 'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)'

KNOWN = {
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': ('Firefox', 'Linux'),
    'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0': ('Firefox', 'Android'),
    f'{IPHONE} {IOS} FxiOS/140.0 Mobile/15E148 Safari/605.1.15': ('Firefox', 'iPhone'),
    f'{IPHONE} {IOS} Version/18.6 Mobile/15E148 Safari/604.1': ('Safari', 'iPhone'),
    f'{IPAD} {IOS} Version/17.6 Mobile/15E148 Safari/604.1': ('Safari', 'iPad'),
    f'{MAC} {IOS} Version/18.6 Safari/605.1.15': ('Safari', 'macOS'),
    f'{IPHONE} {IOS} CriOS/141.0.0.0 Mobile/15E148 Safari/604.1': ('Chrome', 'iPhone'),
    f'{WINDOWS} {WEBKIT} Chrome/141.0.0.0 Safari/537.36': ('Chrome', 'Windows'),
    f'{ANDROID} {WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36': ('Chrome', 'Android'),
    f'{CHROMEBOOK} {WEBKIT} Chrome/141.0.0.0 Safari/537.36': ('Chrome', 'ChromeOS'),
    f'{WINDOWS} {WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0': ('Edge', 'Windows'),
    f'{ANDROID} {WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36 EdgA/141.0.0.0': ('Edge', 'Android'),
    f'{IPHONE} {IOS} Version/18.0 EdgiOS/141.0.0.0 Mobile/15E148 Safari/605.1.15': ('Edge', 'iPhone'),
    f'{WINDOWS} {WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0': ('Opera', 'Windows'),
    f'{MAC} {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Vivaldi/7.6': ('Vivaldi', 'macOS'),
    f'{ANDROID} {WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36':
        ('Samsung Internet', 'Android'),
    'Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko': ('Internet Explorer', 'Windows'),
    'curl/8.14.1': ('curl', ''),
}


class DescribeTest(unittest.TestCase):
    def test_the_usual_browsers_are_named_with_their_system(self):
        for header, expected in KNOWN.items():
            with self.subTest(header):
                self.assertEqual(describe(header), expected)

    def test_the_unknown_stays_unnamed(self):
        for header in (None, '', '-', 'x' * 300, 'Some/1.0', '\x00\n\ud800', '<script>alert(1)</script>'):
            with self.subTest(header):
                self.assertEqual(describe(header), ('', ''))

    def test_what_comes_after_the_beginning_is_not_read(self):
        self.assertEqual(describe('x' * 1_000_000 + ' Firefox/140.0'), ('', ''))

    def test_nothing_of_the_header_itself_is_handed_on(self):
        self.assertEqual(describe('<b>Firefox/1</b> Linux "evil"'), ('Firefox', 'Linux'))


if __name__ == '__main__':
    unittest.main()
