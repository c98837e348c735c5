package staff

import (
	"errors"
	"net/http"
	"slices"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/foresight"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// reopenPage asks, of something that has ended, until when it goes on and who is
// told, and then lists the dates that this sets (Listed), to be confirmed.
type reopenPage struct {
	page.Base
	Subject string
	Text    string
	Effects []string
	Action  string
	Hidden  []page.Hidden
	Reason  page.Field
	End     *page.Field
	Except  *page.Option
	Act     *page.Field
	Tell    *page.Options
	Blocks  []string
	Open    bool
	Label   string
	Back    string

	Listed  bool
	Parts   []page.Dates
	Clash   []string
	Decided gate.Decided
	Told    int
	Because string
	Send    []page.Hidden // the whole form, to be confirmed
}

// reopening is one request to let something go on.
type reopening struct {
	area   *area
	r      *site.Request
	on     *process.Activity
	ref    workflow.Ref
	option workflow.Option
	inst   workflow.Instance
	def    *definition.Compiled
}

func (a *area) reopening(r *site.Request, activity, transition string) (*reopening, error) {
	on, err := a.findActivity(r, activity)
	if err != nil {
		return nil, err
	}
	x := &reopening{area: a, r: r, on: on, ref: r.Gate.Process.Ref()}
	var id process.ActivityID
	if on != nil {
		id, x.ref = on.ID, on.Ref()
	}
	if x.inst, err = a.core.Engine().Instance(r.Context(), a.core.DB(), x.ref); err != nil {
		return nil, err
	}
	if x.def, err = a.core.Engine().Definition(r.Context(), a.core.DB(), x.inst); err != nil {
		return nil, err
	}
	options, err := a.core.Explain(r.Context(), r.Gate.Process.ID, id, r.Actor)
	if err != nil {
		return nil, err
	}
	for _, o := range options {
		if o.Transition.Reopens && o.Transition.ID == transition {
			x.option = o
			return x, nil
		}
	}
	return nil, fault.New(fault.Conflict, "workflow.reopens_nothing")
}

// reopenShow says what letting it go on does, and asks.
func (a *area) reopenShow(r *site.Request) error {
	x, err := a.reopening(r, r.Query("activity"), r.Query("transition"))
	if err != nil {
		return err
	}
	p, err := x.page()
	if err != nil {
		return err
	}
	return r.Page("staff/reopen", p)
}

// reopenSave lists the dates that letting it go on sets, or lets it go on, or
// gives the form again.
func (a *area) reopenSave(r *site.Request) error {
	x, err := a.reopening(r, r.Value("activity"), r.Value("transition"))
	if err != nil {
		return err
	}
	m := process.Move{
		Transition: x.option.Transition.ID, Reason: r.Value(fieldReason), Revision: revision(r.Value("revision")), Key: posted(r.Value("key")),
		Tell: r.Values("tell"), Exception: r.Value("exception") == "1", Act: r.Value("act"),
	}
	if x.on != nil {
		m.Activity = x.on.ID
	}
	if len(m.Key) > maxKey {
		return fault.New(fault.Invalid, "")
	}
	if len([]rune(m.Reason)) > maxReason {
		return x.refuse(fault.Field(fieldReason, "form.too_long", "max", maxReason))
	}
	if end := r.Value("end"); end != "" {
		if m.End, err = gate.EndingOf(r, x.option.To.Term).Read(end); err != nil {
			return x.refuse(err)
		}
	}
	if r.Value("preview") == "1" {
		return x.list(m)
	}
	told, err := x.told(m.Tell...)
	if err != nil {
		return err
	}
	if _, err := a.core.Advance(r.Context(), r.Gate.Process.ID, r.Actor, m); err != nil {
		return x.refuse(err)
	}
	return r.Redirect(back(r, x.on), site.Counted("staff.flash.reopened", told))
}

// list shows every date that the reopening would set, of what ended and of the
// activities that open with it, and how many people are told.
func (x *reopening) list(m process.Move) error {
	look, err := x.area.core.PreviewAdvance(x.r.Context(), x.r.Gate.Process.ID, x.r.Actor, m)
	if err != nil {
		return x.refuse(err)
	}
	p, err := x.page()
	if err != nil {
		return err
	}
	p.Listed, p.Because, p.Parts = true, m.Reason, []page.Dates{gate.Exchange(x.r.Words(), look, x.on)}
	all, err := x.area.foresight.Moves(x.r.Context(), x.r.Gate.Process, x.on, []workflow.Option{look}, x.r.Now)
	if err != nil {
		return err
	}
	after := all[look.Transition.ID]
	p.Parts, p.Clash = append(p.Parts, gate.Following(x.r, after)...), gate.Clashes(x.r, after.Pairs)
	if p.Decided, err = x.decided(m); err != nil {
		return err
	}
	if p.Told, err = x.told(m.Tell...); err != nil {
		return err
	}
	p.Send = append(p.Hidden, page.Hidden{Name: fieldReason, Value: m.Reason}, page.Hidden{Name: "end", Value: x.r.Value("end")})
	if m.Exception {
		p.Send = append(p.Send, page.Hidden{Name: "exception", Value: "1"}, page.Hidden{Name: "act", Value: m.Act})
	}
	for _, word := range m.Tell {
		p.Send = append(p.Send, page.Hidden{Name: "tell", Value: word})
	}
	return x.r.Page("staff/reopen", p)
}

func (x *reopening) page() (*reopenPage, error) {
	r, t := x.r, x.option.Transition
	p := &reopenPage{
		Base: workspace(r, x.option.Label.In(r.Lang), page.Crumb{Label: x.option.Label.In(r.Lang)}), Subject: r.Gate.Process.Title,
		Text: r.T("staff.reopen.text", "state", x.option.To.Title.In(r.Lang)), Action: gate.Home(r.Gate.Process.Slug) + "/riapri",
		Label: x.option.Label.In(r.Lang), Back: back(r, x.on), Open: x.option.Allowed(),
		Reason: page.Field{
			ID: "riapri-motivo", Name: fieldReason, Type: "textarea", Rows: 2, Max: maxReason, Required: true, Value: r.Value(fieldReason),
			Label: r.T("staff.change.reason"), Hint: r.T("staff.change.reason.hint"),
		},
	}
	activity := ""
	if x.on != nil {
		p.Subject, activity = x.on.Title, x.on.PublicID
	}
	key := r.Value("key")
	if key == "" {
		key = process.PublicID()
	}
	p.Hidden = []page.Hidden{
		{Name: "activity", Value: activity},
		{Name: "transition", Value: t.ID},
		{Name: "key", Value: key},
		{Name: "back", Value: p.Back},
		{Name: "revision", Value: gate.View{Revision: x.inst.Revision}.Number()},
	}
	for _, b := range x.option.Blockers {
		p.Blocks = append(p.Blocks, b.Explain.In(r.Lang))
	}
	if err := errors.Join(x.end(p), x.tell(p)); err != nil {
		return nil, err
	}
	return p, x.effects(p)
}

// end asks until when it goes on, where the term that begins has one of its own.
func (x *reopening) end(p *reopenPage) error {
	term := x.option.To.Term
	if term == nil || term.Until != "" || x.option.Ends.IsZero() {
		return nil
	}
	ending := gate.EndingOf(x.r, term)
	end := ending.Field(x.r, "riapri-fine")
	end.Low, end.Value = ending.Write(ending.Ahead(x.r.Now)), ending.Write(ending.UpTo(x.option.Ends))
	p.End = &end
	if x.r.Value("end") != "" {
		p.End.Value = x.r.Value("end")
	}
	limit := x.option.Latest
	switch {
	case limit.IsZero():
	case x.option.GoesOn:
		key := "staff.reopen.limit"
		if x.past() {
			key += ".past"
		}
		ending.Hint(p.End, x.r.T(key, "day", p.Words().EndDay(limit), "article", term.Law.Article))
		return x.goesOn(p)
	default:
		p.End.High = ending.Write(ending.UpTo(limit))
		ending.Hint(p.End, x.r.T("staff.change.limit", "day", p.Words().EndDay(limit)))
	}
	return nil
}

// tell asks whom to tell, and says how many people that is.
func (x *reopening) tell(p *reopenPage) error {
	if len(x.option.Transition.Tell) == 0 {
		return nil
	}
	p.Tell = &page.Options{ID: "riapri-avvisa", Name: "tell", Legend: x.r.T("staff.reopen.tell"), Hint: x.r.T("staff.reopen.tell.hint"), Multiple: true}
	for _, word := range x.option.Transition.Tell {
		n, err := x.told(word)
		if err != nil {
			return err
		}
		p.Tell.Choices = append(p.Tell.Choices, page.Choice{
			Value: word, Label: x.r.T("staff.reopen.to." + word), Hint: x.r.T("staff.change.with.told", "n", n), Selected: slices.Contains(x.r.Values("tell"), word),
		})
	}
	return nil
}

// told is how many people it is told to, by the words of those who are chosen.
func (x *reopening) told(to ...string) (int, error) {
	a := definition.Action{Notice: definition.NoticeReopened, To: to}
	return x.area.foresight.Reached(x.r.Context(), foresight.Notice{Ref: x.ref, Action: a, State: x.option.To.Name, At: x.r.Now})
}

// effects say what becomes of what was published when it had ended.
func (x *reopening) effects(p *reopenPage) error {
	p.Effects = append(p.Effects, x.r.T("staff.reopen.quiet"))
	if x.on == nil {
		p.Effects = append(p.Effects, x.r.T("staff.reopen.process"))
		return nil
	}
	counts, err := x.area.core.Counts(x.r.Context(), x.area.core.DB(), x.on.ProcessID, []process.Activity{*x.on})
	if err == nil && counts[x.on.ID]["results_published"] > 0 {
		p.Effects = append(p.Effects, x.r.T("staff.reopen.results"))
	}
	return err
}

// refuse gives the form again, with what was written and what is wrong.
func (x *reopening) refuse(cause error) error {
	var blocked *workflow.Blocked
	e, ok := fault.As(cause)
	if !ok || e.Code != fault.Invalid && e.Code != fault.Conflict && e.Code != fault.Closed {
		return cause
	}
	p, err := x.page()
	if err != nil {
		return err
	}
	ids := map[string]string{fieldReason: p.Reason.Key(), "tell": "riapri-avvisa", "end": "riapri-fine", "act": "riapri-atto"}
	for _, one := range page.FieldErrors(x.r.Lang, cause) {
		one.Field = ids[one.Field]
		p.Errors = append(p.Errors, one)
	}
	status := e.Status()
	if errors.As(cause, &blocked) && asksReason(blocked) {
		status = http.StatusUnprocessableEntity
		p.Errors = []page.FieldError{{Field: p.Reason.Key(), Message: x.r.T("workflow.reason_required")}}
	}
	return x.r.PageStatus(status, "staff/reopen", p)
}
