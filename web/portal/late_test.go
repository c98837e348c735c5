package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// What the timer did long after its instant says so in the public log and its
// file; what it did in time does not.
func TestLateTimerIsMarked(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, time.March, 12, 18, 0, 0, 0, time.UTC) // of the meeting
	for behind, late := range map[time.Duration]bool{30 * time.Second: false, 26 * time.Hour: true} {
		w, a := lived(t)
		w.At(end.Add(behind))
		if s := w.State(a); s != "held" {
			t.Fatalf("the webinar is %s", s)
		}
		const mark = "In ritardo: vale dal 12 marzo 2026, 19:00:00."
		if log := w.Visitor().Get(slug).Is(http.StatusOK).Text("#registro ~ table"); strings.Contains(log, mark) != late {
			t.Errorf("%s behind: the log says %q", behind, log)
		}
		if file := w.Visitor().Get(slug + "/registro.csv").Is(http.StatusOK).Body; strings.Contains(file, mark) != late {
			t.Errorf("%s behind: the file says %q", behind, file)
		}
	}
}
