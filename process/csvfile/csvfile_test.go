package csvfile_test

import (
	"errors"
	"strings"
	"testing"

	"arengo/process/csvfile"
)

func TestCells(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "Siena": "Siena", "-12": "-12", "-12,5": "-12,5", "=1+1": "'=1+1", "+39 0577": "'+39 0577", "-a": "'-a",
		"@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "\"'x\"", "a;b": `"a;b"`, `"q"`: `"""q"""`, "è": "è",
	} {
		var b strings.Builder
		if err := csvfile.Write(&b, [][]string{{cell, "."}}); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != "\ufeff"+want+";.\r\n" {
			t.Errorf("%q is written %q, want %q", cell, got, want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteFails(t *testing.T) {
	t.Parallel()
	if err := csvfile.Write(full{}, nil); err == nil {
		t.Error("an error was lost")
	}
}
