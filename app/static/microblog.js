/* Microblog: what saves a page load. It attaches to data- attributes; without it every form and link still works. */
(() => {
  'use strict';

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, act, target = document) => target.addEventListener(type, act);
  const page = document.documentElement;
  const words = document.body.dataset;
  const language = `${page.lang}-u-nu-latn`; // the digits that the server prints

  /* Each part on its own: when one meets a browser that it cannot work with, the others go on. */
  const attach = (part) => {
    try {
      part();
    } catch (error) {
      console.warn(error);
    }
  };

  /* A storage may be forbidden or full. */
  const store = {
    get: (key) => { try { return sessionStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* then it is not kept */ } },
    remove: (key) => { try { sessionStorage.removeItem(key); } catch { /* nor was it kept */ } },
  };

  attach(zone);
  attach(faults);
  attach(drafts);
  attach(window.Microblog ? counters : uncounted);
  attach(growing);
  attach(sending);
  attach(menus);
  attach(copying);
  attach(times);
  attach(progress);

  /* From the next page on the server prints times in the zone of this browser. */
  function zone() {
    const cookie = `timezone=${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
    if (document.cookie.split('; ').includes(cookie)) return;
    document.cookie = `${cookie}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
  }

  /* The list of errors on top takes the focus; an error alone at its field gives it to the field. */
  function faults() {
    const first = document.querySelector('[data-focus]') || document.querySelector('textarea[aria-invalid=true]');
    if (first) first.focus();
  }

  /* Text that was typed but not sent is kept in this tab, for this person, until it was sent with success. */
  function drafts() {
    const sent = store.get('sent');
    store.remove('sent');
    const [way] = performance.getEntriesByType('navigation');
    const failed = document.querySelector('[data-failed], [aria-invalid=true], [type=password]');
    if (sent && failed) on('submit', () => store.set('sent', sent), failed); // a fault offers its form again
    if (sent && !failed && way && way.type === 'navigate' && way.redirectCount > 0) store.remove(sent);

    all('textarea[data-keep]').forEach((field) => {
      const key = `draft-${field.dataset.keep}`;
      const kept = store.get(key) || '';
      if (kept.startsWith(field.value)) field.value = kept; // it may begin with whom it is for
      on('input', () => (field.value ? store.set(key, field.value) : store.remove(key)), field);
      on('submit', () => store.set('sent', key), field.form);
    });
    all('[data-forget]').forEach((form) => on('submit', () => sessionStorage.clear(), form));
  }

  /* What is left to write. It is spoken when it falls below 50, 20 or 0, not at each key. */
  function counters() {
    all('[data-left]').forEach((place) => {
      const field = document.getElementById(place.dataset.left);
      const voice = document.querySelector(`[data-say="${place.dataset.left}"]`);
      const frame = place.closest('.left');
      const rest = () => Number(place.dataset.limit) - window.Microblog.length(field.value);
      let before = Number(place.dataset.limit);
      const show = () => {
        const left = rest();
        place.textContent = left < 0 ? `−${-left}` : left;
        frame.classList.toggle('near', left >= 0 && left < 50);
        frame.classList.toggle('over', left < 0);
        if (left < 0 && before >= 0) voice.textContent = voice.dataset.over;
        else if ([0, 20, 50].some((mark) => left <= mark && before > mark)) {
          voice.textContent = `${voice.dataset.words} ${left}`;
        }
        before = left;
      };
      on('input', show, field);
      if (!field.value) return; // nothing to count yet, nor to load the counter's rules for
      before = rest();
      show();
    });
  }

  /* A browser that cannot count as the server does shows the limit instead of a wrong number. */
  function uncounted() {
    all('.left').forEach((frame) => { frame.textContent = frame.firstElementChild.textContent; });
  }

  /* Where CSS cannot let a field grow with its text. */
  function growing() {
    if (CSS.supports('field-sizing', 'content')) return;
    all('.box textarea').forEach((field) => {
      const grow = () => {
        field.style.height = 'auto';
        field.style.height = `${field.scrollHeight}px`;
      };
      grow();
      on('input', grow, field);
    });
  }

  /* Ctrl or Command with Enter sends. A form that is on its way is not sent twice, and recovers on the way back. */
  function sending() {
    on('keydown', (event) => {
      const field = event.target;
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      if (field.matches('textarea') && field.form) field.form.requestSubmit();
    });
    on('submit', (event) => {
      const form = event.target;
      if (form.method !== 'post') return;
      if (form.ariaBusy === 'true') {
        event.preventDefault();
        return;
      }
      form.ariaBusy = 'true';
      setTimeout(() => { form.ariaBusy = null; }, 10000);
    });
    on('pageshow', () => all('form[aria-busy]').forEach((form) => { form.ariaBusy = null; }), window);
  }

  /* Menus close on Escape, which gives the focus back, and on a click elsewhere. None opens behind the bar below. */
  function menus() {
    const open = () => all('details.menu[open]');
    document.addEventListener('toggle', ({ target }) => {
      if (target.matches('details.menu[open]')) target.lastElementChild.scrollIntoView({ block: 'nearest' });
    }, true); // it does not bubble
    on('click', (event) => open().forEach((menu) => { menu.open = menu.contains(event.target); }));
    on('keydown', (event) => {
      if (event.key !== 'Escape') return;
      open().forEach((menu) => {
        if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
        menu.open = false;
      });
    });
  }

  /* Browsers allow copying only on secure addresses; elsewhere the button stays away. Where one refuses it, the address
     is shown instead. */
  function copying() {
    if (!navigator.clipboard) return;
    const show = () => all('[data-copy]').forEach((button) => { button.hidden = false; });
    show();
    on('added', show);
    on('click', async ({ target }) => {
      const button = target.closest('[data-copy]');
      if (!button) return;
      const address = new URL(button.dataset.copy, location.href).href;
      const place = button.parentElement.querySelector('[role=status]') || document.createElement('p');
      place.role = 'status';
      place.className = 'small m-0 p-2';
      button.after(place);
      place.textContent = await navigator.clipboard.writeText(address).then(() => words.copied, () => address);
    });
  }

  /* How far something is that takes a while, as long as somebody looks; when it has ended, its page is shown anew. */
  function progress() {
    const box = document.querySelector('[data-progress]');
    if (!box) return;
    const [bar, number] = [box.querySelector('progress'), box.querySelector('[data-percent]')];
    const inWords = new Intl.NumberFormat(language, { style: 'percent' });
    const ask = async () => {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: 'application/json' } });
      if (answer.status >= 500) return;
      const percent = answer.ok ? (await answer.json()).percent : null;
      if (percent === null) location.replace(box.querySelector('a').href);
      else {
        bar.value = percent;
        number.textContent = inWords.format(percent / 100);
      }
    };
    const askAgain = () => setTimeout(async () => {
      if (!document.hidden) await ask().catch(() => { /* offline: the next time */ });
      askAgain();
    }, 1500);
    askAgain();
  }

  /* Times in the reader's zone. What the server has printed in this zone stays as it is for its first minute. */
  function times() {
    const timeZone = page.dataset.timezone || undefined;
    const isRight = page.dataset.zone === (timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone);
    let show;
    const tick = () => {
      show ??= timesBy(timeZone);
      show();
    };
    if (!isRight) {
      tick();
      on('added', tick);
    }
    setInterval(tick, 60000);
  }

  /* Relative up to a day, then "Yesterday", then the date; all in the page's language. */
  function timesBy(timeZone) {
    const moment = window.moment;
    const format = (options) => new Intl.DateTimeFormat(language, { timeZone, ...options });
    const day = new Intl.DateTimeFormat('en-CA', { timeZone });
    const full = format({ dateStyle: 'long', timeStyle: 'short' });
    const clock = format({ timeStyle: 'short' });
    const thisYear = format({ month: 'short', day: 'numeric' });
    const otherYear = format({ year: 'numeric', month: 'short', day: 'numeric' });
    const unit = (name) => {
      const number = new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' });
      return (count) => number.format(count);
    };
    moment.relativeTimeRounding(Math.floor);
    moment.relativeTimeThreshold('s', 60);
    moment.relativeTimeThreshold('ss', 0);
    moment.relativeTimeThreshold('m', 60);
    moment.relativeTimeThreshold('h', 24);
    const [now, minutes, hours] = [() => words.now, unit('minute'), unit('hour')];
    moment.updateLocale(moment.locale(), {
      relativeTime: { s: now, ss: now, m: minutes, mm: minutes, h: hours, hh: hours },
      postformat: (text) => text,
    });

    const daysAgo = (time) => moment(day.format(moment())).diff(moment(day.format(time)), 'days');
    const pastDay = (time) => {
      if (daysAgo(time) === 1) return words.yesterday;
      return (time.year() === moment().year() ? thisYear : otherYear).format(time.toDate());
    };
    const short = (time) => {
      const today = moment();
      if (today.diff(time, 'hours') < 24) return moment.min(time, today).fromNow(true);
      return pastDay(time);
    };
    /* The days of a conversation, which the server parts by the zone that it knows of. */
    function headings(talk) {
      let before = '';
      all('[data-day]', talk).forEach((heading) => heading.remove());
      all('time[data-moment=clock]', talk).forEach((place) => {
        const time = moment(place.dateTime);
        const date = day.format(time);
        if (date === before) return;
        before = date;
        const heading = document.createElement('h2');
        heading.className = 'label';
        heading.textContent = daysAgo(time) === 0 ? talk.dataset.today : pastDay(time);
        const message = place.closest('.msg');
        const above = message.previousElementSibling;
        (above && above.matches('.seen') ? above : message).before(heading);
      });
    }

    const show = () => all('time[data-moment]').forEach((place) => {
      const time = moment(place.dateTime);
      if (place.dataset.moment === 'full') place.textContent = full.format(time.toDate());
      else {
        place.textContent = place.dataset.moment === 'clock' ? clock.format(time.toDate()) : short(time);
        place.title = full.format(time.toDate());
      }
    });
    all('[data-days]').forEach(headings);
    return show;
  }
})();
