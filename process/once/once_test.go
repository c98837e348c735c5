package once_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/meeting/meetingtest"
	"arengo/process/once"
)

type world struct{ *meetingtest.World }

// send is a use case that makes what name says, or fails.
func (w world) send(f once.Form, name string, fail error) (made string, already bool, err error) {
	err = w.Core.InTx(w.T.Context(), func(ctx context.Context, tx bun.Tx) error {
		made, already, err = once.Do(ctx, tx, f, meetingtest.Start, func() (string, error) { return name, fail })
		return err
	})
	return made, already, err
}

func (w world) want(f once.Form, name, made string, already bool) {
	w.T.Helper()
	got, was, err := w.send(f, name, nil)
	w.Must(err)
	if got != made || was != already {
		w.T.Errorf("%+v: %q, already %v; want %q, %v", f, got, was, made, already)
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	w := world{meetingtest.New(t)}
	other := w.Person("other@example.org")
	id := int64(w.Process.ID)
	for name, scope := range map[string]int64{"Process": id, "Person": 0} {
		t.Run(name, func(t *testing.T) {
			f := once.Form{Process: scope, Person: int64(w.Promoter.Person), Name: "thing", Key: "k"}
			refused := errors.New("refused")
			if _, _, err := w.send(f, "none", refused); !errors.Is(err, refused) {
				t.Fatalf("got %v", err)
			}
			w.want(f, "one", "one", false) // what failed did not use the key up
			w.want(f, "two", "one", true)
			for _, g := range []once.Form{
				{Process: scope, Person: int64(other), Name: "thing", Key: "k"},
				{Process: scope, Person: f.Person, Name: "another", Key: "k"},
				{Process: scope, Person: f.Person, Name: "thing", Key: "K"},
				{Process: scope, Person: f.Person, Name: "thing", Key: strings.Repeat("\x00", 10_000)},
				{Process: scope, Person: f.Person, Name: "thing"},
				{Process: scope, Person: f.Person, Name: "thing"},
			} {
				w.want(g, "three", "three", false)
			}
		})
	}
}

// The second of two that meet waits: for the thing of the first, or, when that
// one fails, to make it.
func TestDoWaits(t *testing.T) {
	t.Parallel()
	w := world{meetingtest.New(t)}
	for key, fail := range map[string]error{"committed": nil, "refused": errors.New("refused")} {
		f := once.Form{Process: int64(w.Process.ID), Person: int64(w.Promoter.Person), Name: "thing", Key: key}
		type said struct {
			made    string
			already bool
			err     error
		}
		second := make(chan said, 1)
		err := w.Core.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, _, err := once.Do(ctx, tx, f, meetingtest.Start, func() (string, error) {
				go func() {
					made, already, err := w.send(f, "second", nil)
					second <- said{made, already, err}
				}()
				w.waiting()
				return "first", fail
			})
			return err
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
		got, want := <-second, said{"first", true, nil}
		if fail != nil {
			want = said{"second", false, nil}
		}
		if got != want {
			t.Errorf("%s: the second got %+v, want %+v", key, got, want)
		}
	}
}

// waiting returns once a transaction of this database waits for another.
func (w world) waiting() {
	w.T.Helper()
	for range 2000 {
		var n int
		w.One(&n, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
		if n > 0 {
			return
		}
		w.Exec(`SELECT pg_sleep(0.005)`)
	}
	w.T.Error("nobody waited")
}

func TestPurge(t *testing.T) {
	t.Parallel()
	w := world{meetingtest.New(t)}
	forms := []once.Form{
		{Process: int64(w.Process.ID), Person: int64(w.Promoter.Person), Name: "thing", Key: "k"},
		{Person: int64(w.Promoter.Person), Name: "thing", Key: "k"},
	}
	for _, f := range forms {
		w.want(f, "one", "one", false)
	}
	purge := func(at time.Time, want int) {
		t.Helper()
		w.At(at)
		if n, err := w.Core.PurgeForms(t.Context(), 10); err != nil || n != want {
			t.Errorf("forgot %d, %v; want %d", n, err, want)
		}
	}
	purge(meetingtest.Start.AddDate(0, 0, 6), 0)
	for _, f := range forms {
		w.want(f, "two", "one", true)
	}
	purge(meetingtest.Start.AddDate(0, 0, 8), len(forms))
}
