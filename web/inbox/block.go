package inbox

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"arengo/web/page"
)

// block is a piece of a message: a paragraph, a list, or the way on.
type block struct {
	Head  bool   // the first, where it is a heading: short, and no sentence
	Lines []line // of a paragraph
	Items []line // of a list
	Way   *page.Action
}

// line is text with addresses in it, which may be followed.
type line []page.Link

var address = regexp.MustCompile(`https?://[^\s()<>«»“”"]+[^\s()<>«»“”".,;:!?]`)

// blocks divides the text of a message, see templates.Note. A label with the address
// way on the next line is the button; other addresses stand in their sentences.
func blocks(text, way string) []block {
	var out []block
	for _, part := range strings.Split(text, "\n\n") {
		lines := strings.Split(strings.Trim(part, "\n"), "\n")
		var b block
		for i, l := range lines {
			item, listed := strings.CutPrefix(l, "- ")
			switch {
			case l == way:
				out = b.closed(out)
				b = block{}
			case i+1 < len(lines) && lines[i+1] == way:
				out = b.closed(out)
				b = block{Way: &page.Action{Label: strings.TrimSuffix(l, ":"), Href: way, Primary: true, Large: true}}
			case listed:
				b.Items = append(b.Items, linked(item))
			case l != "":
				b.Lines = append(b.Lines, linked(l))
			}
		}
		out = b.closed(out)
	}
	first, _, _ := strings.Cut(text, "\n")
	if len(out) > 0 && len(out[0].Lines) == 1 {
		out[0].Head = utf8.RuneCountInString(first) <= headLength && !strings.HasSuffix(first, ".") && !strings.HasSuffix(first, ",")
	}
	return out
}

// headLength is how long a heading is at most, in characters.
const headLength = 90

// closed adds a block that says something.
func (b block) closed(to []block) []block {
	if len(b.Lines)+len(b.Items) == 0 && b.Way == nil {
		return to
	}
	return append(to, b)
}

// linked finds the addresses in a text.
func linked(text string) line {
	var out line
	for {
		at := address.FindStringIndex(text)
		if at == nil {
			return append(out, page.Link{Label: text})
		}
		out = append(out, page.Link{Label: text[:at[0]]}, page.Link{Label: text[at[0]:at[1]], Href: text[at[0]:at[1]]})
		text = text[at[1]:]
	}
}
