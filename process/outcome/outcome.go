// Package outcome holds what a process comes to: needs, ideas, proposals,
// decisions and commitments, each with the evidence it stands on, so that every
// contribution can be followed to what it fed.
package outcome

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
)

// Kinds are the kinds of outcome, from the first asked to the last given.
var Kinds = []string{"need", "idea", "proposal", "decision", "commitment"}

// Statuses are what became of an outcome. Any but the first needs an answer.
var Statuses = []string{"open", "accepted", "partly", "rejected"}

const (
	maxTitle = 200
	maxBody  = 20_000
)

// Outcome is one. Answer is the reasoned reply of who decides. A new one has
// Revision 0.
type Outcome struct {
	ProcessID   process.ID
	ID          int64
	PublicID    string
	Kind        string
	Title       string
	Body        string
	Status      string
	Answer      string
	Revision    int64
	CreatedAt   time.Time
	PublishedAt *time.Time
	Evidence    []Evidence `bun:"-"`

	FormKey string `bun:"-"` // of the form that makes it, see package once
	Already bool   `bun:"-"` // that form had made it before
}

// Evidence is one thing an outcome stands on; Label is how it read on the day
// it was cited, whatever the activity says later.
type Evidence struct {
	OutcomeID     int64
	ActivityID    process.ActivityID
	ActivityTitle string
	ActivityKind  string
	ActivityRef   string // public identifier
	Ref           string
	Label         string
}

// Service holds the use cases of outcomes.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// List gives the outcomes of a process with their evidence, by kind and age;
// only published ones when public is set, and then with nothing that the
// activities keep back by now, see process.Reserving.
func (s *Service) List(ctx context.Context, id process.ID, public bool) ([]Outcome, error) {
	list, err := ListIn(ctx, s.core.DB(), id, public)
	if err != nil || !public {
		return list, err
	}
	return list, s.reserve(ctx, list)
}

// ListIn is List within a transaction.
func ListIn(ctx context.Context, db bun.IDB, id process.ID, public bool) ([]Outcome, error) {
	list, err := selectOutcomes(ctx, db, id, public)
	if err != nil {
		return nil, err
	}
	evidence, err := listEvidence(ctx, db, id)
	if err != nil {
		return nil, err
	}
	for i := range list {
		for _, e := range evidence {
			if e.OutcomeID == list[i].ID {
				list[i].Evidence = append(list[i].Evidence, e)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Outcome) int {
		return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind)
	})
	return list, nil
}

// Load gives one by its public identifier; fault.NotFound "outcome.not_found".
func (s *Service) Load(ctx context.Context, id process.ID, publicID string) (Outcome, error) {
	list, err := s.List(ctx, id, false)
	if err != nil {
		return Outcome{}, err
	}
	if i := slices.IndexFunc(list, func(o Outcome) bool { return o.PublicID == publicID }); i >= 0 {
		return list[i], nil
	}
	return Outcome{}, fault.New(fault.NotFound, "outcome.not_found")
}

// Citable is what can be cited from one activity.
type Citable struct {
	Activity process.Activity
	Evidence []process.Evidence
}

// Citable lists everything that an outcome of the process can stand on.
func (s *Service) Citable(ctx context.Context, id process.ID) ([]Citable, error) {
	activities, err := s.core.Activities(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Citable
	for _, a := range activities {
		kind, err := s.core.Kinds().Get(a.Kind)
		if err != nil {
			return nil, err
		}
		evidence, err := kind.Evidence(ctx, s.core.DB(), id, a.ID)
		if err != nil {
			return nil, err
		}
		if len(evidence) > 0 {
			out = append(out, Citable{Activity: a, Evidence: evidence})
		}
	}
	return out, nil
}

// Citation names a piece of evidence in a form: an activity's public
// identifier and the reference within it.
type Citation struct {
	Activity string
	Ref      string
}

// Save writes an outcome and what it stands on; o.Revision is the one that the
// form was made from, 0 for a new one. A new one by a form that the actor sent
// before gives what that made, Already. Refusals: fault.Invalid at "kind",
// "title", "body", "status", "answer" or "evidence" (something cited does not
// exist), fault.Conflict "form.stale", and the policy's.
func (s *Service) Save(ctx context.Context, who process.Actor, o Outcome, cited []Citation) (Outcome, error) {
	if err := check(&o); err != nil {
		return o, err
	}
	citable, err := s.Citable(ctx, o.ProcessID)
	if err != nil {
		return o, err
	}
	if o.Evidence, err = cite(citable, cited); err != nil {
		return o, err
	}
	err = s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.core.Begin(ctx, tx, o.ProcessID, who, process.ActOutcomeEdit)
		if err != nil {
			return err
		}
		if o.Revision == 0 {
			return addOnce(ctx, tx, now, who, &o)
		}
		if err := update(ctx, tx, &o); err != nil {
			return err
		}
		return replaceEvidence(ctx, tx, o)
	})
	if err != nil || !o.Already {
		return o, err
	}
	first, err := s.Load(ctx, o.ProcessID, o.PublicID)
	first.Already = true
	return first, err
}

func addOnce(ctx context.Context, tx bun.IDB, now time.Time, who process.Actor, o *Outcome) (err error) {
	form := once.Form{Process: int64(o.ProcessID), Person: int64(who.Person), Name: "outcome", Key: o.FormKey}
	o.PublicID, o.Already, err = once.Do(ctx, tx, form, now, func() (string, error) {
		err := add(ctx, tx, now, who, o)
		return o.PublicID, err
	})
	return err
}

// Add writes a new outcome in the transaction of a caller that has called
// process.Service.Begin with ActOutcomeEdit at now, and that vouches for
// o.Evidence. Refusals: fault.Invalid as of Save.
func Add(ctx context.Context, tx bun.IDB, now time.Time, who process.Actor, o Outcome) (Outcome, error) {
	if err := check(&o); err != nil {
		return o, err
	}
	return o, add(ctx, tx, now, who, &o)
}

func add(ctx context.Context, tx bun.IDB, now time.Time, who process.Actor, o *Outcome) error {
	o.PublicID, o.CreatedAt = process.PublicID(), now
	if err := insert(ctx, tx, o, who.Person); err != nil {
		return err
	}
	return replaceEvidence(ctx, tx, *o)
}

// check tidies the words of an outcome and says what is wrong with it.
func check(o *Outcome) error {
	o.Title, o.Body, o.Answer = strings.TrimSpace(o.Title), strings.TrimSpace(o.Body), strings.TrimSpace(o.Answer)
	if o.Status == "" {
		o.Status = Statuses[0]
	}
	var bad fault.List
	if !slices.Contains(Kinds, o.Kind) {
		bad = append(bad, fault.Field("kind", "outcome.kind_bad"))
	}
	if o.Title == "" {
		bad = append(bad, fault.Field("title", "form.required"))
	}
	if len([]rune(o.Title)) > maxTitle {
		bad = append(bad, fault.Field("title", "form.too_long", "max", maxTitle))
	}
	if len([]rune(o.Body)) > maxBody {
		bad = append(bad, fault.Field("body", "form.too_long", "max", maxBody))
	}
	if !slices.Contains(Statuses, o.Status) {
		bad = append(bad, fault.Field("status", "outcome.status_bad"))
	}
	if o.Status != Statuses[0] && o.Answer == "" {
		bad = append(bad, fault.Field("answer", "outcome.answer_required"))
	}
	return bad.Err()
}

func cite(citable []Citable, cited []Citation) ([]Evidence, error) {
	var out []Evidence
	for _, c := range cited {
		e, ok := find(citable, c)
		if !ok {
			return nil, fault.Field("evidence", "outcome.evidence_unknown")
		}
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out, nil
}

func find(citable []Citable, c Citation) (Evidence, bool) {
	for _, group := range citable {
		if group.Activity.PublicID != c.Activity {
			continue
		}
		for _, e := range group.Evidence {
			if e.Ref == c.Ref {
				return Evidence{ActivityID: group.Activity.ID, Ref: e.Ref, Label: e.Label}, true
			}
		}
	}
	return Evidence{}, false
}

// Publish shows an outcome on the public pages, or takes it back.
func (s *Service) Publish(ctx context.Context, who process.Actor, id process.ID, publicID string, public bool) error {
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.core.Begin(ctx, tx, id, who, process.ActOutcomeEdit)
		if err != nil {
			return err
		}
		at := &now
		if !public {
			at = nil
		}
		return publish(ctx, tx, id, publicID, at)
	})
}
