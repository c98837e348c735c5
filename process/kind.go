package process

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

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

// Reserving is a kind whose figures become public by an act of their own,
// later than the staff may cite them.
type Reserving interface {
	Kind

	// Reserved gives how what is cited from an activity reads to everybody as
	// long as its figures are not public, by Ref: what is not among it does not
	// show. It is nil from then on, when the label that was kept holds.
	Reserved(ctx context.Context, db bun.IDB, id ID, activity ActivityID) (map[string]string, error)
}

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
