package process

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow/store"
)

type activityRow struct {
	bun.BaseModel `bun:"table:activity,alias:a"`

	ProcessID ID         `bun:"process_id,pk"`
	ID        ActivityID `bun:"id,pk,autoincrement"`
	PublicID  string
	Kind      string
	Title     string
	Intro     string
	Phase     string
	Revision  int64
	CreatedBy PersonID
	CreatedAt time.Time
}

type activityState struct {
	activityRow
	Definition    string
	Version       int
	State         string
	StateRevision int64
	EnteredAt     time.Time
	MinAt         *time.Time
	DueAt         *time.Time
	MaxAt         *time.Time
	HeldAt        *time.Time
}

func (r activityState) activity() Activity {
	return Activity{
		ProcessID: r.ProcessID, ID: r.ID, PublicID: r.PublicID, Kind: r.Kind, Title: r.Title, Intro: r.Intro,
		Phase: r.Phase, Revision: r.Revision, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt,
		Definition: r.Definition, Version: r.Version, State: r.State, StateRevision: r.StateRevision, EnteredAt: r.EnteredAt,
		MinAt: r.MinAt, DueAt: r.DueAt, MaxAt: r.MaxAt, HeldAt: r.HeldAt,
	}
}

// ActivitiesIn is Service.Activities in the caller's transaction.
func ActivitiesIn(ctx context.Context, db bun.IDB, id ID) ([]Activity, error) {
	return listActivities(ctx, db, id)
}

func insertActivity(ctx context.Context, tx bun.IDB, a *Activity) error {
	row := activityRow{
		ProcessID: a.ProcessID, PublicID: a.PublicID, Kind: a.Kind, Title: a.Title, Intro: a.Intro,
		Phase: a.Phase, Revision: 1, CreatedBy: a.CreatedBy, CreatedAt: a.CreatedAt,
	}
	if _, err := tx.NewInsert().Model(&row).Returning("id").Exec(ctx); err != nil {
		return fmt.Errorf("insert activity: %w", err)
	}
	a.ID, a.Revision = row.ID, 1
	return nil
}

func selectActivities(db bun.IDB, rows *[]activityState) *bun.SelectQuery {
	return db.NewSelect().Model(rows).ModelTableExpr("activity AS a").
		ColumnExpr("a.*, w.definition, w.version, w.state, w.revision AS state_revision, w.entered_at, w.min_at, w.due_at, w.max_at, w.held_at").
		Join("JOIN workflow_instance AS w ON w.process_id = a.process_id AND w.activity_id = a.id")
}

func listActivities(ctx context.Context, db bun.IDB, id ID) ([]Activity, error) {
	var rows []activityState
	err := selectActivities(db, &rows).Where("a.process_id = ?", id).OrderExpr("a.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list activities: %w", err)
	}
	out := make([]Activity, len(rows))
	for i, r := range rows {
		out[i] = r.activity()
	}
	return out, nil
}

func oneActivity(ctx context.Context, db bun.IDB, where string, args ...any) (Activity, error) {
	var rows []activityState
	if err := selectActivities(db, &rows).Where(where, args...).Scan(ctx); err != nil && !pg.NoRows(err) {
		return Activity{}, fmt.Errorf("load activity: %w", err)
	}
	if len(rows) == 0 {
		return Activity{}, fault.New(fault.NotFound, "activity.not_found")
	}
	return rows[0].activity(), nil
}

func loadActivity(ctx context.Context, db bun.IDB, id ID, activity ActivityID) (Activity, error) {
	return oneActivity(ctx, db, "a.process_id = ? AND a.id = ?", id, activity)
}

// ShareActivity takes the shared lock under which people submit to an activity;
// see store.Share.
func ShareActivity(ctx context.Context, tx bun.IDB, id ID, activity ActivityID) error {
	return store.Share(ctx, tx, ref(id, activity))
}

// ExcludeActivity takes the locks of a move of an activity, for a use case that
// changes its dates or moves it; the process is locked already. See
// store.Exclude.
func ExcludeActivity(ctx context.Context, tx bun.IDB, id ID, activity ActivityID) error {
	return store.Exclude(ctx, tx, ref(id, activity))
}
