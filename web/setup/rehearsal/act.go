package rehearsal

import (
	"slices"

	"arengo/web/staff/gate"
	"arengo/workflow/rehearse"
)

// acts are what is due on one day in one phase, as one list that unfolds.
type acts struct {
	Title string // the phase, how many, by when
	Open  bool
	Items []act
}

// act is what somebody must do, for one activity or several of a kind.
type act struct {
	What, Who string
	Href      string // of what belongs to no activity, or to one
	Places    []place
	Late      bool
}

// place is an activity for which something must be done.
type place struct{ Title, Href string }

// next is the first thing to do from today on.
type next struct{ Lead, What, Href, Detail string }

// byDeadline groups what there is to do by phase and due date. What the next
// thing to do belongs to is open, and whatever comes late.
func (v view) byDeadline() []acts {
	type key struct{ state, due string }
	var order []key
	groups := map[key][]rehearse.Act{}
	for _, a := range v.report.Acts {
		k := key{a.State, a.Due}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], a)
	}
	var out []acts
	first := v.nextAct()
	for _, k := range order {
		of := groups[k]
		late := slices.ContainsFunc(of, func(a rehearse.Act) bool { return a.Late })
		begins := first != nil && (key{first.State, first.Due}) == k
		out = append(out, acts{Title: v.deadline(k.state, k.due, len(of)), Open: begins || late, Items: v.merged(of)})
	}
	return out
}

func (v view) deadline(state, due string, n int) string {
	title := state
	if i := slices.IndexFunc(v.report.Phases, func(p rehearse.Phase) bool { return p.State == state }); i >= 0 {
		title = v.report.Phases[i].Title
	}
	if due == "" {
		return v.r.T("rehearsal.group.nodue", "phase", title, "n", n)
	}
	return v.r.T("rehearsal.group", "phase", title, "n", n, "day", v.date(due))
}

// merged lists once what one person must do for several activities.
func (v view) merged(of []rehearse.Act) []act {
	var out []act
	for _, a := range of {
		who, href := v.role(a.Who), gate.Fix(v.process, v.activity(a.Activity), a.Fix)
		i := slices.IndexFunc(out, func(o act) bool { return o.What == a.What && o.Who == who && len(o.Places) > 0 && a.Activity != "" })
		if i < 0 {
			out = append(out, act{What: a.What, Who: who, Href: href})
			i = len(out) - 1
		}
		out[i].Late = out[i].Late || a.Late
		if a.Activity == "" {
			continue
		}
		out[i].Places = append(out[i].Places, place{a.Activity, href})
		if len(out[i].Places) > 1 {
			out[i].Href = ""
		}
	}
	return out
}

// nextAct is the first one that is not over by its date, nil when all are.
func (v view) nextAct() *rehearse.Act {
	today := v.today()
	for i, a := range v.report.Acts {
		if a.On >= today || a.Due >= today {
			return &v.report.Acts[i]
		}
	}
	return nil
}

func (v view) next() *next {
	a := v.nextAct()
	if a == nil {
		return nil
	}
	out := &next{Lead: v.r.T("rehearsal.next"), What: a.What, Href: gate.Fix(v.process, v.activity(a.Activity), a.Fix), Detail: v.role(a.Who)}
	if a.Due != "" {
		out.Lead = v.r.T("rehearsal.next.by", "day", v.date(a.Due))
	}
	if a.Activity != "" {
		out.Detail += " · " + a.Activity
	}
	return out
}
