"""What Chromium makes of the headers: nothing foreign runs, nothing is framed, and refusals break nothing."""
from tests.base import PASSWORD
from tests.browser.site import BrowserCase, needs_chromium
from tests.browser.test_quality import Watched, lively_site
from tests.parts import once_only

TRIES = {
    'an inline script': "const tag = document.createElement('script'); tag.textContent = 'window.caught = 1';",
    'a script of another site': "const tag = document.createElement('script'); tag.src = 'http://127.0.0.2:9/x.js';",
    'a handler': "const tag = document.createElement('b'); tag.setAttribute('onclick', 'caught = 1'); tag.click();",
    'a style': "const tag = document.createElement('style'); tag.textContent = 'body {display: none}';",
    'a frame': "const tag = document.createElement('iframe'); tag.src = '/about';",
    'an object': "const tag = document.createElement('object'); tag.data = '/static/icon.svg';",
    'a base': "const tag = document.createElement('base'); tag.href = 'http://127.0.0.2:9/';",
}
REPORT = """async () => {
    const seen = new Promise(resolve => document.addEventListener(
        'securitypolicyviolation', event => resolve(event.effectiveDirective)));
    const late = new Promise(resolve => setTimeout(() => resolve(''), 3000));
    %s
    document.body.append(tag);
    return await Promise.race([seen, late]);
}"""


@once_only
@needs_chromium
class PolicyTest(BrowserCase):
    @classmethod
    def start_site(cls):
        return lively_site()

    def watched(self) -> Watched:
        return Watched(self.reader().context, self.site.url)

    def test_runs_the_scripts_of_the_site_after_comparing_them(self):
        reader = self.watched()
        reader.go('/explore')
        self.assertEqual('function', reader.page.evaluate('typeof moment'))
        scripts = reader.page.evaluate('[...document.scripts].map(script => script.integrity)')
        self.assertGreaterEqual(len(scripts), 3)
        self.assertTrue(all(value.startswith('sha256-') for value in scripts), scripts)
        self.assertEqual([], reader.faults)

    def test_runs_nothing_that_differs_from_what_the_page_names(self):
        reader = self.watched()
        reader.page.route('**/moment.min.js*', lambda route: route.fulfill(
            body='window.moment = "forged"', content_type='text/javascript'))
        reader.go('/explore')
        self.assertEqual('undefined', reader.page.evaluate('typeof moment'))

    def test_refuses_whatever_somebody_smuggles_into_a_page(self):
        for name, act in TRIES.items():
            with self.subTest(name):
                reader = self.watched()
                reader.go('/explore')
                refused = reader.page.evaluate(REPORT % act)
                self.assertTrue(refused, 'the browser reports no violation')
                self.assertIsNone(reader.page.evaluate('window.caught ?? null'))

    def test_pages_that_refuse_a_form_or_an_address_break_nothing(self):
        reader = self.watched()
        reader.log_in('susan', PASSWORD)
        reader.go('/')
        reader.page.locator('main textarea').first.fill('line 1\nline <b>2</b>')
        reader.context.clear_cookies()
        with reader.page.expect_navigation() as answer:
            reader.page.locator('main').get_by_role('button', name='Post', exact=True).click()
        self.assertEqual(400, answer.value.status)
        self.assertEqual('line 1\nline <b>2</b>', reader.page.locator('main textarea[name=post]').input_value())
        for path, status in (('/explore?q=%ff', 400), ('/explore?before=x', 404), ('/auth/logout', 405)):
            self.assertEqual(status, reader.go(path))
            self.assertEqual(1, reader.page.locator('h1').count())
        self.assertEqual([], reader.faults)
