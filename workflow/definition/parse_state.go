package definition

import (
	"slices"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/civil"
	"arengo/workflow/strict"
)

func (r *reader) state(p strict.Pair, kinds []string) State {
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
				s.Activities = append(s.Activities, r.need(v, strict.Say("%s: activity", what), kinds))
			})
		},
		"allows":   func(v ast.Node) { s.Allows = r.Words(v, what.At("allows"), Capabilities) },
		"on_enter": func(v ast.Node) { s.OnEnter = r.actions(v, what.At("on_enter"), kinds) },
		"reminders": func(v ast.Node) {
			r.Each(v, what.At("reminders"), func(v ast.Node) { s.Reminders = append(s.Reminders, r.reminder(v, strict.Say("%s: reminder", what))) })
		},
		"at_end": func(v ast.Node) {
			r.Object(v, what.At("at_end"), strict.Fields{"event": func(v ast.Node) { s.AtEnd = r.Text(v, what.At("at_end").At("event")) }})
			if s.AtEnd == "" {
				r.Bad(strict.Line(v), "%s: at_end needs an event", what)
			}
		},
		"overdue": func(v ast.Node) { s.Overdue = r.overdue(v, what.At("overdue")) },
		"final":   func(v ast.Node) { s.Final = r.Flag(v, what.At("final")) },
		"law":     func(v ast.Node) { s.Law = r.law(v, what.At("law")) },
	})
	return s
}

func (r *reader) term(n ast.Node, what strict.Phrase) *Term {
	t := &Term{}
	t.Line = r.Object(n, what, strict.Fields{
		"length": func(v ast.Node) { t.Length = r.span(v, what.At("length")) },
		"min":    func(v ast.Node) { t.Min = r.span(v, what.At("min")) },
		"max":    func(v ast.Node) { t.Max = r.span(v, what.At("max")) },
		"until":  func(v ast.Node) { t.Until = r.Word(v, what.At("until"), Anchors[2:]) },
		"law":    func(v ast.Node) { t.Law = r.law(v, what.At("law")) },
	})
	return t
}

func (r *reader) law(n ast.Node, what strict.Phrase) *Law {
	l := &Law{}
	at := r.Object(n, what, strict.Fields{
		"article": func(v ast.Node) { l.Article = r.Text(v, what.At("article")) },
		"source":  func(v ast.Node) { l.Source = r.Text(v, what.At("source")) },
		"checked": func(v ast.Node) {
			l.Checked = r.Text(v, what.At("checked"))
			if _, err := civil.ParseDate(l.Checked); err != nil {
				r.Bad(strict.Line(v), "%s: %q is no date: write it as 2026-03-24", what.At("checked"), l.Checked)
			}
		},
		"confidence": func(v ast.Node) { l.Confidence = r.Word(v, what.At("confidence"), []string{"V", "R"}) },
	})
	if l.Article == "" || l.Source == "" || l.Confidence == "" {
		r.Bad(at, "%s needs article, source and confidence (V or R)", what)
	}
	if l.Confidence == "V" && l.Checked == "" {
		r.Bad(at, "%s: confidence V needs the date it was checked", what)
	}
	return l
}

func (r *reader) artefact(n ast.Node, what strict.Phrase) Artefact {
	var a Artefact
	a.Line = r.Object(n, what, strict.Fields{
		"code":     func(v ast.Node) { a.Code = r.name(v, what.At("code")) },
		"title":    func(v ast.Node) { a.Title = r.texts(v, what.At("title")) },
		"required": func(v ast.Node) { a.Required = r.Flag(v, what.At("required")) },
		"public":   func(v ast.Node) { a.Public = r.Flag(v, what.At("public")) },
	})
	if a.Code == "" {
		r.Bad(a.Line, "%s has no code", what)
	}
	if a.Title == nil {
		r.Bad(a.Line, "%s has no title", what)
	}
	return a
}

func (r *reader) need(n ast.Node, what strict.Phrase, kinds []string) ActivityNeed {
	var a ActivityNeed
	a.Line = r.Object(n, what, strict.Fields{
		"kind": func(v ast.Node) { a.Kind = r.Word(v, what.At("kind"), kinds) },
		"count": func(v ast.Node) {
			at := r.Object(v, what.At("count"), strict.Fields{
				"min": func(v ast.Node) { a.Min = r.Number(v, what.At("count").At("min")) },
				"max": func(v ast.Node) { a.Max = r.Number(v, what.At("count").At("max")) },
			})
			if a.Max > 0 && a.Min > a.Max {
				r.Bad(at, "%s: the minimum %d is above the maximum %d", what, a.Min, a.Max)
			}
		},
		"sessions": func(v ast.Node) { a.Sessions = r.Number(v, what.At("sessions")) },
		"note":     func(v ast.Node) { a.Note = r.texts(v, what.At("note")) },
	})
	return a
}

func (r *reader) reminder(n ast.Node, what strict.Phrase) Reminder {
	m := Reminder{Of: AnchorEnd}
	m.Line = r.Object(n, what, strict.Fields{
		"before": func(v ast.Node) { m.Before = r.span(v, what.At("before")) },
		"after":  func(v ast.Node) { m.After = r.span(v, what.At("after")) },
		"of":     func(v ast.Node) { m.Of = r.Word(v, what.At("of"), Anchors) },
		"notice": func(v ast.Node) { m.Notice = r.Word(v, what.At("notice"), Notices) },
		"to":     func(v ast.Node) { m.To = r.Words(v, what.At("to"), Audiences) },
		"at": func(v ast.Node) {
			if m.At = r.Text(v, what.At("at")); !clockPattern.MatchString(m.At) {
				r.Bad(strict.Line(v), "%s: %q is no time of day: write it as \"09:00\"", what.At("at"), m.At)
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
			if !slices.Contains(Staff, audience) {
				m.Notice = NoticeReminder
			}
		}
	}
	return m
}

func (r *reader) overdue(n ast.Node, what strict.Phrase) *Overdue {
	o := &Overdue{}
	o.Line = r.Object(n, what, strict.Fields{
		"after":    func(v ast.Node) { o.After = r.span(v, what.At("after")) },
		"escalate": func(v ast.Node) { o.Escalate = r.Words(v, what.At("escalate"), Audiences) },
	})
	if o.After.IsZero() || len(o.Escalate) == 0 {
		r.Bad(o.Line, "%s needs `after` and `escalate`", what)
	}
	return o
}
