package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"arengo/process/processtest"
)

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

// chromium is the one browser of all tests; everybody sits in a context of
// their own, which shares no cookie with another.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		return nil, errors.New("no Chromium: apt-get install chromium")
	}
	profile, err := os.MkdirTemp("", "arengo-e2e-chromium-")
	if err != nil {
		return nil, err
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(profile),
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("lang", "it"), chromedp.Flag("accept-lang", "it"),
	)
	ctx, end := chromedp.NewContext(alloc)
	leave = func() {
		end()
		stop()
		_ = os.RemoveAll(profile)
	}
	// The browser lives as long as the context of its first use.
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start Chromium: %w", err)
	}
	return ctx, nil
})

// leave closes the browser.
var leave = func() {}

// sit gives somebody a tab of a width; scripts says whether pages may run
// theirs.
func (h *house) sit(t *testing.T, width int64, scripts bool) *person {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	p := &person{t: t, h: h, ctx: ctx, width: width, silent: !scripts}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p.do("a tab", chromedp.EmulateViewport(width, 900))
	if !scripts {
		p.scripts(false)
	}
	return p
}

// scripts says whether the scripts of pages may run.
func (p *person) scripts(may bool) {
	p.t.Helper()
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !may})
}

// call asks the browser itself.
func call[P, R any](p *person, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	out, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.fail("%s: %v", command.Method, err)
	}
	return out
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

// visit goes to an address of the house, or to a whole one from a letter.
func (p *person) visit(path string) {
	p.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = p.h.base + path
	}
	p.do("visit "+path, chromedp.Navigate(path))
	p.look()
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
	p.pressHere("press " + name)
}

// toggle opens what a summary hides; no other page follows.
func (p *person) toggle(name string) {
	p.t.Helper()
	p.locate("press", name)
	p.do("toggle "+name, chromedp.Click(`[data-e2e]`))
}

// pressButton presses a button where something else has the same words, such as
// the summary that it is under.
func (p *person) pressButton(name string) {
	p.t.Helper()
	quoted, err := json.Marshal(name)
	if err != nil {
		p.t.Fatal(err)
	}
	if !eval[bool](p, fmt.Sprintf(`(function(name) {
		document.querySelectorAll('[data-e2e]').forEach(e => e.removeAttribute('data-e2e'));
		const found = [...document.querySelectorAll('main button')].find(e => e.getClientRects().length > 0 && e.innerText.trim() === name);
		if (!found) return false;
		found.setAttribute('data-e2e', 'here');
		found.scrollIntoView({block: 'center', behavior: 'instant'});
		return true;
	})(%s)`, quoted)) {
		p.fail("there is no button called %q", name)
	}
	p.pressHere("press the button " + name)
}

// pressLast presses the last thing that says so.
func (p *person) pressLast(name string) {
	p.t.Helper()
	p.locate("press", name)
	quoted, err := json.Marshal(name)
	if err != nil {
		p.t.Fatal(err)
	}
	eval[bool](p, fmt.Sprintf(`(function(name) {
		document.querySelectorAll('[data-e2e]').forEach(e => e.removeAttribute('data-e2e'));
		const found = [...document.querySelectorAll('main a, main button')].filter(e => e.innerText.trim().startsWith(name)).pop();
		found.setAttribute('data-e2e', 'here');
		found.scrollIntoView({block: 'center', behavior: 'instant'});
		return true;
	})(%s)`, quoted))
	p.pressHere("press the last " + name)
}

// goesBack uses the browser's own button. A page that the browser has kept
// comes back without loading, so its address tells when it is there.
func (p *person) goesBack() {
	p.t.Helper()
	now := call(p, page.GetNavigationHistory, cdp.Empty{})
	before := now.Entries[now.CurrentIndex-1]
	call(p, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before.ID})
	processtest.Eventually(p.t, "the page before", func() bool {
		at, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("location.href"))
		return err == nil && at == before.URL // an error is a page on its way out
	})
}

// insists sends what the browser itself would not: other browsers do.
func (p *person) insists() {
	p.t.Helper()
	eval[bool](p, "(document.querySelectorAll('form').forEach(f => { f.noValidate = true; }), true)")
}

// pressTwice presses a button twice, as quickly as a hand does.
func (p *person) pressTwice(name string) {
	p.t.Helper()
	p.locate("press", name)
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.DoubleClick(`[data-e2e]`)); err != nil {
		p.fail("press %q twice: %v", name, err)
	}
}

// pressHere clicks what was marked, waits for the page that follows and looks
// at it.
func (p *person) pressHere(what string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(`[data-e2e]`)); err != nil {
		p.fail("%s: %v", what, err)
	}
	p.look()
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
