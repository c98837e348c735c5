package gate_test

import (
	"testing"
	"time"

	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/staff/gate"
)

func TestReadEnd(t *testing.T) {
	t.Parallel()
	day, minute := gate.Ending{Zone: page.Rome}, gate.Ending{Zone: page.Rome, Exact: true}
	for _, c := range []struct {
		ending     gate.Ending
		text, want string
		key        string
	}{
		{day, "2026-03-29", "2026-03-29T22:00:00Z", ""},
		{day, "2026-03-29T10:00", "", "staff.change.end.bad"},
		{day, "", "", "form.required"},
		{minute, "2026-11-23T22:30", "2026-11-23T21:30:00Z", ""},
		{minute, "2026-11-23 22:30", "2026-11-23T21:30:00Z", ""},
		{minute, "2026-11-24T00:00", "2026-11-23T23:00:00Z", ""},
		{minute, "2026-03-29T02:30", "2026-03-29T01:30:00Z", ""}, // skipped: 03:30
		{minute, "2026-10-25T02:30", "2026-10-25T00:30:00Z", ""}, // twice: the first
		{minute, "2026-11-23", "", "staff.change.end.bad.exact"},
		{minute, "", "", "form.required"},
	} {
		got, err := c.ending.Read(c.text)
		if c.key != "" {
			if e, ok := fault.As(err); !ok || e.Key != c.key || e.Field != "end" {
				t.Errorf("%q: %v", c.text, err)
			}
			continue
		}
		if err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%q: %s, %v", c.text, got.UTC().Format(time.RFC3339), err)
		}
		if again := c.ending.Write(c.ending.UpTo(got)); c.want == "2026-11-23T21:30:00Z" && again != "2026-11-23T22:30" {
			t.Errorf("%q comes back as %q", c.text, again)
		}
	}
}
