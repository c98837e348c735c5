package rehearsal

import (
	"context"
	"fmt"
	"math"
	"time"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/document"
	"arengo/process/meeting"
	"arengo/process/roster"
	"arengo/process/seat"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/rehearse"
	"arengo/workflow/rehearse/scenario"
	"arengo/workflow/rehearse/words"
)

// Service rehearses the processes of a database. It changes nothing.
type Service struct {
	core      *process.Service
	dates     *calldate.Service
	documents *document.Service
	meetings  *meeting.Service
	roster    *roster.Service
}

// New makes the service.
func New(core *process.Service) *Service {
	return &Service{
		core: core, dates: calldate.New(core), documents: document.New(core), meetings: meeting.New(core), roster: roster.New(core),
	}
}

// Choices are what a promoter may suppose otherwise than usual.
type Choices struct {
	Nobody bool // after the first phase nobody advances
	Few    bool // few of those invited answer
	August bool // every August is suspended
	Down   bool // the service stands still for three days, around the end of a phase
	Seed   uint64
}

const (
	fewRate   = 0.05
	downDays  = 3
	augusts   = 3    // how many, from the start
	mostAsked = 1000 // people supposed on a list that is still empty
)

// Run rehearses a process from its first day, with its definition, terms,
// population and activities as they are now; what it has already is not asked
// for again. The texts are in lang. The error is the context's, or a database's.
func (s *Service) Run(ctx context.Context, p process.Process, c Choices, lang string) (*rehearse.Report, error) {
	def, inst, err := s.core.Definition(ctx, s.core.DB(), p)
	if err != nil {
		return nil, err
	}
	config := rehearse.Config{Definition: def, Lang: lang, Voice: Voice{}, Start: s.start(p, inst)}
	if config.Kinds, err = Kinds(s.core.Kinds(), lang); err != nil {
		return nil, err
	}
	plan, err := s.core.Engine().Plan(ctx, s.core.DB(), p.Ref())
	if err != nil {
		return nil, err
	}
	if config.Setup, err = s.setup(ctx, p, plan, lang); err != nil {
		return nil, err
	}
	config.Setup.Zone, config.Setup.Closed = inst.Zone, inst.Closed
	if err := s.people(ctx, p, &config); err != nil {
		return nil, err
	}
	config.Scenario = c.scenario(def, config.Start)
	report, err := rehearse.Run(ctx, config)
	if err != nil || !c.Down {
		return report, err
	}
	if day, ok := worst(report, p.Location()); ok { // when it hurts is known only now
		config.Scenario.WorkerDown = []scenario.Outage{{From: day.Add(-1), Days: downDays}}
		return rehearse.Run(ctx, config)
	}
	return report, nil
}

// start is the first day, or that of the process's making while none is chosen.
func (s *Service) start(p process.Process, inst workflow.Instance) civil.Date {
	if p.StartsOn != nil {
		return civil.DateOf(*p.StartsOn, time.UTC)
	}
	return civil.DateOf(inst.CreatedAt, p.Location())
}

// scenario turns choices into what is supposed; the standstill comes later.
func (c Choices) scenario(def *definition.Compiled, start civil.Date) scenario.Scenario {
	out := scenario.Scenario{Seed: c.Seed}
	if c.Few {
		out.Rate = fewRate
	}
	for _, state := range def.MainPath() {
		if c.Nobody && state != def.Initial {
			out.NobodyIn = append(out.NobodyIn, state)
		}
	}
	for year := start.Year; c.August && year < start.Year+augusts; year++ {
		from := civil.Date{Year: year, Month: time.August, Day: 1}
		if !from.Before(start) {
			out.Holds = append(out.Holds, scenario.Hold{From: from, Until: civil.Date{Year: year, Month: time.August, Day: 31}})
		}
	}
	return out
}

// worst is a day on which a standstill hurts: that of the first end of a phase
// that the clock fires, or of an activity where it fires none.
func worst(r *rehearse.Report, zone *time.Location) (civil.Date, bool) {
	var out civil.Date
	for _, d := range r.Deadlines {
		if d.Name != "end" {
			continue
		}
		if day := civil.DateOf(d.Due, zone); d.Activity == "" {
			return day, true
		} else if out == (civil.Date{}) {
			out = day
		}
	}
	return out, out != civil.Date{}
}

// setup is what the process has already.
func (s *Service) setup(ctx context.Context, p process.Process, plan []workflow.PlannedPhase, lang string) (out rehearse.Setup, err error) {
	out = rehearse.Setup{Title: p.Title, Published: p.Published(), Roles: map[string]int{}, Terms: map[string]int{}, Ends: map[string]time.Time{}, Dates: map[string]civil.Date{}}
	for _, ph := range plan {
		if ph.Days > 0 {
			out.Terms[ph.State] = ph.Days
		}
		if ph.Fixed {
			out.Ends[ph.State] = ph.End
		}
	}
	members, err := s.core.Members(ctx, p.ID)
	if err != nil {
		return out, err
	}
	for _, m := range members {
		out.Roles[m.Role]++
	}
	dates, err := s.dates.List(ctx, p)
	if err != nil {
		return out, err
	}
	for _, d := range dates {
		if d.Day != (civil.Date{}) {
			out.Dates[d.Code] = d.Day
		}
	}
	documents, err := s.documents.List(ctx, p, lang)
	if err != nil {
		return out, err
	}
	for _, d := range documents {
		if d.Body != "" {
			out.Present = append(out.Present, d.Code)
		}
		if d.Body != "" && d.PublishedAt != nil {
			out.Public = append(out.Public, d.Code)
		}
	}
	org, err := s.core.LoadOrganisation(ctx, s.core.DB(), p.OrganisationID)
	if err != nil {
		return out, err
	}
	out.Organisation = org.Name
	out.Activities, err = s.activities(ctx, p)
	return out, err
}

// activities are those that are there and were not called off, with their own
// meetings and end.
func (s *Service) activities(ctx context.Context, p process.Process) ([]rehearse.Activity, error) {
	list, err := seat.Of(ctx, s.core.DB(), s.core, p.ID)
	if err != nil {
		return nil, err
	}
	var out []rehearse.Activity
	for _, a := range list {
		if a.Off {
			continue
		}
		own := rehearse.Activity{Kind: a.Kind, Phase: a.Phase, Title: a.Title}
		plan, err := s.core.Engine().Plan(ctx, s.core.DB(), a.Ref())
		if err != nil {
			return nil, err
		}
		for _, ph := range plan {
			if ph.Fixed {
				own.End = ph.End
			}
		}
		meetings, err := s.meetings.Meetings(ctx, p.ID, a.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range meetings {
			if !m.Cancelled() {
				own.Meetings = append(own.Meetings, rehearse.Meeting{Start: m.StartsAt.UTC(), End: m.EndsAt.UTC()})
			}
		}
		out = append(out, own)
	}
	return out, nil
}

// people are those on the list of contacts, by place in the proportions of the
// population; while the list is empty some are supposed.
func (s *Service) people(ctx context.Context, p process.Process, c *rehearse.Config) error {
	units, err := s.core.Population(ctx, p.ID)
	if err != nil {
		return err
	}
	contacts, err := s.roster.Contacts(ctx, p.ID, roster.ContactFilter{})
	if err != nil {
		return err
	}
	whole := int64(0)
	for _, u := range units {
		whole += u.Units
	}
	c.Setup.Population = whole
	n := int64(contacts.Total)
	if n == 0 && whole > 0 {
		n = min(whole, mostAsked)
		c.Setup.Assumed = append(c.Setup.Assumed, words.In(c.Lang).Tell("assumed-contacts", "n", fmt.Sprint(n)))
	}
	n = min(n, scenario.MaxPeople)
	if whole == 0 {
		if n > 0 {
			c.Strata = []scenario.Stratum{{Name: words.In(c.Lang).Tell("everybody"), People: int(n)}}
		}
		return nil
	}
	for _, u := range units {
		c.Strata = append(c.Strata, scenario.Stratum{Name: u.Name, People: int(math.Round(float64(u.Units) * float64(n) / float64(whole)))})
	}
	return nil
}
