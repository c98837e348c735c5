package page

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode/utf8"
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
// the same numbers in a table: partial "figure". The function "bars" draws it
// alone, for pages with tables of their own.
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

// chart is a Figure with the words at the ends of its bars.
type chart struct {
	Figure

	text func(Bar) string
}

// layout is one way of placing the bars, in SVG units.
type layout struct {
	suffix, class string
	width         int
	beside        bool // labels beside the bars, not above them
	left, room    int  // where bars begin, how long the longest is
	bar, gap      int
	chars         int // of a label on one line
	size          int // of the figures
}

const lineHeight = 20

// bars draws a chart twice, wide and narrow; the style sheet shows one. There is
// no inline style, so that a strict content security policy holds. It is empty
// for a chart without bars.
func (s *scope) bars(f Figure) template.HTML {
	if len(f.Bars) == 0 {
		return ""
	}
	c := chart{Figure: f, text: func(b Bar) string {
		if b.Suppressed {
			return s.words().T("page.figure.suppressed")
		}
		return s.pct(b.Share)
	}}
	wide := layout{suffix: "w", class: "ar-wide", width: 760, beside: true, left: 271, room: 374, bar: 32, gap: 14, chars: 34, size: 17}
	narrow := layout{suffix: "n", class: "ar-narrow", width: 328, left: 1, room: 236, bar: 24, gap: 18, chars: 40, size: 16}
	return template.HTML(c.draw(wide) + c.draw(narrow)) // every text is escaped in draw
}

func (c chart) draw(l layout) string {
	var body strings.Builder
	y := 6
	for _, bar := range c.Bars {
		y = c.row(&body, l, bar, y)
	}
	height := y - l.gap + 8
	var b strings.Builder
	id := html.EscapeString(c.ID) + "-" + l.suffix
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %d %d" role="img" aria-labelledby="%st %sd">`, l.class, l.width, height, id, id)
	fmt.Fprintf(&b, `<title id="%st">%s</title><desc id="%sd">%s</desc>`, id, html.EscapeString(c.Title), id, html.EscapeString(c.Desc))
	fmt.Fprintf(&b, `<defs><pattern id="%sp" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`+
		`<rect width="8" height="8" fill="#dfe7ef"/><rect width="3" height="8" fill="#17324d"/></pattern></defs>`, id)
	if l.beside {
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="0" y2="%d" stroke="#17324d" stroke-width="3"/>`, l.left-1, l.left-1, height)
	}
	b.WriteString(body.String())
	b.WriteString(`</svg>`)
	return b.String()
}

// row draws one bar from y downward and gives the y of the next.
func (c chart) row(b *strings.Builder, l layout, bar Bar, y int) int {
	lines := wrap(bar.Label, l.chars)
	height := l.bar
	var barY int
	if l.beside {
		height = max(l.bar, len(lines)*lineHeight)
		barY = y + (height-l.bar)/2
		first := y + (height-len(lines)*lineHeight)/2 + 16
		writeLines(b, lines, l.left-13, first, ` text-anchor="end"`)
	} else {
		writeLines(b, lines, 0, y+12, "")
		barY = y + len(lines)*lineHeight
		height += len(lines) * lineHeight
	}
	textX, weight := l.left-1, ""
	if l.beside {
		textX += 10
	}
	if !bar.Suppressed {
		width := int(bar.Share/c.longest()*float64(l.room) + 0.5)
		fill := "url(#" + html.EscapeString(c.ID) + "-" + l.suffix + "p)"
		if bar.Strong {
			fill = "#17324d"
		}
		if width > 0 {
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s" stroke="#17324d" stroke-width="2"/>`, l.left, barY, width, l.bar, fill)
		}
		textX, weight = l.left+width+10, ` font-weight="700"`
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="%d"%s>%s</text>`, textX, barY+l.bar/2+6, l.size, weight, html.EscapeString(c.text(bar)))
	return y + height + l.gap
}

func writeLines(b *strings.Builder, lines []string, x, y int, anchor string) {
	for n, line := range lines {
		fmt.Fprintf(b, `<text x="%d" y="%d"%s font-size="16">%s</text>`, x, y+n*lineHeight, anchor, html.EscapeString(line))
	}
}

// longest is the share that fills the room: the greatest one, but no less than
// a tenth, so that a chart of small shares does not look like one of large.
func (c chart) longest() float64 {
	most := 0.1
	for _, b := range c.Bars {
		most = max(most, b.Share)
	}
	return most
}

// wrap breaks a label into at most three lines of about that many characters;
// what is longer ends in an ellipsis, and the table has it whole.
func wrap(s string, chars int) []string {
	const most = 3
	lines := []string{""}
	for _, word := range strings.Fields(s) {
		last := lines[len(lines)-1]
		switch {
		case last == "":
			lines[len(lines)-1] = cut(word, chars)
		case utf8.RuneCountInString(last)+1+utf8.RuneCountInString(word) <= chars:
			lines[len(lines)-1] = last + " " + word
		case len(lines) == most:
			lines[most-1] = cut(last+" "+word, chars)
			return lines
		default:
			lines = append(lines, cut(word, chars))
		}
	}
	return lines
}

func cut(s string, chars int) string {
	r := []rune(s)
	if len(r) <= chars {
		return s
	}
	return strings.TrimRight(string(r[:chars-1]), " ,") + "…"
}
