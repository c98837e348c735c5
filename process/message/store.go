package message

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

// audienceSQL gives, for each audience word, a query for person identifiers.
// ?0 is the process, ?1 the activity (0 for the whole process). It is asked at
// sending time, so that who answered meanwhile is left alone.
var audienceSQL = map[string]string{
	"followers": `SELECT person_id FROM follower WHERE process_id = ?0 AND confirmed_at IS NOT NULL`,
	"invited": `SELECT person_id FROM invitation WHERE process_id = ?0 AND (?1 = 0 OR activity_id = ?1)
		AND withdrawn_at IS NULL`,
	"silent": `SELECT person_id FROM invitation WHERE process_id = ?0 AND (?1 = 0 OR activity_id = ?1)
		AND withdrawn_at IS NULL AND answered_at IS NULL`,
	"registered": `SELECT person_id FROM registration WHERE process_id = ?0 AND (?1 = 0 OR activity_id = ?1)
		AND status = 'registered'`,
	"waiting": `SELECT person_id FROM registration WHERE process_id = ?0 AND (?1 = 0 OR activity_id = ?1)
		AND status = 'waiting'`,
	"participant": `SELECT person_id FROM contact WHERE process_id = ?0`,
	// With those whom the kinds know of: see contributors.
	"contributors": `SELECT person_id FROM attendance WHERE process_id = ?0`,
	"everyone-involved": `SELECT person_id FROM process_member WHERE process_id = ?0
		UNION SELECT person_id FROM (
			SELECT person_id FROM invitation WHERE process_id = ?0 AND withdrawn_at IS NULL
			UNION SELECT person_id FROM registration WHERE process_id = ?0 AND status <> 'cancelled'
			UNION SELECT person_id FROM follower WHERE process_id = ?0 AND confirmed_at IS NOT NULL
		) AS participants WHERE ` + publicSQL,
	process.RolePromoter: holdersSQL(process.RolePromoter) + ` UNION ` + presentSQL(process.RolePromoter, `(SELECT p.id AS process_id, s.person_id, s.role
		FROM process p JOIN membership s ON s.organisation_id = p.organisation_id)`),
	process.RoleFacilitator: holdersSQL(process.RoleFacilitator),
	process.RoleEditor:      holdersSQL(process.RoleEditor),
	process.RoleExpert:      holdersSQL(process.RoleExpert),
	process.RoleGuarantor:   holdersSQL(process.RoleGuarantor),
	process.RoleDecider:     holdersSQL(process.RoleDecider),
	"administrator":         `SELECT id FROM person WHERE administrator AND ?0 <> 0`,
}

// publicSQL holds once a process is public: before that nothing goes to who takes
// part in it.
const publicSQL = `EXISTS (SELECT 1 FROM process p WHERE p.id = ?0 AND p.published_at IS NOT NULL)`

// participants are the audiences of whom none is staff, see publicSQL.
var participants = map[string]bool{
	"followers": true, "invited": true, "silent": true, "registered": true, "waiting": true, "participant": true, "contributors": true,
}

// holdersSQL finds who holds a role on the process, or stands in for a holder
// who is away when the notice is due.
func holdersSQL(role string) string { return presentSQL(role, "process_member") }

// presentSQL is holdersSQL of those who hold it by the rows of a table. Who stands
// in and is away too stands in for nobody: the notice is the holder's, who may name
// somebody else.
func presentSQL(role, holders string) string {
	return `SELECT coalesce(a.deputy_id, m.person_id) FROM ` + holders + ` m LEFT JOIN absence a
		ON a.process_id = m.process_id AND a.person_id = m.person_id AND a.role = m.role AND a.starts_at <= ?3 AND a.ends_at > ?3
		AND NOT EXISTS (SELECT FROM absence d WHERE d.process_id = a.process_id AND d.person_id = a.deputy_id
			AND d.starts_at <= ?3 AND d.ends_at > ?3)
		WHERE m.process_id = ?0 AND m.role = '` + role + `'`
}

// audience is the query of those whom a notice is for at this moment.
// Participation mail leaves out those who want none, and no notice goes to the
// person whose act it tells.
func (src source) audience(n notify.Notice) (schema.QueryAppender, error) {
	var payload process.Payload
	if err := json.Unmarshal(n.Payload, &payload); err != nil {
		return nil, fmt.Errorf("payload of notice %q: %w", n.Key, err)
	}
	who, err := src.audienceOf(n, payload)
	if err != nil {
		return nil, err
	}
	where, args := " AND p.id <> ?", []any{payload.By}
	if kind, ok := notify.KindNamed(n.Kind); ok && kind.Category == notify.Participation {
		where += " AND NOT EXISTS (SELECT 1 FROM optout o WHERE o.process_id = ? AND o.person_id = p.id)"
		args = append(args, n.ProcessID)
	}
	return bun.SafeQuery(`SELECT p.id AS person_id, p.email AS address, p.name, p.locale FROM person AS p
		WHERE p.id IN (?)`+where, append([]any{who}, args...)...), nil
}

func (src source) audienceOf(n notify.Notice, payload process.Payload) (schema.QueryAppender, error) {
	if n.PersonID != 0 {
		return bun.SafeQuery("?", n.PersonID), nil
	}
	words := strings.Split(n.Audience, ",")
	places, err := scope(n, payload)
	if err != nil {
		return nil, err
	}
	var all union
	for _, word := range words {
		sql, ok := audienceSQL[word]
		if !ok {
			return nil, fmt.Errorf("notice %q: unknown audience %q", n.Key, word)
		}
		if word == "silent" && len(places) > 0 {
			sql += " AND territory_id IN (?2)"
		}
		if participants[word] {
			sql = "SELECT person_id FROM (" + sql + ") AS participants WHERE " + publicSQL
		}
		all = append(all, bun.SafeQuery(sql, n.ProcessID, n.ActivityID, bun.List(places), n.DueAt))
		if word == "contributors" {
			all = append(all, src.contributors(process.ID(n.ProcessID))...)
		}
	}
	return all, nil
}

// contributors asks each kind who left something that only it knows of.
func (src source) contributors(id process.ID) union {
	var all union
	for _, kind := range src.s.Kinds().Contributing() {
		all = append(all, kind.Contributors(id))
	}
	return all
}

// union is the rows of any of its queries, each once.
type union []schema.QueryAppender

// AppendQuery writes the queries with UNION between them.
func (u union) AppendQuery(gen schema.QueryGen, b []byte) (_ []byte, err error) {
	for i, query := range u {
		if i > 0 {
			b = append(b, " UNION "...)
		}
		if b, err = query.AppendQuery(gen, b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// scope gives the territories that a reminder is for; none means everywhere.
func scope(n notify.Notice, payload process.Payload) ([]int64, error) {
	var places []int64
	for _, word := range strings.FieldsFunc(payload.Extra[scopeWord], func(r rune) bool { return r == ',' }) {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("scope of notice %q: %w", n.Key, err)
		}
		places = append(places, id)
	}
	return places, nil
}

// scopeWord is where the roster writes the territories of a reminder.
const scopeWord = "territories"

// oneByOne looks each person up in an audience. The LIMIT keeps PostgreSQL from
// joining the two as wholes, for which it lists a hundred thousand people to find
// a hundred when its statistics are older than the list.
const oneByOne = `SELECT x.id FROM unnest(ARRAY[?]::bigint[]) AS x (id)
	CROSS JOIN LATERAL (SELECT FROM (?) AS a WHERE a.person_id = x.id LIMIT 1) AS there`

// within gives those of the persons who are still in the notice's audience.
func (src source) within(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) (map[int64]bool, error) {
	in := make(map[int64]bool, len(persons))
	if len(persons) == 0 {
		return in, nil
	}
	q, err := src.audience(n)
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := db.NewRaw(oneByOne, bun.List(persons), q).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("audience of notice %q: %w", n.Key, err)
	}
	for _, id := range ids {
		in[id] = true
	}
	return in, nil
}

// personal is what a link of one person in one activity is made of; zero where
// there is none.
type personal struct {
	PersonID            int64
	Name                string
	Locale              string
	InvitationID        int64
	InvitationVersion   int
	RegistrationID      int64
	RegistrationVersion int
	RegistrationStatus  string
	InvitedAt           bun.NullTime // when the invitation was sent, of reminders only
	Works               bool         // on the process, or for the body that promotes it
}

// attends reports whether the meeting belongs in the person's calendar: of who
// has a place, who is told of their own registration, and who was convened by
// name and has not answered. Who waits or follows gets words and no file.
func (p personal) attends(n notify.Notice) bool {
	switch {
	case p.RegistrationStatus == "waiting":
		return false
	case p.RegistrationStatus == "registered", n.PersonID != 0, n.Kind == "focusgroup-invitation":
		return true
	}
	return p.InvitationID != 0 && slices.Contains(strings.Split(n.Audience, ","), "silent")
}

// listPersonal looks the persons up one by one, for the reason of oneByOne.
func listPersonal(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) ([]personal, error) {
	var rows []personal
	err := db.NewRaw(`SELECT p.id AS person_id, p.name, p.locale,
			coalesce(i.id, 0) AS invitation_id, coalesce(i.version, 0) AS invitation_version,
			coalesce(r.id, 0) AS registration_id, coalesce(r.version, 0) AS registration_version,
			coalesce(r.status, '') AS registration_status, CASE WHEN ?3 THEN (SELECT max(d.sent_at)
				FROM delivery d JOIN notice x ON x.process_id = d.process_id AND x.id = d.notice_id
				WHERE d.process_id = ?0 AND d.person_id = p.id AND x.activity_id = ?1 AND x.kind = 'invitation' AND d.channel IN ('mail', 'digest')) END AS invited_at,
			EXISTS (SELECT FROM process_member w WHERE w.process_id = ?0 AND w.person_id = p.id) OR EXISTS (SELECT FROM process o
				JOIN membership s ON s.organisation_id = o.organisation_id WHERE o.id = ?0 AND s.person_id = p.id) AS works
		FROM unnest(ARRAY[?2]::bigint[]) AS x (id)
		CROSS JOIN LATERAL (SELECT id, name, locale FROM person WHERE id = x.id LIMIT 1) AS p
		LEFT JOIN LATERAL (SELECT id, version FROM invitation
			WHERE process_id = ?0 AND activity_id = ?1 AND person_id = x.id AND withdrawn_at IS NULL LIMIT 1) AS i ON TRUE
		LEFT JOIN LATERAL (SELECT id, version, status FROM registration
			WHERE process_id = ?0 AND activity_id = ?1 AND person_id = x.id LIMIT 1) AS r ON TRUE`, n.ProcessID, n.ActivityID, bun.List(persons), n.Kind == "reminder").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("personal facts: %w", err)
	}
	return rows, nil
}

type meetingRow struct {
	ID          int64
	Title       string
	StartsAt    bun.NullTime
	EndsAt      bun.NullTime
	Place       string
	JoinURL     string
	UID         string
	Sequence    int
	CancelledAt bun.NullTime
}

// noticeMeeting finds the meeting a notice is about: the one it names, as every
// reminder of a meeting does, or the activity's next one at the time the notice
// was due.
func noticeMeeting(ctx context.Context, db bun.IDB, n notify.Notice, id int64) (*meetingRow, error) {
	var rows []meetingRow
	q := db.NewSelect().TableExpr("meeting AS m").
		ColumnExpr("m.id, m.title, m.starts_at, m.ends_at, m.place, m.join_url, m.uid, m.sequence, m.cancelled_at").
		Where("m.process_id = ? AND m.activity_id = ?", n.ProcessID, n.ActivityID)
	if id != 0 {
		q = q.Where("m.id = ?", id)
	} else {
		q = q.Where("m.ends_at > ?", n.DueAt).OrderExpr("m.cancelled_at IS NOT NULL, m.starts_at")
	}
	if err := q.Limit(1).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("meeting of notice: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil // an activity without a meeting is no error
	}
	return &rows[0], nil
}

func organisationName(ctx context.Context, db bun.IDB, id process.OrganisationID) (string, error) {
	var name string
	err := db.NewRaw(`SELECT name FROM organisation WHERE id = ?`, id).Scan(ctx, &name)
	if pg.NoRows(err) {
		return "", fault.New(fault.NotFound, "organisation.not_found")
	}
	return name, err
}
