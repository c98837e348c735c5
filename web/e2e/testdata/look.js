// What axe-core does not ask of a page: sizes of targets, requests to others,
// texts that nobody translated, marks of a typewriter.
function inspect() {
  const found = [];
  const report = (id, help, elements) => {
    if (elements.length) found.push({ id, help, nodes: elements.map((e) => (e.outerHTML ?? String(e)).slice(0, 200)) });
  };

  const foreign = performance.getEntriesByType('resource').map((e) => e.name)
    .filter((u) => !u.startsWith(location.origin) && !u.startsWith('data:'));
  report('foreign', 'the page asks others', foreign);

  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest('.visually-hidden, .visually-hidden-focusable');
  // A choice can be made anywhere on its label.
  const box = (e) => {
    const boxes = [e, ...(e.type === 'checkbox' || e.type === 'radio' ? e.labels : [])].map((x) => x.getBoundingClientRect());
    return { width: Math.max(...boxes.map((b) => b.width)), height: Math.max(...boxes.map((b) => b.height)) };
  };
  // A link within a sentence is as tall as the sentence (WCAG 2.5.8, "inline").
  const inSentence = (e) => e.localName === 'a' && getComputedStyle(e).display === 'inline' &&
    e.parentElement.textContent.trim().length > e.textContent.trim().length;
  const targets = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(shown);
  const told = (e, b) => `${b.width.toFixed(1)} x ${b.height.toFixed(1)}: ${e.outerHTML.slice(0, 160)}`;
  report('small', 'a target is smaller than 24 px', targets.filter((e) => !inSentence(e))
    .map((e) => [e, box(e)]).filter(([, b]) => b.width < 24 || b.height < 23.9).map(([e, b]) => told(e, b)));
  report('primary', 'a primary target is smaller than 44 px', targets.filter((e) => e.matches('.btn-primary'))
    .map((e) => [e, box(e)]).filter(([, b]) => b.width < 44 || b.height < 43.9).map(([e, b]) => told(e, b)));

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const keys = [];
  const straight = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest('script, style, textarea, pre, code')) continue;
    const text = node.textContent.trim();
    if (/^[a-z]+(\.[a-z_]+){1,4}$/.test(text) || /\{[a-z_]+\}|%!|<no value>|undefined|\bnil\b/.test(text)) keys.push(text);
    if (/\p{L}'\p{L}/u.test(text)) straight.push(text);
  }
  report('words', 'a text was not filled in', keys);
  report('apostrophe', "a straight apostrophe where ’ belongs", straight);
  return found;
}
