"""`flask translate`: beginning, updating and compiling catalogues, in a folder of the test's own."""
import importlib
import os
import shutil
import tempfile
from pathlib import Path
from unittest import mock

from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.base import AppTestCase
from tests.parts import once_only

translate = importlib.import_module('app.cli.translate')  # the package has the group by the same name

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Home"\nmsgstr "{}"\n'


class TranslateCase(AppTestCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        patch = mock.patch.object(translate, 'folder', lambda: self.folder)
        patch.start()
        self.addCleanup(patch.stop)

    def run_it(self, *arguments):
        return self.app.test_cli_runner().invoke(args=['translate', *arguments])

    def assert_fails(self, code, words, *arguments):
        result = self.run_it(*arguments)
        self.assertEqual(code, result.exit_code, result.output)
        self.assertIn(words, result.output)
        self.assertNotIn('Traceback', result.output)

    def write(self, language: str, translation: str, age: int = 0) -> Path:
        path = self.folder / language / 'LC_MESSAGES' / 'messages.po'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PO.format(translation))
        moment = path.stat().st_mtime - age
        os.utime(path, (moment, moment))
        return path

    def read(self, path: Path):
        with path.open('rb') as file:
            return read_po(file)

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob('*') if path.is_file())


class Help(TranslateCase):
    def test_every_command_explains_itself(self):
        for command in ((), ('init',), ('update',), ('compile',)):
            result = self.run_it(*command, '--help')
            self.assertEqual(0, result.exit_code)
            self.assertRegex(result.output, r'\n  [A-Z][^\n]+\.')

    def test_what_is_missing_or_unknown_is_a_fault_of_usage(self):
        self.assert_fails(2, 'Missing argument', 'init')
        self.assert_fails(2, 'No such command', 'nonsense')
        self.assert_fails(2, 'unexpected extra argument', 'compile', 'de')


@once_only
class Catalogue(TranslateCase):
    def test_begins_and_is_brought_up_to_date_with_the_strings_of_the_code(self):
        self.assertEqual(0, self.run_it('init', 'it').exit_code)
        self.assertEqual(['it/LC_MESSAGES/messages.po'], self.files())
        path = self.folder / self.files()[0]
        strings = {message.id for message in self.read(path)}
        self.assertLess({'Home', 'Explore', 'Username, e-mail or password is wrong.', 'Confirm address'}, strings)
        self.assert_fails(1, 'there is a catalogue for "it" already', 'init', 'it')
        self.assertIn('Report-Msgid-Bugs-To: see README', path.read_text())
        path.write_text(PO.format('Casa') + '\nmsgid "Once said"\nmsgstr "Detto"\n')
        self.assertEqual(0, self.run_it('update').exit_code)
        updated = self.read(path)
        self.assertEqual(('Casa', ''), (updated['Home'].string, updated['Explore'].string))
        self.assertNotIn('Once said', path.read_text())
        self.assertEqual(['it/LC_MESSAGES/messages.po'], self.files())

    def test_of_no_language_is_refused_in_a_sentence(self):
        for name in ('nonsense', '../it', '/etc', '', 'it;ls', 'xx'):
            self.assert_fails(1, f'"{name}" is no language', 'init', name)
        self.assertEqual([], self.files())

    def test_of_a_language_of_a_region_is_begun(self):
        for name in ('zh_TW', 'sr_RS', 'uz_AF'):
            result = self.run_it('init', name)
            self.assertEqual(0, result.exit_code, result.output)
        self.assertIn('zh_TW/LC_MESSAGES/messages.po', self.files())

    def test_is_to_be_begun_before_it_is_updated(self):
        self.assert_fails(1, 'flask translate init LANGUAGE', 'update')


class Compile(TranslateCase):
    def compiled(self, language: str) -> str:
        with (self.folder / language / 'LC_MESSAGES' / 'messages.mo').open('rb') as file:
            return read_mo(file)['Home'].string

    def test_writes_each_catalogue(self):
        self.write('it', 'Casa')
        self.write('pt', 'In\u00edcio')
        self.assertEqual(0, self.run_it('compile').exit_code)
        self.assertEqual(('Casa', 'In\u00edcio'), (self.compiled('it'), self.compiled('pt')))
        self.assertEqual(4, len(self.files()))

    def test_leaves_alone_what_has_not_changed(self):
        self.write('it', 'Casa', age=100)
        self.run_it('compile')
        self.write('it', 'Altra', age=100)
        self.run_it('compile')
        self.assertEqual('Casa', self.compiled('it'))
        self.write('it', 'Nuova', age=-100)
        self.run_it('compile')
        self.assertEqual('Nuova', self.compiled('it'))

    def test_of_nothing_does_nothing(self):
        self.assertEqual(0, self.run_it('compile').exit_code)
        self.assertEqual([], self.files())

    def test_names_the_catalogue_that_cannot_be_read(self):
        self.write('it', 'x').write_bytes(PO.format('\xff').encode('latin-1'))
        self.assert_fails(1, 'it/LC_MESSAGES/messages.po', 'compile')
        self.assertEqual(['it/LC_MESSAGES/messages.po'], self.files())
