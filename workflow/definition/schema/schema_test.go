package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/pb33f/jsonschema/v6"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/definition/schema"
)

var kinds = []string{"questionnaire", "webinar", "focusgroup", "codesign", "assembly"}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	b, err := schema.JSON(kinds)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schema.ID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schema.ID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// value is a file as the schema sees it.
func value(t *testing.T, source string) any {
	t.Helper()
	b, err := yaml.YAMLToJSON([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryShippedDefinitionIsValid(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	files := []string{"../testdata/consultation.yaml", "../testdata/area-path.yaml"}
	for _, glob := range []string{"../../../fixtures/templates/*.yaml", "../../../process/*/workflow.yaml"} {
		found, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 8 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		if err := s.Validate(value(t, read(t, file))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestWhatASchemaCanSay(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	source := read(t, "../testdata/consultation.yaml")
	for _, c := range []struct{ from, to string }{
		{"summary:", "sumary:"},
		{"calendar: italy", "calendar: spain"},
		{"guarantor, deciding-body]\ninitial", "guarantors, deciding-body]\ninitial"},
		{"level: process", "level: proces"},
		{"required: true, law", "required: yes please, law"},
		{"en: Closing of the call}", "fr: Clôture}"},
		{"    subject:", "    subjects:"},
		{"percent: 0.5", "percent: 500"},
		{"{base: 520, percent: 0.5}", "{base: 520}"},
		{"length: 30d", "length: 30 days"},
		{"length: 30d", "lenght: 30d"},
		{"of: entry", "of: begin"},
		{`of: "state:preparation"`, `of: "state:"`},
		{`{until: "date:call-start"}`, "{until: entry}"},
		{`from: "state:consultation"`, "from: meeting"},
		{"on_hold: run", "on_hold: stop"},
		{"on_holiday: next", "on_holiday: before"},
		{"times: 1", "times: -1"},
		{"act: true", "act: 1"},
		{"{article: art. 4, source: L.R. 1/2020,", "{article: art. 4,"},
		{"confidence: V", "confidence: X"},
		{"kind: assembly", "kind: assemblee"},
		{"at_entry: ready", "at_entry: prepared"},
		{"at_exit: over", "at_exit: closed"},
		{"invite, extend, shorten", "invite, extend, shortens"},
		{"at: \"09:00\"", "at: \"25:00\""},
		{"to: [silent]", "to: [silents]"},
		{"escalate: [expert]", "escalate: [experts]"},
		{"{code: nudge, ", "{"},
		{"{notice: phase-opened, to: followers}", "{notices: phase-opened, to: followers}"},
		{"by: [facilitator, timer]", "by: [facilitators, timer]"},
		{"reason: optional", "reason: maybe"},
		{"reopens: true", "reopens: often"},
		{"tell: [followers,", "tell: [follower,"},
		{"fix: invitations", "fix: invitation"},
		{"id: integrate, ", ""},
		{"version: 2", "version: two"},
		{"workflow: consultation", "workflow: Consultation"},
		{"final: true", "final: 1"},
	} {
		if !strings.Contains(source, c.from) {
			t.Errorf("%q is not in the definition", c.from)
			continue
		}
		changed := strings.Replace(source, c.from, c.to, 1)
		if _, problems := definition.Check("f.yaml", []byte(changed), kinds); problems == nil {
			t.Errorf("check accepts %q", c.to)
		}
		if s.Validate(value(t, changed)) == nil {
			t.Errorf("the schema accepts %q", c.to)
		}
	}
}

func TestSpansOfTheSchema(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(civil.SpanPattern)
	for _, s := range []string{"1d", "20wd", "72h", "10m", "9999d", "0d", "10000d", "d", "1w", " 1d", "1d ", "-1d"} {
		if _, err := civil.ParseSpan(s); form.MatchString(s) != (err == nil) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

const stranger = "zzzzzzzzzzzzzzzz"

var known = regexp.MustCompile(`unknown key "` + stranger + `" \(known: ([^)]*)\)`)

// The parser names the keys that it knows to who writes one that it does not:
// they are those of the schema, in every mapping of a definition that uses all.
func TestTheKeysAreTheParsers(t *testing.T) {
	t.Parallel()
	var root any
	if err := yaml.UnmarshalWithOptions([]byte(read(t, "../testdata/consultation.yaml")), &root, yaml.UseOrderedMap()); err != nil {
		t.Fatal(err)
	}
	b, err := schema.JSON(kinds)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	w := &walker{T: t, root: &root, defs: all["$defs"].(map[string]any), seen: map[string]bool{}}
	w.walk(root, all, func(v any) { root = v }, "definition")
	if len(w.seen) < 20 {
		t.Errorf("only %d mappings met: %v", len(w.seen), slices.Sorted(maps.Keys(w.seen)))
	}
}

type walker struct {
	*testing.T
	root *any
	defs map[string]any
	seen map[string]bool // sets of keys that were met
}

// walk puts the stranger into each mapping below v, which set replaces in the
// whole, and compares what is said of it with the schema's keys.
func (w *walker) walk(v any, s map[string]any, set func(any), path string) {
	switch v := v.(type) {
	case yaml.MapSlice:
		s := w.shape(s, "object")
		if s == nil {
			w.Errorf("%s: the schema has no mapping", path)
			return
		}
		keys, _ := s["properties"].(map[string]any)
		if keys != nil {
			set(append(slices.Clone(v), yaml.MapItem{Key: stranger, Value: 1}))
			w.compare(slices.Sorted(maps.Keys(keys)), path)
			set(v)
		}
		for i, item := range v {
			below, _ := s["additionalProperties"].(map[string]any)
			if keys != nil {
				below, _ = keys[fmt.Sprint(item.Key)].(map[string]any)
			}
			w.walk(item.Value, below, func(x any) { v[i].Value = x }, fmt.Sprintf("%s.%v", path, item.Key))
		}
	case []any:
		items, _ := w.shape(s, "array")["items"].(map[string]any)
		for i, item := range v {
			w.walk(item, items, func(x any) { v[i] = x }, path+"[]")
		}
	}
}

func (w *walker) compare(want []string, path string) {
	source, err := yaml.Marshal(*w.root)
	if err != nil {
		w.Fatal(err)
	}
	_, problems := definition.Check("f.yaml", source, kinds)
	m := known.FindStringSubmatch(problems.Error())
	if m == nil {
		w.Errorf("%s: nothing is said of a strange key in\n%v", path, problems)
		return
	}
	if got := strings.Split(m[1], ", "); !slices.Equal(got, want) {
		w.Errorf("%s: the parser knows %v, the schema %v", path, got, want)
	}
	w.seen[m[1]] = true
}

// shape finds the part of a schema that is of a type, behind references and
// alternatives.
func (w *walker) shape(s map[string]any, kind string) map[string]any {
	if to, ok := s["$ref"].(string); ok {
		s, _ = w.defs[strings.TrimPrefix(to, "#/$defs/")].(map[string]any)
		return w.shape(s, kind)
	}
	if s["type"] == kind {
		return s
	}
	ways, _ := s["anyOf"].([]any)
	for _, a := range ways {
		if found := w.shape(a.(map[string]any), kind); found != nil {
			return found
		}
	}
	return nil
}
