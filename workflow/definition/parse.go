package definition

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/civil"
	"arengo/workflow/strict"
)

var (
	namePattern  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	countPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	clockPattern = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)
)

// reader reads a definition's shapes.
type reader struct{ *strict.Reader }

// definition reads the whole file; the checks that need more than one place
// come after, in check.go.
func (r *reader) definition(n ast.Node, kinds []string) Definition {
	d := Definition{Level: LevelProcess}
	var states, transitions ast.Node
	r.Object(n, "definition", strict.Fields{
		"workflow":    func(v ast.Node) { d.Name = r.name(v, "workflow") },
		"version":     func(v ast.Node) { d.Version = r.Number(v, "version") },
		"title":       func(v ast.Node) { d.Title = r.texts(v, "title") },
		"timezone":    func(v ast.Node) { d.Zone = r.Text(v, "timezone") },
		"calendar":    func(v ast.Node) { d.Calendar = r.name(v, "calendar") },
		"level":       func(v ast.Node) { d.Level = Level(r.Word(v, "level", []string{"process", "activity"})) },
		"roles":       func(v ast.Node) { d.Roles = r.Words(v, "roles", Roles) },
		"initial":     func(v ast.Node) { d.Initial = r.Text(v, "initial") },
		"counts":      func(v ast.Node) { d.Counts = r.counts(v) },
		"states":      func(v ast.Node) { states = v },
		"transitions": func(v ast.Node) { transitions = v },
	})
	if states != nil {
		for _, p := range r.Pairs(states, "states") {
			d.States = append(d.States, r.state(p, kinds))
		}
	}
	if transitions != nil {
		r.Each(transitions, "transitions", func(v ast.Node) { d.Transitions = append(d.Transitions, r.transition(v, kinds)) })
	}
	return d
}

func (r *reader) name(n ast.Node, what string) string {
	s := r.Text(n, what)
	if !namePattern.MatchString(s) {
		r.Bad(strict.Line(n), "%s: %q must be lower-case words joined by hyphens", what, s)
	}
	return s
}

func (r *reader) counts(n ast.Node) []string {
	out := r.Words(n, "counts", nil)
	for _, name := range out {
		if !countPattern.MatchString(name) {
			r.Bad(strict.Line(n), "counts: %q must be a lower-case word (letters, digits, underscores)", name)
		}
	}
	return out
}

// texts reads {it: …, en: …} and asks for every locale.
func (r *reader) texts(n ast.Node, what string) Text {
	out := Text{}
	known := strict.Fields{}
	for _, locale := range Locales {
		known[locale] = func(v ast.Node) { out[locale] = strings.TrimSpace(r.Text(v, what+" in "+locale)) }
	}
	at := r.Object(n, what, known)
	for _, locale := range Locales {
		if out[locale] == "" {
			r.Bad(at, "%s has no text in %q", what, locale)
		}
	}
	return out
}

func (r *reader) span(n ast.Node, what string) civil.Span {
	s, err := civil.ParseSpan(r.Text(n, what))
	if err != nil {
		r.Bad(strict.Line(n), "%s: %v", what, err)
	}
	return s
}
