package staff

import (
	"net/http"

	"arengo/process/fault"
	"arengo/process/foresight"
	"arengo/web/page"
	"arengo/web/staff/gate"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// changePage is the place where an end changes, and the list of what would move
// (Listed), to be confirmed.
type changePage struct {
	page.Base
	Subject    string
	Change     *gate.Change
	Listed     bool
	Heading    string
	Parts      []page.Dates
	With       []page.Option // activities that may follow the process
	WithLegend string
	Alone      []string // open activities that cannot
	Clash      []string // what the new end contradicts
	Decided    gate.Decided
	Next       string // what then comes on its first possible day, and no earlier
	Used       string // how the new end counts against the extensions that there are
	Told       int
	ToldKey    string
	Undated    bool // a suspension or its end: there is a reason to write and no date
	Unfollowed bool // nobody is told, and nobody follows the process
	Reason     string
	Hidden     []page.Hidden
	Save, Back string

	status int // of the answer
}

// page is the page with its forms, filled in with what was sent.
func (x *changing) page() (*changePage, error) {
	r := x.r
	p := &changePage{status: http.StatusOK, Base: workspace(r, r.T("staff.change.title"), page.Crumb{Label: r.T("staff.change.title")})}
	p.Subject, p.Back = r.Gate.Process.Title, back(r, x.on)
	if x.on != nil {
		p.Subject = x.on.Title
	}
	p.Reason = r.Value("reason")
	var err error
	if p.Change, err = gate.ReadChange(r, x.area.core, x.on); err != nil || p.Change == nil {
		return p, err
	}
	p.Change.Back, p.Change.Titled = p.Back, true
	if p.Change.Held != "" {
		p.Title = r.T("staff.change.title.held")
	}
	if part := part(p.Change, r.Value("what")); part != nil {
		for i := range p.Change.Parts {
			p.Change.Parts[i].Open = p.Change.Parts[i].What == part.What
		}
		for _, name := range []string{"end", "act", fieldReason} {
			if f := part.Field(name); f != nil {
				f.Value = r.Value(name)
				pick(f)
			}
		}
		if part.Exception != nil {
			part.Exception.Checked = r.Value("exception") == "1"
		}
	}
	return p, nil
}

func part(c *gate.Change, what string) *gate.Part {
	if c == nil {
		return nil
	}
	if what == "" {
		what = gate.Extend
	}
	return c.Part(what)
}

func pick(f *page.Field) {
	for i := range f.Choices {
		f.Choices[i].Selected = f.Choices[i].Value == f.Value
	}
}

// list shows what would move, with the form that confirms it.
func (x *changing) list(p *changePage, parts ...page.Dates) error {
	p.Listed, p.Parts, p.ToldKey = true, parts, "staff.extend.told"
	save := "staff.change." + x.what + ".save"
	p.Title = x.r.T("staff.change." + x.what)
	if x.on == nil {
		p.Title = x.r.T("staff.change."+x.what+".phase", "phase", x.state().Title.In(x.r.Lang))
		if page.Texts().Has(save + ".phase") {
			save += ".phase"
		}
	}
	if p.Undated = x.what == gate.Suspend || x.what == gate.Resume; p.Undated {
		p.ToldKey = "staff.change.told" // there may be no new date, and each activity tells its own
	}
	if p.Told == 0 {
		if err := x.untold(p); err != nil {
			return err
		}
	}
	p.Heading, p.Save = x.r.T("staff.change."+x.what+".moves"), x.r.T(save)
	p.Hidden = []page.Hidden{{Name: "revision", Value: gate.View{Revision: x.inst.Revision}.Number()}}
	for _, name := range []string{"activity", "end", "act", "exception", fieldReason} {
		if v := x.r.Value(name); v != "" {
			p.Hidden = append(p.Hidden, page.Hidden{Name: name, Value: v})
		}
	}
	p.Hidden = append(p.Hidden, page.Hidden{Name: "what", Value: x.what}, page.Hidden{Name: "back", Value: p.Back})
	return x.r.PageStatus(p.status, "staff/change", p)
}

// untold says why nobody is told: they know the end that it comes to, or there is
// nobody to tell.
func (x *changing) untold(p *changePage) error {
	reached := func(to ...string) (int, error) {
		told := definition.Action{Notice: definition.NoticeExtended, To: to}
		return x.area.foresight.Reached(x.r.Context(), foresight.Notice{Ref: x.ref, Action: told, State: x.inst.State, At: x.r.Now, By: x.r.Actor.Person})
	}
	if x.what == gate.Extend || x.what == gate.Shorten {
		n, err := reached(x.def.Concerned(x.inst.State)...)
		if err != nil || n > 0 {
			p.ToldKey = "staff.extend.known"
			return err
		}
	}
	if x.on != nil {
		return nil
	}
	n, err := reached(definition.AudienceFollowers)
	p.Unfollowed = n == 0
	return err
}

// moved is a date of the engine in words; gone says what becomes of one that has
// no new instant.
func (x *changing) moved(def *definition.Compiled, m workflow.Move, gone string) page.DateRow {
	out := page.DateRow{Name: gate.Deadline(x.r.Lang, m.Name, def.DeadlineTitle(m.Name)), Old: m.Old, New: m.New}
	if m.New.IsZero() {
		out.Said = x.r.T(gone)
	}
	return out
}

// along are the dates of the process that hang on the activity and move with it.
func (x *changing) along(moves []workflow.Move) ([]page.DateRow, error) {
	if len(moves) == 0 {
		return nil, nil
	}
	def, _, err := x.area.core.Definition(x.r.Context(), x.area.core.DB(), x.r.Gate.Process)
	if err != nil {
		return nil, err
	}
	var out []page.DateRow
	for _, m := range moves {
		row := x.moved(def, m, "staff.extend.gone")
		if m.Name == definition.AnchorEnd {
			row.Name, row.End = endName(x.r, nil), true
		}
		out = append(out, row)
	}
	return out, nil
}

// beyond adds to the refusal of going beyond the bound how it can be done: by a
// written exception, which a promoter makes in the box that it then leads to.
func (x *changing) beyond(p *changePage, form *gate.Part, cause error) {
	e, _ := fault.As(cause)
	if len(p.Errors) != 1 || x.what != gate.Extend || e.Key != "workflow.extend_beyond_max" && e.Key != "workflow.extend_times" {
		return
	}
	key := "staff.change.beyond"
	if form == nil || form.Exception == nil {
		key = "staff.change.whose"
	} else {
		p.Errors[0].Field = form.Exception.ID
	}
	if x.inst.Bound(x.def) != nil {
		key += ".law"
	}
	p.Errors[0].Message += " " + x.r.T(key)
}

func (x *changing) state() definition.State {
	st, _ := x.def.State(x.inst.State)
	return st
}

// refuse gives the form again, with what was written and what is wrong.
func (x *changing) refuse(cause error) error {
	if !shown(cause) {
		return cause
	}
	p, err := x.page()
	if err != nil {
		return err
	}
	if p.Change == nil {
		return cause
	}
	form := part(p.Change, x.what)
	for _, e := range page.FieldErrors(x.r.Lang, cause) {
		field := e.Field
		e.Field = ""
		if form != nil && form.Field(field) != nil {
			e.Field = form.Field(field).Key()
		}
		p.Errors = append(p.Errors, e)
	}
	x.beyond(p, form, cause)
	return x.r.PageStatus(page.Status(cause), "staff/change", p)
}

// shown reports that a refusal belongs on the form that caused it.
func shown(cause error) bool {
	return fault.Is(cause, fault.Invalid) || fault.Is(cause, fault.Conflict) || fault.Is(cause, fault.Closed)
}
