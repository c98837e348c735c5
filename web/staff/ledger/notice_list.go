package ledger

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/ledger"
	"arengo/web/page"
	"arengo/web/site"
	sections "arengo/web/staff/section"
)

// listPage is all that a process has said, and is to say.
type listPage struct {
	page.Base
	Sections []sections.Link
	Home     string
	Activity page.Field
	Asked    bool // the list is narrowed
	Total    int
	Rows     []noticeRow
	Pages    page.Pagination
	Series   []seriesRow
}

// noticeRow is one notice to many.
type noticeRow struct {
	Title, Href string
	About       page.Link
	To          string
	At          time.Time
	When        string // before the time
	State       page.Chip
	Summary     string // "" until it is known whom it is for
	Missing     string // where those are who did not get it, "" when all did
}

// seriesRow is what is said to one person at a time.
type seriesRow struct {
	Title, Href string
	About       page.Link
	LastAt      time.Time
	Summary     string
}

const noticesAtOnce = 20

func (a *area) noticeList(r *site.Request) error {
	all, err := a.activities(r)
	if err != nil {
		return err
	}
	p := listPage{Home: home(r)}
	p.Base, p.Sections = frame(r, r.T("ledger.title"))
	f := ledger.NoticeFilter{Limit: noticesAtOnce, Offset: (pageOf(r.Query) - 1) * noticesAtOnce}
	p.Activity, f.Activity = activityField(r, all)
	p.Asked = f.Activity != 0
	found, err := a.ledger.Notices(r.Context(), r.Gate.Process.ID, f)
	if err != nil {
		return err
	}
	p.Total = found.Total
	for _, n := range found.Notices {
		row, err := a.noticeRow(r, all, n)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, row)
	}
	p.Pages = page.Paginate(pageOf(r.Query), (found.Total+noticesAtOnce-1)/noticesAtOnce, func(n int) string {
		return p.Home + "?" + asked(r.Query).words([]string{wordActivity}, wordPage, strconv.Itoa(n)).Encode()
	})
	if !p.Asked && pageOf(r.Query) == 1 {
		if p.Series, err = a.seriesRows(r, all); err != nil {
			return err
		}
	}
	return r.Page("ledger/list", p)
}

func activityField(r *site.Request, all map[process.ActivityID]process.Activity) (page.Field, process.ActivityID) {
	f := page.Field{Name: wordActivity, Label: r.T("ledger.about"), Type: "select", Empty: r.T("ledger.about.any"), Quiet: true}
	chosen := process.ActivityID(0)
	for id, one := range all {
		if one.PublicID == r.Query(wordActivity) {
			chosen = id
		}
		f.Choices = append(f.Choices, page.Choice{Value: one.PublicID, Label: one.Title, Selected: one.PublicID == r.Query(wordActivity)})
	}
	slices.SortFunc(f.Choices, func(x, y page.Choice) int {
		return cmp.Or(strings.Compare(x.Label, y.Label), strings.Compare(x.Value, y.Value))
	})
	return f, chosen
}

func (a *area) noticeRow(r *site.Request, all map[process.ActivityID]process.Activity, n ledger.Notice) (noticeRow, error) {
	href := home(r) + "/" + strconv.FormatInt(n.ID, 10)
	row := noticeRow{Title: kindWord(r, n.Kind), Href: href, About: about(r, all, process.ActivityID(n.ActivityID)), At: n.DueAt}
	row.When, row.State = standing(r, n)
	if !n.ExpandedAt.IsZero() {
		row.At, row.Summary = n.ExpandedAt, summary(r, n.Counts)
	}
	if n.Counts.Of(ledger.Arrived) < n.Counts.Total() {
		row.Missing = href + "?" + url.Values{wordState: {ledger.Missing}}.Encode() + "#consegne"
	}
	var err error
	row.To, err = a.audience(r, n)
	return row, err
}

// standing says where a notice itself stands: what to write before its time, and a
// chip for what is out of the ordinary.
func standing(r *site.Request, n ledger.Notice) (when string, state page.Chip) {
	switch {
	case !n.CancelledAt.IsZero():
		return r.T("ledger.when.planned"), page.Chip{Label: r.T("ledger.state.cancelled")}
	case !n.StoppedAt.IsZero():
		return r.T("ledger.when.planned"), page.Chip{Label: r.T("ledger.state.stopped"), State: page.Late}
	case !n.ExpandedAt.IsZero():
		return "", page.Chip{}
	case n.DueAt.After(r.Now):
		return r.T("ledger.when.due"), page.Chip{Label: r.T("ledger.state.due"), State: page.Current}
	}
	return r.T("ledger.when.planned"), page.Chip{Label: r.T("ledger.state.preparing"), State: page.Current}
}

func (a *area) seriesRows(r *site.Request, all map[process.ActivityID]process.Activity) ([]seriesRow, error) {
	list, err := a.ledger.Series(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return nil, err
	}
	out := make([]seriesRow, len(list))
	for i, s := range list {
		q := url.Values{wordKind: {s.Kind}}
		if one, ok := all[s.Activity]; ok {
			q.Set(wordActivity, one.PublicID)
		}
		out[i] = seriesRow{
			Title: kindWord(r, s.Kind), Href: home(r) + "/serie?" + q.Encode(), About: about(r, all, s.Activity),
			LastAt: s.LastAt, Summary: summary(r, s.Counts),
		}
	}
	return out, nil
}
