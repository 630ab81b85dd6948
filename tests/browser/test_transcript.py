"""What a screen reader finds on the way from the log-in to a post and its end: Chromium's accessibility tree, kept.

`TEST_WRITE_TRANSCRIPT=1 python -m unittest tests.browser.test_transcript` writes it anew after a change; read it then.
"""
import os
from datetime import UTC, datetime
from pathlib import Path

from tests.base import PASSWORD
from tests.browser.site import BrowserCase, Reader, needs_chromium
from tests.parts import once_only

KEPT = Path(__file__).with_name('transcript.txt')
TOGGLES = ('pressed', 'expanded')  # said of a button in both states
SILENT = {'none', 'generic', 'InlineTextBox', 'StaticText', 'LineBreak', 'ListMarker', 'LayoutTable', 'SvgRoot',
          'LabelText', 'time', 'strong'}
STATES = ('focused', 'required', 'invalid', 'expanded', 'pressed', 'checked', 'live', 'disabled')


@once_only
@needs_chromium
class TranscriptTest(BrowserCase):
    maxDiff = None

    def test_of_logging_in_writing_answering_and_deleting_is_as_kept(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        self.site.wrote(david, 'Low tide at six.', timestamp=datetime(2025, 1, 15, tzinfo=UTC))
        self.site.follows(susan, david)
        left = f'"{499 - len(david)}"'  # what the name of whom one answers leaves
        reader, said = self.reader(reduced_motion='reduce'), []

        def listen(heading: str, selector: str = 'main') -> None:
            lines = '\n'.join(heard(reader, selector)).replace(susan, 'susan').replace(david, 'david')
            said.extend([f'# {heading}', lines.replace(left, '"493"'), ''])
        reader.go('/auth/login')
        listen('The log-in page')
        reader.send('Log in', username=susan, password='wrong')
        listen('After a wrong password', 'main [role=alert]')
        reader.send('Log in', username=susan, password=PASSWORD)
        listen('Home: the field', '.composer')
        listen('Home: a post', 'article')
        reader.fill(post='x' * 451)
        listen('When little is left', '.composer .tools')
        reader.send('Post', post='Bring boots.')
        listen('After posting', 'main > [role=status]')
        with reader.page.expect_navigation():
            reader.page.locator('article', has_text='Low tide').get_by_role('link', name='Reply').click()
        listen('Before answering')
        reader.send('Reply', post='I come.')
        listen('After answering', 'main > [role=status]')
        reader.page.locator('article', has_text='I come.').locator('summary').first.click()
        reader.follow('Delete post')
        listen('Before deleting', 'dialog')
        reader.send('Delete post')
        listen('After deleting', 'main > [role=status]')
        text = '\n'.join(said)
        if 'TEST_WRITE_TRANSCRIPT' in os.environ:
            KEPT.write_text(text)
        self.assertEqual(KEPT.read_text(), text)


def heard(reader: Reader, selector: str) -> list[str]:
    """What is in a part of the page, in its order: role, name and states, one line each."""
    session = reader.context.new_cdp_session(reader.page)
    session.send('DOM.enable')
    root = session.send('DOM.getDocument')['root']['nodeId']
    node = session.send('DOM.querySelector', {'nodeId': root, 'selector': selector})['nodeId']
    within = session.send('DOM.describeNode', {'nodeId': node})['node']['backendNodeId']
    nodes = {one['nodeId']: one for one in session.send('Accessibility.getFullAXTree')['nodes']}
    session.detach()
    top = next(id for id, one in nodes.items() if one.get('backendDOMNodeId') == within)
    return lines(nodes, top, 0)


def lines(nodes: dict, id: str, depth: int) -> list[str]:
    """A node and what is in it; what has no role of its own only hands on what it holds."""
    node = nodes.get(id)
    if node is None:
        return []
    role = node.get('role', {}).get('value', '')
    name = ' '.join(node.get('name', {}).get('value', '').split())
    said = '' if node['ignored'] or role in SILENT else ' '.join(
        [role, f'"{name}"' if name else '', *states(node)]).rstrip()
    inner = [line for child in node.get('childIds', ()) for line in lines(nodes, child, depth + bool(said))]
    if role == 'StaticText':
        return [f'{"  " * depth}"{name}"'] if name and not node['ignored'] else []
    if inner == [f'{"  " * (depth + 1)}"{name}"']:  # its name is all that it says
        inner = []
    return [f'{"  " * depth}{said}', *inner] if said else inner


def states(node: dict) -> list[str]:
    """What is said after role and name, like "focused"."""
    found = {one['name']: one['value'].get('value') for one in node.get('properties', ())}
    value = [f'value "{node["value"]["value"][:20]}"'] if node.get('value', {}).get('value') else []
    said = [name for name in STATES if name in found and (name in TOGGLES or found[name] not in (False, 'false', ''))]
    return value + [name if found[name] is True else f'{name}: {str(found[name]).lower()}' for name in said]
