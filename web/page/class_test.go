package page_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"arengo/web/page/pagetest"
	"arengo/web/templates"
)

var (
	classAttr = regexp.MustCompile(`class="((?:[^"{]|\{\{[^}]*\}\})*)"`)
	action    = regexp.MustCompile(`\{\{[^}]*\}\}`)
)

// Every class that a template names is in a shipped sheet. A class glued to an
// action (ar-at-{{…}}, is-{{…}}) must at least begin a shipped one. See
// web/static/build/README.md for how to ship more.
func TestClassesAreShipped(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(templates.FS, "*/*.html")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	shipped := pagetest.Classes()
	named := 0
	for _, file := range append(files, "layout.html") {
		text, err := fs.ReadFile(templates.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range classAttr.FindAllStringSubmatch(string(text), -1) {
			for _, class := range strings.Fields(spread(m[1])) {
				named++
				if !known(shipped, class) {
					t.Errorf("%s: class %q is in no style sheet", file, class)
				}
			}
		}
	}
	if named < 200 {
		t.Errorf("only %d classes found: the scan is broken", named)
	}
}

// spread turns control actions into spaces' neighbours: "a{{if x}} b{{end}}"
// names a and b, "is-{{.State}}" names the beginning "is-*".
func spread(value string) string {
	return action.ReplaceAllStringFunc(value, func(a string) string {
		word := strings.Trim(a, "{}- ")
		for _, control := range []string{"if ", "else", "end", "with ", "range "} {
			if strings.HasPrefix(word, control) {
				return " "
			}
		}
		return "*"
	})
}

func known(shipped map[string]bool, class string) bool {
	prefix, dynamic := strings.CutSuffix(class, "*")
	if !dynamic {
		return shipped[class] || strings.Contains(class, "*")
	}
	for c := range shipped {
		if strings.HasPrefix(c, prefix) {
			return true
		}
	}
	return false
}
