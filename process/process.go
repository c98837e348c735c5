// Package process is the domain of Arengo: participatory processes, the
// activities inside them, the people who run them and those who take part.
//
// A process and each of its activities are instances of the workflow engine;
// this package owns what surrounds them: titles, roles, contacts, invitations,
// meetings, documents and outcomes, and the transactions in which they change.
// Every exported Service method is one use case and begins its own transaction.
package process

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/once"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
	"arengo/workflow/slug"
)

// ID identifies a process inside the database; pages use its slug.
type ID int64

// ActivityID identifies an activity within its process; pages use its public
// identifier.
type ActivityID int64

// PersonID identifies a person.
type PersonID int64

// OrganisationID identifies an organisation.
type OrganisationID int64

// TerritoryID identifies a territory.
type TerritoryID int64

// Process is what a promoter set up. Its state lives in the workflow instance
// (ID, 0). StartsOn is a civil date in Zone; zero while not chosen.
type Process struct {
	ID             ID
	Slug           string
	Title          string
	Summary        string
	OrganisationID OrganisationID
	Zone           string
	StartsOn       *time.Time
	ContactName    string
	ContactEmail   string
	Decider        string
	Revision       int64
	CreatedBy      PersonID
	CreatedAt      time.Time
	PublishedAt    *time.Time
	KeepDays       int        // after its end, until names are erased (package retention)
	ErasedAt       *time.Time // the last time; who came after a reopening is named again

	Already bool // the form that was to make it had made it before
}

// Ref is the workflow instance of the process.
func (p Process) Ref() workflow.Ref { return workflow.Ref{ProcessID: int64(p.ID)} }

// Location is the process's time zone; UTC when the name is unknown, which the
// database's own check on creation prevents.
func (p Process) Location() *time.Location { return location(p.Zone) }

// Published reports whether the public can see the process.
func (p Process) Published() bool { return p.PublishedAt != nil }

func location(zone string) *time.Location {
	loc, err := civil.Zone(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// NewProcess is what the first steps of the wizard ask. StartsOn is the first
// civil day of the first phase; Days overrides the length of phases by state.
type NewProcess struct {
	Template       string
	Title          string
	Summary        string
	OrganisationID OrganisationID
	StartsOn       civil.Date
	Days           map[string]int
	Past           bool   // a first day before today is meant so
	FormKey        string // of the form, see package once; "" makes a process each time
}

// Create sets a process up from the newest version of a template, with its
// planned dates. The actor becomes its promoter. A form that the actor sent
// before gives what it made, Already. Refusals: fault.Invalid at
// "title", "organisation", "template" or "starts_on" ("process.starts_past" for
// a day before today that is not said to be meant so), and those of Allow.
func (s *Service) Create(ctx context.Context, who Actor, n NewProcess) (Process, error) {
	if err := Allow(ActProcessCreate, Standing{Actor: who}, Situation{}); err != nil {
		return Process{}, err
	}
	def, err := s.checkNew(&n)
	if err != nil {
		return Process{}, err
	}
	var p Process
	err = s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.clock.Now(ctx, tx)
		if err != nil {
			return err
		}
		if err := mayLead(ctx, tx, who, n.OrganisationID); err != nil {
			return err
		}
		form := once.Form{Person: int64(who.Person), Name: "process", Key: n.FormKey}
		slug, already, err := once.Do(ctx, tx, form, now, func() (string, error) {
			p, err = s.addProcess(ctx, tx, who, n, def, now)
			return p.Slug, err
		})
		if err != nil || !already {
			return err
		}
		p, err = selectProcess(ctx, tx, "p.slug = ?", slug)
		p.Already = true
		return err
	})
	return p, err
}

func (s *Service) addProcess(ctx context.Context, tx bun.IDB, who Actor, n NewProcess, def *definition.Compiled, now time.Time) (Process, error) {
	if n.StartsOn.Before(civil.DateOf(now, def.Location)) && !n.Past {
		return Process{}, fault.Field("starts_on", "process.starts_past")
	}
	start := midnight(n.StartsOn)
	if err := workflow.Near("starts_on", start, now); err != nil {
		return Process{}, err
	}
	p := Process{
		Slug: slugged(n.Title), Title: n.Title, Summary: n.Summary, OrganisationID: n.OrganisationID,
		Zone: def.Zone, StartsOn: &start, ContactName: who.Name, ContactEmail: who.Email,
		Revision: 1, CreatedBy: who.Person, CreatedAt: now,
	}
	if err := insertProcess(ctx, tx, &p); err != nil {
		return Process{}, err
	}
	if _, err := addMember(ctx, tx, p.ID, who.Person, RolePromoter, now); err != nil {
		return Process{}, err
	}
	closed, err := closedDays(ctx, tx, n.OrganisationID)
	if err != nil {
		return Process{}, err
	}
	if def, err = workflow.Localize(def, p.Zone, closed); err != nil {
		return Process{}, err
	}
	res, err := s.engine.Create(ctx, tx, p.Ref(), workflow.Start{
		Definition: def.Name, Version: def.Version, Zone: p.Zone, Closed: closed,
		Actor: workflow.Person(int64(who.Person), RolePromoter), Plan: outlook.Plan(def, n.StartsOn, n.Days, nil),
	})
	if err != nil {
		return Process{}, err
	}
	return p, s.conduct.Carry(ctx, tx, res.Effects, conduct.Cause{})
}

func (s *Service) checkNew(n *NewProcess) (*definition.Compiled, error) {
	n.Title, n.Summary = strings.TrimSpace(n.Title), strings.TrimSpace(n.Summary)
	bad := checkWords(n.Title, n.Summary)
	def, err := s.definitions.Latest(n.Template)
	if err != nil || def.Level != definition.LevelProcess {
		bad = append(bad, fault.Field("template", "process.template_bad"))
	}
	if n.OrganisationID == 0 {
		bad = append(bad, fault.Field("organisation", "form.required"))
	}
	if n.StartsOn == (civil.Date{}) {
		bad = append(bad, fault.Field("starts_on", "form.required"))
	}
	return def, bad.Err()
}

// Expected is the plan of a process as it has come to be by now. That of a draft
// which stands at its beginning is as its promoter wrote it.
func (s *Service) Expected(ctx context.Context, db bun.IDB, p Process) ([]workflow.PlannedPhase, error) {
	now, err := s.Now(ctx, db)
	if err != nil {
		return nil, err
	}
	out, err := s.engine.Outlook(ctx, db, p.Ref(), now)
	if err != nil {
		return nil, err
	}
	if begins, err := s.Begins(ctx, db, p); err != nil || begins {
		return out.Planned, err
	}
	return out.Expected, nil
}

// Begins reports a process that is no more than a draft: it stands where it began,
// and nobody was promised anything.
func (s *Service) Begins(ctx context.Context, db bun.IDB, p Process) (bool, error) {
	if p.Published() {
		return false, nil
	}
	inst, err := s.engine.Instance(ctx, db, p.Ref())
	return inst.Entry == 1, err
}

// slugged turns a title into the words of an address: lower case, ASCII,
// hyphens, at most 60 characters.
func slugged(title string) string {
	words := slug.Of(title, 60)
	if words == "" || words == "nuovo" || words == "ente" { // /gestione/nuovo is the wizard, /gestione/ente an organisation's
		return strings.TrimSuffix("percorso-"+words, "-")
	}
	return words
}

const maxSummary = 2000

func checkWords(title, summary string) fault.List {
	var bad fault.List
	switch {
	case title == "":
		bad = append(bad, fault.Field("title", "form.required"))
	case len([]rune(title)) > maxTitle:
		bad = append(bad, fault.Field("title", "form.too_long", "max", maxTitle))
	}
	if len([]rune(summary)) > maxSummary {
		bad = append(bad, fault.Field("summary", "form.too_long", "max", maxSummary))
	}
	return bad
}

// midnight is a civil date as the database's date type takes it.
func midnight(d civil.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// Payload is what a notice of the domain remembers: identifiers and plain
// facts, never a token.
type Payload struct {
	State   string            `json:"state,omitempty"`   // that the instance was in
	DueAt   time.Time         `json:"due_at,omitzero"`   // end of the state's term
	OldEnd  time.Time         `json:"old_end,omitzero"`  // before an extension
	By      int64             `json:"by,omitempty"`      // the person whose act it was, who is not told
	Reason  string            `json:"reason,omitempty"`  // public reason of the act
	Meeting int64             `json:"meeting,omitempty"` // the meeting it is about
	Words   bool              `json:"words,omitempty"`   // words only, whatever file the kind carries
	SignIn  int64             `json:"sign_in,omitempty"` // the request of a sign-in
	Request int64             `json:"request,omitempty"` // the registration to confirm
	Own     *OwnNotice        `json:"own,omitempty"`     // what it says, where the definition says it
	With    string            `json:"with,omitempty"`    // the occasion of the process that rests or goes on together with it
	Trial   *TrialText        `json:"trial,omitempty"`   // of a text that somebody adapts
	Extra   map[string]string `json:"extra,omitempty"`   // words for the template
}

// TrialText is what somebody sends themselves before others get it.
type TrialText struct {
	Process ID     `json:"process"`
	Kind    string `json:"kind"`
	Locale  string `json:"locale"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
}

// OwnNotice names what a definition says in words of its own.
type OwnNotice struct {
	Definition string `json:"definition"`
	Version    int    `json:"version"`
	Code       string `json:"code"`
}

// ExtraBack is the word of Payload.Extra for the path of this site that a
// sign-in link leads to.
const ExtraBack = "back"

// ExtraAct is the word of Payload.Extra for the code of the document that decides
// an exception.
const ExtraAct = "act"

// ExtraPath is the word of Payload.Extra for the path of this site that the
// message leads to, where it is of no process.
const ExtraPath = "path"

// checkDays holds chosen lengths against the terms of the definition.
func checkDays(def *definition.Compiled, days map[string]int) error {
	var bad fault.List
	for _, name := range def.MainPath() {
		n, chosen := days[name]
		st, _ := def.State(name)
		if !chosen || st.Term == nil {
			continue
		}
		lo, hi := st.Term.Min.Days, st.Term.Max.Days
		if n < 1 || n < lo {
			bad = append(bad, fault.Field("days."+name, "process.term_short", "min", max(lo, 1)))
		} else if hi > 0 && n > hi {
			bad = append(bad, fault.Field("days."+name, "process.term_long", "max", hi))
		}
	}
	return bad.Err()
}
