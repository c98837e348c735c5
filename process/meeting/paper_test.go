package meeting_test

import (
	"slices"
	"testing"
	"time"

	"arengo/process/fault"
	"arengo/process/meeting"
)

func TestAttendanceIsNotedOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.Person("anna@example.org")
	w.register(person)
	note := func() (meeting.Attendance, error) {
		return w.Meetings.Note(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Presence{Meeting: w.m.ID, Person: person})
	}
	_, err := note()
	refused(t, err, fault.Closed, "meeting.attend_early")
	w.Clock.Set(starts.Add(-15 * time.Minute))
	first, err := note()
	if err != nil || first.Already || !first.NotedAt.Equal(w.Clock.Time()) || first.NotedBy != w.Promoter.Person {
		t.Fatalf("got %+v, %v", first, err)
	}
	w.Clock.Advance(time.Minute)
	again, err := note()
	if err != nil || !again.Already || !again.NotedAt.Equal(first.NotedAt) {
		t.Errorf("twice: %+v, %v", again, err)
	}
	_, err = w.Meetings.Note(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Presence{Meeting: w.m.ID, Person: w.Person("mai@example.org")})
	refused(t, err, fault.Conflict, "meeting.attend_unregistered")
	_, err = w.Meetings.Note(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Presence{Meeting: 999, Person: person})
	refused(t, err, fault.NotFound, "meeting.not_found")
	_, err = w.Meetings.Note(t.Context(), w.a.ProcessID, w.a.ID, w.Stranger, meeting.Presence{Meeting: w.m.ID, Person: person})
	refused(t, err, fault.Forbidden, "policy.role")
	for range 2 {
		w.Must(w.Meetings.Unnote(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Presence{Meeting: w.m.ID, Person: person}))
	}
	if list, err := w.Meetings.Attendances(t.Context(), w.a.ProcessID, w.a.ID); err != nil || len(list) != 0 {
		t.Errorf("taken back: %+v, %v", list, err)
	}
	w.At(ends)
	if a, err := note(); err != nil || a.Already {
		t.Errorf("after the end, while held: %+v, %v", a, err)
	}
}

func TestConsentRegister(t *testing.T) {
	t.Parallel()
	w := open(t)
	person := w.Person("anna@example.org")
	give := func(purposes ...meeting.Purpose) error {
		return w.Meetings.Consent(t.Context(), w.a.ProcessID, w.a.ID, person, purposes...)
	}
	refused(t, give(meeting.Participation), fault.Forbidden, "meeting.consent_stranger")
	w.register(person)
	refused(t, give("everything"), fault.Invalid, "meeting.purpose_bad")
	given := w.Clock.Time()
	w.Must(give(meeting.Participation, meeting.Quotation))
	w.Clock.Advance(time.Hour)
	w.Must(give(meeting.Participation, meeting.Quotation)) // holds already: keeps its time
	r, _, err := w.Meetings.Registration(t.Context(), w.a.ProcessID, w.a.ID, person)
	w.Must(err)
	if r.ConsentAt == nil || !r.ConsentAt.Equal(given) {
		t.Errorf("consent on the registration: %v", r.ConsentAt)
	}

	// Another text asks anew, and the register keeps both.
	d, err := w.Meetings.Setting(t.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	d.ConsentText = "Accetto di partecipare."
	d, err = w.Meetings.SetSetting(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, d)
	if err != nil || d.ConsentVersion != 2 {
		t.Fatalf("got %+v, %v", d, err)
	}
	w.Must(give(meeting.Participation, meeting.Quotation))
	w.At(ends)
	refused(t, give(meeting.Recording), fault.Closed, "meeting.closed_consent")
	if r, _, err = w.Meetings.Registration(t.Context(), w.a.ProcessID, w.a.ID, person); err != nil || r.ConsentAt == nil {
		t.Errorf("what was refused took a consent back: %+v, %v", r, err)
	}
	w.Must(give(meeting.Quotation)) // it can always be withdrawn
	var list []struct {
		Purpose     meeting.Purpose
		Version     int
		WithdrawnAt *time.Time
	}
	w.Must(w.DB.NewRaw(`SELECT purpose, version, withdrawn_at FROM consent
		WHERE process_id = ? AND activity_id = ? ORDER BY given_at, id`, w.a.ProcessID, w.a.ID).Scan(t.Context(), &list))
	if len(list) != 4 {
		t.Fatalf("%d lines in the register, want 4: %+v", len(list), list)
	}
	for _, c := range list {
		if live := c.WithdrawnAt == nil; live != (c.Purpose == meeting.Quotation && c.Version == 2) {
			t.Errorf("%s version %d: live is %v", c.Purpose, c.Version, live)
		}
	}
	if r, _, err = w.Meetings.Registration(t.Context(), w.a.ProcessID, w.a.ID, person); err != nil || r.ConsentAt != nil {
		t.Errorf("withdrawn, still on the registration: %v, %v", r.ConsentAt, err)
	}
}

func TestPublishTellsOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.register(w.Person("anna@example.org"))
	slides := meeting.Material{Kind: meeting.MaterialSlides, Title: "Presentazione", URL: "https://files.example.org/a.pdf"}
	recording := meeting.Material{Kind: meeting.MaterialRecording, Title: "Registrazione", URL: "https://video.example.org/r"}
	publish := func(list ...meeting.Material) ([]meeting.Material, error) {
		return w.Meetings.Publish(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, list...)
	}
	_, err := publish(slides)
	refused(t, err, fault.Closed, "meeting.closed_publish")
	w.At(ends)
	for name, tt := range map[string]struct {
		key string
		m   meeting.Material
	}{
		"Kind":  {"meeting.material_kind_bad", meeting.Material{Kind: "film", Title: "X", URL: slides.URL}},
		"Title": {"meeting.title_missing", meeting.Material{Kind: slides.Kind, Title: " ", URL: slides.URL}},
		"URL":   {"meeting.url_bad", meeting.Material{Kind: slides.Kind, Title: "X", URL: "http://files.example.org"}},
	} {
		_, err := publish(tt.m)
		if e, ok := fault.As(err); !ok || e.Key != tt.key {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := publish(slides, recording)
	w.Must(err)
	if len(list) != 2 || list[1].ID <= list[0].ID || w.Notices(w.a, "meeting-materials") != 1 {
		t.Errorf("got %+v and %d notices, want one for both", list, w.Notices(w.a, "meeting-materials"))
	}
	w.Must(w.Meetings.Retract(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, list[0].ID))
	left, err := w.Meetings.Materials(t.Context(), w.a.ProcessID, w.a.ID)
	if err != nil || len(left) != 1 || left[0].Title != "Registrazione" {
		t.Errorf("left %+v, %v", left, err)
	}
}

func TestRecordingMustBeAnnounced(t *testing.T) {
	t.Parallel()
	w := open(t)
	set := func(recorded bool) error {
		d, err := w.Meetings.Setting(t.Context(), w.a.ProcessID, w.a.ID)
		w.Must(err)
		d.Recorded = recorded
		_, err = w.Meetings.SetSetting(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, d)
		return err
	}
	w.Must(set(false))
	w.Clock.Set(starts)
	refused(t, set(true), fault.Invalid, "meeting.recorded_late")
	w.At(ends)
	_, err := w.Meetings.Publish(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter,
		meeting.Material{Kind: meeting.MaterialRecording, Title: "R", URL: "https://video.example.org/r"})
	refused(t, err, fault.Conflict, "meeting.recording_unannounced")
}

func TestSettingRefusals(t *testing.T) {
	t.Parallel()
	w := open(t)
	d, err := w.Meetings.Setting(t.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	for key, bad := range map[string]meeting.Setting{
		"meeting.capacity_bad":     {Capacity: -1, Revision: d.Revision},
		"meeting.opens_before_bad": {JoinOpensBefore: 1441, Revision: d.Revision},
	} {
		_, err := w.Meetings.SetSetting(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, bad)
		refused(t, err, fault.Invalid, key)
	}
	if now, err := w.Meetings.Setting(t.Context(), w.a.ProcessID, w.a.ID); err != nil || now != d {
		t.Errorf("changed to %+v, %v", now, err)
	}
}

func TestPoints(t *testing.T) {
	t.Parallel()
	got := meeting.Points("1. Saluti\n\n 2) Il piano 2030\n- Domande\n• Varie ed eventuali\r\n")
	want := []string{"Saluti", "Il piano 2030", "Domande", "Varie ed eventuali"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
