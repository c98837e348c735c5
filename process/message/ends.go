package message

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// ends are the notices of an end that somebody changed. Only the last of a term
// is sent, so that nobody is told of an end that no longer holds, however long
// the relay was away; it says what the reader knew before.
var ends = map[string]bool{definition.NoticeExtended: true, definition.NoticeShortened: true}

// change is a notice of a changed end. By is the person who changed it, who gets
// none; 0 when it is not known any more.
type change struct {
	ID, By int64
	OldEnd time.Time
	NewEnd time.Time
}

// instance is what a notice is about, as it stands now, and what it was when
// the notice was written.
func (src source) instance(ctx context.Context, db bun.IDB, n notify.Notice) (workflow.Instance, process.Payload, error) {
	var payload process.Payload
	if err := json.Unmarshal(n.Payload, &payload); err != nil {
		return workflow.Instance{}, payload, fmt.Errorf("payload of notice %q: %w", n.Key, err)
	}
	inst, err := src.s.Engine().Instance(ctx, db, workflow.Ref{ProcessID: n.ProcessID, ActivityID: n.ActivityID})
	return inst, payload, err
}

// notTold skips whoever need not be told of a changed end: everyone, when
// another change came after it, the phase is over or rests; who has left the
// audience; and who knows the end already.
func (src source) notTold(
	ctx context.Context, db bun.IDB, n notify.Notice, persons []int64, in map[int64]bool, skip skipped,
) error {
	inst, payload, err := src.instance(ctx, db, n)
	if err != nil {
		return err
	}
	changes, err := listChanges(ctx, db, n, inst.EnteredAt)
	if err != nil {
		return err
	}
	last := len(changes) > 0 && changes[len(changes)-1].ID == n.ID
	if !last || inst.State != payload.State || inst.Held() {
		for _, p := range persons {
			skip.ever(p, "superseded")
		}
		return nil
	}
	known, err := knownEnds(ctx, db, n, changes, persons)
	for _, p := range persons {
		switch {
		case !in[p]:
			skip.ever(p, "left_audience")
		case known[p].Equal(inst.DueAt):
			skip.ever(p, "told_already")
		}
	}
	return err
}

// saysEnd lets each reader be told from which end they know to which one that
// stands, in the words for a later one or for an earlier one.
func (src source) saysEnd(ctx context.Context, db bun.IDB, c *noticeContext, persons []int64) error {
	if !ends[c.notice.Kind] {
		return nil
	}
	changes, err := listChanges(ctx, db, c.notice, c.entered)
	if err != nil {
		return err
	}
	c.known, err = knownEnds(ctx, db, c.notice, changes, persons)
	return err
}

// News gives those of persons who do not know an end of what an instance is in yet:
// whom a change to it would be told, once nothing else follows it.
func News(ctx context.Context, db bun.IDB, inst workflow.Instance, end time.Time, persons []int64) ([]int64, error) {
	n := notify.Notice{ProcessID: inst.ProcessID, ActivityID: inst.ActivityID, Key: "preview"}
	changes, err := listChanges(ctx, db, n, inst.EnteredAt)
	if err != nil || len(changes) == 0 || len(persons) == 0 {
		return persons, err
	}
	known, err := knownEnds(ctx, db, n, changes, persons)
	return slices.DeleteFunc(slices.Clone(persons), func(p int64) bool { return known[p].Equal(end) }), err
}

// actTitle names the document by which an exception was decided: as the definition
// does, or as whoever wrote one that it does not ask for. It is nil for no code.
func actTitle(ctx context.Context, db bun.IDB, def *definition.Compiled, n notify.Notice, code string) (definition.Text, error) {
	if code == "" {
		return nil, nil
	}
	if a, ok := def.Artefact(code); ok {
		return a.Title, nil
	}
	title, err := writtenTitle(ctx, db, n, code)
	return definition.Text{"it": title}, err
}

// changed is the kind of notice that tells of a move from an end to another.
func changed(from, to time.Time) string {
	if to.After(from) {
		return definition.NoticeExtended
	}
	return definition.NoticeShortened
}
