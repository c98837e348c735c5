// What a person does with a page. A control that is found is marked with
// data-e2e, for what is done with it next.
const mark = (e) => {
  document.querySelectorAll('[data-e2e]').forEach((old) => old.removeAttribute('data-e2e'));
  if (!e) return false;
  e.setAttribute('data-e2e', 'here');
  e.scrollIntoView({ block: 'center', behavior: 'instant' });
  return true;
};
const marked = () => document.querySelector('[data-e2e]');

// find marks the first visible control that answers to a name, the way a
// person finds it: its text, its label, its accessible name.
function find(kind, name) {
  const want = name.toLowerCase().replace(/\s+/g, ' ').trim();
  const words = (e) => (e.innerText || e.value || e.getAttribute('aria-label') || '').toLowerCase().replace(/\s+/g, ' ').replace(/ :/g, ':').trim();
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden' && !e.closest('[aria-hidden=true], .visually-hidden');
  const best = (list) => list.filter((e) => words(e) === want).concat(list.filter((e) => words(e).startsWith(want)), list.filter((e) => words(e).includes(want)));
  if (kind === 'press') {
    return mark(best([...document.querySelectorAll('main button, main a, main summary, main input[type=submit], header a, header button, header summary, footer a')].filter(shown))[0]);
  }
  const labels = [...document.querySelectorAll('main label, main legend')].filter((e) => e.getClientRects().length > 0 && !e.closest('[aria-hidden=true]'));
  const named = [...document.querySelectorAll('input[aria-label], select[aria-label], textarea[aria-label]')].filter((e) => shown(e) && e.getAttribute('aria-label').toLowerCase().includes(want));
  return mark(best(labels).map((l) => l.control || (l.closest('fieldset') || l.parentElement).querySelector('input, select, textarea')).filter((e) => e).concat(named)[0]);
}

// findButton marks the first button with just these words.
function findButton(name) {
  return mark([...document.querySelectorAll('main button')].find((e) => e.getClientRects().length > 0 && e.innerText.trim() === name));
}

// findLast marks the last link or button whose words begin so.
function findLast(name) {
  return mark([...document.querySelectorAll('main a, main button')].filter((e) => e.innerText.trim().startsWith(name)).pop());
}

// press clicks what is marked, or tells what keeps a hand from it.
function press() {
  const e = marked();
  if (!e) return 'it is no longer there';
  const told = (x) => x.outerHTML.slice(0, 160);
  if (!e.checkVisibility({ visibilityProperty: true })) return `it is not visible: ${told(e)}`;
  if (e.matches(':disabled')) return `it is disabled: ${told(e)}`;
  e.scrollIntoView({ block: 'center', behavior: 'instant' });
  const box = [...e.getClientRects()].find((b) => b.width > 0 && b.height > 0);
  if (!box) return `it has no size: ${told(e)}`;
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (!over) return `it is off the screen, at ${box.x.toFixed()}, ${box.y.toFixed()}: ${told(e)}`;
  if (!e.contains(over)) return `${told(over)} covers it: ${told(e)}`;
  e.focus({ preventScroll: true });
  e.click();
  return '';
}

// fill chooses among what is marked, or sets what has a form of its own, and
// tells that it has done so. Of a field for text it makes an empty one that has
// the focus.
function fill(text) {
  const e = marked();
  if (e.localName === 'select') {
    const options = [...e.options];
    e.value = (options.find((o) => o.value === text || o.text.trim() === text || o.text.includes(text)) ?? { value: '' }).value;
  } else if (['date', 'time', 'datetime-local', 'number'].includes(e.type)) {
    e.value = text;
  } else {
    e.focus();
    e.value = '';
    return false;
  }
  e.dispatchEvent(new Event('input', { bubbles: true }));
  e.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}
