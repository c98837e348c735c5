package definition

import (
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/strict"
)

// Check reads a definition and reports every problem of the file at once, by
// line. kinds are the activity kinds that exist; nil accepts any. The compiled
// definition is nil when there are problems.
func Check(file string, source []byte, kinds []string) (*Compiled, Problems) {
	r := &reader{strict.New(file)}
	root := r.Root(source)
	if root == nil {
		return nil, r.Problems()
	}
	c := newCompiled(r.definition(root, kinds), source)
	k := &checker{reader: r, def: c, kinds: kinds}
	k.head()
	k.states()
	k.transitions()
	k.graph()
	if problems := r.Problems(); problems != nil {
		return nil, problems
	}
	return c, nil
}

// checker holds the rules that need more than one place of the file.
type checker struct {
	*reader
	def   *Compiled
	kinds []string
}

func (k *checker) head() {
	d := k.def
	for key, missing := range map[string]bool{
		"workflow": d.Name == "", "version": d.Version == 0, "title": d.Title == nil, "timezone": d.Zone == "",
		"roles": len(d.Roles) == 0, "initial": d.Initial == "", "states": len(d.States) == 0,
		"transitions": len(d.Transitions) == 0,
	} {
		if missing {
			k.Bad(1, "definition: `%s` is missing or zero", key)
		}
	}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil || d.Zone == "Local" {
		k.Bad(1, "definition: timezone %q is unknown: write a name such as Europe/Rome", d.Zone)
		zone = time.UTC
	}
	d.Location = zone
	if s, ok := d.states[d.Initial]; d.Initial != "" && !ok {
		k.Bad(1, "definition: initial state %q does not exist%s", d.Initial, strict.Suggest(d.Initial, d.names()))
	} else if ok && s.Final {
		k.Bad(s.Line, "definition: the initial state %q is final", d.Initial)
	}
}

func (k *checker) states() {
	codes := map[string]int{}
	for i := range k.def.States {
		s := &k.def.States[i]
		if s.Title == nil {
			k.Bad(s.Line, "state %s has no title", s.Name)
		}
		for _, a := range s.Artefacts {
			if first, twice := codes[a.Code]; twice && a.Code != "" {
				k.Bad(a.Line, "state %s: artefact %q already stands on line %d", s.Name, a.Code, first)
			}
			codes[a.Code] = a.Line
		}
		for _, a := range s.OnEnter {
			k.action(strict.Say("state %s", s.Name), a)
		}
		k.term(s)
		k.deadlines(s)
	}
}

func (k *checker) action(what strict.Phrase, a Action) {
	k.audience(a.Line, what, a.To)
	if a.Fire != "" && k.def.Level == LevelProcess {
		k.Bad(a.Line, "%s: fire reaches the owning process, so only an activity may use it", what)
	}
	if (a.Open != "" || a.Close != "") && k.def.Level == LevelActivity {
		k.Bad(a.Line, "%s: only a process opens or closes activities", what)
	}
}

// audience asks that a role is one that this definition declares.
func (k *checker) audience(line int, what strict.Phrase, words []string) {
	for _, w := range words {
		if slices.Contains(Roles, w) && !slices.Contains(k.def.Roles, w) {
			k.Bad(line, "%s: role %q is not among the definition's roles", what, w)
		}
	}
}

func (k *checker) term(s *State) {
	t := s.Term
	if t == nil {
		return
	}
	what := strict.Say("state %s", s.Name).At("term")
	if t.Length.IsZero() == (t.Until == "") {
		k.Bad(t.Line, "%s needs either length or until", what)
	}
	if t.Until != "" && (!t.Min.IsZero() || !t.Max.IsZero()) {
		k.Bad(t.Line, "%s: min and max go with a length, not with until", what)
	}
	order := []struct {
		low, high         civil.Span
		lowName, highName string
	}{{t.Min, t.Length, "min", "length"}, {t.Length, t.Max, "length", "max"}, {t.Min, t.Max, "min", "max"}}
	for _, o := range order {
		if !o.low.IsZero() && !o.high.IsZero() && o.low.Nominal() > o.high.Nominal() {
			k.Bad(t.Line, "%s: %s %s is above %s %s", what, o.lowName, o.low, o.highName, o.high)
		}
	}
}

func (k *checker) deadlines(s *State) {
	what := strict.Say("state %s", s.Name)
	if s.Final && (s.Term != nil || s.AtEnd != "" || s.Overdue != nil || len(s.Reminders) > 0) {
		k.Bad(s.Line, "%s is final and so can have no term, at_end, reminders or overdue", what)
		return
	}
	if s.Term == nil && (s.AtEnd != "" || s.Overdue != nil) {
		k.Bad(s.Line, "%s has at_end or overdue but no term that could end", what)
	}
	names := map[string]int{}
	for _, m := range s.Reminders {
		k.audience(m.Line, strict.Say("%s: reminder", what), m.To)
		if m.Of == AnchorEnd && s.Term == nil {
			k.Bad(m.Line, "%s: a reminder hangs on the end of a term, but there is no term", what)
		}
		if m.Of == AnchorEntry && !m.Before.IsZero() {
			k.Bad(m.Line, "%s: a reminder cannot come before the entry", what)
		}
		if m.Of == AnchorEnd && s.Term != nil && !s.Term.Length.IsZero() && m.Before.Nominal() > s.Term.Length.Nominal() {
			k.Bad(m.Line, "%s: a reminder %s before the end of a %s term never comes", what, m.Before, s.Term.Length)
		}
		name := m.Name(-1)
		if first, twice := names[name]; twice {
			k.Bad(m.Line, "%s: the same reminder already stands on line %d; name all audiences in one `to`", what, first)
		}
		names[name] = m.Line
	}
	if s.Overdue != nil {
		k.audience(s.Overdue.Line, what.At("overdue"), s.Overdue.Escalate)
	}
	if s.AtEnd != "" {
		k.atEnd(s)
	} else if s.Term != nil && len(k.def.Responsible(s.Name)) == 0 {
		k.Bad(s.Term.Line, "%s: the term ends with no event and nobody to tell: add at_end, or a transition by a role", what)
	}
}
