package meeting_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/pause"
)

// rest suspends the webinar, or lets it go on.
func (w *world) rest(do func(*pause.Service, process.ID, process.Actor, pause.Request) error) {
	w.T.Helper()
	w.Must(do(pause.New(w.Core), w.a.ProcessID, w.Promoter, pause.Request{Activity: w.a.ID, Reason: "La relatrice è malata"}))
}

func (w *world) suspend() {
	w.T.Helper()
	w.rest(func(p *pause.Service, id process.ID, who process.Actor, r pause.Request) error {
		return p.Suspend(w.T.Context(), id, who, r)
	})
}

func (w *world) resume() {
	w.T.Helper()
	w.rest(func(p *pause.Service, id process.ID, who process.Actor, r pause.Request) error {
		return p.Resume(w.T.Context(), id, who, r)
	})
}

// Who leaves a suspended meeting frees the place; the queue rests until it goes
// on, and nobody new comes in.
func TestLeavingWhatRests(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	people := w.People(3)
	w.register(people[0])
	w.register(people[1])
	w.suspend()

	_, err := w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, people[2])
	refused(t, err, fault.Closed, "activity.held")
	w.unregister(people[0])
	if w.status(people[0]) != meeting.Cancelled || w.status(people[1]) != meeting.Waiting {
		t.Errorf("they are %s and %s", w.status(people[0]), w.status(people[1]))
	}
	if w.Told(w.a, "registration-cancelled", people[0]) != 1 || w.Told(w.a, "place-available", people[1]) != 0 {
		t.Error("who left is told, and nobody is called yet")
	}
	w.resume()
	if w.status(people[1]) != meeting.Registered || w.Told(w.a, "place-available", people[1]) != 1 {
		t.Errorf("who waited is %s once it goes on", w.status(people[1]))
	}
}

// The staff take somebody off the list of a suspended meeting, and more places
// call nobody before it goes on.
func TestStaffAtWhatRests(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	people := w.People(3)
	for _, p := range people {
		w.register(p)
	}
	w.suspend()
	w.Must(w.Meetings.Withdraw(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, people[0]))
	w.capacity(2)
	if n := w.Notices(w.a, "place-available"); n != 0 {
		t.Errorf("%d were called while it rests", n)
	}
	w.resume()
	if n := w.Notices(w.a, "place-available"); n != 2 {
		t.Errorf("%d were called, want both who waited", n)
	}
}

// A suspended meeting is called off as it stands, also when its hour went by
// meanwhile: nobody was there.
func TestCallingOffWhatRests(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]time.Time{"before": starts.AddDate(0, 0, -2), "after": ends.AddDate(0, 0, 2)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			people := w.People(2)
			w.register(people[0])
			w.suspend()
			w.At(at)
			err := w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "")
			refused(t, err, fault.Invalid, "meeting.reason_missing")
			w.Must(w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "La relatrice non guarisce"))
			if s := w.State(w.a); s != "cancelled" {
				t.Errorf("it is %s", s)
			}
			w.At(at.Add(time.Minute))
			if n := w.Deliveries(w.a, "meeting-cancelled"); n != 1 {
				t.Errorf("%d are told, want who is registered", n)
			}
		})
	}
}

// What had begun when it was suspended cannot be called off any more: people
// were there.
func TestCallingOffWhatHadBegun(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.At(starts.Add(time.Minute))
	w.suspend()
	refused(t, w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "Basta"), fault.Closed, "meeting.call_off_begun")
}

// A meeting whose hour goes by while it is suspended gets a new day, and
// everything follows.
func TestMovingWhatRests(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.register(w.People(1)[0])
	w.suspend()
	w.At(ends.Add(time.Hour))
	_, err := w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: w.m.ID, Draft: later})
	w.Must(err)
	w.resume()
	w.At(ends.Add(2 * time.Hour))
	if s := w.State(w.a); s != "open" {
		t.Errorf("it is %s before its new day", s)
	}
}
