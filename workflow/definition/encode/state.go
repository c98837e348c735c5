package encode

import (
	"arengo/workflow/definition"
)

func state(s definition.State) mapping {
	m := mapping{}
	m.text("title", s.Title)
	m.text("purpose", s.Purpose)
	m.term(s.Term)
	m.put("artefacts", each(s.Artefacts, func(m *mapping, a definition.Artefact) {
		m.put("code", a.Code)
		m.text("title", a.Title)
		m.put("required", a.Required)
		m.put("public", a.Public)
		m.put("by", a.By)
	}))
	m.put("activities", each(s.Activities, need))
	m.put("allows", s.Allows)
	m.put("on_enter", each(s.OnEnter, action))
	m.put("on_exit", each(s.OnExit, action))
	m.put("reminders", each(s.Reminders, func(m *mapping, r definition.Reminder) {
		m.put("before", r.Before)
		m.put("after", r.After)
		m.put("of", r.Of)
		m.put("at", r.At)
		m.put("notice", r.Notice)
		m.put("to", r.To)
	}))
	m.put("deadlines", each(s.Deadlines, deadline))
	if s.AtEnd != "" {
		m.put("at_end", mapping{{Key: "event", Value: s.AtEnd}})
	}
	m.put("overdue", each(s.Overdue, func(m *mapping, o definition.Overdue) {
		m.put("after", o.After)
		m.put("escalate", o.Escalate)
	}))
	m.put("final", s.Final)
	m.law(s.Law)
	return m
}

func (m *mapping) term(t *definition.Term) {
	if t == nil {
		return
	}
	out := mapping{}
	out.put("length", t.Length)
	out.put("min", t.Min)
	out.put("max", t.Max)
	out.put("until", t.Until)
	out.put("from", t.From)
	if x := t.Extend; x != nil {
		extend := mapping{}
		extend.put("max", x.Max)
		extend.put("times", x.Times)
		extend.put("act", x.Act)
		extend.law(x.Law)
		out.put("extend", extend)
	}
	out.put("on_hold", t.OnHold)
	out.put("on_holiday", t.OnHoliday)
	out.law(t.Law)
	m.put("term", out)
}

func need(m *mapping, a definition.ActivityNeed) {
	m.put("kind", a.Kind)
	count := mapping{}
	count.put("min", a.Min)
	count.put("max", a.Max)
	m.put("count", count)
	m.put("sessions", a.Sessions)
	m.put("at_entry", a.AtEntry)
	m.put("at_exit", a.AtExit)
	m.text("note", a.Note)
}

func deadline(m *mapping, d definition.Deadline) {
	m.put("code", d.Code)
	m.text("title", d.Title)
	m.put("before", d.Before)
	m.put("after", d.After)
	m.put("of", d.Of)
	m.put("event", d.Event)
	m.put("notice", d.Notice)
	m.put("to", d.To)
	m.put("escalate", d.Escalate)
	m.law(d.Law)
}

func action(m *mapping, a definition.Action) {
	kind := func(verb, kind string) {
		if kind != "" {
			m.put(verb, mapping{{Key: "kind", Value: kind}})
		}
	}
	kind("open", a.Open)
	kind("close", a.Close)
	m.put("notice", a.Notice)
	m.put("to", a.To)
	m.put("fire", a.Fire)
}

func transition(m *mapping, t definition.Transition) {
	m.put("id", t.ID)
	m.put("event", t.Event)
	m.put("from", t.From)
	m.put("to", t.To)
	m.put("by", t.By)
	m.text("title", t.Title)
	switch {
	case t.ReasonRequired:
		m.put("reason", "required")
	case t.ReasonAsked:
		m.put("reason", "optional")
	}
	m.put("reopens", t.Reopens)
	m.put("tell", t.Tell)
	var own []definition.Guard
	for _, g := range t.Requires {
		if !g.Implied {
			own = append(own, g)
		}
	}
	m.put("requires", each(own, func(m *mapping, g definition.Guard) {
		m.put("code", g.Code)
		m.put("guard", g.Expr)
		m.text("explain", g.Explain)
		m.put("fix", g.Fix)
		m.law(g.Law)
	}))
	m.put("then", each(t.Then, action))
}
