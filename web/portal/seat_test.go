package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"arengo/process/seat"
)

// An activity that is moved to another phase is shown there, and the register and its
// file say so.
func TestAnActivityThatChangesPhase(t *testing.T) {
	t.Parallel()
	w, a := lived(t)
	const title = "Domande e risposte"
	before := w.Visitor().Get(slug).Is(http.StatusOK)
	if !strings.Contains(before.Text("#fase-2"), title) || strings.Contains(before.Text("#fase-3"), title) {
		t.Fatal("it is not where it was made")
	}
	def, _, err := w.Core.Definition(t.Context(), w.DB, w.Process)
	w.Must(err)
	next, _ := def.State(def.MainPath()[2])
	w.Must(seat.Do(t.Context(), w.Core, w.Process.ID, w.Promoter, seat.Move{Activity: a.ID, From: a.Phase, To: next.Name}))
	after := w.Visitor().Get(slug).Is(http.StatusOK)
	if strings.Contains(after.Text("#fase-2"), title) || !strings.Contains(after.Text("#fase-3"), title) {
		t.Errorf("phase 2: %s\nphase 3: %s", after.Text("#fase-2"), after.Text("#fase-3"))
	}
	said := "“Domande e risposte”. Spostata dalla fase “Ascolto” alla fase “" + next.Title.In("it") + "”."
	csv := w.Visitor().Get(slug + "/registro.csv").Is(http.StatusOK).Body
	if text := after.Text("main"); !strings.Contains(text, said) || !strings.Contains(csv, said) {
		t.Errorf("the register does not say %q: %s\n%s", said, text, csv)
	}
}
