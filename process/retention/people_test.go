package retention_test

import (
	"slices"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/retention"
	"arengo/process/roster"
	"arengo/process/worldtest"
)

// Columns that lead to a person and are no list of who took part: the staff's
// doings, what erasure empties by itself, and what passes.
var others = []string{
	"membership.person_id", "sign_in.person_id", "session.person_id", "process.created_by", "process_member.person_id",
	"artefact.updated_by", "activity.created_by", "attendance.noted_by", "outcome.created_by", "minutes.updated_by",
	"questionnaire.updated_by", "questionnaire_version.published_by", "focusgroup.facilitator_id", "focusgroup.note_taker_id",
	"focusgroup_note.created_by", "follower.person_id", "registration_request.person_id", "consent.person_id",
	"focusgroup_speaker.person_id", "absence.person_id", "absence.deputy_id", "form_key.person_id", "person_form_key.person_id",
	"api_token.person_id", "webhook.created_by", "definition_draft.updated_by", "definition_draft_step.done_by",
	"closed_days_change.person_id", "preference.person_id", "notice_pause.by_person", "notice_pause.until_by", "channel_pause.by_person", "channel_pause.until_by",
	"notice_text.by_person",
}

// activity adds one of no particular kind.
func activity(w *worldtest.World) (id int64) {
	w.One(&id, `INSERT INTO activity (process_id, public_id, kind, title, phase, created_by, created_at)
		VALUES (?, 'incontro', 'x', 'Incontro', 'running', ?, ?) RETURNING id`, w.Process.ID, w.Promoter.Person, w.Start)
	return id
}

// A column that a new table brings must be thought of.
func TestEveryColumnOfPeopleIsKnown(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	known := append(retention.Parts(), others...)
	var columns []string
	w.Must(w.DB.NewRaw(`SELECT c.conrelid::regclass || '.' || a.attname FROM pg_constraint c
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confrelid = 'person'::regclass`).Scan(t.Context(), &columns))
	for _, c := range columns {
		if !slices.Contains(known, c) {
			t.Errorf("erasure does not know %s", c)
		}
	}
	if len(columns) < 25 {
		t.Errorf("only %d columns", len(columns))
	}
}

// Who is on the list of a living process too, or works here, leaves the ended
// one without a trace; the counts stay.
func TestTheEndedProcessForgetsWhoStays(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	a := activity(w)
	other := w.NewProcess("Un altro percorso")
	people := []process.PersonID{w.Promoter.Person, w.People(1)[0]}
	w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, other.ID, people[1], w.Start)
	var m int64
	w.One(&m, `INSERT INTO meeting (process_id, activity_id, position, starts_at, ends_at, uid) VALUES (?, ?, 1, ?, ?, 'u') RETURNING id`,
		w.Process.ID, a, w.Start, w.Start.Add(time.Hour))
	for _, who := range people {
		w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, who, w.Start)
		w.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, created_at) VALUES (?, ?, ?, ?)`, w.Process.ID, a, who, w.Start)
		w.Exec(`INSERT INTO registration (process_id, activity_id, person_id, status, queued_at, changed_at) VALUES (?, ?, ?, 'registered', ?, ?)`,
			w.Process.ID, a, who, w.Start, w.Start)
		w.Exec(`INSERT INTO attendance (process_id, meeting_id, person_id, noted_at, noted_by) VALUES (?, ?, ?, ?, ?)`,
			w.Process.ID, m, who, w.Start, w.Promoter.Person)
		w.Exec(`INSERT INTO optout (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, who, w.Start)
	}
	w.Exec(`UPDATE workflow_instance SET state = 'over', entered_at = ? WHERE process_id = ? AND activity_id = 0`, w.Start, w.Process.ID)
	late := w.Start.AddDate(1, 0, 7)
	w.Clock.Set(late)
	if n, err := retention.New(w.Core).Sweep(t.Context(), late); err != nil || n != 1 {
		t.Fatalf("%d processes erased, %v", n, err)
	}
	for _, table := range []string{"contact", "invitation", "registration", "attendance", "optout"} {
		all := w.Count(`SELECT count(*) FROM `+table+` WHERE process_id = ?`, w.Process.ID)
		named := w.Count(`SELECT count(*) FROM `+table+` t JOIN person p ON p.id = t.person_id
			WHERE t.process_id = ? AND (p.email NOT LIKE 'erased-%' OR p.name <> '')`, w.Process.ID)
		if all != 2 || named != 0 {
			t.Errorf("%s: %d rows, %d with a name", table, all, named)
		}
	}
	if n := w.Count(`SELECT count(*) FROM attendance WHERE noted_by = ?`, w.Promoter.Person); n != 2 {
		t.Error("who noted the presences is gone")
	}
	if n := w.Count(`SELECT count(*) FROM person WHERE id IN (?, ?) AND email NOT LIKE 'erased-%'`, people[0], people[1]); n != 2 {
		t.Error("who is needed elsewhere was erased")
	}
	if n := w.Count(`SELECT count(*) FROM contact WHERE process_id = ? AND person_id = ?`, other.ID, people[1]); n != 1 {
		t.Error("the living process lost its list")
	}
}

// What somebody chose goes with their name, and what digests said of their address.
// It keeps nobody who is forgotten.
func TestChoicesGoWithTheirPerson(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	people := w.People(3)
	contact, follower, stranger := people[0], people[1], people[2]
	w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, contact, w.Start)
	w.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?0, ?1, ?2, ?2)`, w.NewProcess("Un altro").ID, follower, w.Start)
	w.Exec(`INSERT INTO notice (process_id, key, kind, audience, due_at, expires_at, created_at, payload)
		VALUES (0, 'digest/1', 'digest', '', ?0, ?0::timestamptz + interval '1 day', ?0, '{}')`, w.Start)
	for _, who := range []process.PersonID{contact, follower, stranger} {
		w.Exec(`INSERT INTO preference (person_id, topic, cadence, changed_at) VALUES (?, 'news', 'daily', ?)`, who, w.Start)
		w.Exec(`INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at, sent_at)
			SELECT 0, id, ?, 'a@example.org', 'A', 'it', 'mail', 1, 'sent', 0, due_at, due_at, due_at FROM notice WHERE key = 'digest/1'`, who)
	}
	w.Exec(`UPDATE workflow_instance SET state = 'over', entered_at = ? WHERE process_id = ? AND activity_id = 0`, w.Start, w.Process.ID)
	late := w.Start.AddDate(1, 0, 7)
	w.Clock.Set(late)
	names := retention.New(w.Core)
	_, err := names.Sweep(t.Context(), late)
	w.Must(err)
	_, err = names.Purge(t.Context(), late)
	w.Must(err)
	if n := w.Count(`SELECT count(*) FROM preference WHERE person_id <> ?`, follower); n != 0 {
		t.Errorf("%d choices are left of who is forgotten", n)
	}
	if n := w.Count(`SELECT count(*) FROM delivery WHERE (address = '') <> (person_id <> ?)`, follower); n != 0 {
		t.Errorf("%d digests name the wrong people", n)
	}
	if n := w.Count(`SELECT count(*) FROM person WHERE id = ?`, stranger); n != 0 {
		t.Error("a choice keeps somebody")
	}
	if n := w.Count(`SELECT count(*) FROM preference WHERE person_id = ?`, follower); n != 1 {
		t.Error("who takes part elsewhere has lost their choice")
	}
}

// An address that a stranger typed and nobody confirmed goes, and only it.
func TestUnconfirmedAddressesAreForgotten(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	w.Publish()
	lists := roster.New(w.Core)
	for _, email := range []string{"vittima@example.org", "segue@example.org"} {
		w.Must(lists.Follow(t.Context(), w.Process.ID, roster.Visitor{Email: email}))
	}
	w.Exec(`UPDATE follower SET confirmed_at = requested_at FROM person p WHERE p.id = person_id AND p.email = 'segue@example.org'`)
	a := activity(w)
	w.Exec(`INSERT INTO registration_request (process_id, activity_id, person_id, expires_at)
		SELECT ?, ?, id, ? FROM person WHERE email = 'vittima@example.org'`, w.Process.ID, a, w.Start.Add(24*time.Hour))
	w.Exec(`INSERT INTO suppression (address, reason, since) VALUES ('vittima@example.org', 'refused', ?)`, w.Start)
	w.Exec(`INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at, sent_at)
		SELECT n.process_id, n.id, p.id, p.email, '', 'it', 'mail', 1, 'sent', 1, n.due_at, n.due_at, n.due_at
		FROM notice n JOIN person p ON p.id = n.person_id WHERE n.kind = 'follow-confirm'`)
	w.Exec(`UPDATE notice SET expanded_at = due_at`)
	names := retention.New(w.Core)
	count := func(email string) int { return w.Count(`SELECT count(*) FROM person WHERE email = ?`, email) }
	before := w.Count(`SELECT count(*) FROM person`)
	purge := func(at time.Time) {
		t.Helper()
		_, err := names.Purge(t.Context(), at)
		w.Must(err)
	}
	now, err := w.Core.Now(t.Context(), w.DB)
	w.Must(err)
	purge(now.Add(7*24*time.Hour - time.Minute))
	if count("vittima@example.org") != 1 {
		t.Fatal("forgotten before its time")
	}
	purge(now.Add(8*24*time.Hour + time.Minute))
	if count("vittima@example.org") != 0 || w.Count(`SELECT count(*) FROM suppression`) != 0 ||
		w.Count(`SELECT count(*) FROM delivery WHERE address = 'vittima@example.org'`) != 0 {
		t.Error("the address of who never confirmed is kept")
	}
	if count("segue@example.org") != 1 || count(w.Promoter.Email) != 1 || w.Count(`SELECT count(*) FROM delivery WHERE address <> ''`) != 1 {
		t.Error("who follows or works here was forgotten")
	}
	if n := w.Count(`SELECT count(*) FROM person`); n >= before {
		t.Errorf("%d people, %d before", n, before)
	}
	if n := w.Count(`SELECT count(*) FROM registration_request`) + w.Count(`SELECT count(*) FROM follower WHERE confirmed_at IS NULL`); n != 0 {
		t.Errorf("%d requests are left", n)
	}
}
