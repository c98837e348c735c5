package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/pause"
)

// A suspended process says so to everybody, with the reason; the register tells
// of suspension, resumption, a shorter term and an exception in words.
func TestSuspensionIsPublic(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	ctx, rest := t.Context(), pause.New(w.Core)
	far := process.NewEnd{End: time.Date(2026, time.June, 30, 22, 0, 0, 0, time.UTC), Reason: "Lo chiede la Regione", Exception: true}
	_, err := w.Core.Extend(ctx, w.Process.ID, w.Promoter, far)
	w.Must(err)
	near := process.NewEnd{End: time.Date(2026, time.April, 10, 22, 0, 0, 0, time.UTC), Reason: "Bastano pochi giorni"}
	_, err = w.Core.Shorten(ctx, w.Process.ID, w.Promoter, near)
	w.Must(err)
	out, err := rest.PreviewSuspend(ctx, w.Process.ID, 0)
	w.Must(err)
	if len(out.Alone) != 1 || len(out.With) != 0 || len(out.Own.Moved) == 0 {
		t.Errorf("preview %+v", out)
	}
	w.Must(rest.Suspend(ctx, w.Process.ID, w.helper, pause.Request{Reason: "Elezioni amministrative"}))
	for _, lang := range []string{"it", "en"} {
		b := w.Visitor()
		b.Lang = lang
		a := b.Get(slug).Is(http.StatusOK)
		chip := map[string]string{"it": "Sospeso", "en": "Suspended"}[lang]
		if now := a.Text(".ar-now"); !strings.Contains(now, chip) || !strings.Contains(now, "Elezioni amministrative") {
			t.Errorf("%s: %s", lang, now)
		}
	}
	w.Clock.Advance(24 * time.Hour)
	w.Must(rest.Resume(ctx, w.Process.ID, w.helper, pause.Request{Reason: "Elezioni finite"}))
	csv := w.Visitor().Get(slug + "/registro.csv").Is(http.StatusOK).Body
	for _, want := range []string{"Sospensione di “Ascolto”.", "Ripresa di “Ascolto”.", "Fine anticipata di “Ascolto” da", "È un’eccezione al termine massimo.", "Elezioni finite"} {
		if !strings.Contains(csv, want) {
			t.Errorf("the register does not say %q:\n%s", want, csv)
		}
	}
}
