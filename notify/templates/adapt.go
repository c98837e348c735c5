package templates

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"arengo/notify/catalogue"
)

// Wording is what a message says in words that were written for one process: a
// subject, and a body in the Markdown of the sources. Values stand in it as the
// names of the kind's variables in braces, see catalogue.Variables, and Button is
// the place of the primary link, which comes at the end where it has none. It
// holds no template code and no directives.
type Wording struct{ Subject, Body string }

// Button is the name of the primary link in a Wording.
const Button = "button"

// Adapted is a wording that was found good, ready to be filled in.
type Adapted struct {
	kind, locale string
	subject      string // its source
	letter       letter
}

// Marked is the text with a word before its subject, which holds no braces: for a
// trial of it.
func (a *Adapted) Marked(word string) (*Adapted, error) {
	t, err := a.letter.subject.Clone()
	if err != nil {
		return nil, err
	}
	out := *a
	out.letter.subject, err = t.Parse(word + " " + a.subject)
	return &out, err
}

// Wordings are adapted texts of one kind, by locale. A language without one keeps
// the kind's own text in that language.
type Wordings map[string]*Adapted

func (w Wordings) of(kind, locale string) *Adapted {
	if a := w[locale]; a != nil && a.kind == kind {
		return a
	}
	return nil
}

// Adapt makes a wording of a kind ready, or says all that is wrong with it, in the
// order of its lines. The error is one of the program: an unknown kind, one that
// is not Adaptable, an unknown locale.
func Adapt(kind, locale string, w Wording) (*Adapted, []Problem, error) {
	k, ok := catalogue.Named(kind)
	if !ok || !k.Adaptable || !slices.Contains(locales, locale) {
		return nil, nil, fmt.Errorf("the text of %q in %q cannot be adapted", kind, locale)
	}
	w = w.tidy()
	if problems := check(k, w); len(problems) > 0 {
		return nil, problems, nil
	}
	words, err := vocabulary()
	if err != nil {
		return nil, nil, err
	}
	c, err := compile(w.source(k, locale))
	if err != nil {
		return nil, nil, fmt.Errorf("adapt %s in %s: %w", kind, locale, err)
	}
	c.preview = firstWords(c.text)
	rich := c // whose marks hold no character that HTML escapes
	rich.subject, rich.preview = html.EscapeString(c.subject), html.EscapeString(c.preview)
	a := &Adapted{kind: kind, locale: locale, subject: c.subject}
	if a.letter, err = assemble("adapted "+kind, c, rich, words[locale], functions(locale, words[locale])); err != nil {
		return nil, nil, fmt.Errorf("adapt %s in %s: %w", kind, locale, err)
	}
	a.letter.kind = k
	// html/template reads the places of values when it is first executed.
	f := Preview(kind, locale)
	f.Wordings = Wordings{locale: a}
	_, err = write(kind, f)
	return a, nil, err
}

// tidy leaves one kind of line end and no space around the whole.
func (w Wording) tidy() Wording {
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	return Wording{strings.TrimSpace(lines.Replace(w.Subject)), strings.Trim(lines.Replace(w.Body), "\n \t")}
}

// placeholder is a name in braces.
var placeholder = regexp.MustCompile(`\{[ \t]*([\pL\pN_.:-]+)[ \t]*\}`)

// source writes a wording that was found good as a source: each variable becomes
// an action, and the button the directive of the kind's own text.
func (w Wording) source(k catalogue.Kind, locale string) string {
	button := buttonOf(k.Name, locale)
	lines := strings.Split(w.Body, "\n")
	placed := false
	for i, line := range lines {
		if isButton(line) {
			lines[i], placed = button, true
			continue
		}
		lines[i] = act(k.Name, line)
	}
	if !placed && button != "" {
		lines = append(lines, "", button)
	}
	return act(k.Name, w.Subject) + "\n\n" + strings.Join(lines, "\n")
}

// act writes actions for the variables of a line. Of one that may say nothing the
// space before it goes as well, so that a greeting without a name is none with a hole.
func act(kind, line string) string {
	var out strings.Builder
	last := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(line, -1) {
		before, name := line[last:m[0]], line[m[2]:m[3]]
		trimmed := strings.TrimSuffix(before, " ")
		if trimmed != before && afterWord.MatchString(trimmed) && maySayNothing(kind, name) {
			out.WriteString(trimmed + "{{with .Said." + name + "}} {{.}}{{end}}")
		} else {
			out.WriteString(before + "{{.Said." + name + "}}")
		}
		last = m[1]
	}
	return out.String() + line[last:]
}

// afterWord is where a space parts two words, and is none of Markdown's.
var afterWord = regexp.MustCompile(`[\pL\pN]$`)

func maySayNothing(kind, name string) bool {
	return slices.ContainsFunc(catalogue.Variables(kind), func(v catalogue.Variable) bool { return v.Name == name && v.Missing == nil })
}

func isButton(line string) bool {
	m := placeholder.FindStringSubmatch(line)
	return m != nil && m[1] == Button && m[0] == strings.TrimSpace(line)
}

var buttonLine = regexp.MustCompile(`(?m)^\[\[(?:button|open):.*\]\]$`)

// buttonOf is the directive of the primary link in a kind's own text, "" where it
// has none.
func buttonOf(kind, locale string) string {
	return buttonLine.FindString(catalogue.Source(kind, locale))
}

// enough is how many characters a paragraph has that is more than a greeting.
const enough = 40

// firstWords is the first paragraph that says something, for the line that mail
// programs show beside the subject.
func firstWords(text string) string {
	for _, p := range strings.Split(text, "\n\n") {
		p = strings.TrimSpace(p)
		if len(p) > enough && !strings.HasPrefix(p, "- ") && !strings.Contains(p, "{{if ") && !strings.Contains(p, "\n") {
			return p
		}
	}
	return ""
}
