package retention_test

import (
	"strings"
	"testing"

	"arengo/process/retention"
	"arengo/process/worldtest"
)

// A process whose definition is nowhere is reported; the others keep their
// promise all the same.
func TestOneThatCannotBeAskedHoldsUpNobody(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	second := w.NewProcess("Un altro percorso")
	w.Exec(`UPDATE workflow_instance SET state = 'over' WHERE activity_id = 0`)
	w.Exec(`UPDATE workflow_instance SET definition = 'gone', version = 7 WHERE process_id = ?`, w.Process.ID)
	n, err := retention.New(w.Core).Sweep(t.Context(), w.Start.AddDate(30, 0, 0))
	if err == nil || !strings.Contains(err.Error(), "workflow.definition_unknown") {
		t.Errorf("reported %v", err)
	}
	if erased := w.Count(`SELECT count(*) FROM process WHERE erased_at IS NOT NULL AND id = ?`, second.ID); n != 1 || erased != 1 {
		t.Errorf("%d finished, the second %d times", n, erased)
	}
}
