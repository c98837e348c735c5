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

// looked holds the sorts of page that have been inspected, and the kinds of
// element that were on them: what everybody sees the same way is inspected once
// in all tests, whoever comes first.
var looked = struct {
	sync.Mutex
	sorts, kinds map[string]bool
}{sorts: map[string]bool{}, kinds: map[string]bool{}}

// makeOf is what a page is made of: its address, status and language, which
// tell its sort, and the kinds of element on it.
const makeOf = `(function() {
	const kinds = new Set();
	for (const e of document.querySelectorAll('body *')) kinds.add(e.localName + ':' + (e.getAttribute('type') || '') + '.' + (e.getAttribute('class') || ''));
	const [entry] = performance.getEntriesByType('navigation');
	return [location.pathname + location.search, String(entry ? entry.responseStatus : 0), document.documentElement.lang, ...[...kinds].sort()];
})()`

// shows takes down the sort of a page and the kinds of element on it, and tells
// whether any of that is new.
func shows(sort string, kinds []string) bool {
	looked.Lock()
	defer looked.Unlock()
	before := len(looked.sorts) + len(looked.kinds)
	looked.sorts[sort] = true
	for _, kind := range kinds {
		looked.kinds[kind] = true
	}
	return len(looked.sorts)+len(looked.kinds) > before
}

// look inspects the page in front of a person at the widths of a phone and of a
// desk, when it is the first of its sort or shows something that no page has
// shown before. The width of the person comes first, since the page has it
// already.
func (p *person) look() {
	p.t.Helper()
	made := eval[[]string](p, makeOf)
	name := strings.Join([]string{sort(made[0]), made[1], made[2]}, "-")
	if !shows(name, made[3:]) {
		return
	}
	hash := sha256.Sum256([]byte(strings.Join(made[3:], " ")))
	file := fmt.Sprintf("%s-%x", strings.Trim(unfit.ReplaceAllString(name, "_"), "_"), hash[:3])
	p.awake(func() {
		eval[bool](p, "document.fonts.ready.then(() => true)") // a late font moves what is measured
		width := p.width
		p.inspect()
		p.picture(file)
		eval[bool](p, remember)
		p.resize(phone + desk - width)
		p.inspectAgain()
		p.picture(file)
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
	p.finds("(" + inspector + ")()")
	eval[bool](p, "(function(){ if (!window.axe) {"+axe+"} return true;})()")
	p.finds(judged("document", wcag))
}

// remember keeps which elements can be seen, for inspectAgain.
const remember = `(window.seen = new WeakSet([...document.querySelectorAll('body *')].filter(e => e.checkVisibility())), true)`

// inspectAgain is inspect at another width: axe judges whole what can be seen
// only now, and of the rest what depends on where things stand. To judge all of
// it a second time takes as long as the first.
func (p *person) inspectAgain() {
	p.t.Helper()
	p.fits()
	p.finds("(" + inspector + ")()")
	p.finds(judged("document", `{type: 'rule', values: ['target-size', 'scrollable-region-focusable']}`))
	p.finds(`(async () => {
		const fresh = [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !seen.has(e));
		const tops = fresh.filter(e => seen.has(e.parentElement));
		return tops.length ? ` + judged("tops", wcag) + ` : [];
	})()`)
}

// wcag are the rules that every page keeps.
const wcag = `{type: 'tag', values: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}`

// judged asks axe to hold a part of the page to rules.
func judged(part, rules string) string {
	return `axe.run(` + part + `, {resultTypes: ['violations'], runOnly: ` + rules + `})
		.then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 160))})))`
}

// finds fails with each violation that a script finds.
func (p *person) finds(script string) {
	p.t.Helper()
	for _, v := range eval[[]violation](p, script) {
		p.t.Errorf("%s at %d px: %s: %s\n\t%s", p.at(), p.width, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
}

// pictures is the variable that names the folder for screenshots.
const pictures = "ARENGO_E2E_PICTURES"

// picture keeps a screenshot, when somebody wants pictures.
func (p *person) picture(name string) {
	dir := os.Getenv(pictures)
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
