package templates

import (
	"bytes"
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"arengo/notify/catalogue"
)

// The most that a wording may hold: characters of a subject, bytes of a body.
const (
	MostSubject = 120
	MostBody    = 10 << 10
)

// Problem is one mistake in a Wording. Key is a locale key of the group "wording";
// Field is "subject" or "body" and Line the line in it, from 1, 0 for the whole.
// Word is what stands or lacks there, Near the variable that may have been meant,
// "" for none.
type Problem struct {
	Field string
	Line  int
	Key   string
	Word  string
	Near  string
}

// checker gathers the mistakes of a wording.
type checker struct {
	kind      catalogue.Kind
	variables []catalogue.Variable
	said      map[string]bool
	out       []Problem
}

// check lists all mistakes of a tidy wording.
func check(k catalogue.Kind, w Wording) []Problem {
	c := &checker{kind: k, variables: catalogue.Variables(k.Name), said: map[string]bool{}}
	c.whole("subject", w.Subject)
	c.whole("body", w.Body)
	if len(c.out) > 0 {
		return c.out
	}
	c.line("subject", 1, w.Subject)
	lines := strings.Split(w.Body, "\n")
	buttons := 0
	for i, line := range lines {
		if isButton(line) {
			if buttons++; buttons > 1 {
				c.bad("body", i+1, "wording.button_twice", "")
			}
			if buttonOf(k.Name, locales[0]) == "" {
				c.bad("body", i+1, "wording.button_none", "")
			}
			continue
		}
		c.line("body", i+1, line)
	}
	c.markdown(w.Body)
	for _, v := range c.variables {
		if v.Kept && !c.said[v.Name] {
			c.bad("body", 0, "wording.lacks", v.Name)
		}
	}
	slices.SortStableFunc(c.out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(b.Field, a.Field), cmp.Compare(a.Line, b.Line))
	})
	return c.out
}

func (c *checker) bad(field string, line int, key, word string) {
	c.out = append(c.out, Problem{Field: field, Line: line, Key: key, Word: word})
}

// whole holds a text against its limits.
func (c *checker) whole(field, s string) {
	switch {
	case s == "":
		c.bad(field, 0, "form.required", "")
	case field == "subject" && strings.Contains(s, "\n"):
		c.bad(field, 0, "wording.subject_lines", "")
	case field == "subject" && utf8.RuneCountInString(s) > MostSubject:
		c.bad(field, 0, "wording.subject_long", "")
	case len(s) > MostBody:
		c.bad(field, 0, "wording.body_long", "")
	case !utf8.ValidString(s):
		c.bad(field, 0, "wording.character", "")
	}
}

// line finds the variables of a line, and what is written like one and is none.
func (c *checker) line(field string, n int, line string) {
	for _, m := range placeholder.FindAllStringSubmatch(line, -1) {
		switch known := c.known(m[1]); {
		case m[1] == Button:
			c.bad(field, n, "wording.button_alone", "")
		case !known:
			c.out = append(c.out, Problem{Field: field, Line: n, Key: "wording.unknown", Word: m[1], Near: c.near(m[1])})
		default:
			c.said[m[1]] = true
		}
	}
	rest := placeholder.ReplaceAllString(line, "")
	switch {
	case strings.ContainsAny(rest, "{}"):
		c.bad(field, n, "wording.brace", "")
	case strings.Contains(rest, "[["):
		c.bad(field, n, "wording.brackets", "")
	case strings.ContainsFunc(rest, strange):
		c.bad(field, n, "wording.character", "")
	}
}

// strange are the characters that no text needs, and those which stand for actions
// while a source is compiled.
func strange(r rune) bool {
	return unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Co, r) || r == utf8.RuneError
}

func (c *checker) known(name string) bool {
	return slices.ContainsFunc(c.variables, func(v catalogue.Variable) bool { return v.Name == name })
}

// near is the variable that is written nearly like a word, or whose description
// has it.
func (c *checker) near(word string) string {
	word = strings.ToLower(word)
	best, least := "", max(1, len(word)/3)+1
	for _, v := range c.variables {
		if d := distance(word, v.Name); d < least {
			best, least = v.Name, d
		}
	}
	if best != "" || utf8.RuneCountInString(word) < 4 {
		return best
	}
	for _, v := range c.variables {
		for _, said := range v.Description {
			if strings.Contains(strings.ToLower(said), word) {
				return v.Name
			}
		}
	}
	return ""
}

// distance is the number of letters to change, add or take away between two words
// (Levenshtein 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0]++
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			corner, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, corner+cost)
		}
	}
	return row[len(b)]
}

// misplaced are the constructions of Markdown that have no place in a message.
var misplaced = map[ast.NodeKind]string{
	ast.KindCodeBlock: "wording.no_code", ast.KindFencedCodeBlock: "wording.no_code", ast.KindCodeSpan: "wording.no_code",
	ast.KindHTMLBlock: "wording.no_html", ast.KindRawHTML: "wording.no_html", ast.KindImage: "wording.no_image",
	ast.KindThematicBreak: "wording.no_rule",
}

// veil stands for each character of a variable while Markdown is asked.
const veil = "\uE002"

// markdown finds what has no place in a message. Variables are hidden from
// Markdown, as when the text is compiled.
func (c *checker) markdown(body string) {
	hidden := placeholder.ReplaceAllStringFunc(body, func(m string) string {
		return strings.Repeat(veil, len(m))
	})
	source := []byte(hidden)
	headings := 0
	doc := goldmark.DefaultParser().Parse(text.NewReader(source))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		line := lineOf(n, source)
		if key := misplaced[n.Kind()]; key != "" {
			c.bad("body", line, key, "")
			return ast.WalkSkipChildren, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings++
			if n.Level != 1 || headings > 1 || n.Parent().Kind() != ast.KindDocument {
				c.bad("body", line, "wording.no_heading", "")
			}
		case *ast.ListItem:
			if n.ChildCount() != 1 || n.FirstChild().Kind() != ast.KindTextBlock && n.FirstChild().Kind() != ast.KindParagraph {
				c.bad("body", line, "wording.no_nesting", "")
			}
		case *ast.Link:
			c.link(line, string(n.Destination))
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL {
				c.link(line, string(n.URL(source)))
			}
		}
		return ast.WalkContinue, nil
	})
	// The same text with its variables as they are, where an address may be one.
	for i, l := range strings.Split(body, "\n") {
		for _, m := range aimed.FindAllStringSubmatch(l, -1) {
			if !c.leads(m[1]) {
				c.bad("body", i+1, "wording.link", m[1])
			}
		}
	}
}

// aimed is the address of a link that begins with a variable.
var aimed = regexp.MustCompile(`(?:\]\(|^ {0,3}\[[^\]]*\]:)\s*<?\s*(\{[^)]*)`)

// leads reports an address that is a variable which is one, and nothing else.
func (c *checker) leads(target string) bool {
	m := placeholder.FindStringSubmatch(target)
	return m != nil && m[0] == strings.TrimRight(target, "> ") && slices.ContainsFunc(c.variables, func(v catalogue.Variable) bool {
		return v.Name == m[1] && v.Type == catalogue.URL
	})
}

// link wants an address of the web or of mail, whole. One that is a variable is
// all hidden, and asked for in leads.
func (c *checker) link(line int, target string) {
	if target != "" && strings.Trim(target, veil) == "" {
		return
	}
	u, err := url.Parse(target)
	switch {
	case err != nil:
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
		return
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
		return
	}
	c.bad("body", line, "wording.link", target)
}

// lineOf is the line of a node, from 1: of its block, where Markdown keeps no more.
func lineOf(n ast.Node, source []byte) int {
	at := func(offset int) int { return 1 + bytes.Count(source[:min(offset, len(source))], []byte("\n")) }
	switch n := n.(type) {
	case *ast.Text:
		return at(n.Segment.Start)
	case *ast.RawHTML:
		if n.Segments.Len() > 0 {
			return at(n.Segments.At(0).Start)
		}
	}
	if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
		return at(n.Lines().At(0).Start)
	}
	if child := n.FirstChild(); child != nil {
		return lineOf(child, source)
	}
	if before := n.PreviousSibling(); before != nil {
		return nextLine(lineOf(before, source), source)
	}
	if n.Parent() != nil && n.Parent().Kind() != ast.KindDocument {
		return lineOf(n.Parent(), source)
	}
	return 1
}

// rule is a line across the page.
var rule = regexp.MustCompile(`^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$`)

// nextLine finds the rule after a line: it is the one block that keeps no place.
func nextLine(after int, source []byte) int {
	for i, line := range strings.Split(string(source), "\n") {
		if i >= after && rule.MatchString(line) {
			return i + 1
		}
	}
	return after
}
