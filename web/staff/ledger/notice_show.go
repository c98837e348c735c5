package ledger

import (
	"net/url"
	"strconv"

	"arengo/process"
	"arengo/process/ledger"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// noticePage is one notice, or a series of what is said to one person at a time.
type noticePage struct {
	page.Base
	Sections []section.Link
	State    page.Chip
	Facts    page.Facts
	Text     ledger.Text // what it says, empty where that is not shown
	Waits    bool        // it is not known yet whom it is for
	List     *deliveries
}

func (a *area) noticeShow(r *site.Request) error {
	n, err := a.ledger.Notice(r.Context(), r.Gate.Process.ID, number(r.Param("notice")))
	if err != nil {
		return err
	}
	title := kindWord(r, n.Kind)
	p := noticePage{Waits: n.ExpandedAt.IsZero()}
	p.Base, p.Sections = frame(r, title, page.Crumb{Label: title})
	_, p.State = standing(r, n)
	if p.Facts, err = a.noticeFacts(r, n); err != nil {
		return err
	}
	if p.Text, err = a.ledger.Sample(r.Context(), r.Gate.Process.ID, n, r.Actor.Person); err != nil {
		return err
	}
	f, err := a.filterOf(r, func(name string) string {
		if name == wordNotice {
			return r.Param("notice")
		}
		return narrowed(r, name)
	})
	if err != nil {
		return err
	}
	p.List, err = a.list(r, f, subject{
		Path: home(r) + "/" + strconv.FormatInt(n.ID, 10), Which: url.Values{wordNotice: {strconv.FormatInt(n.ID, 10)}},
	})
	if err != nil {
		return err
	}
	return r.Page("ledger/notice", p)
}

// narrowed is a word of the address if it is one that narrows a list.
func narrowed(r *site.Request, name string) string {
	for _, n := range narrowing {
		if n == name {
			return r.Query(name)
		}
	}
	return ""
}

// noticeFacts say whom it is for and when.
func (a *area) noticeFacts(r *site.Request, n ledger.Notice) (page.Facts, error) {
	all, err := a.activities(r)
	if err != nil {
		return page.Facts{}, err
	}
	to, err := a.audience(r, n)
	if err != nil {
		return page.Facts{}, err
	}
	of := about(r, all, process.ActivityID(n.ActivityID))
	subject := page.Fact{Term: r.T("ledger.about"), Text: of.Label}
	if of.Href != "" {
		subject = page.Fact{Term: subject.Term, Link: of}
	}
	out := page.Facts{Tight: true, Items: []page.Fact{{Term: r.T("ledger.to"), Text: to}, subject}}
	add := func(key, text string) { out.Items = append(out.Items, page.Fact{Term: r.T(key), Text: text}) }
	words := r.Words()
	add("ledger.planned", page.Cap(words.DateTime(n.DueAt)))
	switch {
	case !n.CancelledAt.IsZero():
		add("ledger.cancelled", page.Cap(words.DateTime(n.CancelledAt)))
	case !n.StoppedAt.IsZero():
		add("ledger.stopped", page.Cap(words.DateTime(n.StoppedAt)))
	case !n.ExpandedAt.IsZero():
		add("ledger.expanded", page.Cap(words.DateTime(n.ExpandedAt)))
	}
	add("ledger.expires", page.Cap(words.DateTime(n.ExpiresAt)))
	return out, nil
}

// seriesShow is what is said of one kind to one person at a time.
func (a *area) seriesShow(r *site.Request) error {
	f, err := a.filterOf(r, func(name string) string {
		if name == wordKind || name == wordActivity {
			return r.Query(name)
		}
		return narrowed(r, name)
	})
	if err != nil {
		return err
	}
	if f.Kind == "" {
		return r.Redirect(home(r), "")
	}
	title := kindWord(r, f.Kind)
	p := noticePage{}
	p.Base, p.Sections = frame(r, title, page.Crumb{Label: title})
	all, err := a.activities(r)
	if err != nil {
		return err
	}
	of := about(r, all, f.Activity)
	p.Facts = page.Facts{Tight: true, Items: []page.Fact{{Term: r.T("ledger.to"), Text: r.T("ledger.to.each")}, {Term: r.T("ledger.about"), Text: of.Label}}}
	own := asked(r.Query).words([]string{wordKind, wordActivity})
	if p.List, err = a.list(r, f, subject{Path: home(r) + "/serie", Own: own, Which: own}); err != nil {
		return err
	}
	return r.Page("ledger/notice", p)
}
