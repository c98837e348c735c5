package rehearse

import (
	"math/rand/v2"
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/rehearse/scenario"
)

// The model of participants. Who is invited answers with the rate of their
// stratum: so much of it at the invitation, so much at each reminder that finds
// them silent; some days later, most of them soon.
const (
	atInvitation = 0.7
	atReminder   = 0.25
	perDay       = 0.3  // of those who will answer, each day
	following    = 0.03 // of the population, once the process is public
	attending    = 0.7  // of those registered
	answersAt    = 20   // o'clock
)

// crowd is the population, and those who work on the process after them. A
// person is an index.
type crowd struct {
	r       *rehearsal
	random  *rand.Rand
	people  int
	stratum []int
	follows []bool
	gave    []bool // answered or attended something
	queue   map[int][]arrival
	days    []int // of the queue, in order
	last    []contact
	doubles []double
	set     []bool // the audience at hand
}

// part is one person's in one activity.
type part struct{ invited, asked, answered, registered bool }

// arrival is an answer or a registration on a day.
type arrival struct {
	person   int
	activity *activity
	register bool
}

// staffRoles are whom a notice may reach beside the population, one person each.
var staffRoles = append(slices.Clone(definition.Staff), definition.AudienceAdministrator)

func newCrowd(r *rehearsal) *crowd {
	c := &crowd{r: r, random: r.random, queue: map[int][]arrival{}}
	for i, s := range r.Strata {
		for range min(s.People, scenario.MaxPeople-len(c.stratum)) {
			c.stratum = append(c.stratum, i)
		}
	}
	c.people = len(c.stratum)
	c.follows, c.gave = make([]bool, c.people), make([]bool, c.people)
	for i := range c.follows {
		c.follows[i] = c.random.Float64() < following
	}
	c.last = make([]contact, c.people+len(staffRoles))
	for i := range c.last {
		c.last[i].day = -1
	}
	c.set = make([]bool, len(c.last))
	return c
}

// day counts civil days from the start.
func (c *crowd) day(t time.Time) int { return civil.DateOf(t, c.r.def.Location).Since(c.r.Start) }

func (c *crowd) instant(day int) time.Time {
	return c.r.Start.Add(day).At(answersAt, 0, c.r.def.Location)
}

// invite puts people on the list of an activity, all of them or some at random.
func (c *crowd) invite(a *activity, n int) {
	if a.part == nil {
		a.part = make([]part, c.people)
	}
	a.byStratum = make([]poll, len(c.r.Strata))
	chosen := c.some(n)
	for _, i := range chosen {
		a.part[i].invited = true
		a.byStratum[c.stratum[i]].invited++
	}
	a.counts["invited"] = int64(len(chosen))
}

// some picks n people, Everyone for all.
func (c *crowd) some(n int) []int {
	all := make([]int, c.people)
	for i := range all {
		all[i] = i
	}
	if n == Everyone || n >= c.people {
		return all
	}
	c.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	all = all[:n]
	slices.Sort(all)
	return all
}

// ask lets those whom a message asks to answer do so, some of them, in time.
func (c *crowd) ask(a *activity, now time.Time) {
	today, kind := c.day(now), c.r.kinds[a.kind]
	for i := range a.part {
		p := &a.part[i]
		if !c.set[i] || !p.invited || p.answered {
			continue
		}
		rate := c.r.Strata[c.stratum[i]].Rate
		if kind.Rate > 0 {
			rate = kind.Rate
		}
		weight := atInvitation
		if p.asked {
			weight = atReminder
		}
		p.asked = true
		if c.random.Float64() < rate*weight {
			c.later(today, arrival{person: i, activity: a})
		}
	}
}

// later puts an arrival on its day: the same one or one of the next.
func (c *crowd) later(today int, a arrival) {
	day := today
	if c.instant(day).Before(c.r.clock.Time()) {
		day++
	}
	for c.random.Float64() > perDay && day < today+30 {
		day++
	}
	c.put(day, a)
}

func (c *crowd) put(day int, a arrival) {
	if len(c.queue[day]) == 0 {
		at, _ := slices.BinarySearch(c.days, day)
		c.days = slices.Insert(c.days, at, day)
	}
	c.queue[day] = append(c.queue[day], a)
}

// register lets people register from now until the first meeting.
func (c *crowd) register(a *activity, n int) {
	if a.part == nil {
		a.part = make([]part, c.people)
	}
	today := c.day(c.r.clock.Time())
	until := today + 14
	if len(a.meetings) > 0 {
		until = max(today+1, c.day(a.meetings[0].Start))
	}
	for _, i := range c.some(min(n, c.people)) {
		c.put(today+1+c.random.IntN(until-today), arrival{i, a, true})
	}
}

// attend counts who came, and gives them a part in the results.
func (c *crowd) attend(a *activity) {
	for i, p := range a.part {
		if p.registered && c.random.Float64() < attending {
			a.counts["attended"]++
			c.gave[i] = true
		}
	}
	a.counts["attended"] = max(1, a.counts["attended"])
}

// next is when somebody does something, false when nobody will.
func (c *crowd) next() (time.Time, bool) {
	if len(c.days) == 0 {
		return time.Time{}, false
	}
	return c.instant(c.days[0]), true
}

// arrive lets those of the first day of the queue do what they meant to, as far
// as they still can.
func (c *crowd) arrive() {
	day := c.days[0]
	arrivals := c.queue[day]
	delete(c.queue, day)
	c.days = c.days[1:]
	for _, x := range arrivals {
		a, p := x.activity, &x.activity.part[x.person]
		def, inst := c.r.kinds[a.kind].Definition, c.r.instance(a.ref)
		now := c.r.clock.Time()
		if inst.Past(now) || inst.Held() || p.answered && !x.register {
			continue
		}
		switch {
		case x.register && def.Allows(a.state, "register") && !p.registered:
			c.place(a, p)
		case !x.register && def.Allows(a.state, "respond"):
			p.answered = true
			a.counts["answered"]++
			a.byStratum[c.stratum[x.person]].answered++
			a.byDay[c.r.Start.Add(day).String()]++
			c.gave[x.person] = true
			if def.Allows(a.state, "register") && !p.registered {
				c.place(a, p)
			}
		}
	}
	c.r.changes++
}

func (c *crowd) place(a *activity, p *part) {
	p.registered = true
	a.counts["registered"]++
	a.counts["consents"]++
}
