package staff

import (
	"strings"
	"time"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/process/fault"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/staff/gate"
	"arengo/workflow/definition"
)

var notFound = fault.New(fault.NotFound, "activity.not_found")

// teller writes the rows of the cockpit in one language.
type teller struct {
	lang string
	now  time.Time
}

func (w teller) t(key string, pairs ...any) string { return page.Base{Lang: w.lang}.T(key, pairs...) }

// words writes dates in the zone of a process.
func (w teller) words(p process.Process) page.Words {
	return page.Words{Lang: w.lang, Zone: p.Location(), Now: w.now}
}

// task is a row as the partial shows it.
func (w teller) task(r cockpit.Row) page.Task {
	args := w.args(r, r.Args)
	t := page.Task{
		Verb: w.say("staff.task."+r.What+".verb", r, args), Object: w.say("staff.task."+r.What+".object", r, args),
		Context: r.Process.Title, Due: r.Due, State: page.State(r.Band), Source: w.source(r), When: w.when(r),
	}
	if r.Activity != nil {
		t.Context += " · " + kindWord(w.lang, r.Activity.Kind)
	}
	var then []string
	for _, p := range r.Then {
		then = append(then, page.T(w.lang, "staff.then."+p.Key, w.args(r, p.Args)))
	}
	t.Then = strings.Join(then, " · ")
	t.Action = page.Action{
		Label: w.button(r, args), Href: href(r), Hidden: "(" + t.Object + ")",
		Primary: r.Band == cockpit.Late || r.Band == cockpit.Now,
	}
	return t
}

// say is a text of a row: a row about an activity, or about one thing by its code, may
// have words of its own.
func (w teller) say(key string, r cockpit.Row, args map[string]any) string {
	if code, ok := r.Args["code"].(string); ok && page.Texts().Has(key+"."+code) {
		return page.T(w.lang, key+"."+code, args)
	}
	if own := key + ".activity"; r.Activity != nil && page.Texts().Has(own) {
		key = own
	}
	return page.T(w.lang, key, args)
}

func (w teller) button(r cockpit.Row, args map[string]any) string {
	if r.What == cockpit.WhatResolve || r.What == cockpit.WhatGap || r.What == cockpit.WhatAppoint {
		if r.Page != cockpit.PageMoves {
			return gate.FixLabel(w.lang, r.Page)
		}
	}
	for _, p := range r.Then {
		if p.Key == "blocked" {
			return w.t("staff.task.blocked.button")
		}
	}
	return w.say("staff.task."+r.What+".button", r, args)
}

// args puts arguments into words: texts in the language, instants in the zone.
func (w teller) args(r cockpit.Row, args map[string]any) map[string]any {
	out := map[string]any{"process": r.Process.Title, "activity": ""}
	if r.Activity != nil {
		out["activity"] = r.Activity.Title
	}
	for name, v := range args {
		switch v := v.(type) {
		case definition.Text:
			out[name] = v.In(w.lang)
		case time.Time:
			words := w.words(r.Process)
			out[name] = words.EndWeekday(v)
			switch name {
			case "at":
				out[name] = words.EndClock(v)
			case "since":
				out[name] = words.Date(v)
			}
		default:
			out[name] = v
		}
	}
	if kind, ok := args["kind"].(string); ok {
		out["kind"] = strings.ToLower(kindWord(w.lang, kind))
	}
	if roles, ok := args["roles"].([]string); ok {
		out["roles"] = flow.Writers(w.lang, roles)
	}
	if code, ok := args["code"].(string); ok && page.Texts().Has("staff.gap."+code) {
		out["what"] = w.t("staff.gap." + code)
	}
	return out
}

// when replaces the words for the end of a term: a meeting has a begin, and
// some rows have no end at all.
func (w teller) when(r cockpit.Row) string {
	words := w.words(r.Process)
	switch {
	case r.Due.IsZero():
		return w.t("staff.when.none")
	case r.What != cockpit.WhatMeet && r.What != cockpit.WhatConvene:
		return ""
	case r.Due.Before(w.now):
		return w.t("staff.when.on", "at", words.Clock(r.Due))
	case r.Band == cockpit.Now:
		return w.t("staff.when.today", "at", words.Clock(r.Due))
	}
	return page.Cap(words.Meeting(r.Due)) + ", " + words.Relative(r.Due)
}

func (w teller) source(r cockpit.Row) *page.Source {
	switch {
	case r.Source == nil:
		return nil
	case r.Source.Law == nil:
		return &page.Source{Kind: "template", Text: r.Source.Length.Words(w.lang)}
	case r.Source.Law.Confidence == "V":
		return &page.Source{Kind: "law", Text: r.Source.Law.Article}
	}
	return &page.Source{Kind: "tbc", Text: r.Source.Law.Article}
}

// href is the page on which a row is done.
func href(r cockpit.Row) string {
	home := gate.Home(r.Process.Slug)
	switch r.Page {
	case cockpit.PageMoves:
		if r.Activity != nil {
			home = gate.ActivityPath(r.Process.Slug, *r.Activity)
		}
		if r.What == cockpit.WhatLost {
			return gate.Reopening(r.Process.Slug, r.Activity, r.Transition)
		}
		if r.What == cockpit.WhatDecide || r.What == cockpit.WhatResume {
			return home + "#proroga"
		}
		return home + "#avanza"
	case cockpit.PagePublish:
		return home + "/pubblica"
	case cockpit.PageBounced:
		return home + "/contatti?stato=bounced"
	case cockpit.PageResults:
		return gate.ActivityPath(r.Process.Slug, *r.Activity) + "/risultati"
	case cockpit.PageDocument:
		return gate.Document(r.Process.Slug, r.Code)
	}
	return gate.Fix(r.Process, r.Activity, r.Page)
}

// steps lays the path of a process flat: what happened by the plan's facts.
func steps(lang string, m cockpit.Mine) []page.Step {
	var out []page.Step
	path, broken := m.Definition.MainPath(), flow.Broken(m.Definition, m.Instance.State, m.Plan)
	here := -1
	for i, name := range path {
		if name == m.Instance.State {
			here = i
		}
	}
	for i, name := range path {
		st, _ := m.Definition.State(name)
		step := page.Step{Name: st.Title.In(lang), State: page.Next}
		switch {
		case i == here:
			step.State = page.Current
		case name == broken:
			step.State = page.Stopped
		case i < here, here < 0 && passed(m, name):
			step.State = page.Done
		case m.Definition.Final(m.Instance.State):
			step.State = page.Skipped
		}
		out = append(out, step)
	}
	return out
}

// passed reports whether a process that has ended went through a state.
func passed(m cockpit.Mine, state string) bool {
	for _, p := range m.Plan {
		if p.State == state {
			return !p.EndedAt.IsZero()
		}
	}
	return false
}
