// Package wire is what Arengo tells other programs of processes: the shapes that
// the API answers with and that webhooks carry, as JSON. They hold no personal
// data: who acted is an office, never a person.
package wire

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// ViaAPI begins the idempotency keys of commands that came by the API, and so
// marks their entries in the log.
const ViaAPI = "api:"

// Organisation is a body that leads processes.
type Organisation struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// State is where an instance stands, by name, with its title in the languages
// of the definition.
type State struct {
	Name  string          `json:"name"`
	Title definition.Text `json:"title"`
	Final bool            `json:"final"`
}

// Instance is what moves: a process or an activity. Revision is what a command
// may expect. Times are instants, absent where the state has no such end; while
// it is suspended, since HeldAt, they rest.
type Instance struct {
	Workflow  string     `json:"workflow"`
	Version   int        `json:"version"`
	State     State      `json:"state"`
	Revision  int64      `json:"revision"`
	EnteredAt time.Time  `json:"entered_at"`
	MinAt     *time.Time `json:"min_at,omitempty"`
	DueAt     *time.Time `json:"due_at,omitempty"`
	MaxAt     *time.Time `json:"max_at,omitempty"`
	HeldAt    *time.Time `json:"held_at,omitempty"`
}

// Activity is one activity of a process.
type Activity struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Title string `json:"title"`
	URL   string `json:"url"`

	Instance
}

// Head is a process without its activities. URL is its page in the workspace,
// PublicURL that for everybody, absent before publication.
type Head struct {
	ID           string       `json:"id"`
	Title        string       `json:"title"`
	Summary      string       `json:"summary"`
	Organisation Organisation `json:"organisation"`
	Zone         string       `json:"time_zone"`
	CreatedAt    time.Time    `json:"created_at"`
	PublishedAt  *time.Time   `json:"published_at,omitempty"`
	URL          string       `json:"url"`
	PublicURL    string       `json:"public_url,omitempty"`

	Instance
}

// Process is a process with its activities.
type Process struct {
	Head

	Activities []Activity `json:"activities"`
}

// Actor says who acted: a person in an office, the timer, or the process
// itself. ViaAPI says that the person did it through another program.
type Actor struct {
	Kind   string `json:"kind"`
	Office string `json:"office,omitempty"`
	ViaAPI bool   `json:"via_api"`
}

// Entry is one row of the transition log. Activity is absent when the process
// itself acted or moved; From and To are the same where nothing moved, and From
// is absent at the beginning. Document is the code of what was published or
// withdrawn, and Digest the workflow.DocumentAct's. PhaseFrom and PhaseTo are the
// phases between which an activity was moved. Exception says that an end went beyond
// its maximum, NoLaw that no law sets that one, and Act by which document an end was
// decided, its code. Returned is how many extensions an earlier end took back so soon
// that they count as used no more. Reason is there only when it is public.
type Entry struct {
	Seq         int64     `json:"seq"`
	At          time.Time `json:"at"`
	EffectiveAt time.Time `json:"effective_at"`
	Activity    string    `json:"activity,omitempty"`
	Transition  string    `json:"transition"`
	Document    string    `json:"document,omitempty"`
	Digest      string    `json:"digest,omitempty"`
	PhaseFrom   string    `json:"phase_from,omitempty"`
	PhaseTo     string    `json:"phase_to,omitempty"`
	Exception   bool      `json:"exception,omitempty"`
	NoLaw       bool      `json:"no_law,omitempty"`
	Act         string    `json:"act,omitempty"`
	Returned    int       `json:"returned,omitempty"`
	Event       string    `json:"event,omitempty"`
	From        string    `json:"from,omitempty"`
	To          string    `json:"to,omitempty"`
	Actor       Actor     `json:"actor"`
	Reason      string    `json:"reason,omitempty"`
	Hash        string    `json:"hash"`
}

// Service reads what it tells.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core} }

// Process tells of a process as it stands.
func (s *Service) Process(ctx context.Context, db bun.IDB, p process.Process, o process.Organisation) (Process, error) {
	head, err := s.Head(ctx, db, p, o)
	if err != nil {
		return Process{}, err
	}
	list, err := process.ActivitiesIn(ctx, db, p.ID)
	if err != nil {
		return Process{}, err
	}
	out := Process{Head: head, Activities: make([]Activity, len(list))}
	for i, a := range list {
		if out.Activities[i], err = s.Activity(ctx, db, p, a); err != nil {
			return Process{}, err
		}
	}
	return out, nil
}

// Head tells of a process as it stands, without its activities.
func (s *Service) Head(ctx context.Context, db bun.IDB, p process.Process, o process.Organisation) (Head, error) {
	inst, err := s.Instance(ctx, db, p.Ref())
	return s.head(p, o, inst), err
}

// Listed is Head of a process with where it stands, as a list has read it.
func (s *Service) Listed(ctx context.Context, db bun.IDB, p process.Listed, o process.Organisation) (Head, error) {
	inst, err := s.instance(ctx, db, p.Instance)
	return s.head(p.Process, o, inst), err
}

func (s *Service) head(p process.Process, o process.Organisation, inst Instance) Head {
	out := Head{
		ID: p.Slug, Title: p.Title, Summary: p.Summary, Organisation: Organisation{o.PublicID, o.Name}, Zone: p.Zone,
		CreatedAt: p.CreatedAt.UTC(), URL: s.core.BaseURL() + "/gestione/" + p.Slug, Instance: inst,
	}
	if p.Published() {
		at := p.PublishedAt.UTC()
		out.PublishedAt, out.PublicURL = &at, s.core.BaseURL()+"/percorsi/"+p.Slug
	}
	return out
}

// Activity tells of an activity as it was read.
func (s *Service) Activity(ctx context.Context, db bun.IDB, p process.Process, a process.Activity) (Activity, error) {
	inst, err := s.Instance(ctx, db, a.Ref())
	return Activity{
		ID: a.PublicID, Kind: a.Kind, Title: a.Title, Instance: inst,
		URL: s.core.BaseURL() + "/gestione/" + p.Slug + "/" + a.Kind + "/" + a.PublicID,
	}, err
}

// Instance tells where a process or an activity stands.
func (s *Service) Instance(ctx context.Context, db bun.IDB, ref workflow.Ref) (Instance, error) {
	i, err := s.core.Engine().Instance(ctx, db, ref)
	if err != nil {
		return Instance{}, err
	}
	return s.instance(ctx, db, i)
}

func (s *Service) instance(ctx context.Context, db bun.IDB, i workflow.Instance) (Instance, error) {
	def, err := s.core.Engine().Definition(ctx, db, i)
	if err != nil {
		return Instance{}, err
	}
	st, _ := def.State(i.State)
	return Instance{
		Workflow: i.Definition, Version: i.Version, State: State{i.State, st.Title, st.Final}, Revision: i.Revision,
		EnteredAt: i.EnteredAt.UTC(), MinAt: known(i.MinAt), DueAt: known(i.DueAt), MaxAt: known(i.MaxAt), HeldAt: known(i.HeldAt),
	}, nil
}

func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

// EntryOf tells of a row of the log; activity is the public identifier of what
// it is about, "" for the process.
func EntryOf(e workflow.LogEntry, activity string) Entry {
	paper, ruled, seat := workflow.DocumentOf(e), workflow.RulingOf(e), workflow.PhaseChangeOf(e)
	out := Entry{
		Seq: e.Seq, At: e.At, EffectiveAt: e.EffectiveAt, Activity: activity, Transition: e.Transition, Event: e.Event,
		From: e.From, To: e.To, Hash: e.Hash,
		Document: paper.Code, Digest: paper.Digest, PhaseFrom: seat.From, PhaseTo: seat.To,
		Exception: ruled.Exception, NoLaw: ruled.NoLaw, Act: ruled.Act, Returned: ruled.Returned,
		Actor: Actor{Kind: string(e.ActorKind), Office: e.Office, ViaAPI: strings.HasPrefix(e.Key, ViaAPI)},
	}
	if e.ActorKind != workflow.ActorPerson {
		out.Actor.Office = ""
	}
	if e.PublicReason {
		out.Reason = e.Reason
	}
	return out
}
