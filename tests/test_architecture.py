"""The layers, read from the code itself: imports point down only, and each layer keeps to its business."""
import ast
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTION, MODULE, TEMPLATE = 40, 300, 80
TEST_FUNCTION, TEST_MODULE = 60, 500

# From the ground up: a module may import from its own layer and from those before it.
LAYERS = [
    {'config', 'app.extensions', 'app.exceptions', 'app.database', 'app.hashing', 'app.signing', 'app.tokens',
     'app.devices', 'app.identicon', 'app.gravatar', 'app.text', 'app.languages', 'app.logs', 'app.assets',
     'app.patience', 'app.turns', 'app.turnstile', 'app.deadlines', 'app.listening', 'app.migrating', 'app.postbox',
     'app.metrics'},
    {'app.models'},
    {'app.policies'},
    {'app.queries'},
    {'app.tasks', 'app.email', 'app.events', 'app.counts', 'app.search', 'app.storage', 'app.archive',
     'app.backup', 'app.words'},
    {'app.services'},
    {'app.forms', 'app.incoming', 'app.bookkeeping', 'app.guard', 'app.templating', 'app.articles', 'app.fragments',
     'app.rendering', 'app.times', 'app.transfer', 'app.browsers', 'app.limits'},
    {'app.admin', 'app.auth', 'app.main', 'app.messages', 'app.notifications', 'app.posts', 'app.relations',
     'app.settings', 'app.exports', 'app.feeds', 'app.errors', 'app.doctor', 'app.demo', 'app.cli'},
    {'app', 'microblog'},
]
EDGES = LAYERS[-2]
MAY_COMMIT = EDGES | {'app.bookkeeping', 'app.tasks.runner', 'app.tasks.claims', 'app.tasks.keeping',
                      'app.tasks.progress', 'app.tasks.broker', 'app.email', 'app.backup.connecting',
                      'app.turns', 'app.patience.mariadb', 'app.patience.postgresql',  # connections themselves
                      'app.search.tutorial'}  # for a shell
REQUEST = {'request', 'session', 'current_user', 'url_for', 'g', 'flash', 'redirect', 'render_template'}


def modules() -> dict[str, ast.Module]:
    """Every module of the application by its dotted name."""
    found = {}
    for path in [*ROOT.glob('app/**/*.py'), ROOT / 'config.py', ROOT / 'microblog.py']:
        name = '.'.join(path.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__')
        found[name] = ast.parse(path.read_text())
    return found


def layer(name: str) -> int:
    """How high a module stands."""
    for height, names in enumerate(LAYERS):
        if name in names or any(name.startswith(f'{part}.') for part in names if part not in ('app', 'microblog')):
            return height
    raise AssertionError(f'{name} belongs to no layer: write it into the table of this test')


def imports(name: str, tree: ast.Module, known: set[str]) -> set[str]:
    """The own modules that a module imports, anywhere in it; `from app import db` is the extension."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{name} has a relative import'
            parts = {f'{node.module}.{alias.name}' for alias in node.names}
            found |= {part if part in known else node.module for part in parts}
    return {module for module in found if module.split('.')[0] in ('app', 'config', 'microblog', 'tests')}


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


class Layers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.modules = modules()
        cls.known = set(cls.modules)

    def test_imports_point_down_only(self):
        for name, tree in self.modules.items():
            if name == 'app':
                continue
            for module in imports(name, tree, self.known) - {'app'}:
                self.assertGreaterEqual(layer(name), layer(module), f'{name} imports {module}')

    def test_only_edges_and_tests_import_the_application_itself(self):
        for name, tree in self.modules.items():
            if layer(name) < len(LAYERS) - 2:
                self.assertNotIn('app', imports(name, tree, self.known), name)

    def test_nothing_imports_tests(self):
        for name, tree in self.modules.items():
            self.assertFalse([module for module in imports(name, tree, self.known) if module.startswith('tests')], name)

    def test_models_are_imported_from_their_package_only(self):
        allowed = {'app.models.ids', 'app.models.types'}  # functions and types, no models
        for path in [*ROOT.glob('app/**/*.py'), *ROOT.glob('tests/**/*.py'), ROOT / 'microblog.py']:
            if 'models' in path.relative_to(ROOT).parts:
                continue
            found = imports(str(path), ast.parse(path.read_text()), self.known)
            self.assertFalse([m for m in found if m.startswith('app.models.') and m not in allowed], path)

    def test_the_package_of_models_names_every_model(self):
        from app import models
        classes = {node.name for name, tree in self.modules.items() if name.startswith('app.models.')
                   for node in tree.body if isinstance(node, ast.ClassDef)
                   and any(isinstance(base, ast.Name) and base.id == 'Base' for base in node.bases)}
        self.assertLessEqual(classes, set(models.__all__))

    def test_models_queries_and_policies_know_nothing_of_requests(self):
        for name, tree in self.modules.items():
            if name.startswith(('app.models', 'app.queries', 'app.policies', 'app.text')):
                names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
                         and node.module in ('flask', 'flask_login') for alias in node.names}
                self.assertFalse(names & REQUEST, f'{name}: {names & REQUEST}')

    def test_acts_know_nothing_of_requests(self):
        for name, tree in self.modules.items():
            if name.startswith('app.services'):
                names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
                self.assertFalse(names & (REQUEST - {'url_for'}), name)  # letters hold links

    def test_only_edges_and_the_task_runner_commit(self):
        for name, tree in self.modules.items():
            if layer(name) == len(LAYERS) - 2 or name in MAY_COMMIT:
                continue
            for call in calls(tree):
                if isinstance(call.func, ast.Attribute) and call.func.attr == 'commit':
                    self.fail(f'{name} commits in line {call.lineno}')

    def test_queries_and_policies_never_write(self):
        writes = {'add', 'add_all', 'delete', 'insert', 'update', 'merge', 'flush', 'add_once', 'rows_changed'}
        for name, tree in self.modules.items():
            if name.startswith(('app.queries', 'app.policies')):
                for call in calls(tree):
                    owner, _dot, called = ast.unparse(call.func).rpartition('.')
                    if owner in ('', 'sa', 'db.session') or owner.startswith('User'):
                        self.assertNotIn(called, writes, f'{name}:{call.lineno}')

    def test_nothing_sleeps_and_only_the_runner_starts_threads(self):
        for name, tree in self.modules.items():
            for call in calls(tree):
                called = ast.unparse(call.func)
                self.assertNotIn(called, ('time.sleep', 'sleep', 'print', 'eval', 'exec'), name)
                if called.endswith('Thread'):
                    self.assertIn(name, ('app.tasks.runner', 'app.gravatar', 'app.logs'))

    def test_exceptions_are_caught_by_name_but_in_the_runner(self):
        for name, tree in self.modules.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ExceptHandler):
                    self.assertIsNotNone(node.type, f'{name}:{node.lineno}')
                    if ast.unparse(node.type) in ('Exception', 'BaseException'):
                        self.assertEqual('app.tasks.runner', name)


class Size(unittest.TestCase):
    def assertShort(self, paths, module: int, function: int) -> None:
        for path in paths:
            text = path.read_text()
            self.assertLessEqual(text.count('\n'), module, path)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    self.assertLessEqual(node.end_lineno - node.lineno + 1, function, f'{path}: {node.name}')

    def test_modules_and_functions_fit_a_screen(self):
        paths = [*ROOT.glob('app/**/*.py'), *ROOT.glob('deploy/*.py'), ROOT / 'config.py', ROOT / 'microblog.py']
        self.assertShort(paths, MODULE, FUNCTION)

    def test_modules_and_functions_of_tests_are_short_too(self):
        self.assertShort(ROOT.glob('tests/**/*.py'), TEST_MODULE, TEST_FUNCTION)

    def test_templates_are_short(self):
        for path in ROOT.glob('app/templates/**/*'):
            if path.is_file():
                self.assertLessEqual(path.read_text().count('\n'), TEMPLATE, path)

    def test_every_module_and_every_public_function_says_what_it_is(self):
        for name, tree in modules().items():
            if tree.body:
                self.assertTrue(ast.get_docstring(tree), name)
            for node in tree.body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith('_'):
                    self.assertTrue(ast.get_docstring(node), f'{name}.{node.name}')

    def test_every_folder_of_tests_is_a_package(self):
        for path in ROOT.glob('tests/**/test_*.py'):
            self.assertTrue((path.parent / '__init__.py').exists(), path)
