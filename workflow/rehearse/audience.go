package rehearse

import (
	"slices"
	"time"

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
			c.set[i] = c.set[i] || c.belongs(word, i, a)
		}
	}
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

// belongs reports that somebody of the population is in an audience; without an
// activity every one of the process counts.
func (c *crowd) belongs(word string, i int, a *activity) bool {
	switch word {
	case "participant":
		return c.r.has.Process.Population.Units > 0
	case "followers":
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
