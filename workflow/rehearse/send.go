package rehearse

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

var noCause = conduct.Cause{}

// send resolves the audience of a notice and lets it have its effect. While the
// worker is down nothing is sent: it goes out afterwards, unless it makes no
// sense then.
func (r *rehearsal) send(t telling) error {
	e, now := t.effect, r.clock.Time()
	a := r.activity(e.Ref)
	m := Message{At: r.up(now), Kind: e.Notice, Activity: r.titleOf(e.Ref), Audience: slices.Clone(e.Audience)}
	if !e.At.IsZero() && e.At.Before(m.At) {
		m.Due = e.At
		m.Late = m.At.Sub(e.At) >= time.Minute
	}
	said, err := r.say(t, a)
	if err != nil {
		return err
	}
	m.Subject = said.Subject
	people, staff := r.crowd.resolve(e.Audience, a)
	if a != nil && (e.Notice == definition.NoticeHeld || e.Notice == definition.NoticeResumed) {
		people, staff = r.crowd.without(e.Notice, m.At) // whom the process told, it told of its activities
	}
	if a == nil && slices.Contains(definition.Calls, e.Notice) {
		if people, staff, err = r.uncalled(); err != nil {
			return err
		}
	}
	m.People, m.Staff = people+staff, staff
	due := cmp.Or(m.Due, m.At)
	m.Pointless = m.People == 0 || (!e.Expires.IsZero() && !m.At.Before(e.Expires)) || (said.Keeps > 0 && m.At.Sub(due) > said.Keeps)
	if a != nil && slices.Contains(definition.Calls, e.Notice) && !r.answering(a) {
		m.Pointless = true
	}
	r.unheard(e, m)
	r.report.Messages = append(r.report.Messages, m)
	r.changes++
	if m.Pointless {
		return nil
	}
	r.crowd.mark(m.At, e.Notice)
	if a != nil && r.answering(a) {
		r.crowd.ask(a, m.At)
	}
	return nil
}

// answering reports that an activity takes answers now.
func (r *rehearsal) answering(a *activity) bool {
	def, inst := r.kinds[a.kind].Definition, r.instance(a.ref)
	return def.Allows(a.state, "respond") && !inst.Past(r.clock.Time()) && !inst.Held()
}

// say gives the words of a notice.
func (r *rehearsal) say(t telling, a *activity) (Words, error) {
	if r.voice == nil {
		return Words{}, nil
	}
	e := t.effect
	def := r.definitionOf(e.Ref)
	s, _ := def.State(cmp.Or(e.State, def.Initial))
	out := Telling{
		Kind: e.Notice, Lang: r.Lang, Process: r.report.Title, Promoter: cmp.Or(r.Setup.Organisation, r.words.Tell("organisation")),
		Phase: s.Title.In(r.Lang), Reason: t.cause.Reason, Due: e.DueAt, Zone: r.def.Location,
		Dates: map[string]time.Time{},
	}
	for _, d := range def.Dates {
		out.Dates[d.Code] = r.has.Process.Dates[d.Code]
	}
	for i := range def.Notices {
		if def.Notices[i].Code == e.Notice {
			out.Notice = &def.Notices[i]
		}
	}
	if next, ok := r.goal(def, s.Name); ok {
		out.Action = def.Label(next).In(r.Lang)
	}
	if a != nil {
		out.Activity, out.ActivityOf = a.title, a.kind
		if e.Nth < len(a.meetings) {
			out.Meeting = a.meetings[e.Nth]
		}
	}
	said, err := r.voice.Write(out)
	if err != nil {
		return said, fmt.Errorf("rehearse: words of %s: %w", e.Notice, err)
	}
	return said, nil
}

// up is the first instant from now at which the worker runs.
func (r *rehearsal) up(now time.Time) time.Time {
	for _, o := range r.Scenario.WorkerDown {
		from, until := o.From.Start(r.def.Location), o.From.Add(o.Days).Start(r.def.Location)
		if !now.Before(from) && now.Before(until) {
			now = until
		}
	}
	return now
}

// goal is the transition by which a state is meant to be left: the one that was
// chosen, the event of its end, else the first that leads on, to another phase
// rather than to an end.
func (r *rehearsal) goal(def *definition.Compiled, state string) (definition.Transition, bool) {
	s, _ := def.State(state)
	if s.Final {
		return definition.Transition{}, false
	}
	here := position(def, state)
	best, found := -1, definition.Transition{}
	for _, t := range def.Leaving(state) {
		if t.To == state || def.CallsOff(t) {
			continue
		}
		rank := 1
		switch to := position(def, t.To); {
		case def.Level == definition.LevelProcess && r.Scenario.Choose[state] == t.ID:
			rank = 9
		case s.AtEnd != "" && t.Event == s.AtEnd:
			rank = 5
		case to > here && !def.Final(t.To):
			rank = 4
		case to > here:
			rank = 3
		}
		if rank > best {
			best, found = rank, t
		}
	}
	return found, best >= 0
}

func position(def *definition.Compiled, state string) int {
	return slices.IndexFunc(def.States, func(s definition.State) bool { return s.Name == state })
}

// date is the civil date of an instant.
func (r *rehearsal) date(t time.Time) civil.Date { return civil.DateOf(t, r.def.Location) }

// lastDay is the civil date in which a half-open end still lies.
func (r *rehearsal) lastDay(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return r.date(end.Add(-time.Microsecond)).String()
}
