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

// processFacts says of the process itself all but the roles and the dates.
func processFacts(id ID, facts *guard.ProcessFacts) pg.Step {
	return pg.Step{
		Query: `SELECT p.published_at IS NOT NULL,
			(SELECT coalesce(max(w.state), '') FROM workflow_instance w WHERE w.process_id = p.id AND w.activity_id = 0),
			(SELECT coalesce(sum(units), 0)::bigint FROM population u WHERE u.process_id = p.id)
			FROM process p WHERE p.id = $1`,
		Args: []any{int64(id)}, Into: []any{&facts.Published, &facts.State, &facts.Population.Units},
	}
}

// countRoles counts people by role, the lead organisation's promoters
// included; every declared role is there.
func countRoles(id ID, facts *guard.ProcessFacts) pg.Step {
	facts.Roles = make(map[string]int64, len(definition.Roles))
	for _, r := range definition.Roles {
		facts.Roles[r] = 0
	}
	return pg.Step{
		Query: `SELECT role, count(DISTINCT person_id) AS n FROM (
			SELECT role, person_id FROM process_member WHERE process_id = $1
			UNION SELECT s.role, s.person_id FROM membership s JOIN process p ON p.organisation_id = s.organisation_id WHERE p.id = $1
			UNION SELECT 'participant', person_id FROM contact WHERE process_id = $1) r
		GROUP BY role`,
		Args: []any{int64(id)},
		Each: func(scan pg.Scan) error {
			var role string
			var n int64
			err := scan(&role, &n)
			facts.Roles[role] = n
			return err
		},
	}
}

// dateFacts are the first instants, in the zone of the process, of the dates of
// its call; see package calldate.
func dateFacts(id ID, facts *guard.ProcessFacts) pg.Step {
	return pg.Step{
		Query: `SELECT d.code, p.zone, d.day FROM call_date d JOIN process p ON p.id = d.process_id WHERE d.process_id = $1 ORDER BY d.code`,
		Args:  []any{int64(id)},
		Each: func(scan pg.Scan) error {
			var code, zone string
			var day time.Time
			if err := scan(&code, &zone, &day); err != nil {
				return err
			}
			if facts.Dates == nil {
				facts.Dates = map[string]time.Time{}
			}
			facts.Dates[code] = civil.DateOf(day, time.UTC).Start(location(zone))
			return nil
		},
	}
}

func artefactFacts(id ID, facts *guard.Artefacts) pg.Step {
	return pg.Step{
		Query: `SELECT code, published_at IS NOT NULL AS published FROM artefact WHERE process_id = $1 AND body <> '' ORDER BY code`,
		Args:  []any{int64(id)},
		Each: func(scan pg.Scan) error {
			var code string
			var published bool
			err := scan(&code, &published)
			facts.Present = append(facts.Present, code)
			if published {
				facts.Published = append(facts.Published, code)
			}
			return err
		},
	}
}

// listing is what is read of all activities of a process.
type listing struct {
	activities []Activity
	left       map[ActivityID]map[string]time.Time // when each of its states was left
	counts     map[ActivityID]map[string]int64
	strata     map[ActivityID]map[string]float64
}

// only is one activity out of all where its counts alone are wanted, or none.
func (l *listing) only(id ActivityID, wanted bool) []Activity {
	for _, a := range l.activities {
		if wanted && a.ID == id {
			return []Activity{a}
		}
	}
	return nil
}

// step reads the activities, a row for each state that one has left.
func (l *listing) step(id ID) pg.Step {
	l.left = map[ActivityID]map[string]time.Time{}
	return pg.Step{
		Query: `SELECT a.process_id, a.id, a.kind, a.phase, w.definition, w.version, w.state, w.entered_at, w.due_at,
			coalesce(s.state, ''), s.ended_at
			FROM activity a JOIN workflow_instance w ON w.process_id = a.process_id AND w.activity_id = a.id
			LEFT JOIN workflow_plan s ON s.process_id = a.process_id AND s.activity_id = a.id AND s.ended_at IS NOT NULL
			WHERE a.process_id = $1 ORDER BY a.id`,
		Args: []any{int64(id)},
		Each: func(scan pg.Scan) error {
			var a Activity
			var state string
			var ended time.Time
			err := scan(&a.ProcessID, &a.ID, &a.Kind, &a.Phase, &a.Definition, &a.Version, &a.State, pg.Time(&a.EnteredAt), &a.DueAt,
				&state, pg.Time(&ended))
			if l.left[a.ID] == nil {
				l.activities, l.left[a.ID] = append(l.activities, a), map[string]time.Time{}
			}
			l.left[a.ID][state] = ended
			return err
		},
	}
}

// rates are the shares of the invited who answered, by the code of their
// territory, in each activity that invites; who belongs to none is left out.
// They are a row for each territory, and go into the log with the facts, so
// they are gathered for the definitions that ask.
func (l *listing) rates(id ID) pg.Step {
	l.strata = map[ActivityID]map[string]float64{}
	return pg.Step{
		Query: `SELECT i.activity_id, t.code, count(*) AS invited, count(i.answered_at) AS answered
			FROM invitation i JOIN territory t ON t.id = i.territory_id
			WHERE i.process_id = $1 AND i.withdrawn_at IS NULL GROUP BY i.activity_id, t.code`,
		Args: []any{int64(id)},
		Each: func(scan pg.Scan) error {
			var activity ActivityID
			var code string
			var invited, answered int64
			err := scan(&activity, &code, &invited, &answered)
			if l.strata[activity] == nil {
				l.strata[activity] = map[string]float64{}
			}
			l.strata[activity][code] = rate(answered, invited)
			return err
		},
	}
}

const commonCountsSQL = `
SELECT activity_id, name, count(*)::bigint AS n FROM (
	SELECT activity_id, unnest(array_remove(ARRAY['invited',
		CASE WHEN opened_at IS NOT NULL OR drafted_at IS NOT NULL OR answered_at IS NOT NULL THEN 'opened' END,
		CASE WHEN drafted_at IS NOT NULL OR answered_at IS NOT NULL THEN 'drafted' END,
		CASE WHEN answered_at IS NOT NULL THEN 'answered' END], NULL)) AS name
	FROM invitation WHERE process_id = $1 AND withdrawn_at IS NULL
	UNION ALL SELECT activity_id, status FROM registration WHERE process_id = $1 AND status <> 'cancelled'
	UNION ALL SELECT activity_id, 'consents' FROM registration WHERE process_id = $1 AND status = 'registered' AND consent_at IS NOT NULL
	UNION ALL SELECT activity_id, 'meetings' FROM meeting WHERE process_id = $1 AND cancelled_at IS NULL
	UNION ALL SELECT activity_id, 'materials' FROM material WHERE process_id = $1
	UNION ALL SELECT m.activity_id, 'attended' FROM attendance t
		JOIN meeting m ON m.process_id = t.process_id AND m.id = t.meeting_id WHERE t.process_id = $1
) c GROUP BY activity_id, name`

// common counts what every kind of activity has.
func (l *listing) common(id ID) pg.Step {
	l.counts = map[ActivityID]map[string]int64{}
	return pg.Step{
		Query: commonCountsSQL, Args: []any{int64(id)},
		Each: func(scan pg.Scan) error {
			var activity ActivityID
			var name string
			var n int64
			err := scan(&activity, &name, &n)
			if l.counts[activity] == nil {
				l.counts[activity] = map[string]int64{}
			}
			l.counts[activity][name] = n
			return err
		},
	}
}

// CommonCounts are the names that every kind's definition may count.
var CommonCounts = []string{
	"invited", "opened", "drafted", "answered", "registered", "waiting", "consents", "meetings", "materials", "attended",
}

// meetingAnchors gives the begin and end of an activity's meetings, in order.
func meetingAnchors(id ID, a ActivityID, facts *guard.Facts) pg.Step {
	facts.Anchors = map[string][]time.Time{}
	return pg.Step{
		Query: `SELECT starts_at, ends_at FROM meeting
			WHERE process_id = $1 AND activity_id = $2 AND cancelled_at IS NULL ORDER BY starts_at, id`,
		Args: []any{int64(id), int64(a)},
		Each: func(scan pg.Scan) error {
			var starts, ends time.Time
			err := scan(pg.Time(&starts), pg.Time(&ends))
			facts.Anchors["meeting"] = append(facts.Anchors["meeting"], starts)
			facts.Anchors["meeting_end"] = append(facts.Anchors["meeting_end"], ends)
			return err
		},
	}
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

// End is when the activity ended or its present term will, zero when that is
// unknown, see definition.Compiled.EndOf.
func (a Activity) End(def *definition.Compiled, left map[string]time.Time) time.Time {
	due := time.Time{}
	if a.DueAt != nil {
		due = *a.DueAt
	}
	return def.EndOf(a.State, a.EnteredAt, due, left).UTC()
}
