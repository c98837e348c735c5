package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/memory"
	"arengo/workflow/row"
	"arengo/workflow/store"
)

// TestStoresRefuseAlike asks both stores for what the engine never does, since
// it looks before: the constraints are what holds when somebody else was faster.
func TestStoresRefuseAlike(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := b.at("2026-03-02 10:00")
	for name, c := range map[string]struct {
		want string // "ok", "no", "refused" or a locale key
		do   func(ctx context.Context, s workflow.Store) (bool, error)
	}{
		"an instance twice": {"workflow.instance_exists", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.AddInstance(ctx, &row.Instance{ProcessID: 1, EnteredAt: at, CreatedAt: at})
		}},
		"an instance below": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.AddInstance(ctx, &row.Instance{ProcessID: 1, ActivityID: -1, EnteredAt: at, CreatedAt: at})
		}},
		"an activity with a chain": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.SaveInstance(ctx, &row.Instance{ProcessID: 1, ActivityID: 2, Seq: 1, EnteredAt: at, CreatedAt: at})
		}},
		"fewer than no days held": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.SaveInstance(ctx, &row.Instance{ProcessID: 1, HeldDays: -1, EnteredAt: at, CreatedAt: at})
		}},
		"a definition of no version": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.Publish(ctx, row.Definition{Name: "x", CreatedAt: at})
		}},
		"a definition changed": {"workflow.definition_changed", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.Publish(ctx, row.Definition{Name: "x", Version: 1, SHA256: "b", CreatedAt: at})
		}},
		"a definition again": {"ok", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.Publish(ctx, row.Definition{Name: "x", Version: 1, SHA256: "a", CreatedAt: at})
		}},
		"a phase twice": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.WritePlan(ctx, row.Ref{ProcessID: 1}, []row.Phase{{ProcessID: 1, State: "a"}, {ProcessID: 1, State: "a"}})
		}},
		"a phase backwards": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.WritePlan(ctx, row.Ref{ProcessID: 1}, []row.Phase{{ProcessID: 1, State: "a", PlannedStart: at, PlannedEnd: at.Add(-1000)}})
		}},
		"a phase of less than no days": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.WritePlan(ctx, row.Ref{ProcessID: 1}, []row.Phase{{ProcessID: 1, State: "a", Days: -1}})
		}},
		"a deadline's name twice": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.AddDeadlines(ctx, []row.Deadline{armed(at, "end")})
		}},
		"a deadline that does nothing": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			d := armed(at, "other")
			d.Action = "dance"
			return true, s.AddDeadlines(ctx, []row.Deadline{d})
		}},
		"a deadline of no generation": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			d := armed(at, "other")
			d.Generation = 0
			return true, s.AddDeadlines(ctx, []row.Deadline{d})
		}},
		"a deadline done twice": {"refused", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			d.FiredAt, d.CancelledAt = at, at
			return true, s.SaveDeadline(ctx, d)
		})},
		"what failed and rests is not due": {"no", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			d.Failures, d.RetryAt, d.Failure = 1, at.Add(time.Minute), "why"
			if err := s.NoteFailure(ctx, d); err != nil {
				return false, err
			}
			due, err := s.Due(ctx, at.Add(-time.Hour), at.Add(time.Minute), 9)
			return len(due) > 0, err
		})},
		"what rested is due, and nobody's elder": {"ok", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			d.Failures, d.RetryAt, d.Failure = 1, at.Add(time.Minute), "why"
			if err := s.NoteFailure(ctx, d); err != nil {
				return false, err
			}
			due, err := s.Due(ctx, at.Add(-time.Hour), at.Add(time.Minute+time.Microsecond), 9)
			if err != nil || len(due) != 1 {
				return false, err
			}
			passed, err := s.Passed(ctx, d.ProcessID, at)
			return len(passed) == 0, err
		})},
		"what is set aside is nobody's elder but its own": {"ok", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			d.Failures, d.RetryAt = row.MostFailures, at
			if err := s.NoteFailure(ctx, d); err != nil {
				return false, err
			}
			aside, err := s.Aside(ctx, d.ProcessID)
			if err != nil || len(aside) != 1 || aside[0].Failures != row.MostFailures {
				return false, err
			}
			own, err := s.Earliest(ctx, d)
			if err != nil || own == nil {
				return false, err
			}
			later := *d
			later.ID++
			other, err := s.Earliest(ctx, &later)
			return other == nil, err
		})},
		"what is armed anew has not failed": {"ok", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			d.Failures, d.RetryAt, d.Failure = row.MostFailures, at.Add(time.Hour), "why"
			if err := s.NoteFailure(ctx, d); err != nil {
				return false, err
			}
			d.Generation++
			if err := s.SaveDeadline(ctx, d); err != nil {
				return false, err
			}
			fresh, err := s.Deadline(ctx, d.ProcessID, d.ID)
			return err == nil && fresh.Failures == 0 && fresh.RetryAt.IsZero() && fresh.Failure == "", err
		})},
		"a claim": {"ok", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			return true, s.Claim(ctx, d, at)
		})},
		"a claim too early": {"refused", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			return true, s.Claim(ctx, d, at.Add(-time.Microsecond))
		})},
		"a claim of what moved": {"refused", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			d.Generation--
			return true, s.Claim(ctx, d, at)
		})},
		"a claim of another process": {"refused", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			d.ProcessID++
			return true, s.Claim(ctx, d, at)
		})},
		"a claim of what was claimed": {"refused", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			first, second := s.Claim(ctx, d, at), s.Claim(ctx, d, at)
			return first == nil, second
		})},
		"a claim of what was cancelled": {"refused", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			if err := s.CancelDeadlines(ctx, &row.Instance{ProcessID: 1, Entry: 1}, "left", at); err != nil {
				return true, err
			}
			return true, s.Claim(ctx, d, at)
		})},
		"a claim when another entry was left": {"ok", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			if err := s.CancelDeadlines(ctx, &row.Instance{ProcessID: 1, Entry: 2}, "left", at); err != nil {
				return false, err
			}
			return true, s.Claim(ctx, d, at)
		})},
		"a deadline of another process": {"workflow.deadline_unknown", withEnd(func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error) {
			_, err := s.Deadline(ctx, 2, d.ID)
			return true, err
		})},
		"a state entered again": {"ok", func(ctx context.Context, s workflow.Store) (bool, error) {
			ref := row.Ref{ProcessID: 1}
			for i, p := range []row.Passage{{Entered: "a"}, {Left: "a", Entered: "b", Reason: "x"}, {Left: "b", Entered: "a"}} {
				p.At = at.Add(time.Duration(i) * time.Hour)
				if err := s.NotePlan(ctx, ref, p); err != nil {
					return false, err
				}
			}
			plan, err := s.Plan(ctx, ref)
			if err != nil || len(plan) != 2 {
				return false, err
			}
			a, b := plan[0], plan[1]
			return a.State == "a" && a.StartedAt.Equal(at) && a.EndedAt.IsZero() && a.Reason == "" &&
				b.Position == 1 && b.EndedAt.Equal(at.Add(2*time.Hour)), nil
		}},
		"a log out of order": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.AppendLog(ctx, logged(1, "person", "other"), &row.Text{})
		}},
		"a key twice": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.AppendLog(ctx, logged(2, "person", "key"), &row.Text{})
		}},
		"a log of nobody": {"refused", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.AppendLog(ctx, logged(2, "ghost", "other"), &row.Text{})
		}},
		"a log": {"ok", func(ctx context.Context, s workflow.Store) (bool, error) {
			return true, s.AppendLog(ctx, logged(2, "person", "other"), &row.Text{})
		}},
		"an incident held twice": {"no", func(ctx context.Context, s workflow.Store) (bool, error) {
			if ok, err := s.Hold(ctx, &row.Incident{ProcessID: 1, Transition: "end", Blockers: []byte("[]"), OpenedAt: at}); !ok || err != nil {
				return true, err
			}
			return s.Hold(ctx, &row.Incident{ProcessID: 1, Transition: "end", Blockers: []byte("[]"), OpenedAt: at})
		}},
		"an incident withdrawn": {"ok", func(ctx context.Context, s workflow.Store) (bool, error) {
			for _, i := range []row.Incident{{ProcessID: 1, Transition: "end"}, {ProcessID: 1, Transition: "open"}, {ProcessID: 1, ActivityID: 2, Transition: "end"}} {
				i.Blockers, i.OpenedAt = []byte("[]"), at
				if ok, err := s.Hold(ctx, &i); !ok || err != nil {
					return false, err
				}
			}
			err := errors.Join(
				s.AddIncident(ctx, &row.Incident{ProcessID: 1, Transition: "end", DeadlineID: 5, Blockers: []byte("[]"), OpenedAt: at}),
				s.Withdraw(ctx, row.Ref{ProcessID: 1}, "end", at))
			left, failed := s.Incidents(ctx, 1)
			return len(left) == 3 && left[0].Transition == "open" && left[1].ActivityID == 2 && left[2].DeadlineID == 5, errors.Join(err, failed)
		}},
		"an incident held again": {"ok", func(ctx context.Context, s workflow.Store) (bool, error) {
			if ok, err := s.Hold(ctx, &row.Incident{ProcessID: 1, Transition: "end", Blockers: []byte("[]"), OpenedAt: at}); !ok || err != nil {
				return false, err
			}
			if err := s.Resolve(ctx, row.Ref{ProcessID: 1}, at); err != nil {
				return false, err
			}
			return s.Hold(ctx, &row.Incident{ProcessID: 1, Transition: "end", Blockers: []byte("[]"), OpenedAt: at})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			rows := memory.New()
			sides := map[string]func(do func(ctx context.Context, s workflow.Store) error) error{
				"memory": func(do func(ctx context.Context, s workflow.Store) error) error {
					return rows.InTx(t.Context(), func(ctx context.Context, _ bun.IDB) error { return do(ctx, rows) })
				},
				"database": func(do func(ctx context.Context, s workflow.Store) error) error {
					return pg.InTx(t.Context(), b.db, func(ctx context.Context, tx bun.Tx) error { return do(ctx, store.In(tx)) })
				},
				"database, writing late": func(do func(ctx context.Context, s workflow.Store) error) error {
					return pg.InAct(t.Context(), b.db, func(ctx context.Context, tx pg.Tx) error {
						return do(ctx, late{store.In(tx), tx})
					})
				},
			}
			for side, in := range sides {
				got := "never"
				undone := errors.New("nothing is kept")
				err := in(func(ctx context.Context, s workflow.Store) error {
					b.must(setOut(ctx, s, at))
					ok, err := c.do(ctx, s)
					if l, writes := s.(late); writes && err == nil {
						err = l.tx.Send(ctx)
					}
					got = map[bool]string{true: "ok", false: "no"}[ok]
					if e, known := fault.As(err); known {
						got = e.Key
					} else if err != nil {
						got = "refused"
					}
					return undone
				})
				if !errors.Is(err, undone) || got != c.want {
					t.Errorf("%s: %s, want %s (%v)", side, got, c.want, err)
				}
			}
		})
	}
}

// late is a store whose transaction is asked to write in the end.
type late struct {
	store.Store
	tx pg.Tx
}

// setOut writes a process with a deadline, a log of one row and a definition.
func setOut(ctx context.Context, s workflow.Store, at time.Time) error {
	if err := s.AddInstance(ctx, &row.Instance{ProcessID: 1, Entry: 1, EnteredAt: at, CreatedAt: at}); err != nil {
		return err
	}
	if err := s.AddInstance(ctx, &row.Instance{ProcessID: 1, ActivityID: 2, EnteredAt: at, CreatedAt: at}); err != nil {
		return err
	}
	if err := s.Publish(ctx, row.Definition{Name: "x", Version: 1, SHA256: "a", CreatedAt: at}); err != nil {
		return err
	}
	if err := s.AppendLog(ctx, logged(1, "person", "key"), &row.Text{}); err != nil {
		return err
	}
	return s.AddDeadlines(ctx, []row.Deadline{armed(at, "end")})
}

// armed is a deadline of the process, in its second generation.
func armed(at time.Time, name string) row.Deadline {
	return row.Deadline{
		ProcessID: 1, Entry: 1, Name: name, Generation: 2, WallTime: "2026-03-02 10:00:00", Zone: "UTC", DueAt: at, Action: "event",
	}
}

func withEnd(do func(ctx context.Context, s workflow.Store, d *row.Deadline) (bool, error)) func(context.Context, workflow.Store) (bool, error) {
	return func(ctx context.Context, s workflow.Store) (bool, error) {
		rows, err := s.Deadlines(ctx, row.Ref{ProcessID: 1}, 1)
		if err != nil || len(rows) != 1 {
			return false, fmt.Errorf("%d deadlines, %w", len(rows), err)
		}
		return do(ctx, s, &rows[0])
	}
}

// logged is a row of the log that continues one whose hash is its number.
func logged(seq int64, actor, key string) *row.Log {
	r := &row.Log{ProcessID: 1, Seq: seq, ActorKind: actor, IdempotencyKey: key, Facts: []byte("{}"), PrevHash: []byte{}, Hash: []byte{byte(seq)}}
	if seq > 1 {
		r.PrevHash = []byte{byte(seq - 1)}
	}
	return r
}
