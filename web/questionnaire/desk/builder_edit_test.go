package desk

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/process/questionnaire/form"
)

func three() form.Definition {
	item := func(code string) form.Item {
		return form.Item{Code: code, Type: form.ShortText, Text: form.Text{"it": code, "en": code}}
	}
	return form.Definition{Title: form.Text{"it": "Prova"}, Sections: []form.Section{
		{Code: "a", Title: form.Text{"it": "A"}, Items: []form.Item{item("q1"), item("q2")}},
		{Code: "b", Title: form.Text{"it": "B"}, Items: []form.Item{item("q3")}},
	}}
}

func outline(d form.Definition) string {
	var out []string
	for _, s := range d.Sections {
		codes := []string{}
		for _, i := range s.Items {
			codes = append(codes, i.Code)
		}
		out = append(out, s.Code+":"+strings.Join(codes, ","))
	}
	return strings.Join(out, " ")
}

func TestEdits(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		edit func(*form.Definition)
		want string
	}{
		{"AddAfter", func(d *form.Definition) { addItem(d, "", "q1", form.Single) }, "a:q1,q4,q2 b:q3"},
		{"AddToSection", func(d *form.Definition) { addItem(d, "a", "", form.Single) }, "a:q1,q2,q4 b:q3"},
		{"AddAnywhere", func(d *form.Definition) { addItem(d, "gone", "gone", form.Single) }, "a:q1,q2 b:q3,q4"},
		{"AddToNothing", func(d *form.Definition) { d.Sections = nil; addItem(d, "", "", form.Note) }, "s1:q1"},
		{"Duplicate", func(d *form.Definition) { duplicateItem(d, "q1") }, "a:q1,q4,q2 b:q3"},
		{"DuplicateGone", func(d *form.Definition) { duplicateItem(d, "q9") }, "a:q1,q2 b:q3"},
		{"UpWithin", func(d *form.Definition) { moveItem(d, "q2", true) }, "a:q2,q1 b:q3"},
		{"UpAcross", func(d *form.Definition) { moveItem(d, "q3", true) }, "a:q1,q2,q3 b:"},
		{"DownAcross", func(d *form.Definition) { moveItem(d, "q2", false) }, "a:q1 b:q2,q3"},
		{"UpFirst", func(d *form.Definition) { moveItem(d, "q1", true) }, "a:q1,q2 b:q3"},
		{"DownLast", func(d *form.Definition) { moveItem(d, "q3", false) }, "a:q1,q2 b:q3"},
		{"Delete", func(d *form.Definition) { deleteItem(d, "q1") }, "a:q2 b:q3"},
		{"PutBack", func(d *form.Definition) { putItem(d, "a", form.Item{Code: "q9"}) }, "a:q1,q2,q9 b:q3"},
		{"SectionUp", func(d *form.Definition) { moveSection(d, "b", true) }, "b:q3 a:q1,q2"},
		{"SectionUpFirst", func(d *form.Definition) { moveSection(d, "a", true) }, "a:q1,q2 b:q3"},
		{"SectionDelete", func(d *form.Definition) { deleteSection(d, "b") }, "a:q1,q2,q3"},
		{"SectionDeleteFirst", func(d *form.Definition) { deleteSection(d, "a") }, "b:q1,q2,q3"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := three()
			if c.edit(&d); outline(d) != c.want {
				t.Errorf("%s instead of %s", outline(d), c.want)
			}
		})
	}
}

// TestEditsKeepCodes edits at random: no item is lost or doubled but by the
// edit that says so, and codes stay unique.
func TestEditsKeepCodes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := three()
		for range rapid.IntRange(1, 25).Draw(t, "edits") {
			before := len(d.Items())
			want := before
			code := ""
			if before > 0 {
				code = d.Items()[rapid.IntRange(0, before-1).Draw(t, "item")].Code
			}
			switch rapid.IntRange(0, 5).Draw(t, "edit") {
			case 0:
				addItem(&d, "", code, form.Types()[rapid.IntRange(0, len(form.Types())-1).Draw(t, "type")])
				want++
			case 1:
				if duplicateItem(&d, code) != "" {
					want++
				}
			case 2:
				if deleteItem(&d, code) {
					want--
				}
			case 3:
				moveItem(&d, code, rapid.Bool().Draw(t, "up"))
			case 4:
				addSection(&d)
			case 5:
				if len(d.Sections) > 1 {
					deleteSection(&d, d.Sections[rapid.IntRange(0, len(d.Sections)-1).Draw(t, "section")].Code)
				}
			}
			var codes []string
			for _, i := range d.Items() {
				codes = append(codes, i.Code)
			}
			slices.Sort(codes)
			if len(codes) != want || len(slices.Compact(codes)) != want {
				t.Fatalf("%d items instead of %d: %s", len(codes), want, outline(d))
			}
		}
	})
}

func TestReadItem(t *testing.T) {
	t.Parallel()
	base := form.Item{Code: "q1", Type: form.Single, Options: []form.Option{{Code: "a", Text: form.Text{"it": "A"}}}}
	values := url.Values{
		"type": {"multiple"}, "text_it": {" Che\r\ncosa? "}, "text_en": {"What?"}, "min": {"1"}, "max": {"2,5"},
		"opt_code": {"a", "", ""}, "opt_it": {"A", "", "C"}, "opt_en": {"", "", "See"}, "exclusive": {"a"},
		"rule_item": {"q0", ""}, "rule_was": {"q0", ""}, "rule_op": {"is", ""}, "rule_value": {"x", ""}, "all": {"any"},
	}
	item := readItem(base, values)
	got := fmt.Sprintf("%s %q %v %v %v", item.Type, item.Text["it"], item.Options, *item.Max, item.ShowIf.Rules)
	want := `multiple "Che\ncosa?" [{a map[it:A] true} {o3 map[en:See it:C] false}] 2.5 [{q0 is x}]`
	if got != want || item.ShowIf.All {
		t.Errorf("read %s", got)
	}
	values.Set("type", "note")
	values.Set("min", "tanti")
	if note := readItem(base, values); note.Options != nil || note.Min != nil || note.Required {
		t.Errorf("a note kept %+v", note)
	}
	values.Set("type", "number")
	if bad := unreadable(readItem(base, values)); !slices.Equal(bad, []string{"min"}) {
		t.Errorf("unreadable: %v", bad)
	}
}
