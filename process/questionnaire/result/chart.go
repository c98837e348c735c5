package result

import (
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"

	"arengo/process/questionnaire/form"
)

// Chart is a bar chart ready to be drawn. Every number in it is the one in the
// table of the same item.
type Chart struct {
	ID    string // unique in the page; letters, digits, hyphens
	Title string
	Desc  string
	Key   string // what solid and striped bars mean, for the caption
	Bars  []Bar
}

// Bar is one answer. Text is what stands at its end: the percentage, or
// "protetto", and then there is no bar.
type Bar struct {
	Label     string
	Text      string
	Count     int
	Share     float64
	Strong    bool // solid instead of striped
	Protected bool
}

// Chart makes the chart of an item; it has no bars for texts.
func (w Words) Chart(id string, item Item) Chart {
	c := Chart{ID: id, Title: item.Page.Item.Label(w.Lang)}
	cells := item.ordered()
	strong, key := w.strength(item, cells)
	c.Key = w.text(key)
	var spoken []string
	for n, cell := range cells {
		bar := Bar{Label: w.label(item, cell), Count: cell.Count.N, Share: cell.Share, Strong: strong(n)}
		if bar.Text = w.Percent(cell.Share); cell.Count.Protected {
			bar.Text, bar.Strong, bar.Protected = w.protected(), false, true
		}
		spoken = append(spoken, bar.Label+" "+bar.Text)
		c.Bars = append(c.Bars, bar)
	}
	c.Desc = w.text("chart", "base", w.count(item.Answered).Text, "bars", strings.Join(spoken, "; "))
	return c
}

// strength says which bars are solid, and the key of the sentence that says
// so: more than half for multiple choices, the two highest steps of a scale,
// otherwise the most frequent answer. With a protected figure among them only
// "more than half" can be told from what is shown.
func (w Words) strength(item Item, cells []Cell) (func(int) bool, string) {
	most := 0
	for _, c := range cells {
		most = max(most, c.Count.N)
	}
	switch {
	case item.Answered.Protected || most == 0:
		return func(int) bool { return false }, "key_plain"
	case item.Page.Item.Type == form.Scale:
		top := topSteps(cells)
		return func(n int) bool { return slices.Contains(top, n) }, "key_top"
	case item.Page.Item.Type == form.Multiple || item.Protected():
		return func(n int) bool { return cells[n].Share > 0.5 }, "key_half"
	}
	return func(n int) bool { return cells[n].Count.N == most }, "key_most"
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

// SVG draws the chart twice, wide and narrow; the style sheet shows one. There
// is no inline style, so that a strict content security policy holds. It is
// empty for a chart without bars.
func (c Chart) SVG() template.HTML {
	if len(c.Bars) == 0 {
		return ""
	}
	wide := layout{suffix: "w", class: "ar-wide", width: 760, beside: true, left: 271, room: 374, bar: 32, gap: 14, chars: 34, size: 17}
	narrow := layout{suffix: "n", class: "ar-narrow", width: 328, left: 1, room: 236, bar: 24, gap: 18, chars: 40, size: 16}
	return template.HTML(c.draw(wide) + c.draw(narrow)) // every text is escaped in draw
}

func (c Chart) draw(l layout) string {
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
func (c Chart) row(b *strings.Builder, l layout, bar Bar, y int) int {
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
	if !bar.Protected {
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
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="%d"%s>%s</text>`, textX, barY+l.bar/2+6, l.size, weight, html.EscapeString(bar.Text))
	return y + height + l.gap
}

func writeLines(b *strings.Builder, lines []string, x, y int, anchor string) {
	for n, line := range lines {
		fmt.Fprintf(b, `<text x="%d" y="%d"%s font-size="16">%s</text>`, x, y+n*lineHeight, anchor, html.EscapeString(line))
	}
}

// longest is the share that fills the room: the greatest one, but no less than
// a tenth, so that a chart of small shares does not look like one of large.
func (c Chart) longest() float64 {
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
