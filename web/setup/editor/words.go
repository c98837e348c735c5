package editor

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"arengo/process/draft"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
	"arengo/workflow/outlook"
)

// effects is what a draft brings: what was changed, what is wrong with it, and
// the dates that move. Partial "effects".
type effects struct {
	Action   string // of what is done with the draft as a whole
	Revision int64
	Edited   bool
	Public   bool
	Problems []problem
	Moves    []move
	Lost     []page.Link // activities in a phase that it takes away, to be moved
	Undo     string      // what the last change was
	By       string      // and whose
}

// problem is a fault of the draft at a phase; Href leads to its form.
// Form is that form's place, "" for what no form changes.
type problem struct{ Phase, Href, Text, Remedy, Form string }

// move is a phase whose dates change. Old is "" for a new one, New for one that
// goes.
type move struct{ Title, Old, New string }

func (a *area) effects(r *site.Request, base page.Base, d draft.Draft) (effects, error) {
	p := r.Gate.Process
	out := effects{Action: home(p), Revision: d.Revision, Edited: d.Edited, Public: p.Published()}
	if len(d.Steps) > 0 {
		out.By = d.Steps[0].By
		out.Undo = r.T("editor.act."+d.Steps[0].Act, "subject", d.Steps[0].Subject)
	}
	for _, at := range d.Problems {
		out.Problems = append(out.Problems, problemOf(r, d, at))
	}
	for _, m := range d.Moves {
		if said := moveOf(r, base.Words(), d, m); said.Old != said.New { // no date is known while it rests
			out.Moves = append(out.Moves, said)
		}
	}
	var err error
	out.Lost, err = a.lost(r, d)
	return out, err
}

func moveOf(r *site.Request, words page.Words, d draft.Draft, m workflow.Move) move {
	out := move{Title: titleIn(r.Lang, d, m.Name)}
	span := func(plan []workflow.PlannedPhase, def *definition.Compiled) string {
		rests := ""
		if def != nil {
			rests = flow.Rests(words, def, d.Instance, m.Name)
		}
		for _, ph := range plan {
			before := outlook.Awaiting(plan)[m.Name]
			switch after := titleIn(r.Lang, d, before); {
			case ph.State != m.Name, ph.Start.IsZero() && before == "":
			case rests != "" && m.Name == d.Instance.State:
				return r.T("editor.from", "from", words.Short(ph.Start)) + "; " + rests
			case rests != "":
				return rests
			case ph.Never():
				return flow.Never(words, ph)
			case ph.Start.IsZero() && ph.End.IsZero():
				return r.T("editor.awaits", "phase", after)
			case ph.Start.IsZero():
				return r.T("editor.awaits.until", "phase", after, "until", words.Short(ph.End.Add(-time.Second)))
			case ph.End.IsZero() && ph.Source == outlook.SourceAnchor: // it hangs on what nobody knows yet
				return r.T("editor.from.open", "from", words.Short(ph.Start))
			case ph.End.IsZero():
				return r.T("editor.from", "from", words.Short(ph.Start))
			default:
				return r.T("editor.span", "from", words.Short(ph.Start), "until", words.Short(ph.End.Add(-time.Second)))
			}
		}
		return ""
	}
	out.Old, out.New = span(d.Before, d.Base), span(d.After, d.Compiled)
	if waits := flow.Waits(words, d.After, m.Name); waits != "" && !d.Instance.Rests(d.Base) {
		out.New += "; " + waits
	}
	return out
}

// titleIn is what a phase is called in the draft, or was called before.
func titleIn(lang string, d draft.Draft, name string) string {
	for _, states := range [][]definition.State{d.Definition.States, d.Base.States} {
		for _, s := range states {
			if s.Name == name {
				return s.Title.In(lang)
			}
		}
	}
	return name
}

// remedies are the keys of a definition that a form of this package changes.
var remedies = map[string]string{
	"title": "words", "purpose": "words", "term": "term", "at_end": "term", "overdue": "term",
	"activities": "needs", "reminders": "reminders", "requires": "requires", "by": "term",
}

// anchors are the places of those forms on the page of a phase.
var anchors = map[string]string{"words": "parole", "term": "durata", "needs": "attivita", "reminders": "promemoria", "requires": "condizioni"}

// opened is the place of a form on the page of a phase, unfolded.
func opened(form string) string { return "?modulo=" + form + "#" + form }

func problemOf(r *site.Request, d draft.Draft, at edit.Located) problem {
	form := remedies[at.Field]
	out := problem{Phase: r.T("editor.whole"), Href: home(r.Gate.Process), Text: said(r.Lang, at.In(r.Lang).Message), Remedy: r.T("editor.remedy.other")}
	if form != "" {
		out.Remedy = r.T("editor.remedy." + form)
	}
	if at.State != "" {
		out.Phase = titleIn(r.Lang, d, at.State)
		out.Href += "/fase/" + at.State
		if form != "" {
			out.Form = anchors[form]
			out.Href += opened(out.Form)
		}
	}
	return out
}

var (
	// where a problem is: the page says it by the phase
	whose = regexp.MustCompile(`^(stato|state|transizione|transition) [a-z0-9-]+(: )?`)
	// a length as files write it
	length = regexp.MustCompile(`\b[1-9][0-9]{0,3}(d|wd|h|m)\b`)
)

// said is a problem without its place, with lengths of time in words.
func said(lang, message string) string {
	message = whose.ReplaceAllString(message, "")
	message = length.ReplaceAllStringFunc(message, func(s string) string {
		span, err := civil.ParseSpan(s)
		if err != nil {
			return s
		}
		return span.Words(lang)
	})
	if message == "" {
		return ""
	}
	runes := []rune(message)
	return strings.ToUpper(string(runes[:1])) + string(runes[1:])
}

// sourceOf is a law as pages show it.
func sourceOf(l definition.Law) page.Source {
	kind := "law"
	if l.Confidence != "V" {
		kind = "tbc"
	}
	return page.Source{Kind: kind, Text: strings.TrimSuffix(l.Source+", "+l.Article, ", ")}
}

func sources(laws []definition.Law) []page.Source {
	out := make([]page.Source, len(laws))
	for i, l := range laws {
		out[i] = sourceOf(l)
	}
	return out
}

// audience is who is told, in words.
func audience(r *site.Request, to []string) string {
	words := make([]string, len(to))
	for i, w := range to {
		words[i] = r.T("editor.to." + w)
	}
	return strings.Join(words, ", ")
}

// needWords is "Questionario: almeno 1, tutte concluse prima di passare oltre".
func needWords(r *site.Request, n definition.ActivityNeed) string {
	out := r.T(n.Kind + ".kind")
	switch {
	case n.Max > 0:
		out += ": " + r.T("editor.need.between", "min", n.Min, "max", n.Max)
	case n.Min > 0:
		out += ": " + r.T("editor.need.least", "min", n.Min)
	}
	if n.AtEntry != "" {
		out += ". " + r.T("editor.need.entry."+n.AtEntry)
	}
	if n.AtExit != "" {
		out += ". " + r.T("editor.need.exit")
	}
	return out
}

// termWords is how long a phase lasts and what ends it; where somebody chose another
// length on the page of the dates, that one.
func termWords(r *site.Request, d draft.Draft, s definition.State) string {
	chosen := 0
	if i := slices.IndexFunc(d.After, func(p workflow.PlannedPhase) bool { return p.State == s.Name }); i >= 0 {
		chosen = d.After[i].Days
	}
	out := r.T("editor.term.none")
	if t := s.Term; t != nil && t.Until != "" {
		out = untilWords(r, d.Definition, t.Until)
	} else if t != nil && chosen > 0 && t.Length != (civil.Span{Days: chosen}) {
		out = r.T("editor.term.chosen", "span", civil.Span{Days: chosen}.Words(r.Lang), "usual", t.Length.Words(r.Lang))
	} else if t != nil {
		out = t.Length.Words(r.Lang)
	}
	if s.AtEnd != "" {
		return out + ". " + r.T("editor.end.auto")
	}
	return out + ". " + r.T("editor.end.hand")
}

// untilWords says what a term ends with where it is no length.
func untilWords(r *site.Request, d definition.Definition, anchor string) string {
	kind, name := definition.SplitAnchor(anchor)
	switch kind {
	case definition.AnchorDate:
		for _, x := range d.Dates {
			if x.Code == name {
				name = x.Title.In(r.Lang)
			}
		}
	case definition.AnchorActivity:
		name = r.T(name + ".kinds")
	}
	return r.T("editor.until."+kind, "name", name)
}
