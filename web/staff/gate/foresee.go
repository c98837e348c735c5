package gate

import (
	"slices"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/foresight"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Foreseen is the view with what each move that is open would bring about, by
// transition.
func (v View) Foreseen(r *site.Request, looks map[string]foresight.Outlook) View {
	for _, list := range [][]Move{v.Moves, v.More} {
		for i := range list {
			if !list[i].Open {
				continue
			}
			look := looks[list[i].Transition]
			effects, warnings := outlook(r, look)
			list[i].Effects, list[i].Warnings = effects, append(list[i].Warnings, warnings...)
			list[i].Dates = append(list[i].Dates, Following(r, look)...)
		}
	}
	return v
}

// Lasting is the view that says from which final states nothing leads back: the
// present one, or the one that a move would lead to.
func (v View) Lasting(r *site.Request, def *definition.Compiled, state string) View {
	lasts := func(name string) (definition.State, bool) {
		s, ok := def.State(name)
		back := slices.ContainsFunc(def.Leaving(name), func(t definition.Transition) bool { return t.Reopens })
		return s, ok && s.Final && !back
	}
	if _, last := lasts(state); last {
		v.Empty = r.T("staff.moves.final")
	}
	for _, list := range [][]Move{v.Moves, v.More} {
		for i := range list {
			t := slices.IndexFunc(def.Transitions, func(t definition.Transition) bool { return t.ID == list[i].Transition })
			if t < 0 || !list[i].Open {
				continue
			}
			if to, last := lasts(def.Transitions[t].To); last {
				list[i].Warnings = append(list[i].Warnings, r.T("staff.moves.lasting", "state", to.Title.In(r.Lang)))
			}
		}
	}
	return v
}

// outlook puts what a move brings about into sentences: what it does, and what
// of that nobody can have wanted.
func outlook(r *site.Request, o foresight.Outlook) (effects, warnings []string) {
	for _, a := range o.Opens {
		key := "staff.move.opens"
		if a.Tells {
			key = "staff.move.opens.told"
		}
		effects = append(effects, r.T(key, "activity", a.Activity.Title, "n", a.Told))
	}
	for _, c := range o.Closes {
		effects = append(effects, closing(r, c)...)
	}
	if words := words(r); o.Missed.IsZero() && (!o.Ends.IsZero() && len(o.Closes)+len(o.Pairs) > 0 || shifted(r, o)) {
		text := r.T("staff.move.ends", "day", words.EndWeekday(o.Ends))
		if shifted(r, o) {
			text = r.T("staff.move.ends.shifted", "day", words.EndDay(o.Ends), "planned", words.EndDay(o.Planned))
		}
		effects = append(effects, text)
	}
	if o.Waits != nil {
		effects = append(effects, page.Sentence(flow.WaitsFor(words(r), o.Waits)))
	}
	if n := len(o.Later); n > 0 {
		effects = append(effects, r.T("staff.move.later", "n", n))
	}
	if !o.Missed.IsZero() {
		warnings = append(warnings, r.T("staff.move.missed", "end", words(r).EndWeekday(o.Missed)))
	}
	for _, a := range o.Stays {
		warnings = append(warnings, r.T("staff.move.stays", "activity", a.Title))
	}
	return effects, slices.Concat(lacking(r, o.Lacks), warnings, Never(r, nil, o.Later), Clashes(r, o.Pairs))
}

// lacking says in one sentence what the phase that a move leaves has not, and that
// nothing stops the move; nothing where it has all.
func lacking(r *site.Request, lacks []foresight.Lack) []string {
	var what []string
	for _, l := range lacks {
		switch {
		case l.Kind != "":
			what = append(what, r.T("staff.move.lacks.activity", "kind", r.T(l.Kind+".kind"), "n", l.Missing))
		case l.Written:
			what = append(what, r.T("staff.move.lacks.public", "document", l.Document))
		default:
			what = append(what, r.T("staff.move.lacks.document", "document", l.Document))
		}
	}
	if len(what) == 0 {
		return nil
	}
	return []string{r.T("staff.move.lacks", "what", strings.Join(what, ", "))}
}

// shifted reports that a phase would end on another day than planned.
func shifted(r *site.Request, o foresight.Outlook) bool {
	zone := r.Gate.Process.Location()
	return !o.Ends.IsZero() && !o.Planned.IsZero() &&
		lastDay(o.Ends, zone).Format(time.DateOnly) != lastDay(o.Planned, zone).Format(time.DateOnly)
}

func closing(r *site.Request, c foresight.Closing) []string {
	text := r.T("staff.move.closes", "activity", c.Activity.Title)
	if c.Early {
		text = r.T("staff.move.closes.early", "activity", c.Activity.Title, "end", words(r).EndWeekday(*c.Activity.DueAt))
	}
	out := []string{text}
	if c.Answers {
		out = append(out, r.T("staff.move.unsent", "n", c.Unsent))
		switch {
		case c.Drafts == 0:
		case c.Grace.IsZero():
			out = append(out, r.T("staff.move.drafts.lost", "n", c.Drafts))
		default:
			out = append(out, r.T("staff.move.drafts", "n", c.Drafts, "grace", c.Grace.Words(r.Lang)))
		}
	}
	if c.Answers || c.Told > 0 {
		out = append(out, r.T("staff.move.told", "n", c.Told))
	}
	return out
}

// Clashes says which activities' own ends contradict their phases'; nothing
// when none does.
func Clashes(r *site.Request, pairs []foresight.Pair) []string {
	var out []string
	w := words(r)
	for _, p := range pairs {
		key := ""
		switch {
		case p.Late() && p.Closed:
			key = "staff.clash.cut"
		case p.Late():
			key = "staff.clash.late"
		case p.Early():
			key = "staff.clash.early"
		default:
			continue
		}
		text := r.T(key, "activity", p.Activity.Title, "phase", p.Phase.In(r.Lang),
			"end", w.EndWeekday(p.End), "until", w.EndWeekday(p.Until), "from", w.Day(p.From))
		switch {
		case p.Late() && p.Activity.DueAt != nil:
			text += " " + r.T("staff.clash.do.open")
		case p.Late():
			text += " " + r.T("staff.clash.do")
		}
		out = append(out, text)
	}
	return out
}

// Never warns of the phases that would have no day, with the law that their date is
// from, as far as the definition is given.
func Never(r *site.Request, def *definition.Compiled, later []workflow.Date) []string {
	var out []string
	for _, x := range later {
		if x.Never == nil {
			continue
		}
		text := r.T("staff.change.never", "phase", x.Title.In(r.Lang), "why", flow.Never(words(r), *x.Never))
		if law := called(def, x.Name); law != nil {
			text += " " + r.T("staff.change.never.law", "law", Law(r, law))
		}
		out = append(out, text)
	}
	return out
}

// called is the law of the date of the call with which a state ends, or of its term;
// nil when there is none.
func called(def *definition.Compiled, state string) *definition.Law {
	if def == nil {
		return nil
	}
	st, _ := def.State(state)
	_, code := definition.SplitAnchor(st.Term.Until)
	for _, d := range def.Dates {
		if d.Code == code && d.Law != nil {
			return d.Law
		}
	}
	return st.Term.Law
}

// PairOf is the pair of one activity; false when it has none.
func PairOf(pairs []foresight.Pair, a process.ActivityID) (foresight.Pair, bool) {
	for _, p := range pairs {
		if p.Activity.ID == a {
			return p, true
		}
	}
	return foresight.Pair{}, false
}

func words(r *site.Request) page.Words {
	return page.Words{Lang: r.Lang, Zone: r.Gate.Process.Location(), Now: r.Now}
}
