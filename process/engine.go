package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// Events by which a process opens and closes its activities; every kind's
// workflow that a process may open has the first two. CutShort is that of a
// kind which tells people when it closes before its own end.
const (
	eventOpen     = "open"
	eventClose    = "close"
	EventCutShort = "cut-short"
)

// carryOut writes the consequences of a transition as rows of the same
// transaction.
func (s *Service) carryOut(ctx context.Context, tx bun.IDB, p Process, res workflow.Result) error {
	return s.carry(ctx, tx, p, res.Effects, nil)
}

// carry writes effects; extra goes into the payload of their notices.
func (s *Service) carry(ctx context.Context, tx bun.IDB, p Process, effects []workflow.Effect, extra map[string]any) error {
	for _, e := range effects {
		var err error
		switch e.Kind {
		case workflow.EffectNotice:
			err = s.announce(ctx, tx, e, extra)
		case workflow.EffectOpen:
			err = s.each(ctx, tx, p, e, eventOpen)
		case workflow.EffectClose:
			err = s.each(ctx, tx, p, e, eventClose)
		case workflow.EffectFire:
			err = s.follow(ctx, tx, p, workflow.Command{Ref: p.Ref(), Event: e.Event, Actor: workflow.System()})
		default:
			err = fmt.Errorf("unknown effect %q", e.Kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// each fires an event at the process's activities of one kind. Those in a state
// that does not know the event, because they are not ready or already over, stay
// where they are: the cockpit shows what they miss.
func (s *Service) each(ctx context.Context, tx bun.IDB, p Process, e workflow.Effect, event string) error {
	if event == eventClose {
		if err := s.replay(ctx, tx, p, e.At); err != nil {
			return err
		}
	}
	activities, err := listActivities(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, a := range activities {
		if a.Kind != e.ActivityKind {
			continue
		}
		c := workflow.Command{Ref: a.Ref(), Event: event, Actor: workflow.System()}
		def, err := s.engine.Resolve(ctx, tx, a.Definition, a.Version)
		if err != nil {
			return err
		}
		if t, ok := Closes(def, a, e.At); ok && event == eventClose {
			c.Event = t.Event
		}
		if err := s.follow(ctx, tx, p, c); err != nil {
			return err
		}
	}
	return nil
}

// follow applies a consequence. Being blocked is not an error of its cause: it
// becomes an incident, which the cockpit shows with the reasons, and which
// offers the transition once none holds.
func (s *Service) follow(ctx context.Context, tx bun.IDB, p Process, c workflow.Command) error {
	_, err := s.apply(ctx, tx, p, c)
	var blocked *workflow.Blocked
	if errors.As(err, &blocked) {
		told, err := s.engine.Hold(ctx, tx, blocked)
		if err != nil || told == nil {
			return err
		}
		s.log.InfoContext(ctx, "consequence blocked", "process_id", c.ProcessID, "activity_id", c.ActivityID,
			"event", c.Event, "transition", blocked.Transition)
		return s.carry(ctx, tx, p, told, nil)
	}
	return err
}

// Payload is what a notice of the domain remembers: identifiers and plain
// facts, never a token.
type Payload struct {
	State   string            `json:"state,omitempty"`   // that the instance was in
	DueAt   time.Time         `json:"due_at,omitzero"`   // end of the state's term
	OldEnd  time.Time         `json:"old_end,omitzero"`  // before an extension
	Reason  string            `json:"reason,omitempty"`  // public reason of the act
	Meeting int64             `json:"meeting,omitempty"` // the meeting it is about
	Words   bool              `json:"words,omitempty"`   // words only, whatever file the kind carries
	SignIn  int64             `json:"sign_in,omitempty"` // the request of a sign-in
	Request int64             `json:"request,omitempty"` // the registration to confirm
	Extra   map[string]string `json:"extra,omitempty"`   // words for the template
}

// ExtraBack is the word of Payload.Extra for the path of this site that a
// sign-in link leads to.
const ExtraBack = "back"

// announce turns a notice effect into rows: one for each audience, since each
// is resolved by itself at sending time.
func (s *Service) announce(ctx context.Context, tx bun.IDB, e workflow.Effect, extra map[string]any) error {
	payload := Payload{State: e.State, DueAt: e.DueAt}
	if old, ok := extra["old_end"].(time.Time); ok {
		payload.OldEnd = old
	}
	if reason, ok := extra["reason"].(string); ok {
		payload.Reason = reason
	}
	if by, ok := extra["closed_by"].(string); ok {
		payload.Extra = map[string]string{"closed_by": by}
	}
	var err error
	if e.Anchor != "" {
		if payload.Meeting, err = anchorMeeting(ctx, tx, e); err != nil {
			return err
		}
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	n := notify.Notice{
		ProcessID: e.Ref.ProcessID, ActivityID: e.Ref.ActivityID, Key: e.Occasion, Kind: e.Notice,
		Audience: strings.Join(e.Audience, ","), Payload: raw, DueAt: e.At, ExpiresAt: e.Expires, CreatedAt: e.At,
	}
	return s.outbox.Add(ctx, tx, n)
}

// Tell adds a notice for one person, in the caller's transaction. Occasion and
// person together are its key: telling twice tells once.
func (s *Service) Tell(ctx context.Context, tx bun.IDB, t Telling) error {
	n, err := t.notice()
	if err != nil {
		return err
	}
	return s.outbox.Add(ctx, tx, n)
}

// Tells is Tell as a step, to be sent together with what it tells.
func (s *Service) Tells(t Telling) (pg.Step, error) {
	n, err := t.notice()
	if err != nil {
		return pg.Step{}, err
	}
	return s.outbox.Adds(n)
}

func (t Telling) notice() (notify.Notice, error) {
	raw, err := json.Marshal(t.Payload)
	key := t.Occasion
	if t.Person != 0 {
		key = fmt.Sprintf("%s/%d", t.Occasion, t.Person)
	}
	return notify.Notice{
		ProcessID: int64(t.Process), ActivityID: int64(t.Activity), Key: key, Kind: t.Kind,
		Audience: t.Audience, PersonID: int64(t.Person), Payload: raw, DueAt: t.Now, CreatedAt: t.Now,
	}, err
}

// Telling is a notice outside the workflow: to one Person, or to an Audience.
// Process 0 is an account's own.
type Telling struct {
	Process  ID
	Activity ActivityID
	Person   PersonID
	Audience string
	Kind     string
	Occasion string
	Payload  Payload
	Now      time.Time
}

// facter tells the engine what guards may know.
type facter struct{ s *Service }

// Facts gathers counts and states; never a name, an address or an answer.
func (f facter) Facts(ctx context.Context, tx bun.IDB, r workflow.Ref, _ time.Time) (guard.Facts, error) {
	id := ID(r.ProcessID)
	var facts guard.Facts
	var err error
	if facts.Process, err = processFacts(ctx, tx, id); err != nil {
		return facts, err
	}
	if facts.Process.Roles, err = countRoles(ctx, tx, id); err != nil {
		return facts, err
	}
	if facts.Artefacts, err = artefactFacts(ctx, tx, id); err != nil {
		return facts, err
	}
	activities, err := listActivities(ctx, tx, id)
	if err != nil {
		return facts, err
	}
	counts, err := f.s.Counts(ctx, tx, id, activities)
	if err != nil {
		return facts, err
	}
	for _, a := range activities {
		def, err := f.s.engine.Resolve(ctx, tx, a.Definition, a.Version)
		if err != nil {
			return facts, err
		}
		facts.Activities = append(facts.Activities, activityFacts(def, a, counts[a.ID]))
	}
	if r.ActivityID != 0 {
		facts.Counts = counts[ActivityID(r.ActivityID)]
		facts.Anchors, err = meetingAnchors(ctx, tx, id, ActivityID(r.ActivityID))
	}
	return facts, err
}

func activityFacts(def *definition.Compiled, a Activity, counts map[string]int64) guard.ActivityFacts {
	final := def.Final(a.State)
	return guard.ActivityFacts{
		ID: strconv.FormatInt(int64(a.ID), 10), Kind: a.Kind, State: a.State, Phase: a.Phase,
		Ready: a.State != def.Initial && !final, Open: open(def, a.State), Over: final && !def.CalledOff(a.State),
		Counts: counts, Rate: rate(counts["answered"], counts["invited"]),
	}
}

// rate is a share to four decimals, which every database writes as it was; 0 of
// nothing.
func rate(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return math.Round(float64(part)/float64(whole)*10_000) / 10_000
}

// Counts gives the numbers of activities that guards and pages use: those that
// every kind has (invited, opened, drafted, answered, registered, waiting,
// meetings, attended, materials) and those of the kind itself.
func (s *Service) Counts(ctx context.Context, db bun.IDB, id ID, activities []Activity) (map[ActivityID]map[string]int64, error) {
	counts, err := commonCounts(ctx, db, id)
	if err != nil {
		return nil, err
	}
	byKind := map[string][]ActivityID{}
	for _, a := range activities {
		if counts[a.ID] == nil {
			counts[a.ID] = map[string]int64{}
		}
		for _, name := range CommonCounts {
			counts[a.ID][name] += 0 // a guard may ask for what nobody did yet
		}
		byKind[a.Kind] = append(byKind[a.Kind], a.ID)
	}
	for name, ids := range byKind {
		kind, err := s.kinds.Get(name)
		if err != nil {
			return nil, err
		}
		own, err := kind.Counts(ctx, db, id, ids)
		if err != nil {
			return nil, err
		}
		for a, names := range own {
			for n, v := range names {
				counts[a][n] = v
			}
		}
	}
	return counts, nil
}
