package gate

import (
	"time"

	"arengo/process"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// What the forms of Change ask for, in their field "what".
const (
	Extend  = "extend"
	Shorten = "shorten"
	Suspend = "suspend"
	Resume  = "resume"
)

// Change is the one place where an end is moved and everything is suspended:
// partial "change". Held says since when it rests, "" when it does not; Note
// says why the end does not move from here, or why a phase offers nothing at all:
// it then has no Parts. Titled hides the heading from the
// eye, below one of a page that says the same.
type Change struct {
	Action, Activity, Back string
	Titled                 bool
	Revision               int64
	Due                    *page.Deadline
	Held, Note             string
	Parts                  []Part
}

// Part is one form: what it asks for, and the fields of it. Warning says that only
// an exception is left, After are the fields that belong to it.
type Part struct {
	What, Title, Text, Button string
	Warning                   string
	Fields                    []page.Field
	Exception                 *page.Option
	After                     []page.Field
	Open                      bool
}

// Part finds the form for what, nil when the state has none.
func (c *Change) Part(what string) *Part {
	for i := range c.Parts {
		if c.Parts[i].What == what {
			return &c.Parts[i]
		}
	}
	return nil
}

// Field finds a field of the form by its name, nil when there is none.
func (p *Part) Field(name string) *page.Field {
	for _, fields := range [][]page.Field{p.Fields, p.After} {
		for i := range fields {
			if fields[i].Name == name {
				return &fields[i]
			}
		}
	}
	return nil
}

// Subject is what may change: an instance in its state, with the documents that
// an extension may name. Extended is when its end was extended last, where no
// further extension is left. A promoter may go beyond the bound.
type Subject struct {
	Instance workflow.Instance
	Def      *definition.Compiled
	Papers   []page.Choice
	Extended time.Time
	Promoter bool
}

// ReadChange makes the forms for what may change of a process, or of one of its
// activities; nil when this person may change nothing of it now.
func ReadChange(r *site.Request, core *process.Service, activity *process.Activity) (*Change, error) {
	act, ref := process.ActProcessExtend, r.Gate.Process.Ref()
	if activity != nil {
		act, ref = process.ActActivityRun, activity.Ref()
	}
	if !may(r, act) {
		return nil, nil //nolint:nilnil // no forms are no failure
	}
	s := Subject{Promoter: r.Gate.Standing.Promotes()}
	var err error
	if s.Instance, err = core.Engine().Instance(r.Context(), core.DB(), ref); err != nil {
		return nil, err
	}
	if s.Def, err = core.Engine().Definition(r.Context(), core.DB(), s.Instance); err != nil {
		return nil, err
	}
	if err := s.read(r, core); err != nil {
		return nil, err
	}
	return BuildChange(r, s, activity), nil
}

func may(r *site.Request, act process.Act) bool {
	return process.Allow(act, r.Gate.Standing, r.Gate.At) == nil
}

// BuildChange makes the forms. When the state allows none of them it says of a
// phase why, and is nil of an activity, of a final state and of one without end.
func BuildChange(r *site.Request, s Subject, activity *process.Activity) *Change {
	b := changing{r: r, s: s}
	b.state, _ = s.Def.State(s.Instance.State)
	b.end = EndingOf(r, b.state.Term)
	c := &Change{Action: Home(r.Gate.Process.Slug) + "/proroga", Back: Home(r.Gate.Process.Slug), Revision: s.Instance.Revision}
	if activity != nil {
		c.Activity, c.Back = activity.PublicID, ActivityPath(r.Gate.Process.Slug, *activity)
	}
	words := page.Words{Lang: r.Lang, Zone: b.end.Zone, Now: r.Now}
	if s.Instance.Held() {
		c.Held = r.T("staff.change.held", "since", words.Date(s.Instance.HeldAt))
		c.Parts = []Part{b.part(Resume)}
		return c
	}
	if due := s.Instance.DueAt; !due.IsZero() {
		c.Due = &page.Deadline{At: due}
		c.Note = b.ends(c)
	}
	if s.Def.Allows(s.Instance.State, "hold") {
		c.Parts = append(c.Parts, b.part(Suspend))
	}
	if len(c.Parts) == 0 {
		if c.Note = b.fixed(c.Note); activity != nil || c.Due == nil || c.Note == "" {
			return nil
		}
		return c
	}
	c.Parts[0].Open = c.Parts[0].What == Extend || len(c.Parts) == 1
	return c
}

type changing struct {
	r     *site.Request
	s     Subject
	state definition.State
	end   Ending
}

// ends adds the forms that move the end, or says why it cannot be moved.
func (b changing) ends(c *Change) string {
	note := ""
	switch t := b.state.Term; {
	case t != nil && t.Until != "":
		return b.r.T("staff.change.anchored")
	case !b.s.Def.Allows(b.state.Name, "extend"):
	case b.s.Instance.Spent(b.s.Def) && !b.s.Promoter:
		note = b.rule() + " " + b.word("staff.change.whose")
	default:
		c.Parts = append(c.Parts, b.extend())
	}
	low, high := b.end.Write(b.soonest()), b.end.Write(b.end.sooner(b.s.Instance.DueAt))
	if b.s.Def.Allows(b.state.Name, "shorten") && low <= high {
		p, end := b.part(Shorten), b.end.Field(b.r, prefixes[Shorten]+"-fine")
		end.Low, end.High = low, high
		p.Fields = append([]page.Field{end}, p.Fields...)
		c.Parts = append(c.Parts, p)
	}
	return note
}

// fixed says by what a phase neither ends on another day nor is suspended; note is
// what there is to say of its end already. It is "" when only the day forbids it.
func (b changing) fixed(note string) string {
	for _, what := range []string{Extend, Shorten, "hold"} {
		if b.s.Def.Allows(b.state.Name, what) {
			return note
		}
	}
	t := b.state.Term
	switch {
	case t != nil && t.Law != nil && t.Law.Confidence == "V":
		return b.r.T("staff.change.fixed.law", "article", t.Law.Article)
	case t != nil && t.Law != nil:
		return b.r.T("staff.change.fixed.tbc", "article", t.Law.Article)
	case note != "":
		return note
	}
	return b.r.T("staff.change.fixed")
}

// soonest is the first that an earlier end may be.
func (b changing) soonest() time.Time {
	low := b.end.Ahead(b.r.Now)
	if min := b.s.Instance.MinAt; !min.IsZero() && b.end.from(min).After(low) {
		low = b.end.from(min)
	}
	return low
}

// prefixes begin the ids of each form's fields.
var prefixes = map[string]string{Extend: "proroga", Shorten: "anticipo", Suspend: "sospensione", Resume: "ripresa"}

// part is a form with its reason, which everybody reads.
func (b changing) part(what string) Part {
	return Part{
		What: what, Title: b.r.T("staff.change." + what), Text: b.r.T("staff.change." + what + ".text"), Button: b.r.T("staff.change." + what + ".preview"),
		Open: what == Resume,
		Fields: []page.Field{{
			ID: prefixes[what] + "-motivo", Name: "reason", Type: "textarea", Rows: 2, Max: 1000, Required: true,
			Label: b.r.T("staff.change.reason"), Hint: b.r.T("staff.change.reason.hint"),
		}},
	}
}

// Resting is the chip of what is suspended.
func Resting(r *site.Request) page.Chip {
	return page.Chip{State: page.Late, Label: r.T("staff.chip.held"), Icon: "it-clock"}
}
