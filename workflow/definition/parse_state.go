package definition

import (
	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/strict"
)

func (r *reader) state(p strict.Pair) State {
	s := State{Name: p.Key, Line: p.Line}
	what := strict.Say("state %s", p.Key)
	if !namePattern.MatchString(p.Key) {
		r.Bad(p.Line, "%s: a name must be lower-case words joined by hyphens", what)
	}
	if p.Value == nil || p.Value.Type() == ast.NullType {
		r.Bad(p.Line, "%s is empty", what)
		return s
	}
	r.Object(p.Value, what, strict.Fields{
		"title":   func(v ast.Node) { s.Title = r.texts(v, what.At("title")) },
		"purpose": func(v ast.Node) { s.Purpose = r.texts(v, what.At("purpose")) },
		"term":    func(v ast.Node) { s.Term = r.term(v, what.At("term")) },
		"artefacts": func(v ast.Node) {
			r.Each(v, what.At("artefacts"), func(v ast.Node) { s.Artefacts = append(s.Artefacts, r.artefact(v, strict.Say("%s: artefact", what))) })
		},
		"activities": func(v ast.Node) {
			r.Each(v, what.At("activities"), func(v ast.Node) {
				s.Activities = append(s.Activities, r.need(v, strict.Say("%s: activity", what)))
			})
		},
		"allows":   func(v ast.Node) { s.Allows = r.Words(v, what.At("allows"), Capabilities) },
		"on_enter": func(v ast.Node) { s.OnEnter = r.actions(v, what.At("on_enter")) },
		"on_exit":  func(v ast.Node) { s.OnExit = r.actions(v, what.At("on_exit")) },
		"deadlines": func(v ast.Node) {
			r.Each(v, what.At("deadlines"), func(v ast.Node) { s.Deadlines = append(s.Deadlines, r.deadline(v, strict.Say("%s: deadline", what))) })
		},
		"reminders": func(v ast.Node) {
			r.Each(v, what.At("reminders"), func(v ast.Node) { s.Reminders = append(s.Reminders, r.reminder(v, strict.Say("%s: reminder", what))) })
		},
		"at_end": func(v ast.Node) {
			r.Object(v, what.At("at_end"), strict.Fields{"event": func(v ast.Node) { s.AtEnd = r.Text(v, what.At("at_end").At("event")) }})
			if s.AtEnd == "" && !r.said(v, "event") {
				r.Bad(strict.Line(v), "%s: at_end needs an event", what)
			}
		},
		"overdue": func(v ast.Node) { s.Overdue = r.overdues(v, what.At("overdue")) },
		"final":   func(v ast.Node) { s.Final = r.Flag(v, what.At("final")) },
		"law":     func(v ast.Node) { s.Law = r.law(v, what.At("law")) },
	})
	return s
}

func (r *reader) artefact(n ast.Node, what strict.Phrase) Artefact {
	var a Artefact
	a.Line = r.Object(n, what, strict.Fields{
		"code":     func(v ast.Node) { a.Code = r.name(v, what.At("code")) },
		"title":    func(v ast.Node) { a.Title = r.texts(v, what.At("title")) },
		"required": func(v ast.Node) { a.Required = r.Flag(v, what.At("required")) },
		"public":   func(v ast.Node) { a.Public = r.Flag(v, what.At("public")) },
		"by":       func(v ast.Node) { a.By = r.Words(v, what.At("by"), Writers) },
	})
	r.coded(a.Line, what, a.Code, a.Title)
	return a
}

func (r *reader) need(n ast.Node, what strict.Phrase) ActivityNeed {
	var a ActivityNeed
	a.Line = r.Object(n, what, strict.Fields{
		"kind": func(v ast.Node) { a.Kind = r.Word(v, what.At("kind"), r.kinds) },
		"count": func(v ast.Node) {
			at := r.Object(v, what.At("count"), strict.Fields{
				"min": func(v ast.Node) { a.Min = r.Number(v, what.At("count").At("min")) },
				"max": func(v ast.Node) { a.Max = r.Number(v, what.At("count").At("max")) },
			})
			if a.Max > 0 && a.Min > a.Max {
				r.Bad(at, "%s: the minimum %d is above the maximum %d", what, a.Min, a.Max)
			}
		},
		"at_entry": func(v ast.Node) { a.AtEntry = r.Word(v, what.At("at_entry"), []string{NeedReady, NeedOpen}) },
		"at_exit":  func(v ast.Node) { a.AtExit = r.Word(v, what.At("at_exit"), []string{NeedOver}) },
		"sessions": func(v ast.Node) { a.Sessions = r.Number(v, what.At("sessions")) },
		"note":     func(v ast.Node) { a.Note = r.texts(v, what.At("note")) },
	})
	if a.Kind == "" {
		r.lacks(n, a.Line, what, "kind")
	}
	return a
}

func (r *reader) actions(n ast.Node, what strict.Phrase) []Action {
	var out []Action
	r.Each(n, what, func(v ast.Node) {
		a := r.action(v, what)
		for _, b := range out {
			if a.Notice != "" && a.Notice == b.Notice {
				r.Bad(a.Line, "%s: notice %q is announced twice; name all its audiences in one `to`", what, a.Notice)
			}
		}
		out = append(out, a)
	})
	return out
}

func (r *reader) action(n ast.Node, what strict.Phrase) Action {
	var a Action
	count := 0
	kind := func(to *string, verb string) func(ast.Node) {
		return func(v ast.Node) {
			count++
			at := what.At(verb)
			r.Object(v, at, strict.Fields{"kind": func(v ast.Node) { *to = r.Word(v, at.At("kind"), r.kinds) }})
		}
	}
	a.Line = r.Object(n, what, strict.Fields{
		"open":   kind(&a.Open, "open"),
		"close":  kind(&a.Close, "close"),
		"notice": func(v ast.Node) { count++; a.Notice = r.Word(v, what.At("notice"), r.notices) },
		"to":     func(v ast.Node) { a.To = r.Words(v, what.At("to"), Audiences) },
		"fire":   func(v ast.Node) { count++; a.Fire = r.name(v, what.At("fire")) },
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

func (r *reader) transition(n ast.Node) Transition {
	var t Transition
	what := strict.Say("transition")
	for _, p := range mappingPairs(n) {
		if id, ok := strict.Scalar(p.Value); ok && p.Key.String() == "id" {
			what = strict.Say("transition %s", id)
		}
	}
	t.Line = r.Object(n, what, strict.Fields{
		"id":    func(v ast.Node) { t.ID = r.name(v, what.At("id")) },
		"event": func(v ast.Node) { t.Event = r.name(v, what.At("event")) },
		"from":  func(v ast.Node) { t.From = r.Words(v, what.At("from"), nil) },
		"to":    func(v ast.Node) { t.To = r.Text(v, what.At("to")) },
		"by":    func(v ast.Node) { t.By = r.Words(v, what.At("by"), append(append([]string{}, Roles...), Actors...)) },
		"title": func(v ast.Node) { t.Title = r.texts(v, what.At("title")) },
		"reason": func(v ast.Node) {
			switch r.Word(v, what.At("reason"), []string{"required", "optional"}) {
			case "required":
				t.ReasonRequired, t.ReasonAsked = true, true
			case "optional":
				t.ReasonAsked = true
			}
		},
		"requires": func(v ast.Node) {
			r.Each(v, what.At("requires"), func(v ast.Node) { t.Requires = append(t.Requires, r.guard(v, what)) })
		},
		"reopens": func(v ast.Node) { t.Reopens = r.Flag(v, what.At("reopens")) },
		"tell":    func(v ast.Node) { t.Tell = r.Words(v, what.At("tell"), Audiences) },
		"then":    func(v ast.Node) { t.Then = r.actions(v, what.At("then")) },
	})
	for key, missing := range map[string]bool{
		"id": t.ID == "", "event": t.Event == "", "from": len(t.From) == 0, "to": t.To == "", "by": len(t.By) == 0,
	} {
		if missing {
			r.lacks(n, t.Line, what, key)
		}
	}
	return t
}

func (r *reader) guard(n ast.Node, what strict.Phrase) Guard {
	var g Guard
	g.Line = r.Object(n, what.At("requires"), strict.Fields{
		"code":    func(v ast.Node) { g.Code = r.name(v, what.At("code")) },
		"guard":   func(v ast.Node) { g.Expr = r.Text(v, what.At("guard")) },
		"explain": func(v ast.Node) { g.Explain = r.texts(v, what.At("explain")) },
		"fix":     func(v ast.Node) { g.Fix = r.Word(v, what.At("fix"), Fixes) },
		"law":     func(v ast.Node) { g.Law = r.law(v, what.At("law")) },
	})
	if g.Code == "" || g.Expr == "" || g.Explain == nil {
		r.Bad(g.Line, "%s: a requirement needs code, guard and explain", what)
	}
	return g
}
