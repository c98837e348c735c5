package edit

import (
	"slices"
	"strings"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Words are what a phase is called and what it is for. An English text that is
// empty is the Italian one: the language asks for both.
type Words struct{ Title, Purpose definition.Text }

// NewState is a phase to add. Length zero makes it last as long as it takes;
// Automatic ends it with its length.
type NewState struct {
	Words
	After     string // the phase before it, "" to begin with
	Length    civil.Span
	Automatic bool
}

const (
	mostTitle   = 120
	mostPurpose = 500
)

func (x *Words) check() error {
	var bad fault.List
	x.Title, x.Purpose = bothOf(x.Title), bothOf(x.Purpose)
	if x.Title["it"] == "" {
		bad = append(bad, fault.Field("title_it", "form.required"))
	}
	for _, locale := range []string{"it", "en"} { // as on the page
		if len([]rune(x.Title[locale])) > mostTitle {
			bad = append(bad, fault.Field("title_"+locale, "form.too_long", "max", mostTitle))
		}
		if len([]rune(x.Purpose[locale])) > mostPurpose {
			bad = append(bad, fault.Field("purpose_"+locale, "form.too_long", "max", mostPurpose))
		}
	}
	if x.Purpose["it"] == "" {
		x.Purpose = nil
	}
	return bad.Err()
}

// bothOf is a text in both languages, each the other where it is empty, on one
// line.
func bothOf(t definition.Text) definition.Text {
	it, en := strings.Join(strings.Fields(t["it"]), " "), strings.Join(strings.Fields(t["en"]), " ")
	if it == "" {
		it = en
	}
	if en == "" {
		en = it
	}
	return definition.Text{"it": it, "en": en}
}

// AddState adds a phase behind another and gives its name. What led on from
// there leads to it; whoever could move on can move on from it. Faults:
// fault.Invalid at "title_it", "title_en", "purpose_it", "purpose_en" and
// "length", fault.NotFound "editor.phase_unknown", fault.Conflict
// "editor.no_way_on".
func AddState(d definition.Definition, s NewState) (definition.Definition, string, error) {
	w := begin(d)
	if err := s.check(); err != nil {
		return d, "", err
	}
	at := 0
	if s.After == "" {
		at = w.at(w.Initial)
	} else if _, err := w.state(s.After); err != nil {
		return d, "", err
	} else {
		at = w.at(s.After) + 1
	}
	name := w.nameFor(s.Title["it"])
	state := definition.State{Name: name, Title: s.Title, Purpose: s.Purpose, Allows: []string{"edit", "invite-staff", "invite", "extend", "hold"}}
	w.States = slices.Insert(w.States, at, state)
	p, err := w.put(name, s.After)
	if err != nil {
		return d, "", err
	}
	id := w.idFor(wayOn(name))
	if len(p.roles) == 0 {
		p.roles = w.responsible(s.After)
	}
	w.Transitions = slices.Insert(w.Transitions, w.behind(name), definition.Transition{
		ID: id, Event: id, From: []string{name}, To: p.to, By: p.roles, Title: p.title, Then: p.then, Requires: p.guards,
	})
	out := w.done()
	if !s.Length.IsZero() {
		if out, err = SetTerm(out, name, Lasts{Length: s.Length}); err != nil {
			return d, "", err
		}
		if !s.Automatic {
			out, err = AddReminder(out, name, Remind{Days: remindDays(s.Length), To: staffOf(p.roles)})
		}
		if err != nil {
			return d, "", err
		}
	}
	if s.Automatic {
		if out, err = SetEnd(out, name, true); err != nil {
			return d, "", err
		}
	}
	return out, name, nil
}

// wayOn is the id of what leads on from a phase that was added.
func wayOn(name string) string { return "after-" + name }

// remindDays is a week before the end, or less where the phase is shorter.
func remindDays(length civil.Span) int {
	switch n := length.Nominal(); {
	case n > civil.Span{Days: 10}.Nominal():
		return 7
	case n > civil.Span{Days: 2}.Nominal():
		return 2
	}
	return 1
}

// behind is where the transitions of a state go: after those of the phase before
// it.
func (w *work) behind(name string) int {
	for i, t := range w.Transitions {
		if t.To == name {
			return i + 1
		}
	}
	return 0
}

// responsible are the roles that can move a phase on, the promoter where there
// is none.
func (w *work) responsible(name string) []string {
	var out []string
	for _, t := range w.Transitions {
		for _, by := range t.By {
			if slices.Contains(t.From, name) && slices.Contains(definition.Roles, by) && !slices.Contains(out, by) {
				out = append(out, by)
			}
		}
	}
	if len(out) == 0 && len(w.Roles) > 0 {
		out = []string{w.Roles[0]}
		if slices.Contains(w.Roles, "promoter") {
			out[0] = "promoter"
		}
	}
	return out
}

// staffOf are the roles of a list that work on a process.
func staffOf(roles []string) []string {
	out := slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return !slices.Contains(definition.Staff, r) })
	if len(out) == 0 {
		return []string{definition.Staff[0]}
	}
	return out
}

// RemoveState takes a phase away; what led to it leads to what followed. Its
// documents that a condition elsewhere asks for go to its neighbour. Faults:
// fault.Invalid at "phase", "editor.law_phase" for one that rests on a law,
// "editor.law_counts" for one that a term of law counts from; fault.Conflict
// "editor.phase_only"; fault.NotFound.
func RemoveState(d definition.Definition, name string) (definition.Definition, error) {
	w := begin(d)
	if _, err := w.state(name); err != nil {
		return d, err
	}
	if laws := Laws(d, name); len(laws) > 0 {
		return d, statutory("phase", "editor.law_phase", laws[0])
	}
	if laws := countedFrom(d, name); len(laws) > 0 {
		return d, statutory("phase", "editor.law_counts", laws[0])
	}
	heir := w.before(name)
	if heir == "" {
		heir = w.next(name)
	}
	p, err := w.take(name, true)
	if err != nil {
		return d, err
	}
	w.unanchor(name, p.to)
	for i := range w.Transitions {
		if slices.Contains(w.Transitions[i].From, name) {
			w.drop(w.Transitions[i].ID, name)
		}
	}
	gone := w.States[w.at(name)]
	w.States = slices.Delete(w.States, w.at(name), w.at(name)+1)
	w.inherit(gone.Artefacts, heir)
	return w.done(), nil
}

// inherit gives documents that some condition still asks for to a phase.
func (w *work) inherit(documents []definition.Artefact, heir string) {
	i := w.at(heir)
	for _, doc := range documents {
		asked := slices.ContainsFunc(w.Transitions, func(t definition.Transition) bool {
			return len(t.From) > 0 && slices.ContainsFunc(t.Requires, func(g definition.Guard) bool {
				return strings.Contains(g.Expr, `"`+doc.Code+`"`)
			})
		})
		if asked && i >= 0 {
			w.States[i].Artefacts = append(w.States[i].Artefacts, doc)
		}
	}
}

// unanchor makes what counts from a phase that goes count from the one that
// follows it, or from the entry there.
func (w *work) unanchor(name, to string) {
	gone := definition.AnchorState + ":" + name
	for i := range w.States {
		s := &w.States[i]
		instead := definition.AnchorState + ":" + to
		if s.Name == to || w.final(to) {
			instead = definition.AnchorEntry
		}
		if s.Term != nil && s.Term.From == gone {
			s.Term.From = instead
		}
		for k := range s.Reminders {
			if s.Reminders[k].Of == gone {
				s.Reminders[k].Of = instead
			}
		}
		for k := range s.Deadlines {
			if s.Deadlines[k].Of == gone {
				s.Deadlines[k].Of = instead
			}
		}
	}
}
