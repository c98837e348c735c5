package definition

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/civil"
	"arengo/workflow/strict"
)

// The forms of names, of counts and of times of day.
const (
	NamePattern  = `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`
	CountPattern = `^[a-z][a-z0-9_]*$`
	ClockPattern = `^([01][0-9]|2[0-3]):([0-5][0-9])$`
)

var (
	namePattern  = regexp.MustCompile(NamePattern)
	countPattern = regexp.MustCompile(CountPattern)
	clockPattern = regexp.MustCompile(ClockPattern)
)

// reader reads a definition's shapes. Words that the head declares are known
// before states and transitions are read.
type reader struct {
	*strict.Reader
	kinds   []string       // of activities; nil accepts any
	lines   map[string]int // of the keys of the head
	notices []string       // those that every definition knows and its own
}

// definition reads the whole file; the checks that need more than one place
// come after, in check.go.
func (r *reader) definition(n ast.Node) Definition {
	d := Definition{Level: LevelProcess}
	var states, transitions ast.Node
	for _, p := range mappingPairs(n) {
		if key, ok := strict.Scalar(p.Key); ok {
			r.lines[key] = strict.Line(p.Key)
		}
	}
	r.Object(n, strict.Say("definition"), strict.Fields{
		"workflow": func(v ast.Node) { d.Name = r.name(v, strict.Plain("workflow")) },
		"version":  func(v ast.Node) { d.Version = r.Number(v, strict.Plain("version")) },
		"title":    func(v ast.Node) { d.Title = r.texts(v, strict.Plain("title")) },
		"summary":  func(v ast.Node) { d.Summary = r.texts(v, strict.Plain("summary")) },
		"law":      func(v ast.Node) { d.Law = r.law(v, strict.Plain("law")) },
		"timezone": func(v ast.Node) { d.Zone = r.Text(v, strict.Plain("timezone")) },
		"calendar": func(v ast.Node) { d.Calendar = r.Word(v, strict.Plain("calendar"), civil.Calendars) },
		"level":    func(v ast.Node) { d.Level = Level(r.Word(v, strict.Plain("level"), []string{"process", "activity"})) },
		"roles":    func(v ast.Node) { d.Roles = r.Words(v, strict.Plain("roles"), Roles) },
		"initial":  func(v ast.Node) { d.Initial = r.Text(v, strict.Plain("initial")) },
		"counts":   func(v ast.Node) { d.Counts = r.counts(v) },
		"dates": func(v ast.Node) {
			r.Each(v, strict.Plain("dates"), func(v ast.Node) { d.Dates = append(d.Dates, r.date(v)) })
		},
		"notices":     func(v ast.Node) { d.Notices = r.ownNotices(v) },
		"signatures":  func(v ast.Node) { d.Signatures = r.signatures(v, strict.Plain("signatures")) },
		"states":      func(v ast.Node) { states = v },
		"transitions": func(v ast.Node) { transitions = v },
	})
	if states != nil {
		for _, p := range r.Pairs(states, strict.Plain("states")) {
			d.States = append(d.States, r.state(p))
		}
	}
	if transitions != nil {
		r.Each(transitions, strict.Plain("transitions"), func(v ast.Node) { d.Transitions = append(d.Transitions, r.transition(v)) })
	}
	return d
}

// at is the line of a key of the head, 1 when it is not there.
func (r *reader) at(key string) int { return max(1, r.lines[key]) }

func (r *reader) name(n ast.Node, what strict.Phrase) string {
	s := r.Text(n, what)
	if !namePattern.MatchString(s) {
		r.Bad(strict.Line(n), "%s: %q must be lower-case words joined by hyphens", what, s)
	}
	return s
}

func (r *reader) counts(n ast.Node) []string {
	out := r.Words(n, strict.Plain("counts"), nil)
	for _, name := range out {
		if !countPattern.MatchString(name) {
			r.Bad(strict.Line(n), "counts: %q must be a lower-case word (letters, digits, underscores)", name)
		}
	}
	return out
}

// texts reads {it: …, en: …} and asks for every locale.
func (r *reader) texts(n ast.Node, what strict.Phrase) Text {
	out := Text{}
	known := strict.Fields{}
	for _, locale := range Locales {
		known[locale] = func(v ast.Node) { out[locale] = strings.TrimSpace(r.Text(v, strict.Say("%s in %q", what, locale))) }
	}
	at := r.Object(n, what, known)
	for _, locale := range Locales {
		if out[locale] == "" {
			r.Bad(at, "%s has no text in %q", what, locale)
		}
	}
	return out
}

func (r *reader) span(n ast.Node, what strict.Phrase) civil.Span {
	text := r.Text(n, what)
	s, err := civil.ParseSpan(text)
	if err != nil {
		r.Bad(strict.Line(n), "%s: %q is no length of time: write days as 30d, working days as 20wd, hours as 72h or minutes as 10m", what, text)
	}
	return s
}

func mappingPairs(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

// lacks reports a key that a mapping must have and has not, or has without a
// value that could be used.
func (r *reader) lacks(n ast.Node, line int, what strict.Phrase, key string) {
	if !r.said(n, key) {
		r.Bad(line, "%s has no `%s`", what, key)
	}
}

// said reports that a mapping has a key and something was said of it already,
// which is not to be said again.
func (r *reader) said(n ast.Node, key string) bool {
	for _, p := range mappingPairs(n) {
		if word, _ := strict.Scalar(p.Key); word == key {
			return r.Noted(strict.Line(p.Key))
		}
	}
	return false
}
