package meeting_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
)

func TestFiftyForTenPlaces(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(10)
	people := w.People(50)
	var wg sync.WaitGroup
	failures := make(chan error, len(people))
	for _, p := range people {
		wg.Go(func() {
			if _, err := w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, p); err != nil {
				failures <- err
			}
		})
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		t.Errorf("register: %v", err)
	}
	list, err := w.Meetings.Registrations(t.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	if len(list) != 50 {
		t.Fatalf("%d registrations, want 50", len(list))
	}
	var last time.Time // of those who have a place
	for i, r := range list {
		want := meeting.Waiting
		if i < 10 {
			want = meeting.Registered
			if r.QueuedAt.After(last) {
				last = r.QueuedAt
			}
		}
		if r.Status != want {
			t.Fatalf("number %d is %s", i, r.Status)
		}
		if i >= 10 && (r.Position != i-9 || !r.QueuedAt.After(last)) {
			t.Errorf("number %d waits at %d since %s", i, r.Position, r.QueuedAt)
		}
		if i > 10 && !r.QueuedAt.After(list[i-1].QueuedAt) {
			t.Errorf("number %d did not queue after the one before", i)
		}
	}
	if c, q := w.Notices(w.a, "registration-confirmed"), w.Notices(w.a, "waiting-list"); c != 10 || q != 40 {
		t.Errorf("%d confirmed, %d told to wait; want 10 and 40", c, q)
	}
}

func TestQueuePromotes(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	p := w.People(4)
	for i, want := range []int{0, 1, 2, 3} {
		if r := w.register(p[i]); r.Position != want {
			t.Errorf("person %d at position %d, want %d", i, r.Position, want)
		}
	}
	if r := w.register(p[1]); !r.Already || r.Position != 1 {
		t.Errorf("registering twice: %+v", r)
	}
	w.unregister(p[0])
	if w.status(p[1]) != meeting.Registered || w.status(p[2]) != meeting.Waiting {
		t.Error("the first who waits gets the place, and only the first")
	}
	if n := w.Told(w.a, "place-available", p[1]); n != 1 {
		t.Errorf("told %d times of the place", n)
	}
	if r := w.register(p[0]); r.Status != meeting.Waiting || r.Position != 3 {
		t.Errorf("who left and returns stands at %s %d, want the end, 3", r.Status, r.Position)
	}
	w.capacity(3)
	if w.status(p[2]) != meeting.Registered || w.status(p[3]) != meeting.Registered || w.status(p[0]) != meeting.Waiting {
		t.Error("more places go to the queue in its order")
	}
	w.capacity(1)
	if n, err := w.Meetings.Places(t.Context(), w.a.ProcessID, w.a.ID); err != nil || n.Registered != 3 {
		t.Errorf("fewer places turned somebody out: %+v, %v", n, err)
	}
	w.capacity(3)
	w.Must(w.Meetings.Withdraw(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, p[3]))
	if w.status(p[0]) != meeting.Registered || w.Told(w.a, "registration-cancelled", p[3]) != 1 {
		t.Error("a withdrawal tells the one and promotes the other")
	}
	refused(t, w.Meetings.Withdraw(t.Context(), w.a.ProcessID, w.a.ID, w.Stranger, p[0]), fault.Forbidden, "policy.role")
}

func TestNobodyIsPromotedOnceItBegan(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	p := w.People(4)
	w.register(p[0])
	w.register(p[1])
	w.Clock.Set(starts)
	w.unregister(p[0])
	if w.status(p[1]) != meeting.Waiting {
		t.Error("promoted after the beginning")
	}
	// Nobody overtakes those who wait, either.
	_, err := w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, p[2])
	refused(t, err, fault.Closed, "meeting.full_begun")
	w.unregister(p[1])
	if r := w.register(p[2]); r.Status != meeting.Registered {
		t.Errorf("a late-comer with nobody waiting is %s", r.Status)
	}
	w.Clock.Set(ends) // the timer has not come by yet
	_, err = w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, p[3])
	refused(t, err, fault.Closed, "meeting.closed_register")
	refused(t, w.Meetings.Unregister(t.Context(), w.a.ProcessID, w.a.ID, p[2]), fault.Closed, "meeting.closed_withdraw")
}

func TestInvitedOnly(t *testing.T) {
	t.Parallel()
	w := open(t)
	d, err := w.Meetings.Setting(t.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	d.InvitedOnly = true
	_, err = w.Meetings.SetSetting(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, d)
	w.Must(err)
	_, err = w.Meetings.SetSetting(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, d)
	refused(t, err, fault.Conflict, "form.stale")
	guest, other := w.Person("ospite@example.org"), w.Person("altra@example.org")
	w.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, created_at) VALUES (?, ?, ?, ?)`,
		w.a.ProcessID, w.a.ID, guest, w.Clock.Time())
	_, err = w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, other)
	refused(t, err, fault.Forbidden, "meeting.invited_only")
	err = w.request("ospite@example.org")
	refused(t, err, fault.Forbidden, "meeting.invited_only")
	if r := w.register(guest); r.Status != meeting.Registered {
		t.Errorf("a guest is %s", r.Status)
	}
}

func TestPersonalLink(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := w.register(w.Person("anna@example.org"))
	token := w.Meetings.Token(r)
	if got, err := w.Meetings.ByToken(t.Context(), token); err != nil || got.ID != r.ID || got.Name != "P anna@example.org" {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, bad := range map[string]string{
		"Forged": "x" + token[1:], "Empty": "",
		"OtherPurpose": w.Core.Links().Token(process.Link{Purpose: process.LinkAnswer, Process: r.ProcessID, Subject: int64(r.ID), Version: 1}),
		"NoSuchRow":    w.Core.Links().Token(process.Link{Purpose: process.LinkRegister, Process: r.ProcessID, Subject: 999, Version: 1}),
	} {
		_, err := w.Meetings.ByToken(t.Context(), bad)
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.Exec(`UPDATE registration SET version = 2 WHERE process_id = ? AND id = ?`, r.ProcessID, r.ID)
	_, err := w.Meetings.ByToken(t.Context(), token)
	refused(t, err, fault.NotFound, "link.bad")
}

func TestJoinURL(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	p := w.People(2)
	in, out := w.register(p[0]), w.register(p[1])
	opens := starts.Add(-15 * time.Minute)
	tests := []struct {
		name string
		r    meeting.Registration
		at   time.Time
		code fault.Code
		key  string
	}{
		{"Early", in, opens.Add(-time.Microsecond), fault.Closed, "meeting.join_early"},
		{"Waiting", out, starts, fault.Forbidden, "meeting.join_not_registered"},
		{"Over", in, ends, fault.Closed, "meeting.join_over"},
		{"FirstInstant", in, opens, "", ""},
		{"LastInstant", in, ends.Add(-time.Microsecond), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j, err := w.Meetings.JoinURL(t.Context(), tt.r, tt.at)
			if tt.code != "" {
				refused(t, err, tt.code, tt.key)
				if j.URL != "" || j.Meeting.JoinURL != "" {
					t.Error("the address leaks")
				}
				return
			}
			if err != nil || j.URL != evening.JoinURL || !j.Opens.Equal(opens) || !j.Closes.Equal(ends) {
				t.Errorf("got %+v, %v", j, err)
			}
		})
	}
	_, err := w.Meetings.JoinURL(t.Context(), in, opens.Add(-time.Hour))
	if e, ok := fault.As(err); !ok || fmt.Sprint(e.Args["opens"]) != "26/03/2026 17:45" {
		t.Errorf("the refusal must say when: %v", err)
	}
	w.unregister(p[0])
	_, err = w.Meetings.JoinURL(t.Context(), in, starts)
	refused(t, err, fault.Forbidden, "meeting.join_not_registered")
}

func TestRegisterInDraftIsRefused(t *testing.T) {
	t.Parallel()
	w := draft(t)
	w.schedule(evening)
	_, err := w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, w.Person("anna@example.org"))
	refused(t, err, fault.Closed, "meeting.closed_register")
	_, err = w.Meetings.Register(t.Context(), w.a.ProcessID, 999, w.Person("anna@example.org"))
	refused(t, err, fault.NotFound, "activity.not_found")
}
