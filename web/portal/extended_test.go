package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"arengo/process"
)

// The page gives the reason of the end that holds, and of none other: nothing of
// an extension that was taken back, and of several the last, from the first end.
func TestOnlyTheEndThatHoldsIsExplained(t *testing.T) {
	t.Parallel()
	const heading = "Perché è stata prorogata"
	day := func(n int) time.Time { return time.Date(2026, time.March, 2+n, 23, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		days []int
		want string // "" for no reason at all
	}{
		"taken back":          {days: []int{30, 20}},
		"shorter than before": {days: []int{30, 18}},
		"twice":               {days: []int{24, 26}, want: "Motivo 2. La chiusura passa da domenica 22 marzo 2026 a sabato 28 marzo 2026."},
		"the second back":     {days: []int{24, 26, 24}, want: "Motivo 1. La chiusura passa da domenica 22 marzo 2026 a giovedì 26 marzo 2026."},
		"in part":             {days: []int{26, 24}, want: "Motivo 1. La chiusura passa da domenica 22 marzo 2026 a giovedì 26 marzo 2026."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.publish()
			w.move("launch", "")
			before := 20
			for i, n := range c.days {
				change := w.Core.Extend
				if n < before {
					change = w.Core.Shorten
				}
				before = n
				_, err := change(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: day(n), Reason: "Motivo " + string(rune('1'+i))})
				w.Must(err)
			}
			got := w.Visitor().Get(slug).Is(http.StatusOK).Text("#fase-2")
			if strings.Contains(got, heading) != (c.want != "") || strings.Count(got, heading) > 1 || !strings.Contains(got, c.want) {
				t.Errorf("it says %q, want %q", got, c.want)
			}
			if strings.Contains(got, "prorogata di") != (c.want != "") {
				t.Errorf("the note: %q", got)
			}
		})
	}
}

// Beyond the template, and not beyond the law further on, an exception is none to the
// law; the next one is.
func TestAnExceptionNamesTheLawItBreaks(t *testing.T) {
	t.Parallel()
	const length = "length: 20d, max: 60d"
	w := worldOf(t, strings.Replace(smallPath, length, length+`, extend: {max: 5d}, law: {article: "art. 11", source: "L.R. 46/2013", confidence: R}`, 1))
	w.publish()
	w.move("launch", "")
	w.write("final-report", "Delibera", "Si proroga.")
	for _, x := range []process.NewEnd{{End: w.Start.AddDate(0, 0, 40), Exception: true}, {End: w.Start.AddDate(0, 0, 90), Exception: true, Act: "final-report"}} {
		x.Reason = "Alluvione"
		_, err := w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, x)
		w.Must(err)
	}
	csv := w.Visitor().Get(slug + "/registro.csv").Is(http.StatusOK).Body
	ours, law := strings.Index(csv, "È un’eccezione al termine massimo."), strings.Index(csv, "Va oltre il massimo di legge (art. 11, L.R. 46/2013)")
	if ours < 0 || law < ours || strings.Count(csv, "massimo di legge") != 1 {
		t.Errorf("%d, %d:\n%s", ours, law, csv)
	}
}
