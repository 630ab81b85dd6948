/* Microblog: asks every half minute what is new, for as long as somebody looks at the page. What it asks and what comes
   back: app/notifications/news.py. */
(() => {
  'use strict';

  const EVERY = 30; // seconds
  const LONGEST = 960; // between two tries while the site does not answer
  const MOST_POSTS = 25;

  const { news, since } = document.body.dataset;
  const began = performance.now();
  const now = () => Number(since) + (performance.now() - began) / 1000; // by the server's clock
  const numbers = (name) => [...document.querySelectorAll(`[data-unread="${name}"]`)];
  const fresh = document.querySelector('[data-fresh]');
  const seen = [...document.querySelectorAll('article[id]')].flatMap((post) =>
    [post.id.replace('post-', ''), ...(post.dataset.also?.split(' ') ?? [])]); // the others are folded into it
  let posts = 0;
  let asked = now();
  let wait = EVERY;
  let due = began + wait * 1000;
  let timer = 0;

  const show = {
    unread_notification_count: (count) => write('notifications', count),
    unread_message_count: (count) => write('messages', count),
    new_post_count: ({ count, text, ids }) => {
      posts = count;
      seen.push(...ids);
      const link = document.createElement('a');
      link.className = 'btn btn-sm';
      link.href = fresh.dataset.fresh;
      link.textContent = text;
      fresh.replaceChildren(link);
    },
  };

  document.addEventListener('visibilitychange', plan);
  plan();

  /* One question at a time, and none while nobody looks. */
  function plan() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(turn, Math.max(due - performance.now(), 0));
  }

  async function turn() {
    due = Infinity;
    let goesOn = true;
    try {
      goesOn = await ask();
      wait = EVERY;
    } catch {
      wait = Math.min(wait * 2, LONGEST);
    }
    if (!goesOn) return;
    due = performance.now() + wait * 1000 * (0.9 + 0.2 * Math.random()); // pages that were opened together drift apart
    plan();
  }

  /* False once nobody is logged in here any more. */
  async function ask() {
    const moment = now();
    const answer = await fetch(`${news}?${question()}`, {
      headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(20000),
    });
    if (answer.status === 401) return false;
    if (!answer.ok) throw new Error(answer.status);
    const items = answer.status === 204 ? [] : await answer.json();
    items.forEach((item) => show[item.name]?.(item.data));
    asked = moment;
    return true;
  }

  function question() {
    const query = new URLSearchParams({ since: asked.toFixed(3) });
    ['notifications', 'messages'].forEach((name) => query.set(name, numbers(name)[0]?.textContent ?? 0));
    if (fresh && posts <= MOST_POSTS) {
      query.set('posts', posts);
      query.set('seen', seen);
    }
    return query;
  }

  function write(name, count) {
    numbers(name).forEach((place) => {
      place.textContent = count;
      place.closest('.count').hidden = !count;
    });
  }
})();
