package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
)

// EventCutShort is the event of a kind's workflow which tells people that the
// process closes it before its own end.
const EventCutShort = conduct.EventCutShort

// stage is the service as the conduct of its processes sees it.
type stage struct{ s *Service }

// Activities lists those of a process with their kinds.
func (g stage) Activities(ctx context.Context, tx bun.IDB, processID int64) ([]conduct.Activity, error) {
	activities, err := listActivities(ctx, tx, ID(processID))
	out := make([]conduct.Activity, len(activities))
	for i, a := range activities {
		out[i] = conduct.Activity{Ref: a.Ref(), Kind: a.Kind}
	}
	return out, err
}

// InTx locks the process and wakes the workers after the commit.
func (g stage) InTx(ctx context.Context, d workflow.DeadlineRef, do func(ctx context.Context, tx bun.IDB) error) error {
	return g.s.inAct(ctx, func(ctx context.Context, tx pg.Tx) error {
		lock := processLock(ID(d.ProcessID))
		steps := append([]pg.Step{lock.step()}, g.s.ahead(tx, ID(d.ProcessID))...)
		if err := tx.Send(ctx, append(steps, g.s.engine.OpeningOf(tx, d)...)...); err != nil {
			return err
		}
		if _, err := lock.process(); err != nil {
			return err
		}
		return do(ctx, tx)
	})
}

// Announce turns a notice effect into a row, whose audience is resolved at
// sending time.
func (g stage) Announce(ctx context.Context, tx bun.IDB, e workflow.Effect, c conduct.Cause) error {
	payload := Payload{State: e.State, DueAt: e.DueAt, OldEnd: c.OldEnd, Reason: c.Reason, By: c.By, With: c.Together, Extra: extra(e, c)}
	kind, err := g.said(ctx, tx, e, &payload)
	if err != nil {
		return err
	}
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
		ProcessID: e.Ref.ProcessID, ActivityID: e.Ref.ActivityID, Key: e.Occasion, Kind: kind,
		Audience: strings.Join(e.Audience, ","), Payload: raw, DueAt: told(e), ExpiresAt: e.Expires, CreatedAt: e.At,
	}
	return g.s.outbox.Add(ctx, tx, n)
}

// extra are the words of a notice that only some have.
func extra(e workflow.Effect, c conduct.Cause) map[string]string {
	out := map[string]string{}
	if c.ClosedBy != "" {
		out["closed_by"] = c.ClosedBy
	}
	if c.Beyond {
		out["beyond"], out[ExtraAct] = "yes", c.Act
	}
	if c.Law != nil {
		out["law"] = c.Law.Article + ", " + c.Law.Source
	}
	if e.NoTime {
		out["no_time"] = "yes"
	}
	return out
}

// told is when a notice is to be sent: at once, but of a changed end after the
// grace. Of several changes only the last is told, and only to whom it says
// something new.
func told(e workflow.Effect) time.Time {
	if e.Notice != definition.NoticeExtended && e.Notice != definition.NoticeShortened {
		return e.At
	}
	return history.ToldAt(e.At, e.Expires)
}

// said is the kind of a notice. One of the definition's own words is remembered
// by the version that it was announced under, and may be refused unless all it
// goes to work on the process.
func (g stage) said(ctx context.Context, tx bun.IDB, e workflow.Effect, payload *Payload) (string, error) {
	if slices.Contains(definition.Notices, e.Notice) || slices.Contains(definition.Alone, e.Notice) {
		return e.Notice, nil
	}
	inst, err := g.s.engine.Instance(ctx, tx, e.Ref)
	if err != nil {
		return "", err
	}
	payload.Own = &OwnNotice{Definition: inst.Definition, Version: inst.Version, Code: e.Notice}
	if ForStaff(e.Audience) {
		return notify.StaffNotice, nil
	}
	return notify.Announcement, nil
}

// ForStaff reports that all those of an audience work on the process or run the
// platform.
func ForStaff(audience []string) bool {
	return !slices.ContainsFunc(audience, func(word string) bool {
		return !slices.Contains(definition.Staff, word) && word != definition.AudienceAdministrator
	})
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

// Facts gathers counts and states; never a name, an address or an answer. What
// is needed of them is asked for together; what kinds count follows.
func (f facter) Facts(ctx context.Context, tx bun.IDB, r workflow.Ref, need guard.Needs, _ time.Time) (guard.Facts, error) {
	id := ID(r.ProcessID)
	need.Counts = need.Counts && r.ActivityID != 0
	var facts guard.Facts
	var list listing
	var steps []pg.Step
	ask := func(needed bool, step func() pg.Step) {
		if needed {
			steps = append(steps, step())
		}
	}
	ask(need.Process, func() pg.Step { return processFacts(id, &facts.Process) })
	ask(need.Roles, func() pg.Step { return countRoles(id, &facts.Process) })
	ask(need.Dates, func() pg.Step { return dateFacts(id, &facts.Process) })
	ask(need.Artefacts, func() pg.Step { return artefactFacts(id, &facts.Artefacts) })
	ask(need.Activities || need.Counts || need.Anchors && r.ActivityID == 0, func() pg.Step { return list.step(id) })
	ask(need.Rates, func() pg.Step { return list.rates(id) })
	ask(need.Activities || need.Counts, func() pg.Step { return list.common(id) })
	ask(need.Anchors && r.ActivityID != 0, func() pg.Step { return meetingAnchors(id, ActivityID(r.ActivityID), &facts) })
	if err := pg.Send(ctx, tx, steps...); err != nil {
		return facts, fmt.Errorf("read facts: %w", err)
	}
	counted := list.activities
	if !need.Activities {
		counted = list.only(ActivityID(r.ActivityID), need.Counts)
	}
	if err := f.s.countOwn(ctx, tx, id, counted, list.counts); err != nil {
		return facts, err
	}
	facts.Counts = list.counts[ActivityID(r.ActivityID)]
	return facts, f.tell(ctx, tx, r, need, list, &facts)
}

// tell adds what is known of the activities to the facts.
func (f facter) tell(ctx context.Context, tx bun.IDB, r workflow.Ref, need guard.Needs, list listing, facts *guard.Facts) error {
	for _, a := range list.activities {
		def, err := f.s.engine.Resolve(ctx, tx, a.Definition, a.Version)
		if err != nil {
			return err
		}
		if need.Activities {
			about := activityFacts(def, a, list.counts[a.ID])
			about.Rates = list.strata[a.ID]
			facts.Activities = append(facts.Activities, about)
		}
		if end := a.End(def, list.left[a.ID]); r.ActivityID == 0 && !end.IsZero() {
			if facts.Anchors == nil {
				facts.Anchors = map[string][]time.Time{}
			}
			anchor := definition.AnchorActivity + ":" + a.Kind
			facts.Anchors[anchor] = append(facts.Anchors[anchor], end)
		}
	}
	return nil
}

// Counts gives the numbers of activities that guards and pages use: those that
// every kind has (invited, opened, drafted, answered, registered, waiting,
// meetings, attended, materials) and those of the kind itself.
func (s *Service) Counts(ctx context.Context, db bun.IDB, id ID, activities []Activity) (map[ActivityID]map[string]int64, error) {
	var list listing
	if err := pg.Send(ctx, db, list.common(id)); err != nil {
		return nil, fmt.Errorf("count participation: %w", err)
	}
	return list.counts, s.countOwn(ctx, db, id, activities, list.counts)
}

// OwnCounts gives the numbers of an activity that its kind counts, without those
// that every kind has: these take the longer, the more people are invited.
func (s *Service) OwnCounts(ctx context.Context, db bun.IDB, a Activity) (map[string]int64, error) {
	counts := map[ActivityID]map[string]int64{}
	err := s.countOwn(ctx, db, a.ProcessID, []Activity{a}, counts)
	return counts[a.ID], err
}

// countOwn adds what their kinds count to the counts of activities.
func (s *Service) countOwn(ctx context.Context, db bun.IDB, id ID, activities []Activity, counts map[ActivityID]map[string]int64) error {
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
			return err
		}
		own, err := kind.Counts(ctx, db, id, ids)
		if err != nil {
			return err
		}
		for a, names := range own {
			for n, v := range names {
				counts[a][n] = v
			}
		}
	}
	return nil
}

// FireDeadline is what the timer does with one deadline: the same locked path
// as a person's move. A deadline that is obsolete, early or rests is no error.
func (s *Service) FireDeadline(ctx context.Context, d workflow.DeadlineRef) (workflow.Result, error) {
	return s.conduct.Alone(ctx, d)
}

// Sweep fires every deadline that is due and not done, oldest first, and
// returns how many it fired. One that fails, even by a panic, is logged, rests for
// a while and does not hold up the others; it stays due.
func (s *Service) Sweep(ctx context.Context) (int, error) { return s.conduct.Sweep(ctx, s.db) }
