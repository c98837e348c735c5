package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"arengo/process/questionnaire/form"
)

// find locates an item: its section and its index there; ok is false when no
// item has that code.
func find(d *form.Definition, code string) (section, index int, ok bool) {
	for s := range d.Sections {
		for i := range d.Sections[s].Items {
			if d.Sections[s].Items[i].Code == code {
				return s, i, true
			}
		}
	}
	return 0, 0, false
}

// sectionOf is the index of the section with this code, or -1.
func sectionOf(d *form.Definition, code string) int {
	return slices.IndexFunc(d.Sections, func(s form.Section) bool { return s.Code == code })
}

// numbers gives each question's number as people see it; notes have none.
func numbers(d *form.Definition) map[string]int {
	out := map[string]int{}
	n := 0
	for _, item := range d.Items() {
		if item.Type == form.Note {
			continue
		}
		n++
		out[item.Code] = n
	}
	return out
}

// putItem replaces the item with the same code, or adds it at the end of the
// named section (the last one when there is no such section) if a colleague
// has deleted it meanwhile.
func putItem(d *form.Definition, section string, item form.Item) {
	if s, i, ok := find(d, item.Code); ok {
		d.Sections[s].Items[i] = item
		return
	}
	s := sectionOf(d, section)
	if s < 0 {
		s = len(d.Sections) - 1
	}
	if s < 0 {
		s = addSection(d)
	}
	d.Sections[s].Items = append(d.Sections[s].Items, item)
}

// addItem puts a new, empty item after another one, or at the end of a section
// when after is empty, and gives its code. A questionnaire without sections
// gets one.
func addItem(d *form.Definition, section, after string, t form.Type) string {
	item := form.Item{Code: freeItem(d), Type: t, Text: form.Text{}}
	shape(&item)
	if s, i, ok := find(d, after); ok {
		d.Sections[s].Items = slices.Insert(d.Sections[s].Items, i+1, item)
		return item.Code
	}
	putItem(d, section, item)
	return item.Code
}

// duplicateItem copies an item below itself and gives the copy's code, or ""
// when there is no such item.
func duplicateItem(d *form.Definition, code string) string {
	s, i, ok := find(d, code)
	if !ok {
		return ""
	}
	copied := d.Clone().Sections[s].Items[i]
	copied.Code = freeItem(d)
	d.Sections[s].Items = slices.Insert(d.Sections[s].Items, i+1, copied)
	return copied.Code
}

// deleteItem takes an item out; false when it was gone already. Conditions
// that ask about it stay: the checks name them.
func deleteItem(d *form.Definition, code string) bool {
	s, i, ok := find(d, code)
	if ok {
		d.Sections[s].Items = slices.Delete(d.Sections[s].Items, i, i+1)
	}
	return ok
}

// moveItem moves an item one place up or down; from the edge of its section
// it passes into the next one.
func moveItem(d *form.Definition, code string, up bool) {
	s, i, ok := find(d, code)
	if !ok {
		return
	}
	items := d.Sections[s].Items
	switch item := items[i]; {
	case up && i > 0:
		items[i-1], items[i] = items[i], items[i-1]
	case !up && i < len(items)-1:
		items[i+1], items[i] = items[i], items[i+1]
	case up && s > 0:
		d.Sections[s].Items = slices.Delete(items, i, i+1)
		d.Sections[s-1].Items = append(d.Sections[s-1].Items, item)
	case !up && s < len(d.Sections)-1:
		d.Sections[s].Items = slices.Delete(items, i, i+1)
		d.Sections[s+1].Items = slices.Insert(d.Sections[s+1].Items, 0, item)
	}
}

// addSection adds an empty section at the end and gives its index.
func addSection(d *form.Definition) int {
	code := ""
	for n := len(d.Sections) + 1; code == "" || sectionOf(d, code) >= 0; n++ {
		code = fmt.Sprintf("s%d", n)
	}
	d.Sections = append(d.Sections, form.Section{Code: code, Title: form.Text{}})
	return len(d.Sections) - 1
}

// moveSection swaps a section with its neighbour.
func moveSection(d *form.Definition, code string, up bool) {
	s := sectionOf(d, code)
	other := s + 1
	if up {
		other = s - 1
	}
	if s >= 0 && other >= 0 && other < len(d.Sections) {
		d.Sections[s], d.Sections[other] = d.Sections[other], d.Sections[s]
	}
}

// deleteSection takes a section out. Its items go to the neighbour before it
// (after it, for the first), so that no question is lost by the way; the only
// section goes with all that is in it.
func deleteSection(d *form.Definition, code string) {
	s := sectionOf(d, code)
	if s < 0 {
		return
	}
	items := d.Sections[s].Items
	switch {
	case s > 0:
		d.Sections[s-1].Items = append(d.Sections[s-1].Items, items...)
	case len(d.Sections) > 1:
		d.Sections[1].Items = append(slices.Clone(items), d.Sections[1].Items...)
	}
	d.Sections = slices.Delete(d.Sections, s, s+1)
}

// dependants lists the items whose rules ask about this one.
func dependants(d *form.Definition, code string) []string {
	var out []string
	for _, item := range d.Items() {
		if item.ShowIf == nil {
			continue
		}
		if slices.ContainsFunc(item.ShowIf.Rules, func(r form.Rule) bool { return r.Item == code }) {
			out = append(out, item.Code)
		}
	}
	return out
}

func freeItem(d *form.Definition) string {
	n := len(d.Items()) + 1
	for {
		code := fmt.Sprintf("q%d", n)
		if d.Item(code) == nil {
			return code
		}
		n++
	}
}

// freeOption is a code that none of the options has.
func freeOption(options []form.Option) string {
	for n := len(options) + 1; ; n++ {
		code := fmt.Sprintf("o%d", n)
		if !slices.ContainsFunc(options, func(o form.Option) bool { return o.Code == code }) {
			return code
		}
	}
}

// shape drops what the item's type does not take and adds what it needs, so
// that a change of type leaves nothing behind that nobody sees. Options stay
// among types that have them.
func shape(item *form.Item) {
	if !item.Type.Choice() {
		item.Options = nil
	}
	if item.Type != form.Multiple {
		for n := range item.Options {
			item.Options[n].Exclusive = false
		}
	}
	if item.Type != form.Scale {
		item.Scale = nil
	} else if item.Scale == nil {
		item.Scale = &form.ScaleRange{Min: 1, Max: 5}
	}
	if item.Type.One() || item.Type == form.Scale || item.Type == form.Note {
		item.Min, item.Max = nil, nil
	}
	if item.Type != form.Number {
		item.Decimals = 0
	}
	if item.Type == form.Note {
		item.Required = false
	}
}

// mark is a short print of an item as it is stored: a form carries it, so that
// a colleague's change to another question is not taken for a conflict.
func mark(item *form.Item) string {
	if item == nil {
		return "none"
	}
	whole := form.Definition{Sections: []form.Section{{Items: []form.Item{*item}}}}
	return printOf(whole.Clone().Sections[0].Items[0])
}

// markFrame is mark for the titles and the introduction.
func markFrame(d *form.Definition) string { return printOf([]form.Text{d.Title, d.Intro}) }

// markSection is mark for a section's own title.
func markSection(d *form.Definition, code string) string {
	if s := sectionOf(d, code); s >= 0 {
		return printOf(d.Sections[s].Title)
	}
	return "none"
}

func printOf(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "" // plain data always marshals
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
