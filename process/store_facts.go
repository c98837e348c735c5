package process

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// asker is the definition whose guards are about to be asked.
type asker struct {
	Definition string
	Version    int
}

// processFacts says of the process itself all but the roles, and whose guards
// will ask.
func processFacts(ctx context.Context, db bun.IDB, r workflow.Ref) (facts guard.ProcessFacts, by asker, err error) {
	err = db.NewRaw(`SELECT p.published_at IS NOT NULL,
			(SELECT coalesce(max(w.state), '') FROM workflow_instance w WHERE w.process_id = p.id AND w.activity_id = 0),
			(SELECT coalesce(sum(units), 0)::bigint FROM population u WHERE u.process_id = p.id),
			coalesce(i.definition, ''), coalesce(i.version, 0)
		FROM process p LEFT JOIN workflow_instance i ON i.process_id = p.id AND i.activity_id = ?
		WHERE p.id = ?`, r.ActivityID, r.ProcessID).Scan(ctx, &facts.Published, &facts.State, &facts.Population.Units, &by.Definition, &by.Version)
	return facts, by, err
}

// stratumRates are the shares of the invited who answered, by the code of their
// territory, in each activity that invites; who belongs to none is left out.
// They are a row for each territory, and go into the log with the facts, so
// they are gathered for the definitions that ask.
func stratumRates(ctx context.Context, db bun.IDB, id ID) (map[ActivityID]map[string]float64, error) {
	var rows []struct {
		ActivityID        ActivityID
		Code              string
		Invited, Answered int64
	}
	err := db.NewRaw(`SELECT i.activity_id, t.code, count(*) AS invited, count(i.answered_at) AS answered
		FROM invitation i JOIN territory t ON t.id = i.territory_id
		WHERE i.process_id = ? AND i.withdrawn_at IS NULL GROUP BY i.activity_id, t.code`, id).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("rates by stratum: %w", err)
	}
	rates := map[ActivityID]map[string]float64{}
	for _, r := range rows {
		if rates[r.ActivityID] == nil {
			rates[r.ActivityID] = map[string]float64{}
		}
		rates[r.ActivityID][r.Code] = rate(r.Answered, r.Invited)
	}
	return rates, nil
}

// countRoles counts people by role, the lead organisation's promoters
// included; every declared role is there.
func countRoles(ctx context.Context, db bun.IDB, id ID) (map[string]int64, error) {
	roles := make(map[string]int64, len(definition.Roles))
	for _, r := range definition.Roles {
		roles[r] = 0
	}
	var rows []struct {
		Role string
		N    int64
	}
	err := db.NewRaw(`SELECT role, count(DISTINCT person_id) AS n FROM (
			SELECT role, person_id FROM process_member WHERE process_id = ?0
			UNION SELECT s.role, s.person_id FROM membership s JOIN process p ON p.organisation_id = s.organisation_id WHERE p.id = ?0
			UNION SELECT 'participant', person_id FROM contact WHERE process_id = ?0) r
		GROUP BY role`, id).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count roles: %w", err)
	}
	for _, r := range rows {
		roles[r.Role] = r.N
	}
	return roles, nil
}

// dateFacts are the first instants, in the zone of the process, of the dates of
// its call; see package calldate.
func dateFacts(ctx context.Context, db bun.IDB, id ID) (map[string]time.Time, error) {
	var rows []struct {
		Code, Zone string
		Day        time.Time
	}
	err := db.NewRaw(`SELECT d.code, p.zone, d.day FROM call_date d JOIN process p ON p.id = d.process_id
		WHERE d.process_id = ? ORDER BY d.code`, id).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("date facts: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	dates := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		dates[r.Code] = civil.DateOf(r.Day, time.UTC).Start(location(r.Zone))
	}
	return dates, nil
}

func artefactFacts(ctx context.Context, db bun.IDB, id ID) (guard.Artefacts, error) {
	var rows []struct {
		Code      string
		Published bool
	}
	var facts guard.Artefacts
	err := db.NewRaw(`SELECT code, published_at IS NOT NULL AS published FROM artefact
		WHERE process_id = ? AND body <> '' ORDER BY code`, id).Scan(ctx, &rows)
	if err != nil {
		return facts, fmt.Errorf("artefact facts: %w", err)
	}
	for _, r := range rows {
		facts.Present = append(facts.Present, r.Code)
		if r.Published {
			facts.Published = append(facts.Published, r.Code)
		}
	}
	return facts, nil
}

const commonCountsSQL = `
SELECT activity_id, name, count(*)::bigint AS n FROM (
	SELECT activity_id, unnest(array_remove(ARRAY['invited',
		CASE WHEN opened_at IS NOT NULL OR drafted_at IS NOT NULL OR answered_at IS NOT NULL THEN 'opened' END,
		CASE WHEN drafted_at IS NOT NULL OR answered_at IS NOT NULL THEN 'drafted' END,
		CASE WHEN answered_at IS NOT NULL THEN 'answered' END], NULL)) AS name
	FROM invitation WHERE process_id = ?0 AND withdrawn_at IS NULL
	UNION ALL SELECT activity_id, status FROM registration WHERE process_id = ?0 AND status <> 'cancelled'
	UNION ALL SELECT activity_id, 'consents' FROM registration WHERE process_id = ?0 AND status = 'registered' AND consent_at IS NOT NULL
	UNION ALL SELECT activity_id, 'meetings' FROM meeting WHERE process_id = ?0 AND cancelled_at IS NULL
	UNION ALL SELECT activity_id, 'materials' FROM material WHERE process_id = ?0
	UNION ALL SELECT m.activity_id, 'attended' FROM attendance t
		JOIN meeting m ON m.process_id = t.process_id AND m.id = t.meeting_id WHERE t.process_id = ?0
) c GROUP BY activity_id, name`

// commonCounts counts what every kind of activity has.
func commonCounts(ctx context.Context, db bun.IDB, id ID) (map[ActivityID]map[string]int64, error) {
	var rows []struct {
		ActivityID ActivityID
		Name       string
		N          int64
	}
	if err := db.NewRaw(commonCountsSQL, id).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("count participation: %w", err)
	}
	counts := map[ActivityID]map[string]int64{}
	for _, r := range rows {
		if counts[r.ActivityID] == nil {
			counts[r.ActivityID] = map[string]int64{}
		}
		counts[r.ActivityID][r.Name] = r.N
	}
	return counts, nil
}

// CommonCounts are the names that every kind's definition may count.
var CommonCounts = []string{
	"invited", "opened", "drafted", "answered", "registered", "waiting", "consents", "meetings", "materials", "attended",
}

// meetingAnchors gives the begin and end of an activity's meetings, in order.
func meetingAnchors(ctx context.Context, db bun.IDB, id ID, a ActivityID) (map[string][]time.Time, error) {
	var rows []struct{ StartsAt, EndsAt time.Time }
	err := db.NewRaw(`SELECT starts_at, ends_at FROM meeting
		WHERE process_id = ? AND activity_id = ? AND cancelled_at IS NULL ORDER BY starts_at, id`, id, a).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("meeting anchors: %w", err)
	}
	anchors := map[string][]time.Time{}
	for _, r := range rows {
		anchors["meeting"] = append(anchors["meeting"], r.StartsAt)
		anchors["meeting_end"] = append(anchors["meeting_end"], r.EndsAt)
	}
	return anchors, nil
}

// anchorMeeting is the meeting that a reminder hangs on: the Nth in the order of
// meetingAnchors, in the same transaction and under the same lock. It is 0 when
// there is none.
func anchorMeeting(ctx context.Context, tx bun.IDB, e workflow.Effect) (int64, error) {
	var id int64
	err := tx.NewRaw(`SELECT id FROM meeting WHERE process_id = ? AND activity_id = ? AND cancelled_at IS NULL
		ORDER BY starts_at, id LIMIT 1 OFFSET ?`, e.Ref.ProcessID, e.Ref.ActivityID, e.Nth).Scan(ctx, &id)
	if err != nil && !pg.NoRows(err) {
		return 0, fmt.Errorf("meeting of a reminder: %w", err)
	}
	return id, nil
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

// end is when the activity ended or its present term will, zero when that is
// unknown, see definition.Compiled.EndOf.
func (a Activity) end(def *definition.Compiled) time.Time {
	due := time.Time{}
	if a.DueAt != nil {
		due = *a.DueAt
	}
	return def.EndOf(a.State, a.EnteredAt, due).UTC()
}
