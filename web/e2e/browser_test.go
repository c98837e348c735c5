package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

// Widths of a phone and of a desk, in CSS pixels.
const (
	phone = 360
	desk  = 1280
)

// person is somebody at a browser: one tab with cookies of its own.
type person struct {
	t      *testing.T
	h      *house
	ctx    context.Context
	width  int64
	silent bool // scripts of pages are off
}

const patience = 25 * time.Second

// sit opens a browser of its own at a width; scripts says whether pages may
// run theirs.
func (h *house) sit(t *testing.T, width int64, scripts bool) *person {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium: apt-get install chromium")
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "it"), chromedp.Flag("accept-lang", "it"),
	)
	ctx, end := chromedp.NewContext(alloc)
	t.Cleanup(func() { end(); stop() })
	// The browser lives as long as the context of its first use.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	p := &person{t: t, h: h, ctx: ctx, width: width, silent: !scripts}
	p.do("a tab", chromedp.EmulateViewport(width, 900))
	if !scripts {
		p.do("no scripts", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			return err
		}))
	}
	return p
}

// resize changes the width of the tab.
func (p *person) resize(width int64) {
	p.t.Helper()
	p.width = width
	p.do("resize", chromedp.EmulateViewport(width, 900))
}

func (p *person) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.fail("%s: %v", what, err)
	}
}

// eval asks the page; the tests' own scripts run also where the page's do not.
func eval[T any](p *person, script string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.fail("%s: %v", script[:min(len(script), 120)], err)
	}
	return v
}

// fail ends the test and keeps a picture of what the person saw.
func (p *person) fail(format string, args ...any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	where, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	p.picture("failure")
	p.t.Fatalf(format+"\nat %s\n%s", append(args, where, text[:min(len(text), 1500)])...)
}

// picture keeps a screenshot under ARENGO_E2E_PICTURES, when that is set.
func (p *person) picture(name string) {
	dir := os.Getenv("ARENGO_E2E_PICTURES")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	data, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return
	}
	file := fmt.Sprintf("%s-%s-%d.png", strings.ReplaceAll(p.t.Name(), "/", "-"), name, p.width)
	_ = os.MkdirAll(dir, 0o755)
	_ = os.WriteFile(filepath.Join(dir, file), data, 0o644)
}

// visit goes to an address of the house, or to a whole one from a letter.
func (p *person) visit(path string) {
	p.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = p.h.base + path
	}
	p.do("visit "+path, chromedp.Navigate(path))
}

// at is the path of the page.
func (p *person) at() string {
	p.t.Helper()
	return eval[string](p, "location.pathname")
}

// reads fails unless the page says every text, white space folded.
func (p *person) reads(texts ...string) {
	p.t.Helper()
	page := fold(eval[string](p, "document.title + ' ' + document.body.innerText"))
	for _, text := range texts {
		if !strings.Contains(page, fold(text)) {
			p.fail("the page does not say %q", text)
		}
	}
}

// readsNot fails when the page says the text.
func (p *person) readsNot(text string) {
	p.t.Helper()
	if strings.Contains(fold(eval[string](p, "document.body.innerText")), fold(text)) {
		p.fail("the page says %q", text)
	}
}

func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)), " "))
}

// find marks the first visible control that answers to a name, the way a
// person finds it: its text, its label, its accessible name.
const find = `(function(kind, name) {
	const want = name.toLowerCase().replace(/\s+/g, ' ').trim();
	const words = e => (e.innerText || e.value || e.getAttribute('aria-label') || '').toLowerCase().replace(/\s+/g, ' ').replace(/ :/g, ':').trim();
	const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden' && !e.closest('[aria-hidden=true], .visually-hidden');
	let list;
	if (kind === 'press') {
		list = [...document.querySelectorAll('main button, main a, main summary, main input[type=submit], header a, header button, header summary, footer a')].filter(shown);
		list = list.filter(e => words(e) === want).concat(list.filter(e => words(e).startsWith(want)), list.filter(e => words(e).includes(want)));
	} else {
		const labels = [...document.querySelectorAll('main label, main legend')].filter(e => e.getClientRects().length > 0 && !e.closest('[aria-hidden=true]'));
		const near = labels.filter(l => words(l) === want).concat(labels.filter(l => words(l).startsWith(want)), labels.filter(l => words(l).includes(want)));
		const named = [...document.querySelectorAll('input[aria-label], select[aria-label], textarea[aria-label]')].filter(e => shown(e) && e.getAttribute('aria-label').toLowerCase().includes(want));
		list = near.map(l => l.control || (l.closest('fieldset') || l.parentElement).querySelector('input, select, textarea')).filter(e => e).concat(named);
	}
	document.querySelectorAll('[data-e2e]').forEach(e => e.removeAttribute('data-e2e'));
	if (!list.length) return false;
	list[0].setAttribute('data-e2e', 'here');
	list[0].scrollIntoView({block: 'center', behavior: 'instant'});
	return true;
})`

func (p *person) locate(kind, name string) {
	p.t.Helper()
	quoted, err := json.Marshal(name)
	if err != nil {
		p.t.Fatal(err)
	}
	if !eval[bool](p, fmt.Sprintf("%s(%q, %s)", find, kind, quoted)) {
		p.fail("there is nothing called %q", name)
	}
}

// press clicks a button or a link by what it says, and waits for the page that
// follows.
func (p *person) press(name string) {
	p.t.Helper()
	p.locate("press", name)
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, chromedp.Click(`[data-e2e]`))
	if err != nil {
		p.fail("press %q: %v", name, err)
	}
}

// write fills a field by its label.
func (p *person) write(label, text string) {
	p.t.Helper()
	p.locate("field", label)
	kind := eval[string](p, `document.querySelector('[data-e2e]').type || ''`)
	switch kind {
	case "date", "time", "datetime-local", "number", "select-one":
		quoted, err := json.Marshal(text)
		if err != nil {
			p.t.Fatal(err)
		}
		eval[string](p, `(function(v){const e=document.querySelector('[data-e2e]');
			if (e.tagName === 'SELECT') { const o=[...e.options].find(o => o.value === v || o.text.trim() === v || o.text.includes(v)); e.value = o ? o.value : ''; }
			else e.value = v;
			e.dispatchEvent(new Event('input',{bubbles:true})); e.dispatchEvent(new Event('change',{bubbles:true})); return e.value;})(`+string(quoted)+`)`)
	default:
		eval[bool](p, `(function(){const e=document.querySelector('[data-e2e]'); e.value=''; e.focus(); return true;})()`)
		p.do("write "+label, chromedp.SendKeys(`[data-e2e]`, text))
	}
}

// tick chooses a radio or a checkbox by its label.
func (p *person) tick(label string) {
	p.t.Helper()
	p.locate("field", label)
	eval[bool](p, `(function(){const e=document.querySelector('[data-e2e]'); if (!e.checked) e.click(); return e.checked;})()`)
}

// upload chooses a file for the field with this label.
func (p *person) upload(label, file string) {
	p.t.Helper()
	p.locate("field", label)
	p.do("upload "+file, chromedp.SetUploadFiles(`[data-e2e]`, []string{file}))
}

type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// accessible fails on any violation of WCAG 2.2 AA that axe-core finds, on a
// page wider than the screen, and on a reference to another host.
func (p *person) accessible() {
	p.t.Helper()
	if wide := eval[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
		p.fail("the page scrolls sideways by %d px at %d px", wide, p.width)
	}
	foreign := eval[[]string](p, `performance.getEntriesByType('resource').map(e => e.name).filter(u => !u.startsWith(location.origin) && !u.startsWith('data:'))`)
	if len(foreign) > 0 {
		p.fail("the page asks others: %v", foreign)
	}
	eval[bool](p, "(function(){"+axe+"; return true;})()")
	found := eval[[]violation](p, `axe.run(document, {runOnly: {type: 'tag', values: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}})
		.then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 160))})))`)
	for _, v := range found {
		p.t.Errorf("%s at %d px: %s: %s\n\t%s", p.at(), p.width, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
}

// enter signs somebody in by the link in their mail.
func (p *person) enter(email string) {
	p.t.Helper()
	sent := len(p.h.mail.To(email))
	p.visit("/accedi")
	p.write("E-mail", email)
	p.press("Invia")
	p.visit(p.h.link(email, "/accedi/", sent))
	p.press("Entra")
	if p.at() != "/oggi" {
		p.fail("signing in leads to %s", p.at())
	}
}
