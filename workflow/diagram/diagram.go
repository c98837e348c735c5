// Package diagram shows a definition as a whole: as an outline for a terminal,
// as Mermaid for other programs, as a picture for pages, and as a list of steps
// that says the same in words. The same definition and place give the same
// bytes.
package diagram

import (
	"slices"
	"strings"

	"arengo/workflow/definition"
)

// Step is a state of the list that says in words what the picture shows.
type Step struct {
	State  string
	Number int // from 1 along the main path, 0 for an end
	Title  string
	Term   string // "30 giorni", "fino alla fine dell’incontro", "" when none
	Final  bool
	Moves  []Move // ways out, in file order; those that lead out of every state stand in the list's Anytime
}

// Move is a way from a state to another.
type Move struct {
	Label string // the button's words
	To    string // title of the state it leads to
	Who   string // "promotore, facilitatore", "da sola, alla scadenza"
	Timer bool   // a deadline may bring it about
}

// List gives the steps in the order of the picture and the moves that lead out
// of every state. lang is "it" or "en"; another reads Italian.
func List(c *definition.Compiled, lang string) (steps []Step, anytime []Move) {
	f := flowOf(c, lang)
	for i, s := range f.states() {
		step := Step{State: s.Name, Title: s.Title.In(lang), Term: f.term(s.Term), Final: s.Final}
		if !s.Final {
			step.Number = i + 1
		}
		for _, t := range f.exits(s.Name) {
			step.Moves = append(step.Moves, f.move(t))
		}
		steps = append(steps, step)
	}
	for _, t := range f.wild() {
		anytime = append(anytime, f.move(t))
	}
	return steps, anytime
}

// flow is a definition sorted for drawing.
type flow struct {
	c     *definition.Compiled
	lang  string
	main  []definition.State // the states that are not final in file order, then the end they lead to
	aside []definition.State // other ends
}

func flowOf(c *definition.Compiled, lang string) flow {
	f := flow{c: c, lang: lang}
	var ends []definition.State
	for _, s := range c.States {
		if s.Final {
			ends = append(ends, s)
		} else {
			f.main = append(f.main, s)
		}
	}
	goal := f.goal(ends)
	for i, s := range ends {
		if i == goal {
			f.main = append(f.main, s)
		} else {
			f.aside = append(f.aside, s)
		}
	}
	return f
}

// goal is the end that the main path leads to: the first that the last state
// before the ends goes to of its own, or else any state; -1 when there is none.
func (f flow) goal(ends []definition.State) int {
	for i := len(f.main) - 1; i >= 0; i-- {
		for k, end := range ends {
			if slices.ContainsFunc(f.exits(f.main[i].Name), func(t definition.Transition) bool { return t.To == end.Name }) {
				return k
			}
		}
	}
	return -1
}

func (f flow) states() []definition.State { return slices.Concat(f.main, f.aside) }

// everywhere reports a transition that leaves every state.
func everywhere(t definition.Transition) bool { return slices.Contains(t.From, "*") }

// exits are the transitions that a state has of its own.
func (f flow) exits(state string) []definition.Transition {
	var out []definition.Transition
	for _, t := range f.c.Transitions {
		if slices.Contains(t.From, state) {
			out = append(out, t)
		}
	}
	return out
}

// wild are the transitions that leave every state.
func (f flow) wild() []definition.Transition {
	var out []definition.Transition
	for _, t := range f.c.Transitions {
		if everywhere(t) {
			out = append(out, t)
		}
	}
	return out
}

func (f flow) title(state string) string {
	s, _ := f.c.State(state)
	return s.Title.In(f.lang)
}

func (f flow) move(t definition.Transition) Move {
	var who []string
	for _, by := range t.By {
		who = append(who, f.say(by))
	}
	return Move{
		Label: f.c.Label(t).In(f.lang), To: f.title(t.To), Who: f.either(who), Timer: timed(t),
	}
}

// either joins the words of a choice: "promotore, facilitatore o esperto".
func (f flow) either(list []string) string {
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " " + f.say("or") + " " + list[last]
}

func timed(t definition.Transition) bool { return slices.Contains(t.By, definition.ByTimer) }

// term says how long a state lasts, and since when where it is not the entry.
func (f flow) term(t *definition.Term) string {
	switch {
	case t == nil:
		return ""
	case t.Until != "":
		return f.anchor("until", t.Until)
	case t.Length.IsZero():
		return ""
	}
	said := t.Length.Words(f.lang)
	if t.From != "" && t.From != definition.AnchorEntry {
		said += ", " + f.anchor("from", t.From)
	}
	return said
}

// anchor is the instant that a term or a reminder hangs on, with the word
// before it: "until", "before", "after", "on" or "from".
func (f flow) anchor(side, name string) string {
	kind, what := definition.SplitAnchor(name)
	switch kind {
	case definition.AnchorState:
		what = f.quote(f.title(what))
	case definition.AnchorActivity:
		if words, ok := definition.KindWords[what]; ok {
			what = words.In(f.lang)
		}
		what = "(" + what + ")"
	case definition.AnchorDate:
		for _, d := range f.c.Dates {
			if d.Code == what {
				what = f.quote(d.Title.In(f.lang))
			}
		}
	}
	return strings.TrimSpace(f.say(side+"."+kind) + " " + what)
}

func (f flow) quote(s string) string {
	if f.lang == "en" {
		return "“" + s + "”"
	}
	return "«" + s + "»"
}
