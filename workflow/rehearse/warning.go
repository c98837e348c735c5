package rehearse

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// At night nobody should be written to: from nightFrom to nightUntil o'clock.
const (
	nightFrom  = 22
	nightUntil = 7
)

// look goes through the report and warns of what its readers should change.
func (r *rehearsal) look(inst workflow.Instance) {
	r.lookAtEnd(inst)
	r.lookAtLaw()
	r.lookAtDeadlines()
	r.lookAtMessages()
	r.lookAtActs()
	order := []Level{Severe, Look, Note}
	slices.SortStableFunc(r.report.Warnings, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Level), slices.Index(order, b.Level)), a.At.Compare(b.At))
	})
	if r.report.Warnings == nil {
		r.report.Warnings = []Warning{}
	}
}

// lookAtEnd warns of a process that came to rest before its end, and of one
// that ends when nobody reads or before its meetings.
func (r *rehearsal) lookAtEnd(inst workflow.Instance) {
	s, _ := r.def.State(inst.State)
	title := s.Title.In(r.Lang)
	if !s.Final {
		w := Warning{Code: "stuck", Level: Severe, At: inst.EnteredAt, State: s.Name, Text: r.words.Tell("stuck", "state", title, "day", r.words.Day(r.date(inst.EnteredAt)))}
		w.Do = r.words.Tell("stuck-do")
		if r.tooLong {
			w.Code, w.Text, w.Do = "too-long", r.words.Tell("too-long", "state", title), r.words.Tell("too-long-do")
		} else if r.nobody(s.Name) {
			w.Text, w.Do = r.words.Tell("nobody", "state", title, "day", r.words.Day(r.date(inst.EnteredAt))), r.words.Tell("nobody-do")
		}
		r.once(w, s.Name)
		return
	}
	day := r.date(inst.EnteredAt)
	if day.Month == time.August || day.Month == time.December && day.Day >= 20 || day.Month == time.January && day.Day <= 6 {
		r.once(Warning{
			Code: "end-in-holidays", Level: Note, At: inst.EnteredAt, State: s.Name,
			Text: r.words.Tell("end-in-holidays", "day", r.words.Day(day)), Do: r.words.Tell("end-in-holidays-do"), Fix: "deadline",
		}, "")
	}
	for _, a := range r.activities {
		if n := len(a.meetings); n > 0 && a.state != r.kinds[a.kind].Definition.Initial && a.meetings[n-1].End.After(inst.EnteredAt) {
			r.once(Warning{
				Code: "outlives", Level: Look, At: inst.EnteredAt, State: s.Name, Activity: a.title, Fix: "activities", Do: r.words.Tell("outlives-do"),
				Text: r.words.Tell("outlives", "title", a.title, "day", r.words.Day(r.date(a.meetings[n-1].End)), "end", r.words.Day(day)),
			}, a.title)
		}
	}
}

// lookAtLaw warns of terms whose source nobody has read, and of lengths that the
// law cuts.
func (r *rehearsal) lookAtLaw() {
	for _, s := range r.def.States {
		t := s.Term
		if t == nil {
			continue
		}
		law := t.Law
		if law == nil || law.Confidence != "R" {
			law = weak(t, law)
		}
		if law != nil {
			r.once(Warning{
				Code: "to-verify", Level: Note, State: s.Name,
				Text: r.words.Tell("to-verify", "state", s.Title.In(r.Lang), "law", law.Article+", "+law.Source), Do: r.words.Tell("to-verify-do"),
			}, s.Name)
		}
		days := cmp.Or(r.Scenario.Terms[s.Name], r.Setup.Terms[s.Name])
		if days == 0 {
			continue
		}
		chosen := civil.Span{Days: days}
		switch {
		case !t.Max.IsZero() && chosen.Nominal() > t.Max.Nominal():
			r.once(r.cut(s, "above-max", days, t.Max), s.Name)
		case !t.Min.IsZero() && chosen.Nominal() < t.Min.Nominal():
			r.once(r.cut(s, "below-min", days, t.Min), s.Name)
		}
	}
}

// weak is the law of an extension that nobody has read.
func weak(t *definition.Term, _ *definition.Law) *definition.Law {
	if t.Extend != nil && t.Extend.Law != nil && t.Extend.Law.Confidence == "R" {
		return t.Extend.Law
	}
	return nil
}

func (r *rehearsal) cut(s definition.State, code string, days int, bound civil.Span) Warning {
	return Warning{
		Code: code, Level: Look, State: s.Name, Fix: "deadline", Do: r.words.Tell(code + "-do"),
		Text: r.words.Tell(code, "state", s.Title.In(r.Lang), "days", strconv.Itoa(days), "bound", bound.Words(r.Lang)+r.lawOf(s)),
	}
}

func (r *rehearsal) lawOf(s definition.State) string {
	if s.Term == nil {
		return ""
	}
	return article(s.Term.Law)
}

func article(law *definition.Law) string {
	if law == nil {
		return ""
	}
	return " (" + law.Article + ")"
}

// beyond warns of an end after the longest of a term, that a law sets or, when it is
// nil, the definition.
func (r *rehearsal) beyond(s definition.State, law *definition.Law, code string, end time.Time) Warning {
	return Warning{
		Code: code, Level: Severe, At: r.clock.Time(), State: s.Name, Fix: "deadline", Do: r.words.Tell(code + "-do"),
		Text: r.words.Tell(code, "state", s.Title.In(r.Lang), "day", r.words.End(end, r.def.Location), "law", article(law)),
	}
}

// overLaw warns of a phase that lasted longer than it may, suspensions apart: than its
// longest, or than the day by which a law has it end.
func (r *rehearsal) overLaw(p *Phase) {
	s, _ := r.def.State(p.State)
	limit, law := r.present.Longest(r.def), r.present.Beyond(r.def, p.Until)
	if limit.IsZero() && firm(s.Term) {
		limit, law = r.due(r.present), s.Term.Law
	}
	if limit.IsZero() || !p.Until.After(limit) || r.noted["no-days."+s.Name] {
		return
	}
	code, remedy, level := "beyond-law", "beyond-law-do", Severe
	switch {
	case law == nil:
		code, remedy, level = "beyond-max", "beyond-max-do", Look
	case s.Term.Dated():
		remedy = "beyond-date-do"
	}
	r.once(Warning{
		Code: code, Level: level, At: p.Until, State: s.Name, Fix: "deadline", Do: r.words.Tell(remedy),
		Text: r.words.Tell(code, "state", s.Title.In(r.Lang), "day", r.words.End(p.Until, r.def.Location),
			"limit", r.words.End(limit, r.def.Location), "law", article(law)),
	}, s.Name)
}

// firm reports a term whose end a law sets; one that lasts until a meeting has none.
func firm(t *definition.Term) bool {
	return t != nil && t.Law != nil && (t.Until == "" || t.Dated())
}

// lookAtDeadlines warns of those that fall when nobody works, and of what a
// stopped worker delayed.
func (r *rehearsal) lookAtDeadlines() {
	late := 0
	for _, d := range r.report.Deadlines {
		if d.Late {
			late++
		}
		last := d.Due
		if d.ordinary {
			last = d.Due.Add(-time.Microsecond)
		}
		day := r.date(last)
		if d.ordinary && d.Activity == "" || d.ordinary && strings.HasPrefix(d.Name, "end") && !r.exact(d) {
			if why := r.cal.Why(day, r.Lang); why != "" {
				level := Look
				if d.Activity != "" {
					level = Note
				}
				r.once(Warning{
					Code: "deadline-on-holiday", Level: level, At: d.Due, State: d.State, Activity: d.Activity, Fix: "deadline",
					Text: r.words.Tell("deadline-on-holiday", "what", d.Text, "day", r.words.Day(day), "why", why), Do: r.words.Tell("deadline-on-holiday-do"),
				}, d.Activity+d.State+d.Name+day.String())
			}
		}
		hour := last.In(r.def.Location).Hour()
		if d.timed && (hour >= nightFrom || hour < nightUntil) {
			r.once(Warning{
				Code: "deadline-at-night", Level: Note, At: d.Due, State: d.State, Activity: d.Activity,
				Text: r.words.Tell("deadline-at-night", "what", d.Text, "time", r.words.Moment(d.Due, r.def.Location)), Do: r.words.Tell("deadline-at-night-do"),
			}, d.Activity+d.State+d.Name)
		}
	}
	if late > 0 {
		r.once(Warning{Code: "late", Level: Look, Text: r.words.Count("late", late), Do: r.words.Tell("late-do")}, "")
	}
}

// exact reports the end of a term in hours or minutes.
func (r *rehearsal) exact(d Deadline) bool {
	for _, k := range r.Kinds {
		if s, ok := k.Definition.State(d.State); ok && d.Activity != "" && s.Term != nil && (s.Term.Length.Exact() || s.Term.Until != "") {
			return true
		}
	}
	return false
}

// lookAtMessages warns of those at night, and of two to one person on a day.
func (r *rehearsal) lookAtMessages() {
	night, first := 0, Message{}
	for _, m := range r.report.Messages {
		hour := m.At.In(r.def.Location).Hour()
		if m.Pointless || m.People == m.Staff || hour < nightFrom && hour >= nightUntil {
			continue
		}
		if night++; night == 1 {
			first = m
		}
	}
	if night > 0 {
		r.once(Warning{
			Code: "message-at-night", Level: Note, At: first.At, Activity: first.Activity, Do: r.words.Tell("message-at-night-do"),
			Text: r.words.Count("message-at-night", night, "subject", cmp.Or(first.Subject, first.Kind), "time", r.words.Moment(first.At, r.def.Location)),
		}, "")
	}
	staffDays := map[int]bool{}
	for _, d := range r.crowd.doubles {
		if d.staff {
			staffDays[d.day] = true
			continue
		}
		day, level, do, fix := r.Start.Add(d.day), Look, "two-in-a-day-do", "deadline"
		if d.together {
			level, do, fix = Note, "two-together-do", ""
		}
		r.once(Warning{
			Code: "two-in-a-day", Level: level, At: day.Start(r.def.Location), Do: r.words.Tell(do), Fix: fix,
			Text: r.words.Count("two-in-a-day", d.n, "day", r.words.Day(day), "first", r.noticeName(d.kinds[0]), "second", r.noticeName(d.kinds[1])),
		}, day.String()+d.kinds[0]+d.kinds[1])
	}
	if n := len(staffDays); n > 0 {
		r.once(Warning{Code: "staff-two-in-a-day", Level: Note, Text: r.words.Count("staff-two-in-a-day", n), Do: r.words.Tell("staff-two-in-a-day-do")}, "")
	}
}

// lookAtActs warns of what staff does after its due date in spite of working
// every day, but for the phases of which something severe was said, and of what no page
// resolves by itself.
func (r *rehearsal) lookAtActs() {
	late, first := 0, Act{}
	for _, a := range r.report.Acts {
		if a.Late && (a.Activity != "" || !r.noted["beyond-law."+a.State] && !r.noted["no-days."+a.State]) {
			if late++; late == 1 {
				first = a
			}
		}
	}
	if late > 0 {
		s, _ := r.def.State(first.State)
		w := Warning{
			Code: "acts-late", Level: Look, At: first.at, State: first.State, Activity: first.Activity, Fix: first.Fix,
			Text: r.words.Count("acts-late", late, "what", first.What), Do: r.words.Tell("acts-late-do"),
		}
		if s.Term.Dated() {
			w.Do, w.Fix = r.words.Tell("acts-late-date-do"), "deadline"
		}
		r.once(w, "")
	}
	for _, i := range r.report.Incidents {
		r.once(Warning{
			Code: "incident", Level: Look, At: i.At, Activity: i.Activity,
			Text: r.words.Tell("incident", "day", r.words.Day(r.date(i.At)), "why", strings.Join(i.Why, "; ")), Do: r.words.Tell("incident-do"),
		}, i.Activity+i.Transition+i.At.String())
	}
}

// noticeName is what a kind of message is called: one of the definition's own by
// the words of its subject before the first name in it.
func (r *rehearsal) noticeName(kind string) string {
	for _, n := range r.def.Notices {
		if n.Code == kind {
			subject, _, _ := strings.Cut(n.Subject.In(r.Lang), "{")
			return "«" + strings.TrimRight(subject, " :«“,") + "»"
		}
	}
	return r.words.Notice(kind)
}
