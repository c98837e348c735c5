package desk

import (
	"io"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/csvfile"
	"arengo/process/foresight"
	"arengo/process/questionnaire/result"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
)

func (h *staff) activityShow(r *site.Request) error {
	v, err := h.view(r)
	if err != nil {
		return err
	}
	return r.Page("questionnaire/activity", v.page)
}

// again shows the activity's page once more with a refusal beside the form
// that caused it.
func (h *staff) activityAgain(r *site.Request, refusal error, fill func(*activityPage)) error {
	if !refused(refusal) {
		return refusal
	}
	v, err := h.view(r)
	if err != nil {
		return err
	}
	v.page.Errors = page.FieldErrors(r.Lang, refusal)
	fill(&v.page)
	return r.PageStatus(page.Status(refusal), "questionnaire/activity", v.page)
}

// endSet chooses the closing day of a questionnaire that is not open yet.
func (h *staff) endSet(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	if err := h.q.SetEnd(r.Context(), a.ProcessID, a.ID, r.Actor, r.Value("end")); err != nil {
		return h.activityAgain(r, err, func(p *activityPage) {
			if p.End != nil {
				p.End.Value = r.Value("end")
			}
		})
	}
	flash := "activity.flash.end"
	pairs, err := h.foresight.Pairs(r.Context(), r.Gate.Process, foresight.Change{})
	if err != nil {
		return err
	}
	if pair, ok := gate.PairOf(pairs, a.ID); ok && pair.Clash() {
		flash = "activity.flash.end_clash"
	}
	return r.Redirect(Root(r, a)+"#deadline", flash)
}

// inviteSend invites the whole contact list or some municipalities. Those who
// were invited before are not invited twice.
func (h *staff) inviteSend(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	sel := roster.Selection{All: r.Value("who") == "all", Notice: "invitation"}
	if !sel.All {
		for _, id := range r.Values("place") {
			if n := readInt(id, 0); n > 0 {
				sel.Territories = append(sel.Territories, process.TerritoryID(n))
			}
		}
	}
	n, err := h.roster.Invite(r.Context(), a.ProcessID, a.ID, r.Actor, sel)
	if err != nil {
		return h.activityAgain(r, err, func(p *activityPage) { p.relocate("selection", "invito") })
	}
	flash := "activity.flash.invited"
	if n == 0 {
		flash = "activity.flash.invited_none"
	}
	return r.Redirect(Root(r, a)+"#invitations", flash)
}

// remindPage asks for confirmation and names how many will be written to.
type remindPage struct {
	page.Base
	Root    string
	Key     string
	Silent  int
	Bounced int
	Next    time.Time // when a reminder can be sent again, zero for now
	Zone    string
	DueAt   *time.Time
	Subject string
}

func (h *staff) remindShow(r *site.Request) error {
	return h.remindAsk(r, process.PublicID(), nil)
}

func (h *staff) remindAsk(r *site.Request, key string, refusal error) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	p := remindPage{
		Base: frame(r, a, r.T("activity.remind.title"), r.T("activity.remind.crumb")),
		Root: Root(r, a), Key: key, DueAt: a.DueAt, Subject: a.Title,
	}
	if p.Silent, err = h.roster.Silent(r.Context(), a.ProcessID, a.ID, roster.Scope{}); err != nil {
		return err
	}
	funnel, err := h.roster.Funnel(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	p.Bounced = funnel.Bounced
	if p.Next, err = h.roster.NextReminder(r.Context(), a, r.Now); err != nil {
		return err
	}
	status := 200
	if refusal != nil {
		p.Errors, status = page.FieldErrors(r.Lang, refusal), page.Status(refusal)
	}
	return r.PageStatus(status, "questionnaire/remind", p)
}

// remindSend writes the reminder. The count that was confirmed goes with it:
// if more people are silent by now, the page asks again.
func (h *staff) remindSend(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	_, err = h.roster.Remind(r.Context(), a.ProcessID, a.ID, r.Actor, roster.Reminder{
		Key: r.Value("key"), Expected: readInt(r.Value("expected"), 0),
	})
	switch {
	case err == nil:
		return r.Redirect(Root(r, a), "activity.flash.reminded")
	case refused(err):
		return h.remindAsk(r, process.PublicID(), err)
	}
	return err
}

// placesDownload is the table of the municipalities as CSV.
func (h *staff) placesDownload(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	funnel, err := h.roster.Funnel(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	words := result.Words{Lang: r.Lang, T: page.T}
	t := result.Table{
		Caption: r.T("activity.places.caption.file", "title", a.Title, "at", r.Words().DateTime(r.Now)),
		Head: []string{
			r.T("activity.place"), r.T("activity.zone"), r.T("activity.invited"), r.T("activity.opened"), r.T("activity.drafted"),
			r.T("activity.answered"), r.T("activity.bounced"), r.T("activity.silent"), r.T("activity.rate_percent"), r.T("activity.missing"),
		},
	}
	line := func(name, zone string, s roster.Stage) result.TableRow {
		row := result.TableRow{Label: name, Values: []result.Value{{Text: zone}}}
		for _, n := range []int{s.Invited, s.Opened, s.Drafted, s.Answered, s.Bounced, s.Silent} {
			row.Values = append(row.Values, result.Value{Text: strconv.Itoa(n)})
		}
		return result.TableRow{Label: row.Label, Values: append(row.Values,
			result.Value{Text: words.Share(s.Rate())}, result.Value{Text: strconv.Itoa(s.Missing(h.target))})}
	}
	for _, p := range funnel.Places {
		t.Rows = append(t.Rows, line(placeName(r, p.Name), p.Zone, p.Stage))
	}
	t.Foot = []result.TableRow{line(r.T("activity.total"), "", funnel.Stage)}
	return r.Download("comuni-"+a.PublicID+".csv", csvfile.Type, func(w io.Writer) error { return result.WriteTables(w, t) })
}

// placeName names those without a municipality too.
func placeName(r *site.Request, name string) string {
	if name == "" {
		return r.T("activity.no_place")
	}
	return name
}
