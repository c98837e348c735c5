package rehearse

import (
	"cmp"
	"context"
	"slices"
	"time"

	"arengo/workflow"
	"arengo/workflow/definition"
)

// contact is the last message that a person got.
type contact struct {
	day  int
	at   time.Time
	kind string
}

// double is a day on which people got two messages.
type double struct {
	day   int
	kinds [2]string
	n     int
	staff bool

	together bool // at one instant: they come of one move
}

// resolve fills the set with an audience, as at this moment, and counts it.
func (c *crowd) resolve(words []string, a *activity) (people, staff int) {
	clear(c.set)
	for _, word := range words {
		if i := slices.Index(staffRoles, word); i >= 0 {
			c.set[c.people+i] = word == definition.AudienceAdministrator || c.r.has.Process.Roles[word] > 0
			continue
		}
		if word == "everyone-involved" {
			for i, role := range staffRoles[:len(staffRoles)-1] {
				c.set[c.people+i] = c.r.has.Process.Roles[role] > 0
			}
		}
		for i := range c.people {
			c.set[i] = c.set[i] || c.r.has.Process.Published && c.belongs(word, i, a)
		}
	}
	return c.counted()
}

// without takes from the set those who got a message of the kind at that moment
// already, and counts the rest.
func (c *crowd) without(kind string, at time.Time) (people, staff int) {
	for i := range c.set {
		c.set[i] = c.set[i] && (c.last[i].kind != kind || !c.last[i].at.Equal(at))
	}
	return c.counted()
}

// uncalled takes from the set of a call of the process those whom an activity calls on
// the same day, already or still to come, and counts the rest: one is enough.
func (r *rehearsal) uncalled() (people, staff int, err error) {
	c, rest := r.crowd, slices.Clone(r.crowd.set)
	for _, a := range r.activities {
		if !a.made() || !r.answering(a) {
			continue
		}
		all, err := r.engine.Deadlines(context.Background(), nil, a.ref)
		if err != nil {
			return 0, 0, err
		}
		for _, d := range all {
			if !slices.Contains(definition.Calls, d.Notice) || !d.CancelledAt.IsZero() || r.date(d.DueAt) != r.date(r.clock.Time()) {
				continue
			}
			c.resolve(d.Audience, a)
			for i, called := range c.set {
				rest[i] = rest[i] && !called
			}
		}
	}
	copy(c.set, rest)
	people, staff = c.counted()
	return people, staff, nil
}

func (c *crowd) counted() (people, staff int) {
	for i, in := range c.set {
		switch {
		case !in:
		case i < c.people:
			people++
		default:
			staff += int(max(1, c.r.has.Process.Roles[staffRoles[i-c.people]]))
		}
	}
	return people, staff
}

// unheard warns of a message to roles that nobody holds, and of an alarm that
// had to look for somebody else.
func (r *rehearsal) unheard(e workflow.Effect, m Message) {
	def := r.definitionOf(e.Ref)
	s, _ := def.State(e.State)
	named, alarm := e.Audience, r.alarms(e, s)
	if alarm {
		for _, o := range s.Overdue {
			named = append(slices.Clone(named), o.Escalate...)
		}
		for _, d := range s.Deadlines {
			named = append(slices.Clone(named), d.Escalate...)
		}
	}
	reached := m.People > 0
	for _, role := range named {
		if !slices.Contains(definition.Staff, role) || r.has.Process.Roles[role] > 0 || !alarm && reached {
			continue
		}
		code, level := "unheld", Note
		if alarm {
			code, level = "unheld-alarm", Look
		}
		r.once(Warning{
			Code: code, Level: level, At: m.At, State: e.State, Activity: m.Activity, Fix: "people", Do: r.words.Tell("unheld-do", "role", r.words.Role(role)),
			Text: r.words.Tell(code, "role", r.words.Role(role), "state", s.Title.In(r.Lang), "what", cmp.Or(m.Subject, m.Kind)),
		}, role)
	}
}

// alarms reports a message that looks for somebody else where nobody holds its
// roles: of what is overdue, or will be unless somebody acts.
func (r *rehearsal) alarms(e workflow.Effect, s definition.State) bool {
	return e.Notice == definition.NoticeOverdue || e.Notice == definition.NoticeEscalation || slices.ContainsFunc(s.Deadlines, func(d definition.Deadline) bool {
		held := slices.ContainsFunc(d.Escalate, func(role string) bool { return r.has.Process.Roles[role] > 0 })
		return len(d.Escalate) > 0 && d.Alarm() == e.Notice && (!held || slices.Equal(d.Escalate, e.Audience))
	})
}

// belongs reports that somebody of the population is in an audience; without an
// activity every one of the process counts.
func (c *crowd) belongs(word string, i int, a *activity) bool {
	switch word {
	case "participant":
		return c.r.has.Process.Population.Units > 0
	case definition.AudienceFollowers:
		return c.follows[i] && c.r.has.Process.Published
	case "contributors":
		return c.gave[i]
	case "everyone-involved":
		if c.follows[i] && c.r.has.Process.Published {
			return true
		}
	}
	if a != nil {
		return a.part != nil && a.part[i].in(word)
	}
	return slices.ContainsFunc(c.r.activities, func(a *activity) bool { return a.part != nil && a.part[i].in(word) })
}

func (p part) in(word string) bool {
	switch word {
	case "invited":
		return p.invited
	case "silent":
		return p.invited && !p.answered
	case "registered":
		return p.registered
	case "everyone-involved":
		return p.invited || p.registered
	}
	return false
}

// mark notes that everybody in the set got a message of a kind on a day.
func (c *crowd) mark(at time.Time, kind string) {
	day := c.day(at)
	for i, in := range c.set {
		if !in {
			continue
		}
		if c.last[i].day == day {
			c.again(double{day: day, kinds: [2]string{c.last[i].kind, kind}, staff: i >= c.people, together: c.last[i].at.Equal(at)})
		}
		c.last[i] = contact{day, at, kind}
	}
}

func (c *crowd) again(d double) {
	for i, other := range slices.Backward(c.doubles) {
		if other.day != d.day {
			break
		}
		if other.kinds == d.kinds && other.staff == d.staff && other.together == d.together {
			c.doubles[i].n++
			return
		}
	}
	d.n = 1
	c.doubles = append(c.doubles, d)
}
