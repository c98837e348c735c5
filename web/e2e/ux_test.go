package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestByKeyboardAlone answers without a mouse: the skip link comes first, the
// focus is always seen, nothing holds it, Escape closes a menu.
func TestByKeyboardAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.sit(t, desk, true)
	for _, path := range []string{"/", "/percorsi/" + siena, "/accedi"} {
		p.visit(path)
		p.tabsThrough()
	}
	p.visit("/")
	p.keys(kb.Tab)
	if first := p.focused(); !strings.Contains(first, "#contenuto") {
		t.Fatalf("the first stop is %s", first)
	}
	p.keys(kb.Enter)
	if at := eval[string](p, "location.hash + ' ' + document.activeElement.id"); at != "#contenuto contenuto" {
		t.Errorf("skipping leads to %q", at)
	}
	p.menuCloses()

	link := h.invitation(t)
	p.visit(link)
	p.tabsTo("type=\"radio\"")
	p.keys(" ")
	p.tabsTo("value=\"avanti\"")
	p.sends(kb.Enter)
	if strings.HasSuffix(p.at(), link[strings.LastIndex(link, "/"):]) {
		t.Errorf("after the first answer the page is %s", p.at())
	}
	p.reads("Domanda 2 di")

	p.enter(promoter)
	for _, path := range []string{"/oggi", "/gestione/" + siena, h.activity(survey) + "/domande/link"} {
		p.visit(path)
		p.tabsThrough()
	}
}

func (p *person) keys(keys string) {
	p.t.Helper()
	p.do("keys", chromedp.KeyEvent(keys))
}

// sends presses a key that another page follows.
func (p *person) sends(key string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(key)); err != nil {
		p.fail("key: %v", err)
	}
	p.look()
}

// focused is the beginning of what has the focus.
func (p *person) focused() string {
	p.t.Helper()
	return eval[string](p, "document.activeElement.outerHTML.slice(0, 200)")
}

// tabsTo presses Tab until the focus is on what holds a text.
func (p *person) tabsTo(text string) {
	p.t.Helper()
	for range 80 {
		if strings.Contains(p.focused(), text) {
			return
		}
		p.keys(kb.Tab)
	}
	p.fail("Tab never comes to %q", text)
}

// tabsThrough presses Tab from the top of the page to its end: each stop shows
// where it is, and everything that can be used is a stop.
func (p *person) tabsThrough() {
	p.t.Helper()
	var unseen []string
	last := ""
	for i := 1; ; i++ {
		p.keys(kb.Tab)
		// A date has several stops of its own, and the browser marks them itself.
		stop := eval[[]string](p, fmt.Sprintf(`(function(i) {
			const e = document.activeElement;
			if (e === document.body || e.dataset.stop && Number(e.dataset.stop) < i - 1) return ['end', e.outerHTML.slice(0, 120)];
			const inner = !!e.dataset.stop;
			e.dataset.stop = i;
			const drawn = x => { const s = getComputedStyle(x); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none'; };
			const seen = inner || [e, e.closest('label')].some(x => x && drawn(x)) && e.getBoundingClientRect().height > 1;
			return [seen ? 'seen' : 'unseen', e.outerHTML.slice(0, 120)];
		})(%d)`, i))
		if stop[0] == "end" {
			break
		}
		last = stop[1]
		if stop[0] == "unseen" {
			unseen = append(unseen, stop[1])
		}
		if i > 400 {
			p.fail("Tab never leaves the page")
		}
	}
	if len(unseen) > 0 {
		p.t.Errorf("%s: the focus is not seen at\n\t%s", p.at(), strings.Join(unseen, "\n\t"))
	}
	// One of a group of radio buttons is enough: arrows reach the others.
	missed := eval[[]string](p, `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
		.filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches(':disabled') && !e.dataset.stop && e.tabIndex >= 0)
		.filter(e => e.type !== 'radio' || ![...document.getElementsByName(e.name)].some(r => r.dataset.stop)).map(e => e.outerHTML.slice(0, 120))`)
	if len(missed) > 0 {
		p.t.Errorf("%s: Tab ends after %s and never comes to\n\t%s", p.at(), last, strings.Join(missed, "\n\t"))
	}
}

// menuCloses opens the menu of languages and closes it with Escape.
func (p *person) menuCloses() {
	p.t.Helper()
	p.tabsTo("<summary")
	p.keys(kb.Enter)
	if !eval[bool](p, "!!document.querySelector('details.ar-lang[open]')") {
		p.fail("Enter opens no menu")
	}
	p.keys(kb.Escape)
	if eval[bool](p, "!!document.querySelector('details.ar-lang[open]')") || !strings.HasPrefix(p.focused(), "<summary") {
		p.t.Errorf("after Escape the focus is on %s", p.focused())
	}
}

// TestTheCockpitEmptiesAndFills follows a row to its form, completes it, and
// lets days pass: late, today and soon differ in words.
func TestTheCockpitEmptiesAndFills(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.sit(t, phone, true)
	p.enter(promoter)
	p.reads("Per oggi è tutto fatto", "Prossimi 7 giorni: 2", "Che cosa viene dopo", "Completa l’incontro “Il questionario: domande e risposte”")
	p.counts()
	p.press("Completa l’incontro")
	if !strings.HasPrefix(p.at(), h.activity(webinar)) {
		t.Errorf("the row leads to %s", p.at())
	}
	p.press("Sposta o correggi")
	p.write("Programma", "Domande aperte")
	p.press("Salva le modifiche")
	p.visit("/oggi")
	p.readsNot("Completa l’incontro “Il questionario: domande e risposte”")
	p.reads("Conduci l’incontro “Il questionario: domande e risposte”")
	p.counts()

	var at time.Time
	if err := h.db.NewRaw(`SELECT d.due_at FROM deadline d JOIN activity a ON a.process_id = d.process_id AND a.id = d.activity_id
		WHERE a.title = ? AND d.action = 'event' AND d.fired_at IS NULL AND d.cancelled_at IS NULL ORDER BY d.due_at LIMIT 1`, survey).Scan(t.Context(), &at); err != nil {
		t.Fatal(err)
	}
	h.moveTo(at.Add(-6 * time.Hour))
	p.visit("/oggi")
	p.counts()
	p.reads("Oggi: ", "per oggi")
	h.moveTo(at.Add(20 * 24 * time.Hour))
	p.enter(promoter)
	p.reads("In ritardo", "in ritardo")
	headings := eval[[]string](p, "[...document.querySelectorAll('.ar-day h2')].map(e => e.innerText.split(':')[0])")
	if len(slices.Compact(slices.Sorted(slices.Values(headings)))) != len(headings) {
		t.Errorf("days are called %v", headings)
	}
}

// counts fails unless the number beside "Da fare oggi" is that of the rows.
func (p *person) counts() {
	p.t.Helper()
	type sum struct{ Badge, Rows int }
	s := eval[sum](p, `({Badge: parseInt(document.querySelector('a[href="/oggi"] .ar-count')?.innerText ?? '0', 10),
		Rows: document.querySelectorAll('.ar-day:not([aria-labelledby=giorno-poi]) .ar-task').length})`)
	if s.Badge != s.Rows || s.Rows == 0 {
		p.t.Errorf("the count says %d, the page has %d rows", s.Badge, s.Rows)
	}
}
