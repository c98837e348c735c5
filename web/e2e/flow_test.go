package e2e

import (
	"strings"
	"testing"
)

// overflowing are the texts of the drawing that leave it or their box, with the
// fonts that the page has.
const overflowing = `(function() {
	const svg = document.querySelector('.ar-flow svg'), whole = svg.viewBox.baseVal;
	const boxes = [...svg.querySelectorAll('rect[x]')].map(r => r.getBBox());
	return [...svg.querySelectorAll('text')].filter(t => {
		const b = t.getBBox(), right = b.x + b.width;
		const box = boxes.find(r => b.x >= r.x && b.x < r.x + r.width && b.y >= r.y - 1 && b.y < r.y + r.height);
		return b.x < 0 || right > whole.width || b.y + b.height > whole.height || box && right > box.x + box.width - 4;
	}).map(t => t.textContent);
})()`

// TestTheFlowIsDrawn unfolds the drawing of a process where people and staff see
// it, in both languages, at the widths of a phone and of a desk.
func TestTheFlowIsDrawn(t *testing.T) {
	t.Parallel()
	h := open(t)
	const slug = "next-generation-siena"
	for _, c := range []struct {
		name, email, lang, path, now string
	}{
		{"Visitor", "", "it", "/percorsi/" + slug, "Adesso"},
		{"EnglishVisitor", "", "en", "/percorsi/" + slug, "Now"},
		{"Promoter", promoter, "it", "/gestione/" + slug, "Adesso"},
		{"EnglishPromoter", promoter, "en", "/gestione/" + slug, "Now"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := h.reader(t, desk)
			if c.email != "" {
				p.enter(c.email)
			}
			p.visit("/lingua/" + c.lang + "?da=/")
			p.visit(c.path)
			p.awake(func() {
				eval[bool](p, "document.fonts.ready.then(() => true)")
				eval[bool](p, "(document.querySelector('details.ar-flow > summary').click(), true)")
				for _, width := range []int64{desk, phone} {
					p.resize(width)
					p.inspect()
					p.picture("flow-" + c.name)
					if out := eval[[]string](p, overflowing); len(out) > 0 {
						t.Errorf("at %d px these texts overflow: %q", width, out)
					}
				}
				p.resize(narrow)
				p.fits()
			})
			if marks := eval[int](p, `[...document.querySelectorAll('.ar-flow svg text')].filter(t => t.textContent === '`+c.now+`').length`); marks != 1 {
				t.Errorf("%d states are marked as the present one", marks)
			}
			drawn := eval[[]string](p, `[...document.querySelectorAll('.ar-flow svg text[font-weight]')].map(t => t.textContent)`)
			said := eval[string](p, `document.querySelector('.ar-flow ul').innerText`)
			if len(drawn) < 7 {
				t.Fatalf("only %q are drawn", drawn)
			}
			for _, title := range drawn[:7] {
				if !strings.Contains(said, title) {
					t.Errorf("%q is drawn and not said: %s", title, said)
				}
			}
		})
	}
}
