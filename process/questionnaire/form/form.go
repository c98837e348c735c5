package form

import (
	"errors"
	"fmt"
	"slices"

	"arengo/process/fault"

	"cel.dev/cel-go/cel"
)

// Form is a definition compiled for use: expressions checked, pages counted.
// It never changes after Compile and may be shared by any number of requests.
type Form struct {
	def       Definition
	pages     []Page
	index     map[string]int
	shows     []*expression // per page; nil is always shown
	needed    []bool        // per page: some expression asks about it
	questions int
}

// Page is one screen of the questionnaire: one item in its section. The item
// and the section are shared by everybody who uses the form: read them only.
type Page struct {
	Item    *Item
	Section *Section
	// Number counts the questions from 1, as people see them; it never shifts
	// when others are hidden. A note has the number 0.
	Number int
	// Index is the page's place among all pages, notes included, from 0.
	Index int
}

// Compile prepares a definition for use. It fails with a fault.List when Check
// finds an error (warnings pass); each names the item's code as its field.
func Compile(def Definition) (*Form, error) {
	var list fault.List
	for _, p := range Check(def) {
		if p.Severity == SeverityError {
			list = append(list, &fault.Error{Code: fault.Invalid, Field: p.Item, Key: p.Key, Args: p.Args})
		}
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	return build(def)
}

func build(def Definition) (*Form, error) {
	f := &Form{def: def.tidy(), index: map[string]int{}}
	known := map[string]*Item{}
	for s := range f.def.Sections {
		section := &f.def.Sections[s]
		for i := range section.Items {
			item := &section.Items[i]
			page := Page{Item: item, Section: section, Index: len(f.pages)}
			if item.Type != Note {
				f.questions++
				page.Number = f.questions
				known[item.Code] = item
			}
			f.index[item.Code] = page.Index
			f.pages = append(f.pages, page)
		}
	}
	env, err := newEnv(f.def.Items())
	if err != nil {
		return nil, fmt.Errorf("declare items: %w", err)
	}
	f.shows, f.needed = make([]*expression, len(f.pages)), make([]bool, len(f.pages))
	for _, page := range f.pages {
		if err := f.compileShow(env, known, page); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *Form) compileShow(env *cel.Env, known map[string]*Item, page Page) error {
	if page.Item.ShowIf.Empty() {
		return nil
	}
	source, err := page.Item.ShowIf.CEL(&f.def)
	if err != nil {
		return fmt.Errorf("condition of item %s: %w", page.Item.Code, err)
	}
	e, err := compileExpression(env, known, source)
	if err != nil {
		return fmt.Errorf("condition of item %s: %w", page.Item.Code, err)
	}
	for _, code := range e.items {
		n := f.index[code]
		if n >= page.Index {
			return fmt.Errorf("condition of item %s: %w", page.Item.Code, errForward)
		}
		f.needed[n] = true
	}
	f.shows[page.Index] = e
	return nil
}

var errForward = errors.New("it refers to the item itself or to a later one")

// Definition is a copy of what was compiled, in canonical form.
func (f *Form) Definition() Definition { return f.def.tidy() }

// Title is the questionnaire's title in lang.
func (f *Form) Title(lang string) string { return f.def.Title.In(lang) }

// Intro is the text before the first question in lang; it may be empty.
func (f *Form) Intro(lang string) string { return f.def.Intro.In(lang) }

// Pages lists every page in order, shown or not.
func (f *Form) Pages() []Page { return slices.Clone(f.pages) }

// Page finds a page by its item's code.
func (f *Form) Page(code string) (Page, bool) {
	n, ok := f.index[code]
	if !ok {
		return Page{}, false
	}
	return f.pages[n], true
}

// Questions counts the items that ask something: the "20" of "7 of 20".
func (f *Form) Questions() int { return f.questions }

// Dependants lists the codes of the items whose condition asks about this one,
// directly: what a page must ask the server for again when it changes.
func (f *Form) Dependants(code string) []string {
	var out []string
	for n, e := range f.shows {
		if e != nil && slices.Contains(e.items, code) {
			out = append(out, f.pages[n].Item.Code)
		}
	}
	return out
}

// Minutes is the estimated time to answer everything, rounded up.
func (f *Form) Minutes() int { return f.def.Minutes() }
