package diagram

import (
	"fmt"
	"html"
	"strings"

	"arengo/workflow/definition"
)

// Place is where an instance stands. The zero Place marks nothing.
type Place struct {
	Current string   // the present state
	Visited []string // the states it came through
	ID      string   // prefix of the drawing's ids, unique in its page; "flow" when empty
}

// The colours are those of the pages; the drawing has a white ground of its own,
// so it can be read on a dark one.
const (
	ink   = "#17324d"
	edge  = "#5c6f82"
	nowly = "#f7b733"
	past  = "#e4eaf0"
)

// SVG draws the flow from top to bottom, 328 units wide: the main path as a
// column, detours and ways back by lanes at its right, other ends apart at the
// bottom; what leads out of every state stands once, above its end. A clock
// marks what a deadline may bring about; the present state has a thick edge, a
// full colour, a pointer and the word, the past ones a tick and the word.
// Everything is in attributes: a page that forbids inline style shows it whole.
// The steps of List say the same in words.
func SVG(c *definition.Compiled, lang string, at Place) string {
	p := flowOf(c, lang).plan(at)
	id := at.ID
	if id == "" {
		id = "flow"
	}
	d := &drawing{}
	d.f(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t" aria-describedby="%s-d" lang="%s"`+
		` font-family="'Titillium Web', Arial, Helvetica, sans-serif" font-size="%d" fill="%s">`,
		p.width, p.height, html.EscapeString(id), html.EscapeString(id), html.EscapeString(lang), fontSize, ink)
	d.f(`<title id="%s-t">%s</title>`, html.EscapeString(id), html.EscapeString(c.Title.In(lang)+": "+p.say("picture")))
	d.f(`<desc id="%s-d">%s</desc>`, html.EscapeString(id), html.EscapeString(p.description(at)))
	d.f(`<rect width="%d" height="%d" fill="#fff"/>`, p.width, p.height)
	for _, l := range p.lanes {
		p.drawLane(d, l)
	}
	for i, b := range p.main {
		var next *box
		if i+1 < len(p.main) {
			next = p.main[i+1]
		}
		p.drawBox(d, b, next)
	}
	p.drawAside(d)
	if p.legend > 0 {
		d.clock(margin+8, p.legend+lineHeight/2)
		d.text(wrap(p.say("clock-legend"), p.column-clock), margin+clock, p.legend, "")
	}
	d.f(`</svg>`)
	return d.String()
}

// description names the phases in order and the present one.
func (p *plan) description(at Place) string {
	said := p.titles() + "."
	if s, ok := p.c.State(at.Current); ok {
		said += " " + p.say("now") + ": " + s.Title.In(p.lang) + "."
	}
	return said
}

func (p *plan) drawAside(d *drawing) {
	if p.heading > 0 {
		d.f(`<path d="M%d %dH%d" stroke="%s" stroke-dasharray="2 4"/>`, margin, p.heading-2*gap, margin+p.column, edge)
	}
	if len(p.aside) > 0 {
		d.text([]string{p.say("others")}, margin, p.heading, ` font-weight="700"`)
	}
	for _, r := range p.loose {
		d.row(r)
	}
	for _, b := range p.aside {
		for _, r := range b.before {
			d.row(r)
		}
		if len(b.before) > 0 {
			d.down(margin+stem, b.before[0].y, b.y)
		}
		p.drawBox(d, b, nil)
	}
}

func (p *plan) drawBox(d *drawing, b, next *box) {
	fill, stroke, thick := "#fff", edge, 2
	switch b.look {
	case "now":
		fill, stroke, thick = nowly, ink, 4
	case "done":
		fill, stroke = past, ink
	}
	d.f(`<rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="%s" stroke="%s" stroke-width="%d"/>`, margin, b.y, p.column, b.height, fill, stroke, thick)
	if b.final {
		d.f(`<rect x="%d" y="%d" width="%d" height="%d" rx="5" fill="none" stroke="%s"/>`, margin+4, b.y+4, p.column-8, b.height-8, stroke)
	}
	d.text(b.lines, margin+padding, b.y+padding, ` font-weight="700"`)
	d.text(b.notes, margin+padding, b.y+padding+len(b.lines)*lineHeight, "")
	x, y := margin+p.column-padding-14, b.y+padding+lineHeight/2
	switch b.look {
	case "now":
		d.f(`<path d="M%d %dl-12 -8v16z"/>`, x+14, y)
	case "done":
		d.f(`<path d="M%d %dl5 5l9 -11" fill="none" stroke="%s" stroke-width="3"/>`, x, y, ink)
	}
	for _, r := range b.rows {
		d.row(r)
	}
	switch {
	case b.onward && next != nil:
		d.down(margin+stem, b.y+b.height, next.y)
	case len(b.rows) > 0:
		last := b.rows[len(b.rows)-1]
		d.f(`<path d="M%d %dV%d" stroke="%s" stroke-width="2"/>`, margin+stem, b.y+b.height, last.y+lineHeight/2, ink)
	}
}

// drawLane draws the line that leads rows to a box from the right.
func (p *plan) drawLane(d *drawing, l *lane) {
	x := margin + p.column + gap + laneStep*l.slot + laneStep/2
	var target *box
	for _, b := range p.boxes() {
		if b.state == l.to {
			target = b
		}
	}
	if target == nil {
		return
	}
	dash := ""
	if l.dashed {
		dash = ` stroke-dasharray="5 4"`
	}
	top, bottom := target.middle(), target.middle()
	for _, r := range l.rows {
		y := r.y + lineHeight/2
		top, bottom = min(top, y), max(bottom, y)
		from := margin + indent + measure(r.lines[0]) + gap
		if r.timer {
			from += clock
		}
		d.f(`<path d="M%d %dH%d" stroke="%s" stroke-width="2"%s/><circle cx="%d" cy="%d" r="3"/>`, from, y, x, ink, dash, x, y)
	}
	d.f(`<path d="M%d %dV%d" stroke="%s" stroke-width="2"%s/>`, x, top, bottom, ink, dash)
	right := margin + p.column
	d.f(`<path d="M%d %dH%d" stroke="%s" stroke-width="2"%s/><path d="M%d %dl9 -5v10z"/>`, x, target.middle(), right+9, ink, dash, right+2, target.middle())
}

// drawing collects the elements.
type drawing struct{ strings.Builder }

func (d *drawing) f(format string, args ...any) { fmt.Fprintf(d, format, args...) }

// text writes lines from the top y downward.
func (d *drawing) text(lines []string, x, y int, more string) {
	for i, line := range lines {
		d.f(`<text x="%d" y="%d"%s>%s</text>`, x, y+i*lineHeight+15, more, html.EscapeString(line))
	}
}

// row writes the label of a way, with a twig to the stem where it turns off.
func (d *drawing) row(r *row) {
	x := margin + indent
	if !r.on {
		d.f(`<path d="M%d %dH%d" stroke="%s" stroke-width="2"/>`, margin+stem, r.y+lineHeight/2, x-4, ink)
	}
	if r.timer {
		d.clock(x+8, r.y+lineHeight/2)
		x += clock
	}
	d.text(r.lines, x, r.y, "")
}

// down is a line with an arrow that ends just above a box.
func (d *drawing) down(x, from, to int) {
	d.f(`<path d="M%d %dV%d" stroke="%s" stroke-width="2"/><path d="M%d %dl-5 -9h10z"/>`, x, from, to-9, ink, x, to-2)
}

// clock is the sign of a deadline.
func (d *drawing) clock(x, y int) {
	d.f(`<circle cx="%d" cy="%d" r="7" fill="#fff" stroke="%s" stroke-width="2"/><path d="M%d %dv4h3" fill="none" stroke="%s" stroke-width="1.5"/>`, x, y, ink, x, y-4, ink)
}
