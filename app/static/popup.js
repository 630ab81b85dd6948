/* Microblog: a card about a person, beside their name or picture, for a mouse and for the keyboard's focus. It goes on
   Escape, stays for as long as it is pointed at or in focus, and the pointer can move into it (WCAG 2.2, 1.4.13). */
(() => {
  'use strict';

  const WAIT = 500; // ms, before a card opens
  const GRACE = 300; // ms, in which the pointer crosses the gap
  const GAP = 4; // px
  const EDGE = 8; // px
  const page = document.documentElement;
  if (!HTMLElement.prototype.showPopover) return;

  const known = new Map(); // what was fetched, by address
  let freshness = 'default';
  let person = null; // the link to whom the card belongs
  let spot = null; // what was pointed at: the link or the picture
  let card = null;
  let left = null; // whom Escape has closed, until something else is pointed at
  let question = null; // that is on its way
  let opening = 0;
  let closing = 0;

  const on = (type, act) => document.addEventListener(type, act);
  on('pointerover', (event) => { if (event.pointerType !== 'touch') look(event.target, GRACE); });
  on('focusin', (event) => { if (event.target.matches(':focus-visible')) look(event.target, 0); });
  on('focusout', () => look(null, 0));
  on('swapped', () => { // somebody is followed now who was not
    known.clear();
    freshness = 'reload';
  });
  on('keydown', (event) => { if (event.key === 'Escape') dismiss(); });
  page.addEventListener('pointerleave', () => look(null, GRACE));
  addEventListener('resize', () => { if (card) place(); });

  /* Somebody points at this, or is there by keyboard; another card stays for so many ms. */
  function look(target, grace) {
    const found = target && personAt(target);
    if (found && found === person) {
      clearTimeout(closing);
      return;
    }
    clearTimeout(opening);
    clearTimeout(closing);
    closing = setTimeout(() => { if (person && !isHeld()) close(); }, grace);
    if (found !== left) left = null;
    if (question) close();
    if (found && !left) opening = setTimeout(open, WAIT, found, target);
  }

  /* The link to the person whose name, picture or card this belongs to. */
  function personAt(target) {
    if (card && card.contains(target)) return person;
    const around = target.matches('img.face') && target.parentElement.querySelector('[data-popup]');
    return target.closest('[data-popup]') || around || null;
  }

  /* By keyboard one is on the way through the line of the name into the card. */
  function isHeld() {
    const focus = document.activeElement;
    const isNear = card && (card.contains(focus) || card.previousElementSibling.contains(focus));
    return [person, spot, card].some((part) => part && part.matches(':hover')) || (isNear && focus.matches(':focus-visible'));
  }

  async function open(whom, where) {
    close();
    [person, spot] = [whom, where.matches('img') ? where : whom];
    const text = await ask(`${whom.href}/popup`);
    if (text && person === whom) show(text);
  }

  function close() {
    if (question) question.abort();
    if (card) card.remove();
    person = spot = card = question = null;
  }

  function dismiss() {
    clearTimeout(opening);
    if (!card) return;
    const [whom, wasInside] = [person, card.contains(document.activeElement)];
    close();
    left = whom;
    if (wasInside) whom.focus();
  }

  /* Each card is fetched once on a page; one that nobody waits for any more is not. */
  async function ask(address) {
    if (known.has(address)) return known.get(address);
    const mine = question = new AbortController();
    try {
      const answer = await fetch(address, { signal: mine.signal, cache: freshness });
      const isCard = answer.ok && new URL(answer.url).pathname.endsWith('/popup'); // and no way to the log-in page
      known.set(address, isCard ? await answer.text() : '');
      return known.get(address);
    } catch {
      return ''; // offline, or nobody waits
    } finally {
      if (question === mine) question = null;
    }
  }

  /* It stands in the source where the keyboard finds it, and on the screen above everything. */
  function show(text) {
    card = document.createElement('div');
    card.className = 'popup';
    card.popover = 'manual';
    card.role = 'group';
    card.ariaLabel = person.textContent.trim();
    card.innerHTML = text;
    const back = card.querySelector('[name=next]');
    if (back) back.value = location.pathname + location.search;
    (person.closest('h2, p, .by') || person).after(card);
    card.showPopover();
    place();
  }

  /* Below, or above where there is no room; the stylesheet keeps it between the edges. */
  function place() {
    const box = spot.getBoundingClientRect();
    const height = card.offsetHeight;
    const hasRoom = box.bottom + GAP + height + EDGE < innerHeight || box.top < height + GAP + EDGE;
    card.style.setProperty('--x', `${page.dir === 'rtl' ? page.clientWidth - box.right : box.left}px`);
    card.style.setProperty('--y', `${scrollY + (hasRoom ? box.bottom + GAP : box.top - GAP - height)}px`);
  }
})();
