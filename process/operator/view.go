package operator

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
)

// View is how things stand. At is an instant of the database's real clock, by
// which deliveries are due; notices and deadlines are due by the process's clock,
// which in production is the same.
type View struct {
	At        time.Time
	Patience  time.Duration // how long a message may wait
	Channels  []Channel     // the ways to people, then Webhook
	Notices   Notices
	Running   []Notice // those that go to many and are not through, and those that are paused
	Rest      int      // open deliveries of all others; -1 when there are too many to count
	Deadlines Deadlines
	Hooks     []Hook // addresses of other programs that are not told
	Wrong     Wrong
	Pauses    []Past // the newest first
	Findings  []Finding
}

// Channel is what waits on one way, and what went out. The counts of what is open
// are cut at MostOpen; More tells that there is more. Paused notices' deliveries
// are Parked.
type Channel struct {
	Name     string
	Queued   int
	Sending  int
	Deferred int
	Parked   int
	More     bool

	Oldest time.Time // since when the one that waits longest has been due; zero when none is
	Late   int       // due for longer than a message may wait
	Next   time.Time // when one that was deferred is tried next; zero when none is

	Minute, Hour, Day int // sent in the last whole minute, in the last hour and day
	Missed            int // refused, given up or expired on the last day
	Nodes             []Node
	Pause             *Pause
}

// Waiting is how many are to be sent and not in anybody's hands.
func (c Channel) Waiting() int { return c.Queued + c.Deferred }

// Node is a program that looks after a channel. Trouble is what stood in its way
// when it last looked, in the words of whoever refused, "" for nothing.
type Node struct {
	Name    string
	SeenAt  time.Time
	Trouble string
	Since   time.Time // of the trouble
}

// Pause says who stopped something; By is "" for who acted on the command line,
// and for a name that was erased.
type Pause struct {
	Since time.Time
	By    string
	Why   string
}

// Past is a pause in the history, of a channel or of a notice. Until is zero while
// it lasts.
type Past struct {
	Pause

	Channel string
	Notice  Named
	Until   time.Time
	UntilBy string
}

// Named says which notice something is about. Slug and Title are those of its
// process, "" for a notice of none.
type Named struct {
	ProcessID process.ID
	ID        int64
	Kind      string
	Slug      string
	Title     string
}

// Notices are those that are not deliveries yet: due by now, Late by more than a
// message may wait, or Failing because their audience could not be found. Worst
// lists those that fail or are late, the worst first.
type Notices struct {
	Due, Late, Failing int
	Worst              []Unexpanded
}

// Unexpanded is a notice that should be deliveries and is not.
type Unexpanded struct {
	Named

	DueAt    time.Time
	RetryAt  time.Time // zero when it was not tried
	Failures int
}

// Notice is one that became deliveries: how many, and how many of them are open.
// More tells that the counts were cut at MostOfNotice.
type Notice struct {
	Named

	ExpandedAt time.Time
	ExpiresAt  time.Time
	Deliveries int
	Queued     int
	Sending    int
	Deferred   int
	Parked     int
	More       bool
	Pause      *Pause
}

// Open is how many deliveries are still to be sent.
func (n Notice) Open() int { return n.Queued + n.Sending + n.Deferred + n.Parked }

// Deadlines are those that are due and not carried out: Late ones for more than a
// minute, Aside ones that the program failed to carry out so often that it rests.
type Deadlines struct {
	Due, Late, Aside int
	Oldest           time.Time
	Worst            []Overdue
}

// Overdue is a deadline that is not carried out.
type Overdue struct {
	Slug, Title string // of the process
	Name        string
	DueAt       time.Time
	Failures    int
}

// Hook is an address that is told nothing, or fails. Host is all of it that is
// shown; Why is one of the words of package webhook, "" while it is only failing.
type Hook struct {
	PublicID     string
	Organisation string // its public name
	Name         string // of the organisation
	Host         string
	Since        time.Time
	Why          string
}

// Wrong is what went wrong on the last day, counted over the newest MostEvents;
// More tells that there was more.
type Wrong struct {
	Reasons []Reason
	Domains []Domain
	Total   int
	More    bool
}

// Reason is why letters were not taken: a status of the ledger with the reply's
// code, and its enhanced one (RFC 3463) where there is one.
type Reason struct {
	Status   string
	Code     int
	Enhanced string
	Count    int
}

// Domain is where they were to go.
type Domain struct {
	Name  string
	Count int
}

// Look reads everything. Its refusals are those of process.Allow for
// process.ActAdminister.
func (s *Service) Look(ctx context.Context, who process.Actor) (View, error) {
	if err := s.mayAdminister(who); err != nil {
		return View{}, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return View{}, err
	}
	var v View
	err = quietly(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		v = View{Patience: s.patient}
		for _, read := range []func(context.Context, bun.IDB, *View) error{
			s.readChannels, s.readRunning, s.readWrong, readPauses, readHooks,
		} {
			if err := read(ctx, tx, &v); err != nil {
				return err
			}
		}
		if v.Notices, err = notices(ctx, tx, now, s.patient); err != nil {
			return err
		}
		v.Deadlines, err = deadlines(ctx, tx, now)
		return err
	})
	v.Findings = judge(v)
	return v, err
}

// Gauge reads what is worth asking every few seconds: the channels, and what is
// not expanded or not carried out. Nobody is asked for leave: it is for machines.
func (s *Service) Gauge(ctx context.Context) (View, error) {
	now, err := s.now(ctx)
	if err != nil {
		return View{}, err
	}
	var v View
	err = quietly(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		v = View{Patience: s.patient}
		if err := s.readChannels(ctx, tx, &v); err != nil {
			return err
		}
		if v.Notices, err = notices(ctx, tx, now, s.patient); err != nil {
			return err
		}
		v.Deadlines, err = deadlines(ctx, tx, now)
		return err
	})
	return v, err
}
