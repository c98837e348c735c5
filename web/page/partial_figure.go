package page

import (
	"html/template"
	"strings"
)

// Funnel is a row of counts, each a share of the first: partial "funnel".
type Funnel struct{ Steps []FunnelStep }

// FunnelStep is a bar of a Funnel. Silent steps are dashed: those who are
// missing.
type FunnelStep struct {
	Label  string
	Count  int
	Share  float64 // of the first step, 0 to 1
	Silent bool
}

// NewFunnel computes the shares from the first step's count.
func NewFunnel(steps ...FunnelStep) Funnel {
	for i := range steps {
		if steps[0].Count > 0 {
			steps[i].Share = float64(steps[i].Count) / float64(steps[0].Count)
		}
	}
	return Funnel{Steps: steps}
}

// Meter is a rate beside its target: partial "meter". Rates are shares between
// 0 and 1; Full is the share at the right end (1 when 0). Below the target the
// bar is hatched.
type Meter struct {
	Rate, Target float64
	Full         float64
}

// Width is the bar's share of the meter.
func (m Meter) Width() float64 { return m.Rate / m.full() }

// Notch is the target's place on the meter.
func (m Meter) Notch() float64 { return m.Target / m.full() }

// Below reports whether the rate misses its target.
func (m Meter) Below() bool { return m.Rate < m.Target }

func (m Meter) full() float64 {
	if m.Full > 0 {
		return m.Full
	}
	return 1
}

// Figure is a bar chart drawn on the server, in a wide and a narrow form, with
// the same numbers in a table: partial "figure".
type Figure struct {
	ID          string // unique in the page
	Title, Desc string
	Caption     string
	Bars        []Bar
	Table       string // caption of the table, with the base: "su 1.046 persone"
	LabelHead   string
	CountHead   string
}

// Bar is a row of a Figure. Suppressed rows read "protetto" in the table and
// have no bar.
type Bar struct {
	Label      string
	Count      int
	Share      float64 // 0 to 1
	Strong     bool    // full instead of striped
	Suppressed bool
}

// Table is a table of text: partial "table". Stack turns rows into blocks
// below 768 px, Spine draws the node line at the left of the row heads.
type Table struct {
	Caption       string
	HideCaption   bool
	Heads         []Head
	Rows          []Row
	Foot          []Row
	Stack, Spined bool
}

// Head is a column of a Table; Right sets its numbers to the right.
type Head struct {
	Label string
	Short string // label of the cells on a phone, Label when empty
	Right bool
}

// Row is a line of a Table: its head is the first cell.
type Row struct {
	Node  string // in the circle, with Table.Spined
	State State
	Cells []Cell
}

// Cell is a value of a Table: HTML (already safe) or Text, a link, a meter.
// Suppressed cells read "protetto", the same word for primary and secondary.
type Cell struct {
	Text       string
	HTML       template.HTML
	Href       string
	Meter      *Meter
	Chip       *Chip
	Suppressed bool
}

// Placed is a bar with its place in the drawing, in SVG units.
type Placed struct {
	Bar
	TextX, TextY, X, Y, W, H, NumX int
}

// Short is the label as far as the drawing has room; the table has it whole.
func (p Placed) Short() string {
	const room = 33
	if r := []rune(p.Label); len(r) > room {
		return strings.TrimRight(string(r[:room-1]), " ,") + "…"
	}
	return p.Label
}

const (
	wideLeft, wideRoom, wideStep     = 271, 374, 46
	narrowLeft, narrowRoom, narrowUp = 1, 246, 62
)

// longest is the greatest share, so that the widest bar fills the room.
func (f Figure) longest() float64 {
	most := 0.0
	for _, b := range f.Bars {
		most = max(most, b.Share)
	}
	if most == 0 {
		return 1
	}
	return most
}

// Wide places the bars beside their labels, 760 units across.
func (f Figure) Wide() []Placed {
	out := make([]Placed, len(f.Bars))
	for i, b := range f.Bars {
		w := int(b.Share / f.longest() * wideRoom)
		y := 6 + i*wideStep
		out[i] = Placed{b, wideLeft - 13, y + 22, wideLeft, y, w, 32, wideLeft + w + 10}
	}
	return out
}

// Narrow places the bars below their labels, 328 units across.
func (f Figure) Narrow() []Placed {
	out := make([]Placed, len(f.Bars))
	for i, b := range f.Bars {
		w := int(b.Share / f.longest() * narrowRoom)
		y := 26 + i*narrowUp
		out[i] = Placed{b, 0, y - 8, narrowLeft, y, w, 24, narrowLeft + w + 9}
	}
	return out
}

// WideHeight is the height of the wide drawing.
func (f Figure) WideHeight() int { return len(f.Bars)*wideStep + 8 }

// NarrowHeight is the height of the narrow drawing.
func (f Figure) NarrowHeight() int { return len(f.Bars) * narrowUp }
