package guard

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"

	"arengo/workflow/strict"
)

// Where a guard is tried, the sizes that its cost is reckoned with: as many
// activities as a process may well have, and a hundred of anything else.
const (
	manyActivities = 100
	manyOthers     = 100
)

// Trial is the place of a guard for Doubts: the states that it is asked in.
// Endless are those whose term may have no end yet.
type Trial struct {
	States  []string
	Endless []string
	Needed  []string // dates that every process fills in
}

// Doubts says why a guard that is compiled could fail once it is evaluated, a
// phrase each: what it may cost, a pattern that is none, a value without a type,
// and what it runs into where nothing is there yet or everything is.
func (p Program) Doubts(names Names, at Trial) []strict.Phrase {
	if p.tree == nil {
		return nil
	}
	var out []strict.Phrase
	ast.PostOrderVisit(ast.NavigateAST(p.tree.NativeRep()), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.CallKind {
			out = append(out, doubtful(e.AsCall())...)
		}
	}))
	if dear := p.dear(); dear != nil {
		out = append(out, *dear)
	}
	if len(out) > 0 {
		return out
	}
	return p.try(names, at)
}

// doubtful are the calls that only fail once they are evaluated.
func doubtful(call ast.CallExpr) []strict.Phrase {
	switch args := call.Args(); call.FunctionName() {
	case "dyn":
		return []strict.Phrase{strict.Say("dyn() takes away the type of a value, so that nothing can be checked")}
	case "matches":
		pattern, ok := literal(args[len(args)-1])
		if _, err := regexp.Compile(pattern); ok && err != nil {
			return []strict.Phrase{strict.Say("the pattern %q is no regular expression", pattern)}
		}
	}
	return nil
}

// dear is set for an expression that may cost more than an evaluation may.
func (p Program) dear() *strict.Phrase {
	env, err := environment()
	if err != nil {
		return nil
	}
	estimate, err := env.EstimateCost(p.tree, sizes{})
	if err == nil && estimate.Max <= maxCost {
		return nil
	}
	phrase := strict.Say("it is too costly where there are %d activities: ask the activities fewer times", manyActivities)
	return &phrase
}

// sizes tells the estimate of costs how large facts get.
type sizes struct{}

// EstimateSize gives the size of what the facts hold.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	path := n.Path()
	switch {
	case len(path) == 0:
		return nil
	case slices.Equal(path, []string{"activities"}):
		return &cost.SizeEstimate{Max: manyActivities}
	}
	return &cost.SizeEstimate{Max: manyOthers}
}

// EstimateCallCost leaves every call at what CEL reckons.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// try evaluates the guard where it could fail, and says the first failure.
func (p Program) try(names Names, at Trial) []strict.Phrase {
	states := at.States
	if len(states) > 1 && !strings.Contains(p.tree.Source().Content(), "state") {
		states = states[:1]
	}
	if len(states) == 0 {
		states = []string{""}
	}
	for _, state := range states {
		for _, w := range p.worlds(names, at, state) {
			if _, err := p.Holds(Bind(names.Roles, names.Counts, w.facts)); err != nil {
				return []strict.Phrase{strict.Say("it fails %s: %s", w.when, Reason(err))}
			}
		}
	}
	return nil
}

// world is an occasion on which a guard is tried.
type world struct {
	when  strict.Phrase
	facts Facts
}

// worlds are those where nothing is there, where the activities stand but
// nobody came, and where everything is.
func (p Program) worlds(names Names, at Trial, state string) []world {
	now := time.Date(2026, 3, 4, 9, 30, 0, 0, time.UTC)
	term := TermFacts{EnteredAt: now.AddDate(0, 0, -3), MinAt: now.AddDate(0, 0, 7), DueAt: now.AddDate(0, 0, 27), MaxAt: now.AddDate(0, 0, 57), ElapsedDays: 3, LeftDays: 27}
	soon := term
	if slices.Contains(at.Endless, state) {
		soon.MinAt, soon.DueAt, soon.MaxAt, soon.LeftDays = time.Time{}, time.Time{}, time.Time{}, 9999
	}
	dates := map[string]time.Time{}
	for _, code := range at.Needed {
		dates[code] = now
	}
	empty := Facts{Process: ProcessFacts{State: state, Dates: dates}, Term: soon, Now: now}
	begun := empty
	begun.Activities = p.activities(names, 0)
	full := Facts{
		Process: ProcessFacts{State: state, Published: true, Population: Population{Units: 1000}, Roles: counted(names.Roles, 2), Dates: map[string]time.Time{}},
		Counts:  counted(names.Counts, 10), Activities: p.activities(names, 10), Artefacts: Artefacts{Published: names.Artefacts}, Term: term, Now: now,
	}
	for _, code := range names.Dates {
		full.Process.Dates[code] = now.AddDate(0, 0, 1)
	}
	return []world{
		{strict.Say("where nothing is there yet"), empty},
		{strict.Say("where there are activities but nobody came yet"), begun},
		{strict.Say("where everything is there"), full},
	}
}

// activities are two of each kind that the guard may speak of, open and over.
func (p Program) activities(names Names, counts int64) []ActivityFacts {
	kinds := names.Kinds
	if kinds == nil {
		kinds = words(p.tree)
	}
	var out []ActivityFacts
	for i, kind := range append(slices.Clone(kinds), "activity") {
		a := ActivityFacts{ID: fmt.Sprint(i), Kind: kind, State: "open", Ready: true, Open: true, Counts: counted(names.Counts, counts)}
		over := a
		over.ID, over.State, over.Ready, over.Open, over.Over = fmt.Sprint(i, "over"), "closed", false, false, true
		out = append(out, a, over)
	}
	return out
}

// words are the texts of an expression: what it compares kinds with is among them.
func words(tree *cel.Ast) []string {
	var out []string
	ast.PostOrderVisit(ast.NavigateAST(tree.NativeRep()), ast.NewExprVisitor(func(e ast.Expr) {
		if word, ok := literal(e); ok {
			out = append(out, word)
		}
	}))
	return out
}

func counted(names []string, n int64) map[string]int64 {
	out := map[string]int64{}
	for _, name := range names {
		out[name] = n
	}
	return out
}

// failure finds what CEL says of an evaluation that failed, with the name in it.
var failure = regexp.MustCompile(
	`^(?:division|modulus) (by) zero|^no such (key): (.*)|^(index)(?: out of bounds: | ')(-?\d+)|(cost) limit exceeded`)

// Reason says in a reader's words why Holds failed.
func Reason(err error) strict.Phrase {
	m := failure.FindStringSubmatch(err.Error())
	switch {
	case m == nil:
		return invalid(err)
	case m[1] != "":
		return strict.Say("it divides by zero")
	case m[2] != "":
		return strict.Say("there is no value called %q", m[3])
	case m[4] != "":
		return strict.Say("the list has no entry %s", m[5])
	}
	return strict.Say("it takes too long")
}
