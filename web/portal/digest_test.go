package portal_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"arengo/process/document"
)

// Whoever has the text of a document can hold it against the register's file.
func TestTheRegisterHasWholeDigests(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	d, err := document.New(w.Core).Load(t.Context(), w.Process, "project-sheet", "it")
	w.Must(err)
	d.Title, d.Body, d.Turn = "Scheda", "Testo nuovo", document.Show
	w.Must(document.New(w.Core).Save(t.Context(), w.Promoter, d))
	sum := sha256.Sum256([]byte("Scheda\nTesto nuovo"))
	if csv := w.Visitor().Get(slug + "/registro.csv").Is(http.StatusOK).Body; !strings.Contains(csv, hex.EncodeToString(sum[:])) {
		t.Errorf("no whole digest in %s", csv)
	}
}
