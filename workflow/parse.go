package workflow

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

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

func (r *reader) state(p strict.Pair, kinds []string) State {
	s := State{Name: p.Key, Line: p.Line}
	what := "state " + p.Key
	if !namePattern.MatchString(p.Key) {
		r.Bad(p.Line, "%s: a name must be lower-case words joined by hyphens", what)
	}
	if p.Value == nil || p.Value.Type() == ast.NullType {
		r.Bad(p.Line, "%s is empty", what)
		return s
	}
	r.Object(p.Value, what, strict.Fields{
		"title":   func(v ast.Node) { s.Title = r.texts(v, what+": title") },
		"purpose": func(v ast.Node) { s.Purpose = r.texts(v, what+": purpose") },
		"term":    func(v ast.Node) { s.Term = r.term(v, what+": term") },
		"artefacts": func(v ast.Node) {
			r.Each(v, what+": artefacts", func(v ast.Node) { s.Artefacts = append(s.Artefacts, r.artefact(v, what+": artefact")) })
		},
		"activities": func(v ast.Node) {
			r.Each(v, what+": activities", func(v ast.Node) {
				s.Activities = append(s.Activities, r.need(v, what+": activity", kinds))
			})
		},
		"allows":   func(v ast.Node) { s.Allows = r.Words(v, what+": allows", Capabilities) },
		"on_enter": func(v ast.Node) { s.OnEnter = r.actions(v, what+": on_enter", kinds) },
		"reminders": func(v ast.Node) {
			r.Each(v, what+": reminders", func(v ast.Node) { s.Reminders = append(s.Reminders, r.reminder(v, what+": reminder")) })
		},
		"at_end": func(v ast.Node) {
			r.Object(v, what+": at_end", strict.Fields{"event": func(v ast.Node) { s.AtEnd = r.Text(v, what+": at_end: event") }})
			if s.AtEnd == "" {
				r.Bad(strict.Line(v), "%s: at_end needs an event", what)
			}
		},
		"overdue": func(v ast.Node) { s.Overdue = r.overdue(v, what+": overdue") },
		"final":   func(v ast.Node) { s.Final = r.Flag(v, what+": final") },
		"law":     func(v ast.Node) { s.Law = r.law(v, what+": law") },
	})
	return s
}

func (r *reader) term(n ast.Node, what string) *Term {
	t := &Term{}
	t.Line = r.Object(n, what, strict.Fields{
		"length": func(v ast.Node) { t.Length = r.span(v, what+": length") },
		"min":    func(v ast.Node) { t.Min = r.span(v, what+": min") },
		"max":    func(v ast.Node) { t.Max = r.span(v, what+": max") },
		"until":  func(v ast.Node) { t.Until = r.Word(v, what+": until", Anchors[2:]) },
		"law":    func(v ast.Node) { t.Law = r.law(v, what+": law") },
	})
	return t
}

func (r *reader) law(n ast.Node, what string) *Law {
	l := &Law{}
	at := r.Object(n, what, strict.Fields{
		"article": func(v ast.Node) { l.Article = r.Text(v, what+": article") },
		"source":  func(v ast.Node) { l.Source = r.Text(v, what+": source") },
		"checked": func(v ast.Node) {
			l.Checked = r.Text(v, what+": checked")
			if _, err := ParseDate(l.Checked); err != nil {
				r.Bad(strict.Line(v), "%s: checked: %v", what, err)
			}
		},
		"confidence": func(v ast.Node) { l.Confidence = r.Word(v, what+": confidence", []string{"V", "R"}) },
	})
	if l.Article == "" || l.Source == "" || l.Confidence == "" {
		r.Bad(at, "%s needs article, source and confidence (V or R)", what)
	}
	if l.Confidence == "V" && l.Checked == "" {
		r.Bad(at, "%s: confidence V needs the date it was checked", what)
	}
	return l
}

func (r *reader) artefact(n ast.Node, what string) Artefact {
	var a Artefact
	a.Line = r.Object(n, what, strict.Fields{
		"code":     func(v ast.Node) { a.Code = r.name(v, what+": code") },
		"title":    func(v ast.Node) { a.Title = r.texts(v, what+": title") },
		"required": func(v ast.Node) { a.Required = r.Flag(v, what+": required") },
		"public":   func(v ast.Node) { a.Public = r.Flag(v, what+": public") },
	})
	if a.Code == "" {
		r.Bad(a.Line, "%s has no code", what)
	}
	if a.Title == nil {
		r.Bad(a.Line, "%s has no title", what)
	}
	return a
}

func (r *reader) need(n ast.Node, what string, kinds []string) ActivityNeed {
	var a ActivityNeed
	a.Line = r.Object(n, what, strict.Fields{
		"kind": func(v ast.Node) { a.Kind = r.Word(v, what+": kind", kinds) },
		"count": func(v ast.Node) {
			at := r.Object(v, what+": count", strict.Fields{
				"min": func(v ast.Node) { a.Min = r.Number(v, what+": count: min") },
				"max": func(v ast.Node) { a.Max = r.Number(v, what+": count: max") },
			})
			if a.Max > 0 && a.Min > a.Max {
				r.Bad(at, "%s: the minimum %d is above the maximum %d", what, a.Min, a.Max)
			}
		},
		"sessions": func(v ast.Node) { a.Sessions = r.Number(v, what+": sessions") },
		"note":     func(v ast.Node) { a.Note = r.texts(v, what+": note") },
	})
	return a
}

func (r *reader) actions(n ast.Node, what string, kinds []string) []Action {
	var out []Action
	r.Each(n, what, func(v ast.Node) {
		a := r.action(v, what, kinds)
		for _, b := range out {
			if a.Notice != "" && a.Notice == b.Notice {
				r.Bad(a.Line, "%s: notice %q is announced twice; name all its audiences in one `to`", what, a.Notice)
			}
		}
		out = append(out, a)
	})
	return out
}

func (r *reader) action(n ast.Node, what string, kinds []string) Action {
	var a Action
	count := 0
	kind := func(to *string, verb string) func(ast.Node) {
		return func(v ast.Node) {
			count++
			r.Object(v, what+": "+verb, strict.Fields{"kind": func(v ast.Node) { *to = r.Word(v, what+": "+verb+": kind", kinds) }})
		}
	}
	a.Line = r.Object(n, what, strict.Fields{
		"open":   kind(&a.Open, "open"),
		"close":  kind(&a.Close, "close"),
		"notice": func(v ast.Node) { count++; a.Notice = r.Word(v, what+": notice", Notices) },
		"to":     func(v ast.Node) { a.To = r.Words(v, what+": to", Audiences) },
		"fire":   func(v ast.Node) { count++; a.Fire = r.name(v, what+": fire") },
	})
	if count != 1 {
		r.Bad(a.Line, "%s: an entry is one of open, close, notice, fire", what)
	}
	if a.Notice != "" && len(a.To) == 0 {
		r.Bad(a.Line, "%s: notice %q does not say whom to tell (`to`)", what, a.Notice)
	}
	if a.Notice == "" && a.To != nil && count == 1 {
		r.Bad(a.Line, "%s: `to` goes with a notice", what)
	}
	return a
}

func (r *reader) reminder(n ast.Node, what string) Reminder {
	m := Reminder{Of: anchorEnd}
	m.Line = r.Object(n, what, strict.Fields{
		"before": func(v ast.Node) { m.Before = r.span(v, what+": before") },
		"after":  func(v ast.Node) { m.After = r.span(v, what+": after") },
		"of":     func(v ast.Node) { m.Of = r.Word(v, what+": of", Anchors) },
		"notice": func(v ast.Node) { m.Notice = r.Word(v, what+": notice", Notices) },
		"to":     func(v ast.Node) { m.To = r.Words(v, what+": to", Audiences) },
		"at": func(v ast.Node) {
			if m.At = r.Text(v, what+": at"); !clockPattern.MatchString(m.At) {
				r.Bad(strict.Line(v), "%s: at: %q is no time of day: write it as \"09:00\"", what, m.At)
				m.At = ""
			}
		},
	})
	if m.Before.IsZero() == m.After.IsZero() {
		r.Bad(m.Line, "%s needs either `before` or `after`", what)
	}
	if len(m.To) == 0 {
		r.Bad(m.Line, "%s does not say whom to tell (`to`)", what)
	}
	if m.Notice == "" {
		m.Notice = NoticeAction
		for _, audience := range m.To {
			if !contains(Staff, audience) {
				m.Notice = NoticeReminder
			}
		}
	}
	return m
}

func (r *reader) overdue(n ast.Node, what string) *Overdue {
	o := &Overdue{}
	o.Line = r.Object(n, what, strict.Fields{
		"after":    func(v ast.Node) { o.After = r.span(v, what+": after") },
		"escalate": func(v ast.Node) { o.Escalate = r.Words(v, what+": escalate", Audiences) },
	})
	if o.After.IsZero() || len(o.Escalate) == 0 {
		r.Bad(o.Line, "%s needs `after` and `escalate`", what)
	}
	return o
}

func (r *reader) transition(n ast.Node, kinds []string) Transition {
	var t Transition
	what := "transition"
	for _, p := range mappingPairs(n) {
		if id, ok := strict.Scalar(p.Value); ok && p.Key.String() == "id" {
			what = "transition " + id
		}
	}
	t.Line = r.Object(n, what, strict.Fields{
		"id":    func(v ast.Node) { t.ID = r.name(v, what+": id") },
		"event": func(v ast.Node) { t.Event = r.name(v, what+": event") },
		"from":  func(v ast.Node) { t.From = r.Words(v, what+": from", nil) },
		"to":    func(v ast.Node) { t.To = r.Text(v, what+": to") },
		"by":    func(v ast.Node) { t.By = r.Words(v, what+": by", append(append([]string{}, Roles...), Actors...)) },
		"title": func(v ast.Node) { t.Title = r.texts(v, what+": title") },
		"reason": func(v ast.Node) {
			switch r.Word(v, what+": reason", []string{"required", "optional"}) {
			case "required":
				t.ReasonRequired, t.ReasonAsked = true, true
			case "optional":
				t.ReasonAsked = true
			}
		},
		"requires": func(v ast.Node) {
			r.Each(v, what+": requires", func(v ast.Node) { t.Requires = append(t.Requires, r.guard(v, what)) })
		},
		"then": func(v ast.Node) { t.Then = r.actions(v, what+": then", kinds) },
	})
	for key, missing := range map[string]bool{
		"id": t.ID == "", "event": t.Event == "", "from": len(t.From) == 0, "to": t.To == "", "by": len(t.By) == 0,
	} {
		if missing {
			r.Bad(t.Line, "%s has no `%s`", what, key)
		}
	}
	return t
}

func (r *reader) guard(n ast.Node, what string) Guard {
	var g Guard
	g.Line = r.Object(n, what+": requires", strict.Fields{
		"code":    func(v ast.Node) { g.Code = r.name(v, what+": code") },
		"guard":   func(v ast.Node) { g.Expr = r.Text(v, what+": guard") },
		"explain": func(v ast.Node) { g.Explain = r.texts(v, what+": explain") },
		"fix":     func(v ast.Node) { g.Fix = r.Word(v, what+": fix", Fixes) },
	})
	if g.Code == "" || g.Expr == "" || g.Explain == nil {
		r.Bad(g.Line, "%s: a requirement needs code, guard and explain", what)
	}
	return g
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

func (r *reader) span(n ast.Node, what string) Span {
	s, err := ParseSpan(r.Text(n, what))
	if err != nil {
		r.Bad(strict.Line(n), "%s: %v", what, err)
	}
	return s
}
