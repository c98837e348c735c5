package guard

import (
	"strings"

	"cel.dev/cel-go/common/ast"
)

// Needs are the parts of Facts that somebody will look at: those that are not
// needed are not gathered. Term and Now are the engine's, and always there.
type Needs struct {
	Process    bool // its state, publication and population
	Roles      bool
	Dates      bool
	Artefacts  bool
	Activities bool // with their counts, but for the rates by stratum
	Rates      bool
	Counts     bool
	Anchors    bool
}

// Everything is all of Facts.
var Everything = Needs{true, true, true, true, true, true, true, true}

// And is what either needs.
func (n Needs) And(other Needs) Needs {
	return Needs{
		n.Process || other.Process, n.Roles || other.Roles, n.Dates || other.Dates, n.Artefacts || other.Artefacts,
		n.Activities || other.Activities, n.Rates || other.Rates, n.Counts || other.Counts, n.Anchors || other.Anchors,
	}
}

// Needs are those of a guard.
func (p Program) Needs() Needs {
	var n Needs
	whole := 0 // times that the process is named and not only a field of it
	ast.PostOrderVisit(p.tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			n = n.And(Needs{Activities: e.AsIdent() == "activities", Artefacts: e.AsIdent() == "artefacts", Counts: e.AsIdent() == "counts"})
			if e.AsIdent() == "process" {
				whole++
			}
		case ast.SelectKind:
			field, of := e.AsSelect().FieldName(), e.AsSelect().Operand()
			n.Rates = n.Rates || field == "rates"
			if of.Kind() != ast.IdentKind || of.AsIdent() != "process" {
				return
			}
			whole--
			n = n.And(Needs{Roles: field == "roles", Dates: field == "dates", Process: field != "roles" && field != "dates"})
		}
	}))
	if whole > 0 {
		n.Process, n.Roles, n.Dates = true, true, true
	}
	return n
}

// Dated reports a guard that looks at nothing but dates of the process and the clock.
func (p Program) Dated() bool {
	terms := false
	ast.PostOrderVisit(p.tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		terms = terms || e.Kind() == ast.IdentKind && e.AsIdent() == "term"
	}))
	return !terms && p.Needs() == Needs{Dates: true}
}

// Documents are the codes that a guard asks for by name.
func (p Program) Documents() []string {
	var out []string
	ast.PostOrderVisit(p.tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "present" && e.AsCall().FunctionName() != "published" {
			return
		}
		if code, ok := only(e.AsCall().Args()); ok {
			out = append(out, code)
		}
	}))
	return out
}

// NeedsOf are those of an explanation with placeholders.
func NeedsOf(explain string) Needs {
	return Needs{
		Process: strings.Contains(explain, "{process.population"), Roles: strings.Contains(explain, "{process.roles."),
		Counts: strings.Contains(explain, "{counts."),
	}
}
