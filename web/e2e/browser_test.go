package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
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
	p := h.faces(t, width, target.CreateTargetParams{NewWindow: new(true)})
	p.silent = !scripts
	if !scripts {
		p.scripts(false)
	}
	return p
}

// reader gives somebody who only follows links a tab that belongs to no window,
// whose frame and toolbar cost more than the pages. To the page it is in front
// of a person all the same, but it is never painted: nothing has the focus by
// itself, and there is no picture of it.
func (h *house) reader(t *testing.T, width int64) *person {
	t.Helper()
	if os.Getenv(pictures) != "" {
		return h.sit(t, width, true)
	}
	p := h.faces(t, width, target.CreateTargetParams{Hidden: new(true)})
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	if state := eval[string](p, "document.visibilityState"); state != "visible" {
		t.Fatalf("the tab is %s to its page", state)
	}
	return p
}

// faces opens a tab with cookies of its own.
func (h *house) faces(t *testing.T, width int64, blank target.CreateTargetParams) *person {
	t.Helper()
	all, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	browser := chromedp.FromContext(all).Browser
	apart, err := cdp.Call(all, browser, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		t.Fatalf("keep cookies apart: %v", err)
	}
	blank.URL, blank.BrowserContextID = "about:blank", apart.BrowserContextID
	made, err := cdp.Call(all, browser, target.CreateTarget, blank)
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	ctx, end := chromedp.NewContext(all, chromedp.WithTargetID(made.TargetID))
	t.Cleanup(func() {
		end()
		_, _ = cdp.Call(all, browser, target.DisposeBrowserContext, target.DisposeBrowserContextParams(apart))
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p := &person{t: t, h: h, ctx: ctx}
	// What the driver asks for by itself and nobody here uses: the browser reads
	// every style sheet once more for it.
	call(p, css.Disable, cdp.Empty{})
	p.resize(width)
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

// resize changes the width of the tab, unless it has it.
func (p *person) resize(width int64) {
	p.t.Helper()
	if p.width == width {
		return
	}
	p.width = width
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1})
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
