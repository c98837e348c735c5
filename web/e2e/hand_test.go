package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"arengo/process/processtest"
)

// hand holds find, findButton, findLast, press and fill, which do in one task of the
// page what a hand and an eye do: nothing moves between the look and the click.
//
//go:embed testdata/hand.js
var hand string

// acts asks hand for one of its functions.
func acts[T any](p *person, function string, args ...any) T {
	p.t.Helper()
	return eval[T](p, p.gesture(function, args...))
}

func (p *person) gesture(function string, args ...any) string {
	p.t.Helper()
	quoted, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("(() => {%s\nreturn %s(...%s);})()", hand, function, quoted)
}

func (p *person) locate(kind, name string) {
	p.t.Helper()
	if !acts[bool](p, "find", kind, name) {
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
	p.do("toggle "+name, p.click())
}

// pressButton presses a button where something else has the same words, such as
// the summary that it is under.
func (p *person) pressButton(name string) {
	p.t.Helper()
	if !acts[bool](p, "findButton", name) {
		p.fail("there is no button called %q", name)
	}
	p.pressHere("press the button " + name)
}

// pressLast presses the last thing that says so.
func (p *person) pressLast(name string) {
	p.t.Helper()
	if !acts[bool](p, "findLast", name) {
		p.fail("there is nothing called %q", name)
	}
	p.pressHere("press the last " + name)
}

// pressTwice presses a button twice, as quickly as a hand does, and waits for
// the page that follows the second: where scripts do not hold it back, it
// takes the place of the first.
func (p *person) pressTwice(name string) {
	p.t.Helper()
	p.locate("press", name)
	p.do("press "+name, p.click())
	_, _ = chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-e2e]')?.click()`)) // the page may be gone already
	processtest.Eventually(p.t, "a page after "+name, func() bool {
		next, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`document.readyState === 'complete' && !document.querySelector('[data-e2e]')`))
		return err == nil && next // an error is a page on its way out
	})
}

// pressHere clicks what was marked, waits for the page that follows and looks
// at it.
func (p *person) pressHere(what string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, p.click()); err != nil {
		p.fail("%s: %v", what, err)
	}
	p.look()
}

// click clicks what was marked as soon as a hand could: it is seen, can be used
// and nothing lies over it. The look and the click are one task of the page, so
// that no late font and no picture comes between them.
func (p *person) click() chromedp.Action[chromedp.Void] {
	script := p.gesture("press")
	return func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		for {
			hindrance, err := chromedp.Evaluate[string](script)(ctx, t)
			if err != nil || hindrance == "" {
				return none, err
			}
			select {
			case <-ctx.Done():
				return none, fmt.Errorf("%w: %s", ctx.Err(), hindrance)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}

// write fills a field by its label, the way a keyboard that pastes does: the
// page is told of the input, and of the change when the field is left.
func (p *person) write(label, text string) {
	p.t.Helper()
	p.locate("field", label)
	if acts[bool](p, "fill", text) {
		return
	}
	if text != "" {
		call(p, input.InsertText, input.InsertTextParams{Text: text})
	}
	if got := eval[string](p, `document.querySelector('[data-e2e]').value`); got != text {
		p.fail("%q holds %q, not %q", label, got, text)
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
