package message_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/templates"
	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/process/message"
	"arengo/process/webinar"
	"arengo/workflow"
	"arengo/workflow/definition"
)

type bundle struct {
	*meetingtest.World

	source   notify.Source
	activity process.Activity
	guests   []process.PersonID
}

// setup opens a webinar with three guests: the first two registered.
func setup(t *testing.T) *bundle {
	t.Helper()
	w := meetingtest.New(t, webinar.Kind{})
	b := &bundle{World: w, source: message.New(w.Core), activity: w.Activity("webinar"), guests: w.People(3)}
	_, err := w.Meetings.Schedule(t.Context(), w.Process.ID, b.activity.ID, w.Promoter, meeting.Draft{
		Starts: "2026-03-20T18:00", Ends: "2026-03-20T19:00", JoinURL: "https://meet.example.org/x",
	})
	w.Must(err)
	w.Must(w.Advance(b.activity, "open", ""))
	for _, guest := range b.guests[:2] {
		_, err := w.Meetings.Register(t.Context(), w.Process.ID, b.activity.ID, guest)
		w.Must(err)
	}
	return b
}

func (b *bundle) notice(kind, audience string) notify.Notice {
	return notify.Notice{
		ProcessID: int64(b.Process.ID), ActivityID: int64(b.activity.ID), Kind: kind, Audience: audience, Key: kind,
		Payload: json.RawMessage(`{}`), DueAt: b.Clock.Time(),
	}
}

// reached asks the source whom a notice is for.
func (b *bundle) reached(n notify.Notice) []int64 {
	b.T.Helper()
	q, err := b.source.Audience(b.T.Context(), b.DB, n)
	b.Must(err)
	var ids []int64
	b.Must(b.DB.NewRaw(`SELECT person_id FROM (?) AS a ORDER BY person_id`, q).Scan(b.T.Context(), &ids))
	return ids
}

func TestWordsAreTheCatalogues(t *testing.T) {
	t.Parallel()
	if len(definition.Notices) < 10 || len(definition.Audiences) < 10 {
		t.Fatalf("%d notices and %d audiences are declared", len(definition.Notices), len(definition.Audiences))
	}
	for _, word := range definition.Notices {
		if _, ok := notify.KindNamed(word); !ok {
			t.Errorf("definitions may announce %q, which has no message", word)
		}
	}
	b := setup(t)
	for _, word := range definition.Audiences {
		for _, activity := range []int64{0, int64(b.activity.ID)} {
			n := b.notice("phase-opened", word)
			n.ActivityID = activity
			b.reached(n)
		}
	}
	if _, err := b.source.Audience(t.Context(), b.DB, b.notice("phase-opened", "nobody-knows")); err == nil {
		t.Error("an unknown audience was accepted")
	}
}

func TestAudience(t *testing.T) {
	t.Parallel()
	b := setup(t)
	registered := []int64{int64(b.guests[0]), int64(b.guests[1])}
	if got := b.reached(b.notice("meeting-reminder", "registered")); !slices.Equal(got, registered) {
		t.Errorf("registered: %v, want %v", got, registered)
	}
	union := b.reached(b.notice("meeting-moved", "registered,promoter"))
	if len(union) != 3 || !slices.Contains(union, int64(b.Promoter.Person)) {
		t.Errorf("registered and promoter: %v", union)
	}
	b.Exec(`INSERT INTO optout (process_id, person_id, created_at) VALUES (?, ?, ?)`, b.Process.ID, b.guests[0], b.Clock.Time())
	if got := b.reached(b.notice("meeting-reminder", "registered")); len(got) != 1 {
		t.Errorf("participation mail goes to who wants none: %v", got)
	}
	if got := b.reached(b.notice("meeting-cancelled", "registered")); len(got) != 2 {
		t.Errorf("what is owed does not go to everybody: %v", got)
	}
}

func TestSilentKeepsToItsTerritories(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var near, far int64
	for code, id := range map[string]*int64{"052032": &near, "052033": &far} {
		b.Must(b.DB.NewRaw(`INSERT INTO territory (scheme, code, kind, name) VALUES ('istat', ?, 'municipality', ?) RETURNING id`, code, code).Scan(t.Context(), id))
	}
	for i, place := range []int64{near, far, near} {
		b.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, territory_id, created_at) VALUES (?, ?, ?, ?, ?)`,
			b.Process.ID, b.activity.ID, b.guests[i], place, b.Clock.Time())
	}
	b.Exec(`UPDATE invitation SET answered_at = ? WHERE person_id = ?`, b.Clock.Time(), b.guests[2])
	if got := b.reached(b.notice("reminder", "silent")); len(got) != 2 {
		t.Errorf("silent: %v, want two", got)
	}
	n := b.notice("reminder", "silent")
	raw, err := json.Marshal(process.Payload{Extra: map[string]string{"territories": "999," + jsonNumber(near)}})
	b.Must(err)
	n.Payload = raw
	if got := b.reached(n); !slices.Equal(got, []int64{int64(b.guests[0])}) {
		t.Errorf("silent in one place: %v, want %v", got, b.guests[0])
	}
}

func jsonNumber(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

func TestCheckAsksAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	everybody := []int64{int64(b.guests[0]), int64(b.guests[1]), int64(b.guests[2])}
	check := func(kind string) map[int64]notify.Verdict {
		t.Helper()
		skip, err := b.source.Check(t.Context(), b.DB, b.notice(kind, "registered"), everybody)
		b.Must(err)
		return skip
	}
	if got := check("meeting-reminder"); len(got) != 1 || got[everybody[2]].Reason != "left_audience" {
		t.Errorf("skipped %v, want the one who never registered", got)
	}
	b.Must(b.Meetings.Unregister(t.Context(), b.Process.ID, b.activity.ID, b.guests[0]))
	if got := check("meeting-reminder"); len(got) != 2 {
		t.Errorf("skipped %v, want also the one who left", got)
	}
	b.Must(b.Meetings.CallOff(t.Context(), b.Process.ID, b.activity.ID, b.Promoter, "Manca la sala"))
	if got := check("meeting-reminder"); len(got) != 3 || got[everybody[1]].Reason != "called_off" {
		t.Errorf("a reminder of what is off goes out: %v", got)
	}
	if got := check("meeting-cancelled"); len(got) == 3 {
		t.Error("nobody learns that it is off")
	}
}

// TestEveryKindCanBeSaid renders each kind of message from the rows of a real
// process, in each language.
func TestEveryKindCanBeSaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var readers []int64
	for i, who := range append(b.guests[:2:2], b.Person("fritz@example.org"), b.Person("colette@example.org")) {
		b.Exec(`UPDATE person SET locale = ? WHERE id = ?`, notify.Locales()[i], who)
		readers = append(readers, int64(who))
	}
	kinds := notify.Kinds()
	if len(kinds) < 20 {
		t.Fatalf("%d kinds", len(kinds))
	}
	for _, kind := range kinds {
		n := b.notice(kind.Name, "registered")
		n.PersonID = 0
		payload := process.Payload{Extra: map[string]string{"role": "facilitator", "receipt": "ABCD-EFGH-JKLM", "file": "i dati", "period": "daily", "count": "1"}, Reason: "Motivo", OldEnd: b.Clock.Time()}
		if kind.Name == notify.Announcement || kind.Name == notify.StaffNotice {
			payload.Own = b.declare("validation-requested")
		}
		if kind.Name == "sign-in" {
			n.ProcessID, n.ActivityID, payload.SignIn = notify.Account, 0, 7
		}
		if kind.Name == "webhook-stopped" {
			n.ProcessID, n.ActivityID = notify.Account, 0
			payload.Extra = map[string]string{"organisation": "Comune", "host": "dati.example.org", process.ExtraPath: "/gestione/ente/o/webhook/w"}
		}
		raw, err := json.Marshal(payload)
		b.Must(err)
		n.Payload = raw
		facts, err := b.source.Facts(t.Context(), b.DB, n, readers)
		b.Must(err)
		if len(facts) != 4 {
			t.Fatalf("%s: facts for %d of four", kind.Name, len(facts))
		}
		for _, f := range facts {
			if len(f.Lists) == 0 { // what is in a digest comes from elsewhere
				preview := templates.Preview(kind.Name, f.Recipient.Locale)
				f.Lists = preview.Lists
				maps.Copy(f.Extra, preview.Extra)
			}
			page, err := templates.Render(kind.Name, f)
			if err != nil {
				t.Errorf("%s in %s: %v", kind.Name, f.Recipient.Locale, err)
				continue
			}
			if strings.Contains(page.Text, "«»") || strings.Contains(page.Text, "“”") || strings.Contains(page.Text, "„“") || strings.Contains(page.Text, "«\u00a0\u00a0»") || strings.Contains(page.Subject, "<no value>") {
				t.Errorf("%s in %s says nothing somewhere:\n%s", kind.Name, f.Recipient.Locale, page.Text)
			}
		}
	}
}

func TestLinksArePersonal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := b.notice("registration-confirmed", "registered")
	facts, err := b.source.Facts(t.Context(), b.DB, n, []int64{int64(b.guests[0]), int64(b.guests[1])})
	b.Must(err)
	first, second := facts[int64(b.guests[0])].Recipient.Link, facts[int64(b.guests[1])].Recipient.Link
	if first == second || !strings.HasPrefix(first, "https://arengo.example.org/r/webinar/") {
		t.Errorf("links %q and %q", first, second)
	}
	token := first[strings.LastIndex(first, "/")+1:]
	r, err := b.Meetings.ByToken(t.Context(), token)
	b.Must(err)
	if r.Person != b.guests[0] {
		t.Errorf("the link is that of %d", r.Person)
	}
	if m := facts[int64(b.guests[0])].Meeting; !m.Start.Equal(time.Date(2026, 3, 20, 17, 0, 0, 0, time.UTC)) || m.UID == "" {
		t.Errorf("meeting %+v", m)
	}
}

// What a reminder says of the invitation is the day it was sent, and a receipt
// leads to where everybody may read.
func TestReminderNamesTheDayOfTheInvitation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	guest := b.guests[0]
	b.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, created_at) VALUES (?, ?, ?, ?)`,
		b.Process.ID, b.activity.ID, guest, b.Clock.Time())
	facts := func(kind string) notify.Facts {
		t.Helper()
		out, err := b.source.Facts(t.Context(), b.DB, b.notice(kind, "invited"), []int64{int64(guest)})
		b.Must(err)
		return out[int64(guest)]
	}
	if got := facts("reminder").Extra["invited_on"]; got != "" {
		t.Errorf("invited on %q, and nothing was sent", got)
	}
	b.Exec(`INSERT INTO notice (process_id, activity_id, key, kind, audience, due_at, expires_at, created_at, payload)
		VALUES (?0, ?1, 'inv', 'invitation', 'invited', ?2, ?2::timestamptz + interval '7 days', ?2, '{}')`, b.Process.ID, b.activity.ID, b.Clock.Time())
	b.Exec(`INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at, sent_at)
		SELECT process_id, id, ?, 'a@example.org', '', 'it', 'mail', 1, 'sent', 1, due_at, due_at, '2026-03-08 10:00+01' FROM notice WHERE key = 'inv'`, guest)
	if got := facts("reminder").Extra["invited_on"]; got != "2026-03-08" {
		t.Errorf("invited on %q", got)
	}
	f := facts("receipt")
	if f.Recipient.Link != f.Process.URL {
		t.Errorf("the receipt leads to %s", f.Recipient.Link)
	}
}

// A reminder of a phase leads who works on the process to the workspace, and whoever
// else to the public page.
func TestReminderOfAPhaseLeadsStaffToTheirDesk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := b.notice("reminder", "promoter,followers")
	n.ActivityID = 0
	guest, staff := b.guests[0], b.Promoter.Person
	out, err := b.source.Facts(t.Context(), b.DB, n, []int64{int64(guest), int64(staff)})
	b.Must(err)
	if f := out[int64(staff)]; !strings.HasSuffix(f.Recipient.Link, "/oggi") || f.Extra["works"] == "" {
		t.Errorf("staff are led to %s, %v", f.Recipient.Link, f.Extra)
	}
	if f := out[int64(guest)]; f.Recipient.Link != f.Process.URL || f.Extra["works"] != "" {
		t.Errorf("a guest is led to %s, %v", f.Recipient.Link, f.Extra)
	}
}

// TestWhoMayActAgainIsLedThere tells of what opens again, or goes on, to who has
// a place, to who is invited and to who only follows: each reaches their own
// page, or the one where they may register. What rests has nothing to do behind
// a personal link.
func TestWhoMayActAgainIsLedThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, created_at) VALUES (?, ?, ?, ?)`,
		b.Process.ID, b.activity.ID, b.guests[2], b.Clock.Time())
	follower := b.Person("segue@example.org")
	const base = "https://arengo.example.org"
	page := base + "/percorsi/" + b.Process.Slug
	for _, kind := range []string{"reopened", "resumed", "deadline-extended", "deadline-shortened", "held"} {
		want := map[process.PersonID]string{
			b.guests[0]: base + "/r/webinar/", b.guests[2]: base + "/i/webinar/", follower: page + "/webinar/" + b.activity.PublicID,
		}
		if kind == "held" {
			want = map[process.PersonID]string{b.guests[0]: page, b.guests[2]: page, follower: page}
		}
		facts, err := b.source.Facts(t.Context(), b.DB, b.notice(kind, "registered"), []int64{int64(b.guests[0]), int64(b.guests[2]), int64(follower)})
		b.Must(err)
		for who, link := range want {
			f := facts[int64(who)]
			mail, err := templates.Render(kind, f)
			b.Must(err)
			own := !strings.HasPrefix(link, page)
			if !strings.HasPrefix(f.Recipient.Link, link) || f.Recipient.Shared == own || strings.Contains(mail.Text, "indirizzo personale") != own || strings.Contains(mail.HTML, "indirizzo personale") != own {
				t.Errorf("%s leads to %s, want %s:\n%s", kind, f.Recipient.Link, link, mail.Text)
			}
		}
	}
}

// Who works on an activity is led to its page by what speaks of its dates or
// results, and to what is to be done by the rest.
func TestStaffIsLedToTheirPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const base = "https://arengo.example.org"
	for kind, link := range map[string]string{
		"deadline-extended": base + "/gestione/" + b.Process.Slug + "/webinar/" + b.activity.PublicID,
		"activity-closed":   base + "/gestione/" + b.Process.Slug + "/webinar/" + b.activity.PublicID,
		"action-needed":     base + "/oggi",
	} {
		facts, err := b.source.Facts(t.Context(), b.DB, b.notice(kind, "promoter"), []int64{int64(b.Promoter.Person)})
		b.Must(err)
		if f := facts[int64(b.Promoter.Person)]; f.Recipient.Link != link || !f.Recipient.Shared {
			t.Errorf("%s leads to %s, want %s", kind, f.Recipient.Link, link)
		}
	}
}

// TestNothingGoesOutBeforePublication: while nobody can see the process its
// activities do not open, and a notice of whatever kind is for staff alone.
func TestNothingGoesOutBeforePublication(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t, webinar.Kind{})
	b := &bundle{World: w, source: message.New(w.Core), activity: w.Activity("webinar"), guests: w.People(2)}
	_, err := w.Meetings.Schedule(t.Context(), w.Process.ID, b.activity.ID, w.Promoter, meeting.Draft{
		Starts: "2026-03-20T18:00", Ends: "2026-03-20T19:00", JoinURL: "https://meet.example.org/x",
	})
	w.Must(err)
	var blocked *workflow.Blocked
	if err := w.Try(b.activity, "open", ""); !errors.As(err, &blocked) || blocked.Blockers[0].Code != "published" || blocked.Blockers[0].Fix != "publication" {
		t.Errorf("an activity opens to the public before its process does: %v", err)
	}
	for _, guest := range b.guests {
		w.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, created_at) VALUES (?, ?, ?, ?)`, w.Process.ID, b.activity.ID, guest, w.Start)
		w.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?, ?, ?, ?)`, w.Process.ID, guest, w.Start, w.Start)
	}
	for audience, staff := range map[string]int{
		"invited": 0, "silent": 0, "followers": 0, "participant": 0, "everyone-involved": 1, "promoter": 1, "followers,promoter": 1,
	} {
		if got := b.reached(b.notice("phase-opened", audience)); len(got) != staff {
			t.Errorf("%s before publication: %v, want %d", audience, got, staff)
		}
	}
	w.Publish()
	w.Must(w.Try(b.activity, "open", ""))
	if got := b.reached(b.notice("phase-opened", "invited")); len(got) != 2 {
		t.Errorf("invited after publication: %v", got)
	}
}
