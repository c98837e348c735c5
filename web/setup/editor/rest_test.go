package editor_test

import (
	"strings"
	"testing"

	"arengo/process/pause"
)

// While a process rests its phases give no dates that only its end will tell.
func TestPhasesOfASuspendedProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	w.Publish()
	w.Must(pause.New(w.Core).Suspend(t.Context(), w.Process.ID, w.Promoter, pause.Request{Reason: "Sciopero"}))
	phases := w.marta.Page(w.at).Find("li.ar-phase")
	for i, said := range []string{"la nuova data si saprà quando si riprende", "date da stabilire: dipendono da quando il percorso riprende"} {
		if text := strings.Join(strings.Fields(phases.Eq(i).Text()), " "); !strings.Contains(text, said) || strings.Contains(text, "– ") {
			t.Errorf("phase %d: %s", i+1, text)
		}
	}
}
