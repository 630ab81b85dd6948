/* Microblog: names to choose from while one writes @. A list box under the field, as in ARIA's combobox, but the field
   stays a text field: the focus stays in it, arrows walk, Enter and Tab take a name, Escape leaves what was typed. */
(() => {
  'use strict';

  const WAIT = 150; // ms after the last key
  const BEGUN = /(?:^|[^A-Za-z0-9_@./&])@([A-Za-z0-9_]{1,30})$/;
  const source = document.body.dataset.names;
  if (!source) return;

  const known = new Map(); // what was fetched, by what was typed
  let field = null; // in which a name is being written
  let list = null;
  let asking = 0;

  document.addEventListener('input', (event) => { if (event.target.matches('.box textarea')) look(event.target); });
  document.addEventListener('focusout', close);
  document.addEventListener('keydown', press, true);

  function begun(where) {
    const match = where.selectionStart === where.selectionEnd && BEGUN.exec(where.value.slice(0, where.selectionStart));
    return match ? match[1] : '';
  }

  function look(where) {
    clearTimeout(asking);
    const typed = begun(where);
    if (!typed) close();
    else asking = setTimeout(async () => {
      const people = await ask(typed.toLowerCase());
      if (begun(where) === typed && document.activeElement === where) show(where, people);
    }, known.has(typed.toLowerCase()) ? 0 : WAIT);
  }

  async function ask(typed) {
    if (known.has(typed)) return known.get(typed);
    try {
      const answer = await fetch(`${source}?q=${typed}`, { headers: { Accept: 'application/json' } });
      if (!answer.ok) return [];
      known.set(typed, (await answer.json()).people);
      return known.get(typed);
    } catch {
      return []; // offline: typing goes on
    }
  }

  function show(where, people) {
    close();
    if (!people.length) return;
    field = where;
    list = document.createElement('ul');
    list.className = 'names';
    list.id = 'names';
    list.role = 'listbox';
    list.ariaLabel = document.body.dataset.people;
    people.forEach((person, number) => {
      const option = document.createElement('li');
      option.id = `names-${number}`;
      option.role = 'option';
      option.dataset.name = person.username;
      const [name, handle] = [document.createElement('b'), document.createElement('span')];
      [name.dir, handle.dir] = ['auto', 'ltr'];
      [name.textContent, handle.textContent] = [person.name, `@${person.username}`];
      option.append(name, ' ', handle);
      option.addEventListener('pointerdown', (event) => {
        event.preventDefault(); // the focus stays
        take(option);
      });
      list.append(option);
    });
    field.after(list);
    field.setAttribute('aria-autocomplete', 'list');
    field.setAttribute('aria-haspopup', 'listbox');
    field.setAttribute('aria-controls', 'names');
    choose(list.firstElementChild);
  }

  function close() {
    clearTimeout(asking);
    if (!list) return;
    list.remove();
    ['autocomplete', 'haspopup', 'controls', 'activedescendant'].forEach((name) => field.removeAttribute(`aria-${name}`));
    list = field = null;
  }

  function chosen() {
    return list.querySelector('[aria-selected=true]');
  }

  function choose(option) {
    if (chosen()) chosen().ariaSelected = null;
    option.ariaSelected = 'true';
    option.scrollIntoView({ block: 'nearest' });
    field.setAttribute('aria-activedescendant', option.id);
  }

  function take(option) {
    const start = field.selectionStart - begun(field).length;
    field.setRangeText(`${option.dataset.name} `, start, field.selectionStart, 'end');
    const where = field;
    close();
    where.dispatchEvent(new Event('input', { bubbles: true })); // for the counter and the draft
  }

  function press(event) {
    if (!list || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      ArrowDown: () => choose(chosen().nextElementSibling || list.firstElementChild),
      ArrowUp: () => choose(chosen().previousElementSibling || list.lastElementChild),
      Enter: () => take(chosen()),
      Tab: () => take(chosen()),
      Escape: close,
    };
    if (!acts[event.key] || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }
})();
