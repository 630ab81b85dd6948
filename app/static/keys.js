/* Microblog: one key for one act, for people who have not switched it off. What stands in a page under data-key is
   pressed or focused by that key; j, k and r know of posts. /keyboard lists them. */
(() => {
  'use strict';

  const PATIENCE = 1500; // ms, between two keys that belong together
  let begun = '';
  let timer = 0;

  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest('input, textarea, select, [contenteditable]')) return;
    if (document.querySelector('dialog[open]')) return;
    const key = named(event);
    const act = begun && found(begun + key) || found(key);
    clearTimeout(timer);
    begun = key === 'g' && !begun ? 'g ' : '';
    timer = setTimeout(() => { begun = ''; }, PATIENCE);
    if (!act) return;
    event.preventDefault();
    act();
  });

  /* Where letters are not Latin ones, the place of the key counts. */
  function named({ key, code, shiftKey }) {
    if (/^[ -~]$/.test(key)) return key;
    if (code === 'Slash') return shiftKey ? '?' : '/';
    return code.replace('Key', '').toLowerCase();
  }

  /* What the key does on this page, if anything. */
  function found(key) {
    const act = { j: () => step(1), k: () => step(-1), r: reply }[key];
    const target = find(document, key);
    return act ?? (target && (() => press(target)));
  }

  /* What can be seen of what has this key; rather a field in this page than the way to another. */
  function find(root, key) {
    const parts = [...root.querySelectorAll('[data-key]')].filter((part) => part.dataset.key === key && part.checkVisibility());
    return parts.find(isField) ?? parts[0];
  }

  function isField(part) {
    return part.matches('input, textarea');
  }

  function press(target) {
    if (isField(target)) target.focus();
    else target.click();
  }

  function current() {
    return document.activeElement.closest('main article');
  }

  /* To the next post or the one before; from elsewhere to the first that is in sight. Behind the last comes a page. */
  function step(way) {
    const posts = [...document.querySelectorAll('main article')];
    const here = posts.indexOf(current());
    const seen = posts.findIndex((post) => post.getBoundingClientRect().bottom > 80);
    const post = posts[here < 0 ? seen : here + way];
    if (!post) {
      if (way > 0) document.querySelector('.pages [rel=next]')?.click();
      return;
    }
    post.tabIndex = -1;
    post.focus({ preventScroll: true });
    post.scrollIntoView({ block: 'nearest' });
  }

  function reply() {
    const post = current() ?? document.querySelector('article.focus');
    const field = post?.matches('.focus') && document.querySelector('textarea[data-key=r]');
    const target = field || find(post ?? document, 'r') || find(document, 'r');
    if (target) press(target);
  }
})();
