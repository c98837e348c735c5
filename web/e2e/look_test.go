package e2e

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

//go:embed testdata/look.js
var inspector string

// narrow is a desk of 1280 px at 400 % zoom.
const narrow = 320

// looked holds the makes of pages that have been looked at: what everybody sees
// the same way is inspected once in all tests, whoever comes first.
var looked sync.Map

// make is what a page is made of: its sort of address, status and language, and
// the elements and classes that occur on it.
const makeOf = `(function() {
	const kinds = new Set();
	for (const e of document.querySelectorAll('body *')) kinds.add(e.localName + ':' + (e.getAttribute('type') || '') + '.' + (e.getAttribute('class') || ''));
	const [entry] = performance.getEntriesByType('navigation');
	return [location.pathname + location.search, String(entry ? entry.responseStatus : 0), document.documentElement.lang, [...kinds].sort().join(' ')];
})()`

// look inspects the page in front of a person at the widths of a phone and of a
// desk, unless one of the same make has been inspected.
func (p *person) look() {
	p.t.Helper()
	made := eval[[]string](p, makeOf)
	made[0] = sort(made[0])
	name := fmt.Sprintf("%s-%s-%s-%x", made[0], made[1], made[2], sha256.Sum256([]byte(made[3])))
	if _, done := looked.LoadOrStore(name, true); done {
		return
	}
	file := strings.Trim(unfit.ReplaceAllString(made[0], "_"), "_") + "-" + made[1] + "-" + made[2] + "-" + name[len(name)-6:]
	p.awake(func() {
		width := p.width
		for _, w := range []int64{phone, desk} {
			p.resize(w)
			p.inspect()
			p.picture(file)
		}
		p.resize(narrow)
		p.fits()
		p.resize(width)
	})
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9]+`)

// awake lets the tests' own scripts run where the page's may not; those of the
// page have had their turn.
func (p *person) awake(do func()) {
	p.t.Helper()
	if p.silent {
		p.scripts(true)
		defer p.scripts(false)
	}
	do()
}

// fits fails on a page wider than the screen.
func (p *person) fits() {
	p.t.Helper()
	wide := eval[[]string](p, `document.scrollingElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
		.filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.getBoundingClientRect().right.toFixed() + ': ' + e.outerHTML.slice(0, 120))`)
	if len(wide) > 0 {
		p.t.Errorf("%s scrolls sideways at %d px:\n\t%s", p.at(), p.width, strings.Join(wide, "\n\t"))
	}
}

type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// inspect holds the page to WCAG 2.2 AA as far as axe-core can tell, without an
// exception, and to what axe does not ask: see testdata/look.js.
func (p *person) inspect() {
	p.t.Helper()
	p.fits()
	found := eval[[]violation](p, "("+inspector+")()")
	eval[bool](p, "(function(){ if (!window.axe) {"+axe+"} return true;})()")
	found = append(found, eval[[]violation](p, `axe.run(document, {resultTypes: ['violations'],
			runOnly: {type: 'tag', values: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}})
		.then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 160))})))`)...)
	for _, v := range found {
		p.t.Errorf("%s at %d px: %s: %s\n\t%s", p.at(), p.width, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
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
	_ = os.MkdirAll(dir, 0o755)
	_ = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, p.width)), data, 0o644)
}
