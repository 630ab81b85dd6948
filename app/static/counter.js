// Counts a text as the server does: app/text/counting.py says why, app/text/cleaning.py what is cleaned first.
// tests/text/cases.json holds both sides together.
(function () {
  'use strict';
  // Without Intl.Segmenter or a look behind there is no number rather than a wrong one.
  if (!window.Intl || !Intl.Segmenter) return;
  try { RegExp('(?<!a)'); } catch { return; }
  const Microblog = window.Microblog = window.Microblog || {};
  const raw = String.raw;
  const URL_LENGTH = 23;

  const NEWER = raw`\u05c8\u05c9\u0b53\u0b54\u1ade\u1adf\u1aec-\u1af0\u1cf5\u1cf6` +
    raw`\u{10ecb}-\u{10ecf}\u{10ef0}-\u{10ef9}\u{11a3a}\u{11b0a}\u{11df0}\u{11df1}` +
    raw`\u{1d127}\u{1d128}\u{1d250}-\u{1d252}\u{1d25b}\u{1d25c}\u{1d25f}\u{1d280}\u{1d281}` +
    raw`\u{1f1ae}\u{1f7da}\u{1f7db}\u{1f7f1}-\u{1f7ff}`;
  const STOP = raw`\u0000-\u0020"<>\\^\x60{|}\u007f-\u00a0\u00ab\u00bb\u060c\u061b\u061c\u061f\u06d4\u0964\u0965\u104a\u104b` +
    raw`\u1361-\u1368\u1680\u17d4\u17d5\u180e\u2000-\u200b\u200e\u200f\u2018-\u201f\u2026\u2028-\u202f\u2039\u203a` +
    raw`\u205f-\u206f\u3000-\u3003\u3008-\u3011\u3014-\u301f\ufd3e\ufd3f\ufe10-\ufe19\ufe30-\ufe6f\ufeff` +
    raw`\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff`;
  const LINK = [
    raw`[Hh](?<![A-Za-z0-9+.\-].)[Tt][Tt][Pp][Ss]?:\/\/(?![\-_]|[^\/?#STOP]*@)`,
    raw`[^!#$%&\x27()*+,.\/:;=?@\[\]~\u2010-\u205eSTOP]+(?:\.[^!#$%&\x27()*+,.\/:;=?@\[\]~\u2010-\u205eSTOP]+)*`,
    raw`(?::[0-9]{1,5}(?![0-9]))?`,
    raw`(?:(?=[\/?#])(?:[!\x27*,.:;?]*(?:[^!\x27()*,.:;?\[\]STOP]|\([^()\[\]STOP]*\)|\[[^()\[\]STOP]*\]))+)?`,
  ].join('').replaceAll('STOP', STOP);
  const SPACE = raw`\t \u00a0\u1680\u180e\u2000-\u200b\u202f\u205f\u2060\u2800\u3000\u3164\uffa0`;
  const MARK = raw`(?![${NEWER}])[\p{M}\u200c\u200d]`;

  const CLEANING = [
    [raw`\p{Cs}`, '\ufffd'],
    [raw`\r\n?|[\u000b\u000c\u0085\u2028\u2029]`, '\n'],
    [raw`(\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f})` +
      raw`|[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u206f\ufeff\ufff0-\ufffb` +
      raw`\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}\p{NChar}]`, '$1'],
    [`((?:${MARK}){10})(?:${MARK})+`, '$1'],
    [`(?<![${SPACE}])[${SPACE}]+(?![^\n])`, ''],
    ['\n{4,}', '\n\n\n'],
    [`^[\n${SPACE}]+|\n+$`, ''],
  ];
  const VISIBLE = raw`[${NEWER}]|[^\p{M}\p{DI}\p{White_Space}\p{Cc}\p{NChar}\u2800\ufff9-\ufffb\u{1d159}]`;

  // Made when the first text is counted: most pages are read, and a phone makes them slowly.
  let made;
  const rules = () => made ??= {
    cleaning: CLEANING.map(([source, kept]) => [new RegExp(source, 'gu'), kept]),
    visible: new RegExp(VISIBLE, 'u'),
    links: new RegExp(LINK, 'gu'),
    standingIn: new RegExp(`[${NEWER}]`, 'gu'),
    segmenter: new Intl.Segmenter('en', {granularity: 'grapheme'}),
  };

  function clean(text) {
    for (const [pattern, kept] of rules().cleaning) text = text.replace(pattern, kept);
    return rules().visible.test(text) ? text : '';
  }

  // How many characters a reader sees in the text once the server has cleaned it; an address counts 23.
  Microblog.length = function (text) {
    const {links, standingIn, segmenter} = rules();
    const counted = clean(text).replace(links, '\n'.repeat(URL_LENGTH)).replace(standingIn, '\ufffd');
    let number = 0;
    for (const _ of segmenter.segment(counted)) number += 1;
    return number;
  };

  // How many code points would be stored; a post may have 2,000.
  Microblog.codePoints = function (text) {
    return [...clean(text)].length;
  };
})();
