// Package gate shows who may move a process or an activity on, and why not: the
// view of the partials "moves" and "change", which every workspace page uses.
package gate

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// View is what the partial "moves" takes: {{template "moves" .Moves}}. Title is
// the heading for screen readers; Auto says what happens by itself.
type View struct {
	ID       string // fragment of the whole: "avanza"
	Title    string
	Action   string // where the forms post to
	Activity string // public identifier, "" for the process
	Back     string // local address to return to
	Revision int64  // that a move must name; 0 skips the check
	Moves    []Move
	More     []Move // rarer ones, closed behind their names
	Auto     []string
	Empty    string      // said when there is nothing to do by hand
	Reopen   []page.Link // to let go on what has ended
	Seat     string      // where the activity is moved to another phase, "" where it cannot be

	own []string // labels of what happens by itself
}

// Move is one transition: a form with one button when Open, else the reasons
// against it, each with its remedy.
type Move struct {
	ID         string
	Transition string
	Key        string // makes a second click harmless
	Label      string // of the button
	Heading    string
	Text       string
	Open       bool
	Primary    bool
	Reason     *page.Field
	Blocks     []page.Reason
	InOrder    []string
	Effects    []string     // what it brings about, see Foreseen
	Warnings   []string     // what of that contradicts something else
	Dates      []page.Dates // that fall away or are set: its own, then those of activities
	Rare       bool
}

// Build makes the view of the options that Service.Explain gave. activity is
// nil for the process itself, whose state revision the caller then sets by At.
func Build(r *site.Request, options []workflow.Option, activity *process.Activity) View {
	b := builder{lang: r.Lang, process: r.Gate.Process, activity: activity}
	v := View{
		ID: "avanza", Title: b.t("staff.moves.title"), Action: Home(b.process.Slug) + "/avanza",
		Back: Home(b.process.Slug), Empty: b.t("staff.moves.none"),
	}
	if len(options) == 0 {
		v.Empty = b.t("staff.moves.never")
	}
	if activity != nil {
		v.Activity, v.Revision = activity.PublicID, activity.StateRevision
		v.Back = ActivityPath(b.process.Slug, *activity)
	}
	for _, o := range options {
		switch {
		case o.Transition.Reopens:
			if !slices.ContainsFunc(o.Blockers, func(x workflow.Blocker) bool { return x.Code == definition.BlockRole }) {
				v.Reopen = append(v.Reopen, b.reopen(o))
			}
		case !human(o.Transition) && !slices.Contains(o.Transition.By, definition.ByTimer):
			// A consequence of the process's own moves, whose gate speaks of it.
		case !human(o.Transition):
			v.own = append(v.own, o.Label.In(b.lang))
		case cockpit.Rare(o.Transition):
			v.More = append(v.More, b.move(o))
		default:
			v.Moves = append(v.Moves, b.move(o))
		}
	}
	v.lead()
	v = v.seated(r, options, activity)
	switch {
	case activity != nil && activity.Held():
		return v.rests(r)
	case activity != nil && activity.DueAt != nil:
		return v.Until(r, *activity.DueAt)
	}
	return v.Until(r, time.Time{})
}

// reopen leads to the page that asks whom to tell and until when.
func (b builder) reopen(o workflow.Option) page.Link {
	return page.Link{Label: o.Label.In(b.lang), Href: Reopening(b.process.Slug, b.activity, o.Transition.ID)}
}

// Reopening is the address of the page that lets a process, or one of its
// activities, go on by a transition.
func Reopening(slug string, activity *process.Activity, transition string) string {
	q := url.Values{"transition": {transition}}
	if activity != nil {
		q.Set("activity", activity.PublicID)
	}
	return Home(slug) + "/riapri?" + q.Encode()
}

// At is the view for a state revision, for the process's own gate.
func (v View) At(revision int64) View {
	v.Revision = revision
	return v
}

// Until is the view of a state whose term ends at due; zero when it has no end.
// What the timer alone moves is no final state: the view says when.
func (v View) Until(r *site.Request, due time.Time) View {
	b := builder{lang: r.Lang, process: r.Gate.Process}
	v.Auto = nil
	for _, label := range v.own {
		if due.IsZero() {
			v.Auto = append(v.Auto, b.t("staff.moves.auto", "label", label))
			continue
		}
		v.Auto = append(v.Auto, b.t("staff.moves.auto_at", "label", label, "at", due.In(b.process.Location())))
	}
	if len(v.own) > 0 {
		v.Empty = b.t("staff.moves.waits")
	}
	return v
}

// Of is the view of an instance as it stands: until when its state lasts, or that
// it rests.
func (v View) Of(r *site.Request, i workflow.Instance) View {
	if i.Held() {
		return v.rests(r)
	}
	return v.Until(r, i.DueAt)
}

// rests is the view of what is suspended: nothing happens by itself.
func (v View) rests(r *site.Request) View {
	v.Auto, v.Empty = nil, r.T("staff.moves.rests")
	return v
}

// Refused is the view after a form was sent back: the move that was refused and no
// other, with its reason kept in the form. A move that has gone leaves all there are.
func (v View) Refused(transition, reason string) View {
	m, ok := v.Find(transition)
	if !ok {
		return v
	}
	if m.Primary = m.Open; m.Reason != nil {
		m.Reason.Value = reason
	}
	v.Moves, v.More, v.Reopen, v.Auto = []Move{m}, nil, nil, nil
	return v
}

// Find is the move of a transition; false when the view has none.
func (v View) Find(transition string) (Move, bool) {
	for _, m := range append(slices.Clone(v.Moves), v.More...) {
		if m.Transition == transition {
			return m, true
		}
	}
	return Move{}, false
}

// Blocked counts the reasons against the first move that is not rare.
func (v View) Blocked() int {
	if len(v.Moves) == 0 {
		return 0
	}
	return len(v.Moves[0].Blocks)
}

// lead makes the first open move the one primary button.
func (v *View) lead() {
	for i := range v.Moves {
		if v.Moves[i].Open {
			v.Moves[i].Primary = true
			return
		}
	}
}

type builder struct {
	lang     string
	process  process.Process
	activity *process.Activity
}

func (b builder) t(key string, pairs ...any) string {
	return page.Base{Lang: b.lang}.T(key, pairs...)
}

func (b builder) move(o workflow.Option) Move {
	m := Move{
		ID: "mossa-" + o.Transition.ID, Transition: o.Transition.ID, Key: process.PublicID() + process.PublicID(),
		Label: o.Label.In(b.lang), Open: o.Allowed(), InOrder: b.inOrder(o),
	}
	for _, block := range o.Blockers {
		m.Blocks = append(m.Blocks, b.reason(block))
	}
	m.Heading = m.Label
	if d := Exchange(page.Words{Lang: b.lang, Zone: b.process.Location()}, o, b.activity); len(d.Rows) > 0 {
		m.Dates = []page.Dates{d}
	}
	m.Rare = cockpit.Rare(o.Transition)
	if !m.Open {
		m.Heading = b.t("staff.moves.closed", "label", m.Label)
		m.Text = b.t("staff.moves.reasons", "n", len(m.Blocks))
		if slices.ContainsFunc(m.Blocks, func(x page.Reason) bool { return x.Mark == "others" }) {
			m.Text = b.t("staff.moves.reasons.theirs", "n", len(m.Blocks))
		}
		return m
	}
	m.Text = b.t("staff.moves.open", "state", o.To.Title.In(b.lang))
	m.Warnings = b.cut(o)
	if o.Transition.ReasonAsked || o.Owes() {
		m.Reason = &page.Field{
			ID: m.ID + "-motivo", Name: "reason", Type: "textarea", Rows: 2, Max: 1000,
			Label: b.t("staff.moves.reason"), Hint: b.t("staff.moves.reason.hint"), Required: o.Owes(),
		}
	}
	return m
}

// reason says what stands in the way: what time resolves is waited for, what only
// somebody with another role may do is for others.
func (b builder) reason(block workflow.Blocker) page.Reason {
	out := page.Reason{Mark: "missing", Title: block.Explain.In(b.lang)}
	href := Fix(b.process, b.activity, block.Fix)
	switch {
	case block.Code == definition.BlockRole:
		out.Mark, out.Text = "others", b.t("staff.moves.others")
	case href == "":
		out.Mark = "wait"
	}
	if href == "" {
		return out
	}
	out.Action = &page.Action{
		Label: FixLabel(b.lang, block.Fix), Href: href, Hidden: "(" + out.Title + ")",
	}
	return out
}

// inOrder names the guards that already hold, for those whose words exist:
// "<kind>.ok.<code>" or "staff.ok.<code>".
func (b builder) inOrder(o workflow.Option) []string {
	var out []string
	for _, g := range o.Transition.Requires {
		if slices.ContainsFunc(o.Blockers, func(x workflow.Blocker) bool { return x.Code == g.Code }) {
			continue
		}
		keys := []string{"staff.ok." + g.Code}
		if b.activity != nil {
			keys = []string{b.activity.Kind + ".ok." + g.Code, keys[0]}
		}
		for _, key := range keys {
			if page.Texts().Has(key) {
				out = append(out, b.t(key))
				break
			}
		}
	}
	return out
}

// human reports whether a person can do it at all; the others happen by
// themselves.
func human(t definition.Transition) bool {
	return slices.ContainsFunc(t.By, func(by string) bool { return slices.Contains(definition.Roles, by) })
}

// Number writes a revision for a hidden field.
func (v View) Number() string { return strconv.FormatInt(v.Revision, 10) }

// Home is the overview of a process in the workspace.
func Home(slug string) string { return "/gestione/" + slug }

// ActivityPath is the workspace page of an activity.
func ActivityPath(slug string, a process.Activity) string {
	return strings.Join([]string{Home(slug), a.Kind, a.PublicID}, "/")
}
