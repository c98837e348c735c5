package cockpit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/outlook"
)

// read gathers every process of a person in a fixed number of statements. What has
// a definition that cannot be read is left out and given apart: it hides nothing
// else.
func (s *Service) read(ctx context.Context, who process.Actor, now time.Time) (views []*view, left []Unread, err error) {
	db := s.core.DB()
	rows, err := selectMine(ctx, db, who.Person, now)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	by := make(map[process.ID]*view, len(rows))
	ids := make([]process.ID, 0, len(rows))
	for _, r := range rows {
		v := &view{
			process: r.Process, standing: process.Standing{Actor: who, Roles: strings.Split(r.Roles, ",")},
			inst: r.instance(), populated: r.Populated, held: strings.Split(r.Held, ","), documents: map[string]bool{}, now: now,
		}
		if v.def, err = s.core.Engine().Definition(ctx, db, v.inst); err != nil {
			left = append(left, s.unread(ctx, r.Process, v.inst, err))
			continue
		}
		views, by[r.ID], ids = append(views, v), v, append(ids, r.ID)
	}
	if len(views) == 0 {
		return nil, left, nil
	}
	for _, load := range []func(context.Context, bun.IDB, []process.ID, map[process.ID]*view) error{
		s.loadActivities, loadPlans, loadDates, loadDocuments, loadMeetings, loadBounced, loadIncidents,
	} {
		if err := load(ctx, db, ids, by); err != nil {
			return nil, nil, err
		}
	}
	views, left = whole(views, left)
	return views, left, nil
}

type mineRow struct {
	process.Process
	Roles         string
	Held          string
	Populated     bool
	Definition    string
	Version       int
	State         string
	StateRevision int64
	Entry         int
	EnteredAt     time.Time
	MinAt         *time.Time
	DueAt         *time.Time
	MaxAt         *time.Time
	FirstDueAt    *time.Time
	Extensions    int
	HeldAt        *time.Time
}

func selectMine(ctx context.Context, db bun.IDB, person process.PersonID, now time.Time) ([]mineRow, error) {
	var rows []mineRow
	err := db.NewRaw(`SELECT p.*, r.roles, w.definition, w.version, w.state, w.revision AS state_revision, w.entry,
			w.entered_at, w.min_at, w.due_at, w.max_at, w.first_due_at, w.extensions, w.held_at,
			EXISTS (SELECT 1 FROM population n WHERE n.process_id = p.id AND n.units > 0) AS populated,
			(SELECT coalesce(string_agg(role, ','), '') FROM (SELECT role FROM process_member WHERE process_id = p.id
				UNION SELECT role FROM membership WHERE organisation_id = p.organisation_id) h) AS held
		FROM (SELECT process_id, string_agg(DISTINCT role, ',') AS roles FROM (
				SELECT process_id, role FROM process_member WHERE person_id = ?0
				UNION ALL SELECT process_id, role FROM absence WHERE deputy_id = ?0 AND starts_at <= ?1 AND ends_at > ?1
				UNION ALL SELECT q.id, s.role FROM membership s JOIN process q ON q.organisation_id = s.organisation_id
				WHERE s.person_id = ?0) m GROUP BY process_id) r
		JOIN process p ON p.id = r.process_id
		JOIN workflow_instance w ON w.process_id = p.id AND w.activity_id = 0
		ORDER BY p.id DESC`, person, now).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("cockpit: read processes: %w", err)
	}
	return rows, nil
}

func (s *Service) loadActivities(ctx context.Context, db bun.IDB, ids []process.ID, by map[process.ID]*view) error {
	var rows []struct {
		process.Activity
		Definition string
		Version    int
		FirstDueAt *time.Time
		Extensions int
	}
	err := db.NewRaw(`SELECT a.*, w.state, w.revision AS state_revision, w.entered_at, w.min_at, w.due_at, w.max_at, w.held_at,
			w.definition, w.version, w.first_due_at, w.extensions
		FROM activity a JOIN workflow_instance w ON w.process_id = a.process_id AND w.activity_id = a.id
		WHERE a.process_id IN (?) ORDER BY a.process_id, a.id`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("cockpit: read activities: %w", err)
	}
	for _, r := range rows {
		v := by[r.ProcessID]
		inst := workflow.Instance{Ref: r.Ref(), Definition: r.Definition, Version: r.Version, Zone: v.process.Zone}
		def, err := s.core.Engine().Definition(ctx, db, inst)
		if err != nil {
			left := s.unread(ctx, v.process, inst, err)
			v.unread = &left
			continue
		}
		v.activities = append(v.activities, activity{r.Activity, def, map[string]time.Time{}, value(r.FirstDueAt), r.Extensions})
	}
	return nil
}

// loadPlans reads what was planned of the processes, and which states their
// activities have left.
func loadPlans(ctx context.Context, db bun.IDB, ids []process.ID, by map[process.ID]*view) error {
	var rows []struct {
		ProcessID                                    process.ID
		ActivityID                                   process.ActivityID
		State                                        string
		Source                                       outlook.Source
		Days                                         int
		Fixed                                        bool
		PlannedStart, PlannedEnd, StartedAt, EndedAt *time.Time
	}
	err := db.NewRaw(`SELECT process_id, activity_id, state, source, days, fixed, planned_start, planned_end, started_at, ended_at
		FROM workflow_plan WHERE process_id IN (?) AND (activity_id = 0 OR ended_at IS NOT NULL) ORDER BY process_id, position`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("cockpit: read plans: %w", err)
	}
	for _, r := range rows {
		v := by[r.ProcessID]
		if r.ActivityID != 0 {
			if a := v.find(r.ActivityID); a != nil {
				a.left[r.State] = value(r.EndedAt)
			}
			continue
		}
		st, _ := v.def.State(r.State)
		v.plan = append(v.plan, workflow.PlannedPhase{
			State: r.State, Title: st.Title, Source: r.Source, Days: r.Days, Fixed: r.Fixed, Start: value(r.PlannedStart), End: value(r.PlannedEnd),
			StartedAt: value(r.StartedAt), EndedAt: value(r.EndedAt),
		})
	}
	return nil
}

// loadDates reads the dates of the call, by which phases to come may end.
func loadDates(ctx context.Context, db bun.IDB, ids []process.ID, by map[process.ID]*view) error {
	var rows []struct {
		ProcessID process.ID
		Code      string
		Day       time.Time
	}
	err := db.NewRaw(`SELECT process_id, code, day FROM call_date WHERE process_id IN (?)`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("cockpit: read dates of the call: %w", err)
	}
	for _, r := range rows {
		v := by[r.ProcessID]
		if v.dates == nil {
			v.dates = map[string]time.Time{}
		}
		v.dates[r.Code] = civil.DateOf(r.Day, time.UTC).Start(v.process.Location())
	}
	return nil
}

func loadDocuments(ctx context.Context, db bun.IDB, ids []process.ID, by map[process.ID]*view) error {
	var rows []struct {
		ProcessID process.ID
		Code      string
		Published bool
	}
	err := db.NewRaw(`SELECT process_id, code, published_at IS NOT NULL AS published FROM artefact
		WHERE process_id IN (?) AND body <> ''`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("cockpit: read documents: %w", err)
	}
	for _, r := range rows {
		by[r.ProcessID].documents[r.Code] = r.Published
	}
	return nil
}

type meeting struct {
	ProcessID  process.ID
	ID         int64
	ActivityID process.ActivityID
	Title      string
	StartsAt   time.Time
	Placed     bool
	Agenda     bool
	Registered int64
}

// name is the meeting's own title after the activity's, when it has one.
func (m meeting) name(activity string) string {
	if m.Title == "" || m.Title == activity {
		return activity
	}
	return activity + " – " + m.Title
}

// loadMeetings reads the meetings that are not over and begin within the
// window; a day more than that, since days are civil.
func loadMeetings(ctx context.Context, db bun.IDB, ids []process.ID, by map[process.ID]*view) error {
	now := by[ids[0]].now
	var rows []meeting
	err := db.NewRaw(`SELECT m.process_id, m.id, m.activity_id, m.title, m.starts_at,
			m.place <> '' OR m.join_url <> '' AS placed, m.agenda <> '' AS agenda,
			(SELECT count(*) FROM registration r WHERE r.process_id = m.process_id AND r.activity_id = m.activity_id
				AND r.status = 'registered') AS registered
		FROM meeting m WHERE m.process_id IN (?) AND m.cancelled_at IS NULL AND m.ends_at > ? AND m.starts_at < ?
		ORDER BY m.starts_at, m.id`, bun.List(ids), now, now.AddDate(0, 0, Window+1)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("cockpit: read meetings: %w", err)
	}
	for _, r := range rows {
		v := by[r.ProcessID]
		v.meetings = append(v.meetings, r)
	}
	return nil
}

// loadBounced counts contacts whose address does not work. Who called a message
// unwanted has one that does.
func loadBounced(ctx context.Context, db bun.IDB, ids []process.ID, by map[process.ID]*view) error {
	var rows []struct {
		ProcessID process.ID
		N         int
	}
	err := db.NewRaw(`SELECT c.process_id, count(*) AS n
		FROM suppression s JOIN person p ON p.email = s.address JOIN contact c ON c.person_id = p.id
		WHERE c.process_id IN (?) AND s.source <> 'complaint' GROUP BY c.process_id`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("cockpit: count refused addresses: %w", err)
	}
	for _, r := range rows {
		by[r.ProcessID].bounced = r.N
	}
	return nil
}

type incident struct {
	ProcessID  process.ID
	ID         int64
	ActivityID process.ActivityID
	Transition string
	OpenedAt   time.Time
}

func loadIncidents(ctx context.Context, db bun.IDB, ids []process.ID, by map[process.ID]*view) error {
	var rows []incident
	err := db.NewRaw(`SELECT process_id, id, activity_id, transition, opened_at FROM incident
		WHERE process_id IN (?) AND resolved_at IS NULL ORDER BY process_id, id`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("cockpit: read incidents: %w", err)
	}
	for _, r := range rows {
		by[r.ProcessID].incidents = append(by[r.ProcessID].incidents, r)
	}
	return nil
}

// countDone counts the moves of a person since a Monday and in the week before.
func countDone(ctx context.Context, db bun.IDB, person process.PersonID, week time.Time) (now, previous int, err error) {
	var n struct{ Now, Previous int }
	err = db.NewRaw(`SELECT count(*) FILTER (WHERE l.at >= ?1) AS now, count(*) FILTER (WHERE l.at < ?1) AS previous
		FROM process_member m JOIN transition_log l ON l.process_id = m.process_id
		JOIN transition_text t ON t.process_id = l.process_id AND t.seq = l.seq
		WHERE m.person_id = ?0 AND t.person_id = ?0 AND l.at >= ?2 AND l.transition NOT IN ('create')
			AND m.role = (SELECT min(x.role) FROM process_member x WHERE x.process_id = m.process_id AND x.person_id = ?0)`,
		person, week, week.AddDate(0, 0, -7)).Scan(ctx, &n)
	if err != nil {
		return 0, 0, fmt.Errorf("cockpit: count what was done: %w", err)
	}
	return n.Now, n.Previous, nil
}

// monday is the first instant of the week in Rome, whatever the zones of the
// processes: the count is of one person's work over all of them.
func monday(now time.Time) (time.Time, error) {
	rome, err := civil.Zone("Europe/Rome")
	if err != nil {
		return now, fmt.Errorf("cockpit: %w", err)
	}
	days := (int(now.In(rome).Weekday()) + 6) % 7
	return civil.DateOf(now, rome).Add(-days).Start(rome), nil
}
