package setup

import (
	"strings"
	"time"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
)

// publishPage says what is missing, what becomes public, and does it.
type publishPage struct {
	page.Base
	Frame   wizard.Frame
	Gate    *page.Gate // what is missing; nil when nothing is
	Public  []string   // what everybody will see
	Private []string   // what nobody will
	Page    string     // on the public site
	Action  string
	Doubts  []string // days that have gone by, or are probably not meant
	May     bool     // may publish, by role
	Done    bool
	Running string // title of the phase, once the first one is over
	First   string // title of the first phase, while the process is in it
	Next    string // what leads out of it, "" when nothing does
	Home    string
	Work    string // the page of activities
	Try     string // the page of the rehearsal
}

func (a *area) publishShow(r *site.Request) error {
	p, err := a.publishView(r)
	if err != nil {
		return err
	}
	return r.Page("setup/publish", p)
}

func (a *area) publishView(r *site.Request) (publishPage, error) {
	pr := r.Gate.Process
	title := r.T("setup.publish.title", "title", pr.Title)
	if pr.Published() {
		title = r.T("setup.publish.done", "title", pr.Title)
	}
	base, f, err := wizard.Workspace(a.core, r, title, section.Publish)
	if err != nil {
		return publishPage{}, err
	}
	p := publishPage{
		Base: base, Frame: f, Page: "/percorsi/" + pr.Slug, Action: wizard.Home(pr) + "/" + section.Publish, Done: pr.Published(),
		May:  process.Allow(process.ActProcessPublish, r.Gate.Standing, r.Gate.At) == nil,
		Home: wizard.Home(pr), Work: wizard.Home(pr) + "/" + section.Activities, Try: section.Path(pr, section.Rehearsal),
	}
	for _, word := range []string{"words", "dates", "partners", "documents", "log"} {
		p.Public = append(p.Public, r.T("setup.publish.public."+word))
	}
	for _, word := range []string{"contacts", "drafts", "answers"} {
		p.Private = append(p.Private, r.T("setup.publish.private."+word))
	}
	if !pr.Published() {
		if p.Doubts, err = a.doubts(r); err == nil {
			p.Gate, err = a.gapsGate(r)
		}
		return p, err
	}
	def, inst, err := a.core.Definition(r.Context(), a.core.DB(), pr)
	if err != nil {
		return p, err
	}
	st, _ := def.State(inst.State)
	if inst.State != def.Initial {
		p.Running = st.Title.In(r.Lang)
		return p, nil
	}
	p.First, p.Next = st.Title.In(r.Lang), next(r, def)
	return p, nil
}

// doubts are what nothing refuses, and whoever publishes had better look at.
func (a *area) doubts(r *site.Request) (out []string, err error) {
	pr := r.Gate.Process
	if pr.StartsOn != nil {
		if text := past(r, civil.DateOf(*pr.StartsOn, time.UTC)); text != "" {
			out = append(out, text)
		}
	}
	def, _, err := a.core.Definition(r.Context(), a.core.DB(), pr)
	if err != nil {
		return nil, err
	}
	_, days, err := a.callView(r, pr)
	return append(out, skipping(r, def, days)...), err
}

// next says which move leads on from the first phase, and to where; "" when the
// definition has only that one.
func next(r *site.Request, def *definition.Compiled) string {
	path := def.MainPath()
	if len(path) < 2 {
		return ""
	}
	to, _ := def.State(path[1])
	for _, move := range def.Leaving(def.Initial) {
		if move.To == to.Name {
			return r.T("setup.publish.next.launch", "move", move.Title.In(r.Lang), "next", to.Title.In(r.Lang))
		}
	}
	return ""
}

// gapsGate lists what publication still needs, each with the page that mends
// it; nil when nothing is missing.
func (a *area) gapsGate(r *site.Request) (*page.Gate, error) {
	pr := r.Gate.Process
	gaps, err := a.core.Gaps(r.Context(), a.core.DB(), pr)
	if err != nil || len(gaps) == 0 {
		return nil, err
	}
	def, _, err := a.core.Definition(r.Context(), a.core.DB(), pr)
	if err != nil {
		return nil, err
	}
	g := &page.Gate{ID: "mancano", Heading: r.T("setup.publish.missing", "n", len(gaps)), Text: r.T("setup.publish.later", "n", len(gaps))}
	for _, gap := range gaps {
		word, href := gap.Code, wizard.Home(pr)+"/"+wizard.PageOf[gap.Fix]
		reason := page.Reason{Mark: "missing"}
		if code, ok := strings.CutPrefix(gap.Code, "document."); ok {
			word, href = "document", href+"/"+code
			first, _ := def.State(def.Initial)
			reason.Title = code
			for _, art := range first.Artefacts {
				if art.Code == code {
					reason.Title = art.Title.In(r.Lang)
				}
			}
		} else {
			reason.Title = r.T("setup.gap." + word)
		}
		reason.Text = r.T("setup.gap." + word + ".text")
		reason.Action = &page.Action{Label: r.T("setup.gap." + word + ".fix"), Href: href, Hidden: reason.Title}
		g.Reasons = append(g.Reasons, reason)
	}
	return g, nil
}

// impossible says why dates cannot hold together: those of the call that do not follow
// each other as they must, and the phases that would end before they begin.
func impossible(r *site.Request, def *definition.Compiled, days map[string]civil.Date, plan []workflow.PlannedPhase) (out []string) {
	dates := instants(def, days)
	for _, x := range def.Untimely(dates) {
		out = append(out, r.T("process.date_after", calldate.Named(x, days)...))
	}
	for _, c := range outlook.Early(def, plan, dates) {
		s, _ := def.State(c.State)
		key := "setup.call.early"
		if c.Code == "" {
			key = "setup.call.past.day"
		}
		out = append(out, r.T(key, "phase", s.Title.In(r.Lang), "first", dayWords(r, c.First), "day", dayWords(r, c.Day)))
	}
	return out
}

// skipping names the dates of the call that leave out the first day on which they could
// fall: whoever chose the window of another year, or another window, cannot mend it once
// the process is public.
func skipping(r *site.Request, def *definition.Compiled, days map[string]civil.Date) (out []string) {
	for _, x := range def.Skipping(instants(def, days)) {
		out = append(out, r.T("setup.call.skipping", "date", x.Date.Title, "day", days[x.Date.Code],
			"after", x.After.Title, "before", days[x.After.Code], "first", dayWords(r, x.First)))
	}
	return out
}

// instants are days as the workflow knows them: their first instants.
func instants(def *definition.Compiled, days map[string]civil.Date) map[string]time.Time {
	out := map[string]time.Time{}
	for code, day := range days {
		out[code] = day.Start(def.Location)
	}
	return out
}

func (a *area) publishDo(r *site.Request) error {
	err := a.core.Publish(r.Context(), r.Gate.Process.ID, r.Actor)
	if err == nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.Publish, "setup.flash.published")
	}
	if !wizard.Shown(err) {
		return err
	}
	p, failed := a.publishView(r)
	if failed != nil {
		return failed
	}
	if p.Gate == nil { // else the page itself names what is missing
		p.Errors = page.FieldErrors(r.Lang, err)
	} else {
		p.Errors = []page.FieldError{{Field: p.Gate.ID, Message: p.Gate.Heading}}
	}
	return r.PageStatus(page.Status(err), "setup/publish", p)
}
