package meeting_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/templates"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/message"
)

func (w *world) request(email string) error {
	w.T.Helper()
	_, ok, err := w.Meetings.RequestRegistration(w.T.Context(), w.a.ProcessID, w.a.ID, process.Actor{}, meeting.Visitor{Email: email})
	if ok {
		w.T.Errorf("%s was registered without a proof", email)
	}
	return err
}

// link is the token of the last mail that asks an address to confirm.
func (w *world) link(email string) string {
	w.T.Helper()
	var n notify.Notice
	w.Must(w.DB.NewRaw(`SELECT n.process_id, n.id, n.activity_id, n.key, n.kind, n.audience, n.person_id, n.payload, n.due_at
		FROM notice n JOIN person p ON p.id = n.person_id WHERE p.email = ? AND n.kind = 'registration-confirm'
		ORDER BY n.id DESC LIMIT 1`, email).Scan(w.T.Context(), &n))
	facts, err := message.New(w.Core).Facts(w.T.Context(), w.DB, n, []int64{n.PersonID})
	w.Must(err)
	link := facts[n.PersonID].Recipient.Link
	_, token, ok := strings.Cut(link, "/conferma/")
	if !ok {
		w.T.Fatalf("%s got %q", email, link)
	}
	return token
}

// asked counts the mails that ask an address to confirm.
func (w *world) asked(email string) int {
	w.T.Helper()
	var n int
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM notice n JOIN person p ON p.id = n.person_id
		WHERE p.email = ? AND n.kind = 'registration-confirm'`, email).Scan(w.T.Context(), &n))
	return n
}

func (w *world) confirm(email, name string) meeting.Registration {
	w.T.Helper()
	r, err := w.Meetings.Confirm(w.T.Context(), w.link(email), name)
	w.Must(err)
	return r
}

func (w *world) places() meeting.Places {
	w.T.Helper()
	n, err := w.Meetings.Places(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	return n
}

// TestConfirmingTakesThePlace: the order is that of confirming, not of asking.
func TestConfirmingTakesThePlace(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	w.Must(w.request(" Prima@example.org"))
	w.Must(w.request("seconda@example.org"))
	if n := w.places(); n.Registered+n.Waiting != 0 {
		t.Fatalf("asking took a place: %+v", n)
	}
	if _, err := w.Meetings.RequestByToken(t.Context(), w.link("prima@example.org")); err != nil {
		t.Fatal(err)
	}
	if n := w.places(); n.Registered+n.Waiting != 0 {
		t.Fatalf("opening the link took a place: %+v", n)
	}
	if r := w.confirm("seconda@example.org", "Seconda\r\nPersona"); r.Status != meeting.Registered || r.Name != "Seconda Persona" {
		t.Errorf("who confirms first: %+v", r)
	}
	first := w.confirm("prima@example.org", "Prima Persona")
	if first.Status != meeting.Waiting || first.Position != 1 {
		t.Errorf("who confirms second: %+v", first)
	}
	if again := w.confirm("prima@example.org", ""); again.ID != first.ID || w.places() != (meeting.Places{Registered: 1, Waiting: 1}) {
		t.Errorf("confirming twice: %+v, %+v", again, w.places())
	}
	if w.Notices(w.a, "registration-confirmed") != 1 || w.Notices(w.a, "waiting-list") != 1 {
		t.Error("confirming tells where one stands, once")
	}
	w.Clock.Advance(25 * time.Hour)
	if r := w.confirm("prima@example.org", ""); r.ID != first.ID {
		t.Error("the link of who is registered must lead home also later")
	}
}

func TestRequestsExpire(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Must(w.request("ada@example.org"))
	old := w.link("ada@example.org")
	w.Clock.Advance(24 * time.Hour)
	_, err := w.Meetings.Confirm(t.Context(), old, "Ada Prova")
	refused(t, err, fault.Closed, "meeting.request_expired")
	if n := w.places(); n.Registered != 0 {
		t.Errorf("%+v", n)
	}
	w.Must(w.request("ada@example.org"))
	if n := w.asked("ada@example.org"); n != 2 {
		t.Errorf("%d mails, want a new one a day later", n)
	}
	if _, err := w.Meetings.Confirm(t.Context(), old, "Ada Prova"); err != nil {
		t.Errorf("a new request must revive the link that there is: %v", err)
	}
	w.Must(w.request("bea@example.org"))
	w.Clock.Advance(8*24*time.Hour + time.Minute)
	w.Must(w.request("carla@example.org"))
	var left int
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM registration_request`).Scan(t.Context(), &left))
	if left != 1 {
		t.Errorf("%d requests kept, want the new one alone", left)
	}
	for _, bad := range []string{"", "x", w.Core.Links().Token(process.Link{Purpose: process.LinkConfirm, Process: w.a.ProcessID, Subject: 999, Version: 1})} {
		_, err := w.Meetings.Confirm(t.Context(), bad, "X Y")
		refused(t, err, fault.NotFound, "link.bad")
	}
}

// TestStrangersHaveNoEndlessMail: many clients together are slowed by the
// process's own count, and learn nothing about who is known.
func TestStrangersHaveNoEndlessMail(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Must(w.request("ada@example.org"))
	now, err := w.Core.Now(t.Context(), w.DB)
	w.Must(err)
	w.Exec(`INSERT INTO notice (process_id, key, kind, audience, payload, due_at, expires_at, created_at)
		SELECT ?0, 'flood.' || n, 'registration-confirm', '', '{}', ?1, ?1::timestamptz + interval '1 day', ?1 FROM generate_series(1, 1999) n`,
		w.a.ProcessID, now)
	for _, email := range []string{"ada@example.org", "bea@example.org"} {
		refused(t, w.request(email), fault.TooMany, "limit.mail")
	}
	if n := w.Count(`SELECT count(*) FROM person WHERE email = 'bea@example.org'`); n != 0 {
		t.Error("a refused request left a person")
	}
	w.Clock.Advance(time.Hour)
	w.Must(w.request("bea@example.org"))
	if n := w.asked("bea@example.org"); n != 1 {
		t.Errorf("%d letters an hour later", n)
	}
}

// TestStrangersCannotLockAnybodyOut: whatever is typed for an address, in
// however many activities, its owner can register.
func TestStrangersCannotLockAnybodyOut(t *testing.T) {
	t.Parallel()
	w := open(t)
	const victim = "vittima@example.org"
	for range 12 {
		w.Must(w.request(victim))
		w.Clock.Advance(5 * time.Minute)
	}
	if n := w.asked(victim); n != 2 {
		t.Errorf("%d mails in an hour, want 2: at once and ten minutes later", n)
	}
	for range 46 {
		w.Must(w.request(victim))
		w.Clock.Advance(30 * time.Minute)
	}
	if n := w.asked(victim); n > 7 {
		t.Errorf("%d mails in a day", n)
	}
	other := w.a
	w.a = w.Activity("webinar")
	w.schedule(evening)
	w.Must(w.Advance(w.a, "open", ""))
	before := w.asked(victim)
	w.Must(w.request(victim))
	if w.asked(victim) != before+1 {
		t.Error("a flood about one activity blocks another")
	}
	if r := w.confirm(victim, "La Vittima"); r.Status != meeting.Registered {
		t.Errorf("%+v", r)
	}
	w.a = other
	// Her own session is proof enough, and no limit stands in its way.
	who := process.Actor{Person: w.Person(victim), Email: victim}
	r, ok, err := w.Meetings.RequestRegistration(t.Context(), w.a.ProcessID, w.a.ID, who, meeting.Visitor{Email: "VITTIMA@example.org"})
	if err != nil || !ok || r.Status != meeting.Registered {
		t.Errorf("signed in: %+v, %v, %v", r, ok, err)
	}
	if _, ok, err := w.Meetings.RequestRegistration(t.Context(), w.a.ProcessID, w.a.ID, who, meeting.Visitor{Email: "altra@example.org"}); ok || err != nil {
		t.Errorf("signed in, for somebody else: %v, %v", ok, err)
	}
}

func TestRequestTellsNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	known := w.Person("nota@example.org")
	w.register(known)
	for range 3 {
		w.Must(w.request("nota@example.org"))
	}
	if n := w.Told(w.a, "registration-confirmed", known); n != 2 || w.asked("nota@example.org") != 0 {
		t.Errorf("told %d times, want at registering and once more", n)
	}
	refused(t, w.request("non un indirizzo"), fault.Invalid, "person.email_bad")
	w.Clock.Set(starts)
	for _, email := range []string{"nota@example.org", "mai.vista@example.org"} {
		refused(t, w.request(email), fault.Closed, "meeting.full_begun")
	}
	var n int
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM person WHERE email = 'mai.vista@example.org'`).Scan(t.Context(), &n))
	if n != 0 {
		t.Error("a refused visitor was kept")
	}
}

func TestConfirmedName(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Must(w.request("ada@example.org"))
	link := w.link("ada@example.org")
	for name, key := range map[string]string{
		"Vinci su https://esca.example.org": "name_bad", "esca.example.org": "name_bad", "WWW.esca": "name_bad",
		"Premio poste.it": "name_bad", "a@esca": "name_bad", "<b>Ada</b>": "name_bad", `Ada\Prova`: "name_bad",
		"Dott.ssa esca.org": "name_bad", strings.Repeat("a", 81): "name_bad", "\t": "name_missing",
	} {
		_, err := w.Meetings.Confirm(t.Context(), link, name)
		refused(t, err, fault.Invalid, "meeting."+key)
		var e *fault.Error
		if !errors.As(err, &e) || e.Field != "name" {
			t.Errorf("%q is refused at %v", name, e)
		}
	}
	for _, name := range []string{"Dott.ssa Anna D'Andrea", "Gian M. Prova", "J.R. Prova-Rossi", strings.Repeat("é", 80)} {
		email := "v" + strings.ToLower(name[:1]) + "@example.org"
		w.Must(w.request(email))
		if r := w.confirm(email, name); r.Name != name {
			t.Errorf("%q was named %q", name, r.Name)
		}
	}
	w.Person("nota@example.org")
	w.Must(w.request("nota@example.org"))
	if r := w.confirm("nota@example.org", "Altro Nome"); r.Name != "P nota@example.org" {
		t.Errorf("a known person was renamed %q", r.Name)
	}
}

// TestRequestMailSaysNothingTyped renders the mail to a stranger and to a known
// person.
func TestRequestMailSaysNothingTyped(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Must(w.request("ada@example.org"))
	var n notify.Notice
	w.Must(w.DB.NewRaw(`SELECT process_id, id, activity_id, key, kind, audience, person_id, payload, due_at FROM notice
		WHERE kind = 'registration-confirm'`).Scan(t.Context(), &n))
	var payload map[string]any
	w.Must(json.Unmarshal(n.Payload, &payload))
	if len(payload) > 3 {
		t.Errorf("payload %v", payload)
	}
	facts, err := message.New(w.Core).Facts(t.Context(), w.DB, n, []int64{n.PersonID})
	w.Must(err)
	f := facts[n.PersonID]
	for locale, want := range map[string]string{"it": "Conferma l’iscrizione", "en": "Confirm the registration"} {
		f.Recipient.Locale, f.Recipient.Name = locale, "Vinci un premio"
		page, err := templates.Render(n.Kind, f)
		w.Must(err)
		for _, part := range []string{page.Text, page.HTML} {
			if strings.Contains(part, "Vinci") || !strings.Contains(part, want) || !strings.Contains(part, "/conferma/") {
				t.Errorf("%s:\n%s", locale, part)
			}
		}
	}
}
