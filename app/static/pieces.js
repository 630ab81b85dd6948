/* Microblog: what is fetched and put into the page at hand: the answer to a small form, the next page of a list, a
   question in a dialog. Where that fails, the form or the link does what it does without a script. */
(() => {
  'use strict';

  const MOST_PAGES = 20; // that a way back brings again
  const on = (type, act, target = document) => target.addEventListener(type, act);
  const isPlain = (event) => !(event.defaultPrevented || event.button
    || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);

  on('submit', answer);
  on('click', (event) => {
    const link = isPlain(event) && event.target.closest('a');
    if (!link) return;
    const act = link.matches('[data-dialog]') ? ask : link.matches('[data-more] .pages [rel=next]') && more;
    if (!act) return;
    event.preventDefault();
    act(link).catch(() => { location.href = link.href; });
  });
  restore();

  /* A page of this site as a document of its own; an error when something else comes, like the log-in page. */
  async function read(address) {
    const response = await fetch(address);
    if (!response.ok || response.redirected) throw new Error(response.status);
    return new DOMParser().parseFromString(await response.text(), 'text/html');
  }

  /* Tell the other scripts that there is something new in the page. */
  function add() {
    document.dispatchEvent(new Event('added'));
  }

  /* Forms with data-swap: the button shows at once what it will show, then the server's own form takes its place. */
  async function answer(event) {
    const form = event.target;
    if (event.defaultPrevented || !form.matches('[data-swap]')) return;
    event.preventDefault();
    const button = event.submitter || form.querySelector('button');
    const body = new URLSearchParams(new FormData(form));
    const before = flip(button);
    let response;
    try {
      response = await fetch(form.action, { method: 'POST', body, headers: { 'X-Piece': '1' } });
    } catch { // offline; the second time perhaps something in this browser, so the form goes without us
      before();
      if (form.querySelector('[role=alert]')) form.submit();
      else complain(form);
      form.ariaBusy = null;
      return;
    }
    if (!response.ok || response.redirected) {
      form.submit(); // the server says on a page of its own why not
      return;
    }
    try {
      replace(form, await response.text());
    } catch { // it was done all the same
      location.reload();
    }
  }

  /* Show what comes; gives back how to show again what was. */
  function flip(button) {
    const { innerHTML, className } = button;
    const pressed = button.getAttribute('aria-pressed');
    const number = button.querySelector('.num');
    if (button.dataset.then) {
      button.textContent = button.dataset.then;
      button.classList.toggle('on');
    }
    if (pressed) button.setAttribute('aria-pressed', pressed === 'false');
    if (pressed && number && /^\d{0,2}$/.test(number.textContent)) {
      number.textContent = Number(number.textContent) + (pressed === 'false' ? 1 : -1) || '';
    }
    return () => {
      Object.assign(button, { innerHTML, className });
      if (pressed) button.setAttribute('aria-pressed', pressed);
    };
  }

  /* The same form may stand in several places. Whoever is at its button by keyboard stays there. */
  function replace(form, text) {
    const path = form.getAttribute('action');
    const template = document.createElement('template');
    template.innerHTML = text;
    document.querySelectorAll(`form[data-swap][action="${CSS.escape(path)}"]`).forEach((old) => {
      const hadFocus = old.contains(document.activeElement);
      const fresh = template.content.firstElementChild.cloneNode(true);
      const back = old.querySelector('[name=next]');
      if (back) fresh.querySelector('[name=next]').value = back.value;
      old.replaceWith(fresh);
      if (hadFocus) fresh.querySelector('button').focus();
    });
    document.dispatchEvent(new Event('swapped'));
  }

  function complain(form) {
    let place = form.querySelector('[role=alert]');
    if (!place) {
      place = document.createElement('p');
      place.className = 'invalid-feedback';
      place.role = 'alert';
      form.append(place);
    }
    place.textContent = document.body.dataset.offline;
  }

  /* The next page of a list below this one. The entry of the browser's history remembers which pages were added. */
  async function more(link) {
    link.ariaBusy = 'true';
    const first = await extend(link.closest('[data-more]'), link.href);
    history.replaceState({ ...history.state, more: [...(history.state?.more ?? []), link.href] }, '');
    first?.focus({ preventScroll: true });
  }

  async function extend(list, address) {
    const fresh = (await read(address)).querySelector('[data-more]');
    const above = list.querySelector('.pages [rel=prev]');
    const below = fresh.querySelector('.pages [rel=prev]');
    if (above) below?.replaceWith(above);
    else below?.remove();
    const first = fresh.querySelector('article a, li a');
    list.querySelector('.pages').remove();
    list.append(...fresh.childNodes);
    add();
    return first;
  }

  /* On the way back, and after a reload, the added pages come again and the reader is where they were. */
  async function restore() {
    const { more: pages = [], at } = history.state ?? {};
    const [way] = performance.getEntriesByType('navigation');
    on('pagehide', remember, window);
    if (!pages.length) return;
    if (way.type === 'navigate') { // the same address anew
      history.replaceState(null, '');
      return;
    }
    history.scrollRestoration = 'manual';
    try {
      for (const address of pages.slice(0, MOST_PAGES)) await extend(document.querySelector('[data-more]'), address);
      if (at) scrollBy(0, document.getElementById(at.id).getBoundingClientRect().top - at.y);
    } catch { /* then the list is as long as at first */ }
    history.scrollRestoration = 'auto';
  }

  function remember() {
    if (!history.state?.more) return;
    const top = [...document.querySelectorAll('[data-more] [id]')].find((part) => part.getBoundingClientRect().bottom > 0);
    if (top) history.replaceState({ ...history.state, at: { id: top.id, y: top.getBoundingClientRect().top } }, '');
  }

  /* The question that another page asks, here: its button sends the same form, the link beside it and Escape only close. */
  async function ask(link) {
    const part = (await read(link.href)).querySelector('main .quiet');
    part.querySelectorAll('form:not([action])').forEach((form) => { form.action = link.href; });
    const dialog = document.createElement('dialog');
    const heading = part.querySelector('h1');
    const title = document.createElement('h2'); // the page has its h1
    title.append(...heading.childNodes);
    heading.replaceWith(title);
    dialog.ariaLabel = title.textContent;
    dialog.append(part);
    on('click', (event) => {
      if (event.target !== dialog && !event.target.closest('[data-close]')) return;
      event.preventDefault();
      dialog.close();
    }, dialog);
    on('close', () => {
      dialog.remove();
      (link.closest('details')?.querySelector('summary') ?? link).focus();
    }, dialog);
    document.getElementById('main').append(dialog);
    add();
    dialog.showModal();
    dialog.querySelectorAll('[data-close]').forEach((way) => {
      way.hidden = false;
      way.focus();
    });
  }
})();
