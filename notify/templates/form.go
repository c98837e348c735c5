package templates

import (
	"crypto/rand"
	htmltemplate "html/template"
	"strings"
	"unicode"

	"arengo/notify/mail"
)

// What is personal in a message.
const (
	name = iota
	link
	unsubscribe
	personal // how many there are
)

// marks stand for what is personal while a form is made. Between two words that
// nobody can guess stand characters that each place escapes in its own way, by which
// one sees what a place does with a value.
type marks [personal]struct{ before, probe, after string }

// marked puts marks in the place of what is personal and there.
func (f Facts) marked() (Facts, marks) {
	var m marks
	for i, s := range f.Recipient.personal() {
		if mail.Line(*s) == "" {
			continue
		}
		m[i].before, m[i].probe, m[i].after = rand.Text()+"x", `<&"'+`, "x"+rand.Text()
		if i != name {
			m[i].before, m[i].probe = "https://"+strings.ToLower(m[i].before)+"/", "&'+"
		}
		*s = m[i].before + m[i].probe + m[i].after
	}
	return f, m
}

func (r *Recipient) personal() [personal]*string {
	return [personal]*string{&r.Name, &r.Link, &r.UnsubscribeURL}
}

// escaped is what becomes of the probes of marks in places of each sort.
var escaped = map[string]func(string) string{
	`<&"'+`: plainly, "&'+": plainly,
	`&lt;&amp;&#34;&#39;&#43;`: inText, `&amp;&#39;&#43;`: inText,
	`&amp;%27&#43;`: inLink,
}

// piece is a text that all messages share, and after it a place, unless escape is nil.
type piece struct {
	fixed  string
	value  int
	escape func(string) string
}

// form is a message with places for what is personal.
type form struct {
	subject, preview, html []piece
	text                   []line
	size                   int // of the last page
}

// line is a line of the text, or several that are the same in every message.
type line struct {
	pieces []piece
	wraps  bool // it has a place, and is broken anew in each message
}

// newForm finds the places in what templates gave for marks.
func newForm(raw rendered, m marks) (f *form, err error) {
	f = &form{}
	for _, part := range []struct {
		into *[]piece
		from string
	}{
		{&f.subject, mail.Line(raw.subject)}, {&f.preview, mail.Line(raw.preview)}, {&f.html, strings.TrimSpace(raw.html)},
	} {
		if *part.into, err = cut(part.from, m); err != nil {
			return nil, err
		}
	}
	for _, one := range squeezed(raw.text) {
		pieces, err := cut(one, m)
		switch last := len(f.text) - 1; {
		case err != nil:
			return nil, err
		case len(pieces) > 1:
			f.text = append(f.text, line{pieces, true})
		case last >= 0 && !f.text[last].wraps:
			f.text[last].pieces[0].fixed += "\n" + strings.Join(wrapLine(one), "\n")
		default:
			f.text = append(f.text, line{pieces: []piece{{fixed: strings.Join(wrapLine(one), "\n")}}})
		}
	}
	return f, nil
}

// cut takes a text apart at its marks.
func cut(s string, m marks) (out []piece, err error) {
	for {
		at, value := len(s), -1
		for i, mark := range m {
			if j := strings.Index(s, mark.before); mark.before != "" && j >= 0 && j < at {
				at, value = j, i
			}
		}
		if value < 0 {
			for _, mark := range m {
				if mark.after != "" && strings.Contains(s, mark.after) {
					return nil, errForm
				}
			}
			return append(out, piece{fixed: s}), nil
		}
		probe, rest, ok := strings.Cut(s[at+len(m[value].before):], m[value].after)
		escape := escaped[probe]
		if !ok || escape == nil {
			return nil, errForm
		}
		out = append(out, piece{s[:at], value, escape})
		s = rest
	}
}

// page fills in what is personal.
func (f *form) page(r Recipient) Page {
	var values [personal]string
	for i, s := range r.personal() {
		values[i] = mail.Line(*s)
	}
	var html, text strings.Builder
	html.Grow(f.size)
	text.Grow(f.size / 4)
	fill(&html, f.html, values)
	f.size = html.Len() + 64
	for i, l := range f.text {
		if i > 0 {
			text.WriteByte('\n')
		}
		if !l.wraps {
			text.WriteString(l.pieces[0].fixed)
			continue
		}
		for j, part := range wrapLine(filled(l.pieces, values)) {
			if j > 0 {
				text.WriteByte('\n')
			}
			text.WriteString(part)
		}
	}
	text.WriteByte('\n')
	return Page{Subject: filled(f.subject, values), Preview: filled(f.preview, values), Text: ended(text.String()), HTML: html.String()}
}

// ended is a text without space before it and with one line end after it.
func ended(text string) string {
	text = strings.TrimLeftFunc(text, unicode.IsSpace)
	if body := strings.TrimSpace(text); len(body)+1 < len(text) {
		return body + "\n"
	}
	return text
}

func filled(pieces []piece, values [personal]string) string {
	if len(pieces) == 1 {
		return pieces[0].fixed
	}
	var b strings.Builder
	fill(&b, pieces, values)
	return b.String()
}

func fill(b *strings.Builder, pieces []piece, values [personal]string) {
	for _, p := range pieces {
		b.WriteString(p.fixed)
		if p.escape != nil {
			b.WriteString(p.escape(values[p.value]))
		}
	}
}

func plainly(s string) string { return s }

// inText and inLink leave the escaping to html/template, and to nobody what needs none.
func inText(s string) string {
	if !strings.ContainsAny(s, "\x00\"&'+<>") {
		return s
	}
	return by(textEscaper, s)
}

func inLink(s string) string {
	if (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsFunc(s, special) {
		return s
	}
	return strings.TrimSuffix(strings.TrimPrefix(by(linkEscaper, s), `<a href="`), `">`)
}

// special are the characters of a link that may have to be written otherwise.
func special(c rune) bool {
	return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~/:?=", c))
}

var (
	textEscaper = htmltemplate.Must(htmltemplate.New("text").Parse(`{{.}}`))
	linkEscaper = htmltemplate.Must(htmltemplate.New("link").Parse(`<a href="{{.}}">`))
)

func by(t *htmltemplate.Template, s string) string {
	var b strings.Builder
	if err := t.Execute(&b, s); err != nil {
		return "" // writing to memory does not fail
	}
	return b.String()
}
