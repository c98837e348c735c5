package diagram

import (
	"slices"
	"strconv"
	"strings"

	"arengo/workflow/definition"
)

// Measures of the drawing, in SVG units, which a phone of 360 pixels shows one
// to one.
const (
	width    = 328 // of the whole, more where many lanes need it
	margin   = 6
	padding  = 12 // inside a box
	stem     = 16 // from a box's left edge to the line that leads on
	indent   = 34 // from there to the labels
	stub     = 26 // left free beside a label, for the line to a lane
	laneStep = 14
	gap      = 8  // between a label and the next
	tick     = 22 // kept free in a box for its mark
	clock    = 22 // kept free before a label for the clock
	least    = 180
)

// box is a state where it stands.
type box struct {
	state, title string
	lines        []string // the title
	notes        []string // the words beside it: now, term
	final        bool
	look         string // "now", "done" or ""
	rows         []*row // ways out, below the box
	before       []*row // ways in from every state, above the box
	onward       bool   // a line leads straight on to the next box
	y, height    int
}

func (b *box) middle() int { return b.y + b.height/2 }

// row is the label of a way out; on is the line that leads straight on, others
// go by a lane at the right.
type row struct {
	label  string
	lines  []string
	to     string
	timer  bool
	on     bool
	dashed bool // leads to an end that is not the goal
	y      int
	order  int
}

// lane is the line at the right that leads all rows of one target to it.
type lane struct {
	to       string
	rows     []*row
	from, up int // first and last place in the order of drawing
	slot     int // 0 is the innermost
	dashed   bool
}

// plan is the whole drawing.
type plan struct {
	flow
	main, aside []*box
	loose       []*row // from every state to a state of the main path
	lanes       []*lane
	width       int
	column      int // width of the boxes
	height      int
	heading     int // y of the words over the other ends, 0 when there are none
	timers      bool
	legend      int
}

func (f flow) plan(at Place) *plan {
	p := &plan{flow: f, width: width}
	for i, s := range f.main {
		next := ""
		if i+1 < len(f.main) {
			next = f.main[i+1].Name
		}
		b := f.box(s, next, at)
		if !s.Final {
			b.title = strconv.Itoa(i+1) + ". " + b.title
		}
		p.main = append(p.main, b)
	}
	for _, s := range f.aside {
		p.aside = append(p.aside, f.box(s, "", at))
	}
	for _, t := range f.wild() {
		r := f.row(t, t.To)
		r.label = f.say("anytime") + ": " + r.label
		if i := slices.IndexFunc(p.aside, func(b *box) bool { return b.state == t.To }); i >= 0 {
			p.aside[i].before = append(p.aside[i].before, r)
		} else {
			r.on = false
			p.loose = append(p.loose, r)
		}
	}
	p.assign()
	p.column = width - 2*margin
	if n := p.slots(); n > 0 {
		lanes := gap + laneStep*n
		p.column = max(least, p.column-lanes)
		p.width = max(width, 2*margin+p.column+lanes)
	}
	p.place()
	return p
}

func (f flow) box(s definition.State, next string, at Place) *box {
	b := &box{state: s.Name, title: s.Title.In(f.lang), final: s.Final}
	switch {
	case s.Name == at.Current:
		b.look = "now"
	case slices.Contains(at.Visited, s.Name):
		b.look = "done"
	}
	if b.look != "" && !(s.Final && b.look == "done") {
		b.notes = append(b.notes, f.say(b.look))
	}
	if said := f.term(s.Term); said != "" {
		b.notes = append(b.notes, said)
	}
	for _, t := range f.exits(s.Name) {
		r := f.row(t, next)
		b.rows = append(b.rows, r)
		b.onward = b.onward || r.on
	}
	// Ways straight on stand nearest to the line.
	slices.SortStableFunc(b.rows, func(x, y *row) int {
		switch {
		case x.on == y.on:
			return 0
		case x.on:
			return -1
		}
		return 1
	})
	return b
}

func (f flow) row(t definition.Transition, next string) *row {
	aside := slices.ContainsFunc(f.aside, func(s definition.State) bool { return s.Name == t.To })
	return &row{label: f.c.Label(t).In(f.lang), to: t.To, timer: timed(t), on: t.To == next, dashed: aside}
}

func (p *plan) boxes() []*box { return slices.Concat(p.main, p.aside) }

// assign gives each target that is reached by a detour a lane of its own, the
// short ones inside.
func (p *plan) assign() {
	order, places := 0, map[string]int{}
	byTarget := map[string]*lane{}
	visit := func(rows []*row) {
		for _, r := range rows {
			order++
			r.order = order
			p.timers = p.timers || r.timer
			if r.on {
				continue
			}
			l := byTarget[r.to]
			if l == nil {
				l = &lane{to: r.to, from: order, dashed: r.dashed}
				byTarget[r.to] = l
				p.lanes = append(p.lanes, l)
			}
			l.rows = append(l.rows, r)
			l.up = order
		}
	}
	for i, b := range p.boxes() {
		if i == len(p.main) {
			visit(p.loose)
		}
		for _, r := range b.before {
			order++
			r.on, p.timers = true, p.timers || r.timer
		}
		order++
		places[b.state] = order
		visit(b.rows)
	}
	if len(p.aside) == 0 {
		visit(p.loose)
	}
	for _, l := range p.lanes {
		l.from, l.up = min(l.from, places[l.to]), max(l.up, places[l.to])
	}
	p.slot()
}

// slot puts lanes beside each other where they pass the same height.
func (p *plan) slot() {
	slices.SortStableFunc(p.lanes, func(a, b *lane) int { return (a.up - a.from) - (b.up - b.from) })
	for i, l := range p.lanes {
		for slices.ContainsFunc(p.lanes[:i], func(o *lane) bool { return o.slot == l.slot && o.from <= l.up && l.from <= o.up }) {
			l.slot++
		}
	}
}

func (p *plan) slots() int {
	n := 0
	for _, l := range p.lanes {
		n = max(n, l.slot+1)
	}
	return n
}

// place sets every height, from the top.
func (p *plan) place() {
	y := margin
	for i, b := range p.main {
		y = p.put(b, y)
		y = p.hang(b.rows, y)
		if i+1 < len(p.main) {
			y += 2 * gap
		}
	}
	if len(p.aside) > 0 || len(p.loose) > 0 {
		y += 4 * gap
		p.heading = y
		y += lineHeight + 2*gap
		y = p.hang(p.loose, y)
	}
	for i, b := range p.aside {
		if i > 0 {
			y += 2 * gap
		}
		if len(b.before) > 0 {
			y = p.hang(b.before, y-gap) + 2*gap
		}
		y = p.hang(b.rows, p.put(b, y))
	}
	if p.timers {
		y += 2 * gap
		p.legend = y
		y += len(wrap(p.say("clock-legend"), p.column-clock)) * lineHeight
	}
	p.height = y + margin
}

func (p *plan) put(b *box, y int) int {
	b.lines = wrap(b.title, p.column-2*padding-tick)
	var notes []string
	if len(b.notes) > 0 {
		notes = wrap(strings.Join(b.notes, " · "), p.column-2*padding)
	}
	b.notes = notes
	b.y, b.height = y, 2*padding+(len(b.lines)+len(b.notes))*lineHeight
	return y + b.height
}

// hang places labels one below the other.
func (p *plan) hang(rows []*row, y int) int {
	for _, r := range rows {
		room := p.column - indent
		if !r.on {
			room -= stub
		}
		if r.timer {
			room -= clock
		}
		r.lines = wrap(r.label, room)
		r.y = y + gap
		y = r.y + len(r.lines)*lineHeight
	}
	return y
}
