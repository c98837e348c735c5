package page_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arengo/web/page"
	"arengo/web/page/pagetest"
)

// TestDemosRender checks the sample pages; with ARENGO_DEMO_DIR it also writes
// them there, to be looked at.
func TestDemosRender(t *testing.T) {
	t.Parallel()
	r := demoRenderer(t)
	dir := os.Getenv("ARENGO_DEMO_DIR")
	for name, view := range demos(t) {
		for _, lang := range page.Languages {
			w := httptest.NewRecorder()
			if err := r.Render(w, http.StatusOK, name, pagetest.WithLang(view, lang)); err != nil {
				t.Fatalf("%s in %s: %v", name, lang, err)
			}
			if dir == "" {
				continue
			}
			file := filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+"-"+lang+".html")
			if err := os.WriteFile(file, w.Body.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		pagetest.Check(t, pagetest.Doc(t, r, name, view))
	}
}
