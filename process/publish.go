package process

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

// Gap is something that publication still needs. Code is the last word of the
// locale key "publish.missing.<code>"; Fix is one of definition.Fixes, the page
// that mends it.
type Gap struct {
	Code string
	Fix  string
}

// Gaps lists everything that keeps a process from being published, at once and
// in the order of the wizard: summary, contact, start, facilitator, the
// dates of the call, in an order that can be, and the required documents of the first
// phase. It is empty when it may be.
func (s *Service) Gaps(ctx context.Context, db bun.IDB, p Process) ([]Gap, error) {
	var gaps []Gap
	need := func(ok bool, code, fix string) {
		if !ok {
			gaps = append(gaps, Gap{Code: code, Fix: fix})
		}
	}
	facts, err := facter{s}.Facts(ctx, db, p.Ref(), guard.Needs{Process: true, Roles: true, Dates: true, Artefacts: true}, p.CreatedAt)
	if err != nil {
		return nil, err
	}
	need(p.Summary != "", "summary", "settings")
	need(p.ContactEmail != "", "contact", "settings")
	need(p.StartsOn != nil, "start", "deadline")
	need(facts.Process.Roles[RoleFacilitator] > 0, "facilitator", "people")
	need(facts.Process.Population.Units > 0, "population", "population")
	def, _, err := s.Definition(ctx, db, p)
	if err != nil {
		return nil, err
	}
	for _, d := range def.Dates {
		if _, filled := facts.Process.Dates[d.Code]; d.Required && !filled {
			need(false, "dates", "deadline")
			break
		}
	}
	plan, err := s.Expected(ctx, db, p)
	if err != nil {
		return nil, err
	}
	early, untimely := outlook.Early(def, plan, facts.Process.Dates), def.Untimely(facts.Process.Dates)
	need(len(early)+len(untimely) == 0, "order", "deadline")
	first, _ := def.State(def.Initial)
	for _, a := range first.Artefacts {
		if a.Required && a.Code != "population" {
			need(present(facts.Artefacts, a.Code), "document."+a.Code, "documents")
		}
	}
	return gaps, nil
}

func present(f guard.Artefacts, code string) bool {
	for _, c := range append(f.Present, f.Published...) {
		if c == code {
			return true
		}
	}
	return false
}

// Publish makes the pages of a process public. Doing it twice changes nothing.
// fault.Conflict "publish.missing" when Gaps is not empty, and those of Allow.
func (s *Service) Publish(ctx context.Context, id ID, who Actor) error {
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := s.begin(ctx, tx, id, who, ActProcessPublish)
		if err != nil || p.Published() {
			return err
		}
		gaps, err := s.Gaps(ctx, tx, p)
		if err != nil {
			return err
		}
		if len(gaps) > 0 {
			return fault.New(fault.Conflict, "publish.missing", "n", len(gaps))
		}
		p.PublishedAt = &now
		if err := updateProcess(ctx, tx, p); err != nil {
			return err
		}
		standing, err := s.standing(ctx, tx, id, who)
		if err != nil {
			return err
		}
		return s.engine.NotePublication(ctx, tx, int64(id), standing.worker())
	})
}

// Document asks whether the actor may write, publish and withdraw a document of a
// process, in the caller's transaction, and gives who acts for NoteDocument; named
// tells that the definition asks for it, and so the log notes it. Refusals: those
// of Allow, and where it is of roles that the actor does not hold, fault.Forbidden
// "document.by" if the definition gives it to them, else fault.Closed "policy.ended".
func (s *Service) Document(ctx context.Context, tx bun.IDB, p Process, who Actor, code string) (named bool, as workflow.Actor, err error) {
	standing, err := s.standing(ctx, tx, p.ID, who)
	if err != nil {
		return false, as, err
	}
	def, inst, err := s.Definition(ctx, tx, p)
	if err != nil {
		return false, as, err
	}
	a, named := def.Artefact(code)
	switch writers := (Situation{Final: def.Final(inst.State)}).Writers(a.By); {
	case standing.Writes(writers):
		return named, standing.worker(), nil
	case len(a.By) > 0:
		return named, as, fault.New(fault.Forbidden, "document.by")
	}
	return named, as, fault.New(fault.Closed, "policy.ended", "act", string(ActDocumentEdit))
}

// List gives the processes that match a filter, open ones first, and how many
// match in all. At most 100 are given at once.
func (s *Service) List(ctx context.Context, f Filter) ([]Listed, int, error) {
	if f.Limit <= 0 || f.Limit > 100 {
		f.Limit = 100
	}
	if err := s.meet(ctx); err != nil {
		return nil, 0, err
	}
	return listProcesses(ctx, s.db, f, stages{open: s.openStages(), finals: s.finals()})
}

// open reports that a state has a door.
func open(def *definition.Compiled, state string) bool {
	return slices.ContainsFunc(definition.Doors, func(door string) bool { return def.Allows(state, door) })
}

// resting are the capabilities that a suspension takes away, whatever the state
// says: those by which participants give something, and by which they are asked
// to. What staff do among themselves goes on, and so does whatever takes
// something back: nobody has to stay in what rests.
var resting = []string{
	"respond", "draft", "register", "join", "consent", "vote", "propose", "discuss", "invite", "remind",
}

// Rests reports that a suspension takes a capability away.
func Rests(capability string) bool { return slices.Contains(resting, capability) }

// Allows reports whether the activity's state permits a capability, such as
// "respond", and the term of the state has not run out at now: input is gated
// on state and clock, so that a late worker never keeps anything open. While the
// activity is suspended its clock stands, and nothing is taken in.
func (s *Service) Allows(ctx context.Context, db bun.IDB, a Activity, capability string, now time.Time) (bool, error) {
	inst, err := s.engine.Instance(ctx, db, a.Ref())
	if err != nil {
		return false, err
	}
	def, err := s.engine.Resolve(ctx, db, inst.Definition, inst.Version)
	if err != nil || !def.Allows(inst.State, capability) {
		return false, err
	}
	if inst.Held() {
		return !Rests(capability), nil
	}
	return a.DueAt == nil || now.Before(*a.DueAt), nil
}

// Queueing is a kind in which something waits while an activity is suspended.
type Queueing interface {
	Kind

	// Resumed carries out what waited, in the transaction that lets the activity
	// go on.
	Resumed(ctx context.Context, tx bun.IDB, s *Service, a Activity) error
}

// Resumed carries out what waited for an activity to go on: messages that call
// to it, and what its kind has.
func (s *Service) Resumed(ctx context.Context, tx bun.IDB, id ID, activity ActivityID) error {
	a, err := loadActivity(ctx, tx, id, activity)
	if err != nil {
		return err
	}
	kind, err := s.kinds.Get(a.Kind)
	if err != nil {
		return err
	}
	now, err := s.Now(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := s.outbox.Revive(ctx, tx, int64(id), int64(activity), now); err != nil {
		return err
	}
	if k, ok := kind.(Queueing); ok {
		return k.Resumed(ctx, tx, s, a)
	}
	return nil
}

// Held reports that the activity is suspended.
func (a Activity) Held() bool { return a.HeldAt != nil }

// Clock is the instant that counts for the activity at now: that of its
// suspension while it is suspended.
func (a Activity) Clock(now time.Time) time.Time {
	if a.Held() && a.HeldAt.Before(now) {
		return *a.HeldAt
	}
	return now
}

// Shut is the refusal of what an activity does not allow now: fault.Closed with
// key, or "activity.held" with the day ("since") when it is suspended.
func Shut(ctx context.Context, db bun.IDB, a Activity, key string) error {
	if !a.Held() {
		return fault.New(fault.Closed, key)
	}
	p, err := loadProcess(ctx, db, a.ProcessID)
	if err != nil {
		return err
	}
	return fault.New(fault.Closed, "activity.held", "since", a.HeldAt.In(p.Location()))
}

// Opens is the transition by which a process opens an activity; false for what
// is not ready, or open already.
func Opens(def *definition.Compiled, a Activity) (definition.Transition, bool) {
	for _, t := range def.Leaving(a.State) {
		if t.Event == conduct.EventOpen && slices.Contains(t.By, definition.BySystem) {
			return t, true
		}
	}
	return definition.Transition{}, false
}

// Closes is the transition by which a process closes an activity at an instant:
// before the activity's own end the one that tells those who counted on it, when
// its kind has one. It is false for what is not open.
func Closes(def *definition.Compiled, a Activity, at time.Time) (definition.Transition, bool) {
	i := workflow.Instance{Ref: a.Ref(), State: a.State}
	if a.DueAt != nil {
		i.DueAt = *a.DueAt
	}
	return conduct.Closes(def, i, at)
}

// openStages are the states of activities that take people in, over all
// definitions.
// The first row matches nothing, so that the list is never empty.
func (s *Service) openStages() [][]any {
	out := [][]any{{"", 0, ""}}
	for _, def := range s.definitions.List() {
		for _, st := range def.States {
			if def.Level == definition.LevelActivity && def.Door(st.Name) != "" {
				out = append(out, []any{def.Name, def.Version, st.Name})
			}
		}
	}
	return out
}

// finals are the ending states of processes, over all definitions.
func (s *Service) finals() [][]any {
	out := [][]any{{"", 0, ""}}
	for _, def := range s.definitions.List() {
		for _, st := range def.States {
			if def.Level == definition.LevelProcess && st.Final {
				out = append(out, []any{def.Name, def.Version, st.Name})
			}
		}
	}
	return out
}

// meet makes this node know the definitions that something runs by: what a state
// means is theirs to say. One that cannot be read is the cockpit's to tell.
func (s *Service) meet(ctx context.Context) error {
	pins, err := selectPins(ctx, s.db)
	for _, p := range pins {
		if _, unread := s.engine.Resolve(ctx, s.db, p.Definition, p.Version); unread != nil {
			s.log.WarnContext(ctx, "a definition cannot be read", "definition", p.Definition, "version", p.Version, "error", unread)
		}
	}
	return err
}
