package setup_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	newProcess  = "form[action='/gestione/nuovo/percorso']"
	newActivity = "#nuova form"
	again       = "Avevi già inviato questo modulo"
)

// Whoever presses twice, or goes back and sends again, makes one thing.
func TestFormsMakeOneThing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.lucia

	create := b.Page("/gestione/nuovo/percorso?modello=area-path")
	bad := b.Submit(create, newProcess, "title", "").Is(http.StatusUnprocessableEntity)
	to := b.Twice(bad, newProcess, "title", "Area senese")
	if to != "/gestione/area-senese/ente" {
		t.Fatalf("sent to %q", to)
	}
	b.Get(to).Is(http.StatusOK).Says(again)
	w.made(`process WHERE title = 'Area senese'`, 1)
	w.made(`process_member`, 1)
	stolen := bad.Find(newProcess+" input[name=form_key]").AttrOr("value", "")
	w.marco.Submit(w.marco.Page("/gestione/nuovo/percorso?modello=area-path"), newProcess, "title", "Area senese", "form_key", stolen).
		To("/gestione/area-senese-2/ente")
	b.Submit(bad, newProcess, "title", "Altra area").To("/gestione/altra-area/ente") // gone back to, and changed
	b.Submit(bad, newProcess, "title", "Area senese", "form_key", "-").To("/gestione/area-senese-3/ente")
	b.Submit(b.Page("/gestione/nuovo/percorso?modello=area-path"), newProcess, "title", "Area senese").To("/gestione/area-senese-4/ente")

	page := b.Page("/gestione/area-senese/attivita")
	bad = b.Submit(page, newActivity, "kind", "webinar", "title", "").Is(http.StatusUnprocessableEntity)
	to = b.Twice(bad, newActivity, "title", "Domande")
	if !strings.HasPrefix(to, "/gestione/area-senese/webinar/") {
		t.Errorf("sent to %q", to)
	}
	w.made(`activity`, 1)
	w.made(`workflow_instance WHERE activity_id <> 0`, 1)
	if other := b.Submit(b.Page("/gestione/area-senese/attivita"), newActivity, "kind", "webinar", "title", "Domande").Back().Location(); other == to {
		t.Error("the next showing of the form led to the first activity")
	}

	documents := "/gestione/area-senese/documenti"
	page = b.Page(documents + "/nuovo")
	bad = b.Submit(page, "main form", "@fai", "salva", "title", "Nota", "body", "").Is(http.StatusUnprocessableEntity)
	shown := b.Submit(bad, "main form", "@fai", "anteprima", "body", "Uno").Is(http.StatusOK)
	if to := b.Twice(shown, "main form", "@fai", "pubblica"); to != documents {
		t.Errorf("sent to %q", to)
	}
	b.Submit(shown, "main form", "@fai", "salva").To(documents)
	b.Get(documents).Is(http.StatusOK).Says(again)
	w.made(`artefact`, 1)
	w.made(`artefact WHERE code = 'nota' AND revision = 1 AND published_at IS NOT NULL`, 1)
	b.Submit(b.Page(documents+"/nuovo"), "main form", "@fai", "salva", "title", "Nota", "body", "Due").To(documents)
	w.made(`artefact WHERE code = 'nota-2'`, 1)
}

// made requires how many rows there are.
func (w *world) made(from string, want int) {
	w.T.Helper()
	if n := w.Count(`SELECT count(*) FROM ` + from); n != want {
		w.T.Errorf("%d of %s, want %d", n, from, want)
	}
}
