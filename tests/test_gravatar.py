"""Pictures come from a real HTTP server: what it sends is redrawn, what it withholds costs two seconds."""
import contextlib
import hashlib
import io
import os
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

from PIL import Image

from app import gravatar
from app.gravatar import GravatarUnavailable, fetch


def picture(kind='PNG', mode='RGB', size=(160, 160), colour='#336699', **options):
    target = io.BytesIO()
    Image.new(mode, size, colour).save(target, kind, **options)
    return target.getvalue()


def noise(edge):
    target = io.BytesIO()
    Image.frombytes('RGB', (edge, edge), os.urandom(edge * edge * 3)).save(target, 'PNG')
    return target.getvalue()


def png_header(width, height):
    """A PNG that says how large it would be, with hardly anything in it."""
    small = bytearray(picture(size=(1, 1)))
    small[16:24] = width.to_bytes(4, 'big') + height.to_bytes(4, 'big')
    return bytes(small)


class Server(ThreadingHTTPServer):
    """Answers each GET as the test that runs has said, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.paths, self.status, self.body, self.headers, self.pause = [], 200, b'', {}, 0
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def base(self):
        return f'http://127.0.0.1:{self.server_port}/avatar/'


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.paths.append(self.path)
        self.send_response(self.server.status)
        for name, value in ({'Content-Length': len(self.server.body)} | self.server.headers).items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # the client may have had enough
            self.send_body()

    def send_body(self):
        if not self.server.pause:
            self.wfile.write(self.server.body)
            return
        for byte in self.server.body:
            self.wfile.write(bytes([byte]))
            time.sleep(self.server.pause)

    def log_message(self, *args):
        pass


class GravatarCase(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def fetch(self, size=160, **answer):
        for name, value in answer.items():
            setattr(self.server, name, value)
        return fetch('susan@example.com', size, base=self.server.base)

    def fetched(self, size=160, **answer):
        content = self.fetch(size, **answer)
        self.assertLessEqual(len(content), 20_000)
        image = Image.open(io.BytesIO(content))
        self.assertEqual(image.format, 'WEBP')
        return image


class RequestTest(GravatarCase):
    def test_it_asks_for_the_sha256_of_the_trimmed_lower_case_address(self):
        self.server.body = picture()
        fetch('  Susan@Example.COM ', 80, base=self.server.base)
        name = hashlib.sha256(b'susan@example.com').hexdigest()
        self.assertEqual(self.server.paths, [f'/avatar/{name}?d=404&s=80'])

    def test_the_host_is_fixed_and_spoken_to_over_tls(self):
        self.assertEqual(gravatar.BASE, 'https://www.gravatar.com/avatar/')

    def test_nobody_there_means_no_picture(self):
        self.assertIsNone(self.fetch(status=404, body=b'404 Not Found'))

    def test_a_redirect_is_not_followed(self):
        other = Server()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        with self.assertRaises(GravatarUnavailable):
            self.fetch(status=302, headers={'Location': other.base})
        self.assertEqual(other.paths, [])

    def test_trouble_there_is_worth_another_try(self):
        for status in (429, 500, 503):
            with self.subTest(status), self.assertRaises(GravatarUnavailable):
                self.fetch(status=status)

    def test_nobody_listening_is_worth_another_try(self):
        self.server.shutdown()
        self.server.server_close()
        with self.assertRaises(GravatarUnavailable):
            self.fetch()

    def test_an_answer_that_breaks_off_is_worth_another_try(self):
        with self.assertRaises(GravatarUnavailable):
            self.fetch(body=picture()[:50], headers={'Content-Length': 5000})

    def test_an_answer_that_trickles_is_given_up_after_two_seconds(self):
        start = time.monotonic()
        with self.assertRaises(GravatarUnavailable):
            self.fetch(body=picture(), pause=0.1)
        self.assertLess(time.monotonic() - start, 10)  # all of it would take minutes

    def test_a_server_that_says_nothing_is_given_up_in_time(self):
        start = time.monotonic()
        with mock.patch.object(gravatar, 'SECONDS', 0.3), self.assertRaises(GravatarUnavailable):
            self.fetch(body=b'x', pause=10, headers={'Content-Length': 2})
        self.assertLess(time.monotonic() - start, 9)

    def test_the_last_byte_is_not_waited_for_longer_than_the_whole_may_take(self):
        start = time.monotonic()
        with mock.patch.object(gravatar, 'SECONDS', 1), self.assertRaises(GravatarUnavailable):
            self.fetch(body=b'xxxx', pause=0.8)
        self.assertLess(time.monotonic() - start, 3)  # four pauses

    def test_the_address_is_not_in_the_message_that_is_logged(self):
        with self.assertRaises(GravatarUnavailable) as caught:
            self.fetch(status=500)
        self.assertEqual(str(caught.exception), 'status 500')


class PictureTest(GravatarCase):
    def test_each_usual_format_becomes_webp_of_the_size_asked_for(self):
        for kind in ('PNG', 'JPEG', 'GIF', 'WEBP'):
            with self.subTest(kind):
                self.assertEqual(self.fetched(96, body=picture(kind, size=(200, 100))).size, (96, 96))

    def test_each_colour_mode_is_read(self):
        for kind, mode, colour in (('PNG', 'L', 99), ('PNG', 'LA', (9, 99)), ('PNG', '1', 1), ('PNG', 'P', 3),
                                   ('PNG', 'RGBA', (9, 9, 9, 0)), ('JPEG', 'CMYK', (9, 9, 9, 9)),
                                   ('PNG', 'I;16', 9999)):
            with self.subTest(mode):
                self.assertEqual(self.fetched(body=picture(kind, mode, colour=colour)).mode, 'RGB')

    def test_see_through_places_become_white(self):
        image = self.fetched(body=picture(mode='RGBA', colour=(255, 0, 0, 0)))
        self.assertEqual(image.getpixel((80, 80)), (255, 255, 255))

    def test_even_noise_fits(self):
        for size in (160, 512):
            with self.subTest(size):
                self.assertLessEqual(self.fetched(size, body=noise(512)).width, size)

    def test_what_the_camera_wrote_into_it_is_gone(self):
        exif = Image.Exif()
        exif[0x010e] = 'taken at home'
        image = self.fetched(body=picture('JPEG', exif=exif, icc_profile=b'a profile', comment=b'secret'))
        self.assertFalse({'exif', 'icc_profile', 'xmp', 'comment'} & set(image.info))

    def test_a_picture_lying_on_its_side_is_turned_upright(self):
        sideways = Image.new('RGB', (100, 100), 'white')
        sideways.paste('black', (0, 0, 50, 100))
        exif, target = Image.Exif(), io.BytesIO()
        exif[0x0112] = 6  # the camera was turned: left is up
        sideways.save(target, 'JPEG', exif=exif)
        image = self.fetched(100, body=target.getvalue())
        self.assertLess(sum(image.getpixel((50, 10))), 60)
        self.assertGreater(sum(image.getpixel((50, 90))), 700)


class HostileTest(GravatarCase):
    def test_what_is_no_picture_means_no_picture(self):
        for body in (b'', b'garbage', b'<html>log in</html>', b'<svg xmlns="http://www.w3.org/2000/svg"/>',
                     picture()[:-30], picture()[:40], os.urandom(5000), b'GIF89a' + bytes(50)):
            with self.subTest(body[:20]):
                self.assertIsNone(self.fetch(body=body))

    def test_formats_that_nobody_needs_are_not_opened(self):
        for kind in ('TIFF', 'BMP', 'PPM', 'ICO'):
            with self.subTest(kind):
                self.assertIsNone(self.fetch(body=picture(kind)))

    def test_more_than_a_megabyte_means_no_picture(self):
        self.assertIsNone(self.fetch(body=picture() + bytes(1_000_000)))

    def test_a_picture_that_unfolds_to_gigabytes_is_not_unfolded(self):
        for edge in (1001, 20_000, 2**31 - 1):
            with self.subTest(edge):
                self.assertIsNone(self.fetch(body=png_header(edge, edge)))
        self.assertIsNone(self.fetch(body=picture(size=(6000, 6000))))


if __name__ == '__main__':
    unittest.main()
