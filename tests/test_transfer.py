"""What everybody sees is asked for by its tag, what is one person's is kept by nobody, and text travels packed."""
import gzip
import re

from app.transfer import pack
from tests.world import WorldCase

PACKED = {'Accept-Encoding': 'gzip, br'}


class TransferCase(WorldCase):
    def setUp(self):
        super().setUp()
        self.picture = f'/avatar/{self.person("susan")}/88'
        self.post, = self.wrote('susan', 'hello ' * 80)

    def read(self, path: str, visitor=None, **headers):
        answer = (visitor or self.app.test_client()).get(path, headers=headers)
        answer.get_data()
        answer.close()
        return answer


class Tags(TransferCase):
    def test_pages_for_everybody_are_asked_for_again_by_their_tag(self):
        for path in ('/explore', '/user/susan', f'/post/{self.post}', '/about', '/search?q=susan'):
            first = self.read(path)
            self.assertEqual((200, 'no-cache'), (first.status_code, first.headers['Cache-Control']), path)
            again = self.read(path, **{'If-None-Match': first.headers['ETag']})
            self.assertEqual((304, b''), (again.status_code, again.get_data()), path)
            for name in ('ETag', 'Cache-Control', 'Vary', 'Content-Security-Policy'):
                self.assertEqual(first.headers[name], again.headers[name], (path, name))

    def test_another_page_has_another_tag(self):
        tag = self.read('/explore').headers['ETag']
        self.wrote('susan', 'one more')
        changed = self.read('/explore', **{'If-None-Match': tag})
        self.assertEqual(200, changed.status_code)
        self.assertIn('one more', changed.text)
        spanish = self.read('/explore', **{'If-None-Match': changed.headers['ETag'], 'Accept-Language': 'es'})
        self.assertEqual(200, spanish.status_code)

    def test_a_page_varies_by_what_it_is_made_of(self):
        vary = {word.strip() for word in self.read('/explore').headers['Vary'].split(',')}
        self.assertEqual({'Cookie', 'Accept-Language', 'Accept-Encoding'}, vary)

    def test_what_is_one_persons_has_no_tag_and_is_kept_by_nobody(self):
        susan = self.log_in('susan')
        for visitor, path in ((susan, '/'), (susan, '/explore'), (susan, '/settings'), (susan, '/user/susan'),
                              (None, '/auth/login'), (None, '/auth/register'), (None, '/nowhere')):
            answer = self.read(path, visitor)
            self.assertEqual(('no-store', None), (answer.headers['Cache-Control'], answer.headers.get('ETag')), path)

    def test_a_message_for_one_visitor_is_kept_by_nobody(self):
        visitor = self.app.test_client()
        visitor.get('/edit_profile')  # leads to the log-in page with a message
        answer = self.read('/explore', visitor)
        self.assertIn('Log in to see this page', answer.text)
        self.assertEqual('no-store', answer.headers['Cache-Control'])

    def test_pictures_have_a_tag(self):
        first = self.read(self.picture)
        self.assertEqual(304, self.read(self.picture, **{'If-None-Match': first.headers['ETag']}).status_code)

    def test_files_do_not_vary_by_cookie(self):
        self.assertEqual('Accept-Encoding', self.read('/static/microblog.css').headers['Vary'])


class Packing(TransferCase):
    def test_text_is_packed_for_who_can_unpack_it(self):
        susan = self.log_in('susan')
        for visitor, path in ((None, '/explore'), (susan, '/'), (None, '/auth/login'), (None, '/nowhere'),
                              (None, '/static/microblog.css'), (None, '/static/microblog.js'), (None, self.picture)):
            plain, packed = self.read(path, visitor), self.read(path, visitor, **PACKED)
            self.assertNotIn('Content-Encoding', plain.headers, path)
            self.assertEqual('gzip', packed.headers.get('Content-Encoding'), path)
            self.assertEqual(len(packed.get_data()), int(packed.headers['Content-Length']), path)
            self.assertLess(len(packed.get_data()), len(plain.get_data()), path)
            self.assertEqual(without_numbers(plain.get_data()), without_numbers(gzip.decompress(packed.get_data())))

    def test_a_refusal_is_heard(self):
        for wish in ('', 'identity', 'gzip;q=0', 'br'):
            answer = self.read('/explore', **{'Accept-Encoding': wish})
            self.assertNotIn('Content-Encoding', answer.headers, wish)
            self.assertIn('Accept-Encoding', answer.headers['Vary'])

    def test_short_answers_and_pictures_of_pixels_are_not_packed(self):
        for path in ('/static/apple-touch-icon.png', '/user/susan?before=x'):
            self.assertNotIn('Content-Encoding', self.read(path, **PACKED, Accept='application/json').headers, path)

    def test_a_packed_file_that_a_browser_has_is_not_sent_again(self):
        first = self.read('/static/microblog.css', **PACKED)
        self.assertTrue(first.headers['ETag'].startswith('W/'))
        for headers in ({**PACKED, 'If-None-Match': first.headers['ETag']}, {'If-None-Match': first.headers['ETag']}):
            self.assertEqual(304, self.read('/static/microblog.css', **headers).status_code)

    def test_a_part_of_a_file_is_not_packed(self):
        answer = self.read('/static/microblog.css', **PACKED, Range='bytes=0-999')
        self.assertEqual((206, None, 1000), (answer.status_code, answer.headers.get('Content-Encoding'),
                                             len(answer.get_data())))

    def test_the_length_of_a_page_says_little_of_how_well_it_packs(self):
        lengths = {len(self.read('/explore', **PACKED).get_data()) for _ in range(40)}
        self.assertGreater(len(lengths), 10)

    def test_the_packed_form_is_one_that_gzip_reads(self):
        for name in ('', 'a' * 90):
            self.assertEqual(b'hello', gzip.decompress(pack(b'hello', name)))


def without_numbers(page: bytes) -> bytes:
    """A page without what is drawn anew for each request."""
    return re.sub(rb'name="(csrf_token|form_key)" value="[^"]*"|data-since="[0-9]*"|<code>[0-9A-F-]*</code>', b'', page)
