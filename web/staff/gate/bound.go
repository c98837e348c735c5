package gate

import (
	"strings"
	"time"

	"arengo/process"
	"arengo/process/document"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// read adds the documents that may have decided an extension, and when the last
// one was, where the forms ask for them.
func (s *Subject) read(r *site.Request, core *process.Service) (err error) {
	st, _ := s.Def.State(s.Instance.State)
	if asksAct(st) || s.Promoter && st.Term.Bound() != nil {
		if s.Papers, err = Papers(r, core); err != nil {
			return err
		}
	}
	if st.Term.Spent(s.Instance.Extensions) {
		s.Extended, err = extendedAt(r, core, s.Instance)
	}
	return err
}

func asksAct(st definition.State) bool {
	return st.Term != nil && st.Term.Extend != nil && st.Term.Extend.Act
}

// Papers are the documents that somebody wrote.
func Papers(r *site.Request, core *process.Service) ([]page.Choice, error) {
	list, err := document.New(core).List(r.Context(), r.Gate.Process, r.Lang)
	var out []page.Choice
	for _, d := range list {
		if d.Revision > 0 {
			out = append(out, page.Choice{Value: d.Code, Label: d.Title})
		}
	}
	return out, err
}

// Act asks for the document that decided something, in a field of this id.
func Act(r *site.Request, id, label string, papers []page.Choice) page.Field {
	return page.Field{
		ID: id, Name: "act", Type: "select", Label: r.T(label), Hint: r.T("staff.change.act.hint"),
		Empty: r.T("staff.change.act.empty"), Choices: papers,
	}
}

// Law names a law: its article and its source.
func Law(r *site.Request, law *definition.Law) string { return lawIn(r.T, law) }

func lawIn(t func(key string, pairs ...any) string, law *definition.Law) string {
	key := "staff.law"
	if law.Confidence != "V" {
		key = "staff.law.tbc"
	}
	return t(key, "article", law.Article, "source", law.Source)
}

// cut warns of a move that ends a term of law early.
func (b builder) cut(o workflow.Option) []string {
	if o.Cut == nil {
		return nil
	}
	key := "staff.move.cut"
	if o.Cut.Left == 0 {
		key += ".today"
	}
	return []string{b.t(key, "n", o.Cut.Left, "law", lawIn(b.t, o.Cut.Law))}
}

// Except is the box by which a promoter goes beyond a bound: of this law, or of the
// model alone. The rule says what the law allows, "" where the form says it above.
func Except(r *site.Request, id, rule string, law *definition.Law) *page.Option {
	o := &page.Option{
		ID: id, Name: "exception", Value: "1", Type: "checkbox", Label: r.T("staff.change.exception"), Hint: r.T("staff.change.exception.hint"),
	}
	if law != nil {
		o.Label, o.Hint = r.T("staff.change.exception.law"), strings.TrimSpace(rule+" "+r.T("staff.change.exception.law.hint"))
	}
	return o
}

// extend offers the ends up to the bound, and beyond it to a promoter who writes
// an exception.
func (b changing) extend() Part {
	p := b.part(Extend)
	limit, law, spent := b.limit(), b.law(), b.s.Instance.Spent(b.s.Def)
	end := b.end.Field(b.r, prefixes[Extend]+"-fine")
	end.Low = b.end.Write(b.end.later(b.s.Instance.DueAt))
	if !limit.IsZero() && !spent {
		b.end.Hint(&end, b.bound(limit))
		if !b.s.Promoter {
			end.High = b.end.Write(b.end.UpTo(limit))
		}
	}
	fields := []page.Field{end}
	if asksAct(b.state) {
		act := Act(b.r, "proroga-atto", "staff.change.act", b.s.Papers)
		act.Required = true
		fields = append(fields, act)
	}
	p.Fields = append(fields, p.Fields...)
	if !b.s.Promoter || limit.IsZero() && (b.state.Term == nil || b.state.Term.Extend == nil) {
		return p
	}
	rule := b.rule()
	if spent {
		p.Warning, rule = rule+" "+b.word("staff.change.only"), ""
	}
	p.Exception = Except(b.r, "proroga-eccezione", rule, law)
	p.Exception.Required = spent
	if b.state.Term.Bound() != nil && !asksAct(b.state) {
		act := Act(b.r, "proroga-atto", "staff.change.act.exception", b.s.Papers)
		act.Note = b.r.T("staff.change.act.exception.note")
		act.Required = spent && law != nil
		p.After = append(p.After, act)
	}
	return p
}

// limit is the latest end without an exception, zero for none.
func (b changing) limit() time.Time { return b.s.Instance.Longest(b.s.Def) }

// law is the one that sets it, nil where the model alone does.
func (b changing) law() *definition.Law { return b.s.Instance.Bound(b.s.Def) }

// word is a sentence of its own where the bound is of a law.
func (b changing) word(key string) string {
	if b.law() != nil {
		key += ".law"
	}
	return b.r.T(key)
}

// rule says by whom the end is bounded, what that allows, and what is used up.
func (b changing) rule() string {
	words := page.Words{Lang: b.r.Lang, Zone: b.end.Zone, Now: b.r.Now}
	out := []string{b.r.T("staff.change.rule")}
	if law := b.law(); law != nil {
		out[0] = b.r.T("staff.change.rule.law", "law", Law(b.r, law))
	}
	limit, n := b.limit(), 0
	if x := b.state.Term; x != nil && x.Extend != nil {
		n = x.Extend.Times
	}
	switch {
	case n > 0 && limit.IsZero():
		out = append(out, b.r.T("staff.change.rule.times", "n", n))
	case n > 0:
		out = append(out, b.r.T("staff.change.rule.both", "n", n, "day", words.EndDay(limit)))
	case !limit.IsZero():
		out = append(out, b.r.T("staff.change.rule.day", "day", words.EndDay(limit)))
	}
	switch due := b.s.Instance.DueAt; {
	case b.state.Term.Spent(b.s.Instance.Extensions) && !b.s.Extended.IsZero():
		out = append(out, b.r.T("staff.change.rule.spent", "n", n, "day", words.Date(b.s.Extended)))
	case !limit.IsZero() && due.After(limit):
		out = append(out, b.r.T("staff.change.rule.beyond"))
	case due.Equal(limit):
		out = append(out, b.r.T("staff.change.rule.reached"))
	}
	return strings.Join(out, " ")
}

// bound says the last day without an exception, and by what article.
func (b changing) bound(limit time.Time) string {
	words := page.Words{Lang: b.r.Lang, Zone: b.end.Zone, Now: b.r.Now}
	switch law := b.law(); {
	case law == nil:
		return b.r.T("staff.change.limit", "day", words.EndDay(limit))
	case law.Confidence == "V":
		return b.r.T("staff.change.limit.law", "day", words.EndDay(limit), "article", law.Article)
	default:
		return b.r.T("staff.change.limit.tbc", "day", words.EndDay(limit), "article", law.Article)
	}
}
