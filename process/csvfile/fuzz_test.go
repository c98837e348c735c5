package csvfile_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"arengo/process/csvfile"
)

// Whatever stands in a cell, the file has the same cells again, and none that a
// spreadsheet would compute.
func FuzzWrite(f *testing.F) {
	for _, s := range []string{"Anna", "=1+1", "-3,5", "+39 0577", "a;b", "\"x\"", "due\nrighe", "\ufeff=1", " =1", "\t=1", "-", "'=1", "＝1+1"} {
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		var b bytes.Buffer
		if err := csvfile.Write(&b, [][]string{{"a", "b"}, {one, two}}); err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff")))
		r.Comma = ';'
		lines, err := r.ReadAll()
		if err != nil || len(lines) != 2 || len(lines[1]) != 2 {
			t.Fatalf("%q, %q: %d lines, %v\n%q", one, two, len(lines), err, b.String())
		}
		for i, cell := range []string{one, two} {
			got := lines[1][i]
			// The writer ends lines by CR LF and drops any other CR.
			want := strings.ReplaceAll(cell, "\r", "")
			if plain := strings.ReplaceAll(got, "\r", ""); plain != want && plain != "'"+want {
				t.Errorf("%q came back as %q", cell, got)
			}
			if begin := strings.TrimLeft(got, " \u00a0\ufeff"); begin != "" && strings.Contains("=+@", begin[:1]) {
				t.Errorf("%q may be computed: %q", cell, got)
			}
		}
	})
}
