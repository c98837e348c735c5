package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/document"
	"arengo/process/pause"
	"arengo/web/webtest"
	"arengo/workflow/civil"
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
	near := process.NewEnd{End: time.Date(2026, time.March, 31, 22, 0, 0, 0, time.UTC), Reason: "Bastano pochi giorni"}
	_, err = w.Core.Shorten(ctx, w.Process.ID, w.Promoter, near)
	w.Must(err)
	out, err := rest.PreviewSuspend(ctx, w.Process.ID, 0)
	w.Must(err)
	if len(out.Alone) != 0 || len(out.With) != 1 || len(out.Own.Moved) == 0 {
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
	for _, want := range []string{"Sospensione di “Ascolto”.", "Ripresa di “Ascolto”.", "Fine anticipata di “Ascolto” da", "La proroga, ritirata entro un minuto, non conta.", "È un’eccezione al termine massimo.", "Elezioni finite"} {
		if !strings.Contains(csv, want) {
			t.Errorf("the register does not say %q:\n%s", want, csv)
		}
	}
}

// The register calls a reopening by its name, which the form for it promises.
func TestAReopeningIsCalledOne(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	w.move("write", "")
	w.move("close", "")
	w.move("reopen", "Manca un allegato.")
	if text := w.Visitor().Get(slug).Is(http.StatusOK).Text("main"); !strings.Contains(text, "Riapertura: da “Concluso” a “Report conclusivo”.") {
		t.Errorf("the register does not say that it was reopened: %s", text)
	}
}

// Whoever reads that an end moved finds the act by which it was decided: in the
// register, its file and beside the reason; its title only once it is public.
func TestTheActOfAnExtension(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	papers := document.New(w.Core)
	w.Must(papers.Save(t.Context(), w.Promoter, document.Document{ProcessID: w.Process.ID, Code: "resolution", Title: "Delibera 12/2026", Body: "Si proroga."}))
	end := time.Date(2026, time.April, 10, 22, 0, 0, 0, time.UTC)
	_, err := w.Core.Extend(t.Context(), w.Process.ID, w.helper, process.NewEnd{End: end, Reason: "Le scuole erano chiuse.", Act: "resolution"})
	w.Must(err)
	href := slug + "/documenti/resolution"
	look := func() (page, csv string, links int) {
		a := w.Visitor().Get(slug).Is(http.StatusOK)
		return a.Text("main"), w.Visitor().Get(slug + "/registro.csv").Is(http.StatusOK).Body, a.Find(`.ar-spine a[href="` + href + `"], #registro ~ table a[href="` + href + `"]`).Length()
	}
	page, csv, links := look()
	if strings.Contains(page+csv, "Delibera 12/2026") || links != 0 {
		t.Error("a draft is told to everybody")
	}
	for name, text := range map[string]string{"page": page, "file": csv} {
		if !strings.Contains(text, "L’atto che la decide non è ancora pubblicato.") {
			t.Errorf("the %s does not say that the act is missing: %s", name, text)
		}
	}
	w.Must(papers.Publish(t.Context(), w.Promoter, w.Process.ID, "resolution", true))
	page, csv, links = look()
	if links != 2 || strings.Count(page, "Atto: Delibera 12/2026") != 2 || strings.Count(csv, "Atto: Delibera 12/2026") != 1 {
		t.Errorf("%d links to the act: %s\n%s", links, page, csv)
	}
	w.Visitor().Get(href).Is(http.StatusOK)
}

// What rests is said and not offered: an activity by itself, and then with the
// whole process.
func TestWhatRestsIsNotOffered(t *testing.T) {
	t.Parallel()
	w, a := lived(t)
	call := `main a[href$="` + a.PublicID + `"]`
	offered := func(page *webtest.Answer) bool {
		return strings.Contains(page.Text(".ar-now")+page.Text(".ar-spine"), "Iscriviti") || strings.Contains(page.Text(".ar-now"), "Vai")
	}
	before := w.Visitor().Get(slug).Is(http.StatusOK)
	if !offered(before) || before.Find(call).Length() == 0 {
		t.Fatalf("nothing is offered before: %s", before.Text(".ar-now"))
	}
	// A webinar may not rest by its own definition; what matters is that it does.
	_, err := w.DB.NewRaw(`UPDATE workflow_instance SET held_at = ? WHERE activity_id = ?`, w.Start, a.ID).Exec(t.Context())
	w.Must(err)
	page := w.Visitor().Get(slug).Is(http.StatusOK)
	if offered(page) {
		t.Errorf("it is offered though it rests: %s", page.Text("main"))
	}
	for _, part := range []string{".ar-now", "#fase-2"} {
		if got := page.Text(part); !strings.Contains(got, "“Domande e risposte” è in sospeso da") || strings.Contains(got, "non c’è nulla a cui partecipare") {
			t.Errorf("%s does not say that it rests: %s", part, got)
		}
	}
	if chip := page.Text(".ar-now .ar-chip"); !strings.Contains(chip, "Sospeso") {
		t.Errorf("the chip says %q", chip)
	}

	w.Must(pause.New(w.Core).Suspend(t.Context(), w.Process.ID, w.helper, pause.Request{Reason: "Elezioni"}))
	page = w.Visitor().Get(slug).Is(http.StatusOK)
	if phase := page.Text("#fase-2"); strings.Contains(phase, "Che cosa puoi fare adesso") || !strings.Contains(phase, "Il percorso è sospeso") || strings.Contains(phase, "Queste attività continuano") {
		t.Errorf("the phase: %s", phase)
	}
	if later := page.Text("#fase-3"); !strings.Contains(later, "dipendono da quando il percorso riprende") || strings.Contains(later, "date previste") {
		t.Errorf("a later phase has dates though nobody knows when it goes on: %s", later)
	}
	if home := w.Visitor().Get("/").Is(http.StatusOK); !strings.Contains(home.Text("main"), "Sospeso") {
		t.Errorf("the list of processes does not say it: %s", home.Text("main"))
	}
}

// A date of the call that a public process is given is on its page, and in its
// log and the file of that with the reason.
func TestCallDateIsPublic(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	day := civil.Date{Year: 2027, Month: time.March, Day: 20}
	_, err := calldate.New(w.Core).Save(t.Context(), w.Process.ID, w.Promoter, map[string]civil.Date{"request": day}, "Protocollo 12")
	w.Must(err)
	main := w.Visitor().Page(slug).Text("main")
	csv := w.Visitor().Get(slug + "/registro.csv").Is(http.StatusOK).Body
	for _, text := range []string{"Date del bando", "sabato 20 marzo 2027"} {
		if !strings.Contains(main, text) {
			t.Errorf("the page does not say %q: %s", text, main)
		}
	}
	for _, text := range []string{"Data del bando. Richiesta dei cittadini: 20 marzo 2027.", "Protocollo 12"} {
		if !strings.Contains(main, text) || !strings.Contains(csv, text) {
			t.Errorf("the log does not say %q: %s, %s", text, main, csv)
		}
	}
}
