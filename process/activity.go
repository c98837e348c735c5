package process

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process/fault"
	"arengo/process/once"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

// Activity is one questionnaire, webinar, focus group, lab or assembly of a
// process, with its state. MinAt, DueAt and MaxAt are those of the state's
// term; nil where it has none. HeldAt is since when it is suspended, nil when it
// is not. StateRevision is what a move must name.
type Activity struct {
	ProcessID ID
	ID        ActivityID
	PublicID  string
	Kind      string
	Title     string
	Intro     string
	Phase     string
	Revision  int64
	CreatedBy PersonID
	CreatedAt time.Time

	Definition    string // of its workflow, with the version that it is pinned to
	Version       int
	State         string
	StateRevision int64
	EnteredAt     time.Time
	MinAt         *time.Time
	DueAt         *time.Time
	MaxAt         *time.Time
	HeldAt        *time.Time

	Already bool // the form that was to make it had made it before
}

// Ref is the workflow instance of the activity.
func (a Activity) Ref() workflow.Ref {
	return workflow.Ref{ProcessID: int64(a.ProcessID), ActivityID: int64(a.ID)}
}

// NewActivity is what a form says of an activity to be.
type NewActivity struct {
	Kind  string
	Title string
	Intro string
	Phase string // a state of the process's definition

	FormKey string // of the form, see package once; "" makes an activity each time
}

const maxTitle = 200

// CreateActivity adds an activity in its kind's initial state. A form that the
// actor sent before gives what it made, Already. Refusals: fault.Invalid at "title", "kind" or "phase", and those of Allow.
func (s *Service) CreateActivity(ctx context.Context, id ID, who Actor, n NewActivity) (Activity, error) {
	var a Activity
	err := s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := s.begin(ctx, tx, id, who, ActActivityEdit)
		if err != nil {
			return err
		}
		form := once.Form{Process: int64(id), Person: int64(who.Person), Name: "activity", Key: n.FormKey}
		publicID, already, err := once.Do(ctx, tx, form, now, func() (string, error) {
			a, err = s.addActivity(ctx, tx, p, who, n, now)
			return a.PublicID, err
		})
		if err != nil || !already {
			return err
		}
		a, err = oneActivity(ctx, tx, "a.process_id = ? AND a.public_id = ?", id, publicID)
		a.Already = true
		return err
	})
	return a, err
}

func (s *Service) addActivity(ctx context.Context, tx bun.IDB, p Process, who Actor, n NewActivity, now time.Time) (Activity, error) {
	if err := s.checkActivity(ctx, tx, p, &n); err != nil {
		return Activity{}, err
	}
	kind, err := s.kinds.Get(n.Kind)
	if err != nil {
		return Activity{}, err
	}
	a := Activity{
		ProcessID: p.ID, PublicID: PublicID(), Kind: n.Kind, Title: n.Title, Intro: n.Intro,
		Phase: n.Phase, CreatedBy: who.Person, CreatedAt: now,
	}
	if err := insertActivity(ctx, tx, &a); err != nil {
		return Activity{}, err
	}
	def, err := s.definitions.Latest(n.Kind)
	if err != nil {
		return Activity{}, err
	}
	closed, err := closedDays(ctx, tx, p.OrganisationID)
	if err != nil {
		return Activity{}, err
	}
	res, err := s.engine.Create(ctx, tx, a.Ref(), workflow.Start{
		Definition: def.Name, Version: def.Version, Zone: p.Zone, Closed: closed, Actor: workflow.Person(int64(who.Person)),
	})
	if err != nil {
		return Activity{}, err
	}
	if err := kind.Create(ctx, tx, a); err != nil {
		return Activity{}, err
	}
	if err := s.conduct.Carry(ctx, tx, res.Effects, conduct.Cause{}); err != nil {
		return Activity{}, err
	}
	return loadActivity(ctx, tx, p.ID, a.ID)
}

func (s *Service) checkActivity(ctx context.Context, db bun.IDB, p Process, n *NewActivity) error {
	n.Title, n.Intro = strings.TrimSpace(n.Title), strings.TrimSpace(n.Intro)
	var bad fault.List
	if n.Title == "" {
		bad = append(bad, fault.Field("title", "form.required"))
	}
	if len([]rune(n.Title)) > maxTitle {
		bad = append(bad, fault.Field("title", "form.too_long", "max", maxTitle))
	}
	if _, err := s.kinds.Get(n.Kind); err != nil {
		bad = append(bad, fault.Field("kind", "activity.kind_bad"))
	}
	def, _, err := s.Definition(ctx, db, p)
	if err != nil {
		return err
	}
	if st, ok := def.State(n.Phase); !ok || st.Final {
		bad = append(bad, fault.Field("phase", "activity.phase_bad"))
	}
	return bad.Err()
}

// Definition gives the process's definition, as days are counted where it runs,
// and its instance.
func (s *Service) Definition(ctx context.Context, db bun.IDB, p Process) (*definition.Compiled, workflow.Instance, error) {
	inst, err := s.engine.Instance(ctx, db, p.Ref())
	if err != nil {
		return nil, inst, err
	}
	def, err := s.engine.Definition(ctx, db, inst)
	return def, inst, err
}

// Activities lists those of a process in the order of their making.
func (s *Service) Activities(ctx context.Context, id ID) ([]Activity, error) {
	return listActivities(ctx, s.db, id)
}

// Activity finds one by kind and public identifier; fault.NotFound otherwise.
func (s *Service) Activity(ctx context.Context, id ID, kind, publicID string) (Activity, error) {
	return oneActivity(ctx, s.db, "a.process_id = ? AND a.kind = ? AND a.public_id = ?", id, kind, publicID)
}

// LoadActivity finds one by its identifier, in the caller's transaction.
func (s *Service) LoadActivity(ctx context.Context, db bun.IDB, id ID, activity ActivityID) (Activity, error) {
	return loadActivity(ctx, db, id, activity)
}

// StateOf gives the state of an activity, for a kind that is asked by the domain.
func StateOf(ctx context.Context, db bun.IDB, id ID, activity ActivityID) (string, error) {
	a, err := loadActivity(ctx, db, id, activity)
	return a.State, err
}

// Kind is a kind of activity. The domain asks it for what only it can know;
// everything else about an activity is the same for all. Its workflow is a
// definition of the same name in the library.
type Kind interface {
	// Name is the word for the kind in definitions, addresses and tables.
	Name() string

	// Workflow is the YAML of the definition that activities of the kind follow.
	Workflow() []byte

	// Create writes the kind's own rows for a new activity, in its transaction.
	Create(ctx context.Context, tx bun.IDB, a Activity) error

	// Counts gives the numbers that guards and pages may use, for the activities
	// asked about; names are those that the definition declares. The counts of
	// invitations, registrations and meetings are added by the domain.
	Counts(ctx context.Context, db bun.IDB, id ID, activities []ActivityID) (map[ActivityID]map[string]int64, error)

	// Evidence lists what an outcome can cite from an activity. Figures that
	// nobody may read yet are not in it.
	Evidence(ctx context.Context, db bun.IDB, id ID, activity ActivityID) ([]Evidence, error)
}

// Contributing is a kind to which people contribute otherwise than by being
// noted as present, which the domain knows of by itself: those who answered,
// wrote a card, or whose words stand in a note. An answer to an invitation is
// none: it may be a no.
type Contributing interface {
	Kind

	// Contributors is a query for one column, person_id: who contributed to the
	// activities of the kind in a process, each any number of times.
	Contributors(id ID) schema.QueryAppender
}

// Reserving is a kind of which not all that is cited is for everybody: figures
// not yet public, words that somebody takes back, what the staff hide.
type Reserving interface {
	Kind

	// Reserved words what is cited, as of now; nil when the kept labels hold.
	Reserved(ctx context.Context, db bun.IDB, id ID, activity ActivityID) (Wording, error)
}

// Wording gives what everybody reads of evidence with the Label that was kept,
// "" when it does not show.
type Wording func(Evidence) string

// Evidence is something that an outcome can stand on: an item's result, a note,
// a card. Ref finds it within its activity and never changes; Label is how it
// reads to a person.
type Evidence struct {
	Ref   string
	Label string
}

// Kinds is the registry: the one place that knows which kinds there are.
type Kinds struct {
	order  []string
	byName map[string]Kind
}

// NewKinds registers kinds, in the order in which pages list them.
func NewKinds(list ...Kind) *Kinds {
	k := &Kinds{byName: make(map[string]Kind, len(list))}
	for _, kind := range list {
		k.order = append(k.order, kind.Name())
		k.byName[kind.Name()] = kind
	}
	return k
}

// Names lists the kinds in order.
func (k *Kinds) Names() []string { return slices.Clone(k.order) }

// Contributing lists the kinds that know of contributors of their own.
func (k *Kinds) Contributing() []Contributing {
	var out []Contributing
	for _, name := range k.order {
		if c, ok := k.byName[name].(Contributing); ok {
			out = append(out, c)
		}
	}
	return out
}

// Get finds a kind; an unknown name is an internal fault, since definitions
// and rows hold only registered ones.
func (k *Kinds) Get(name string) (Kind, error) {
	kind, ok := k.byName[name]
	if !ok {
		return nil, fmt.Errorf("no kind of activity is called %q", name)
	}
	return kind, nil
}
