package staff

import (
	"arengo/process"
	"arengo/web/staff/gate"
)

// past reports that the last day that the law gives is over, so that only an
// exception goes on.
func (x *reopening) past() bool { return !x.option.Latest.After(x.r.Now) }

// goesOn lets a promoter write of a term of law an exception that an act decided.
func (x *reopening) goesOn(p *reopenPage) error {
	law := x.option.To.Term.Law
	if !x.r.Gate.Standing.Promotes() {
		return nil
	}
	p.Except = gate.Except(x.r, "riapri-eccezione", x.r.T("staff.change.rule.law", "law", gate.Law(x.r, law)), law)
	p.Except.Checked, p.Except.Required = x.r.Value("exception") == "1", x.past()
	papers, err := gate.Papers(x.r, x.area.core)
	act := gate.Act(x.r, "riapri-atto", "staff.change.act.exception", papers)
	act.Note = x.r.T("staff.change.act.exception.note")
	act.Value, act.Required = x.r.Value("act"), x.past()
	pick(&act)
	p.Act = &act
	return err
}

// decided is what the list says of an end beyond the law, and of the act behind it;
// within the law there is no exception, whatever was ticked.
func (x *reopening) decided(m process.Move) (out gate.Decided, err error) {
	if !m.Exception || !x.option.GoesOn || !m.End.After(x.option.Latest) {
		return out, nil
	}
	if out, err = gate.DecidedBy(x.r, x.area.core, m.Act); err != nil {
		return out, err
	}
	out.Except(x.r, x.option.To.Term.Law)
	return out, nil
}
