package gate

import (
	"arengo/process"
	"arengo/process/document"
	"arengo/web/site"
	"arengo/workflow/definition"
)

// Decided is what a preview says of the decision behind a new end: partial
// "decided". Each text is "" where there is nothing to say.
type Decided struct {
	Exceptional string // it goes beyond a bound
	Act         string // the title of the document that decides it
	Waits       string // the public cannot read that document yet
}

// DecidedBy names the document with this code, "" where nobody chose one.
func DecidedBy(r *site.Request, core *process.Service, code string) (out Decided, err error) {
	if code == "" {
		return out, nil
	}
	d, err := document.New(core).Load(r.Context(), r.Gate.Process, code, r.Lang)
	if err != nil {
		return out, err
	}
	out.Act = d.Title
	if d.PublishedAt == nil {
		out.Waits = r.T("staff.change.act_waits", "title", d.Title)
	}
	return out, nil
}

// Except says that the end goes beyond a bound: of this law, or of the model alone.
func (d *Decided) Except(r *site.Request, law *definition.Law) {
	d.Exceptional = r.T("staff.change.exceptional")
	if law != nil {
		d.Exceptional = r.T("staff.change.exceptional.law", "law", Law(r, law))
	}
}
