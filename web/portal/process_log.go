package portal

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/csvfile"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// The log's own words for acts that are no transition.
const (
	logCreate     = "create"
	logExtend     = "extend"
	logReschedule = "reschedule"
	logErase      = "erase"
)

// record is a line of the public log: the entry it comes from, nil for the
// publication, which is not a transition.
type record struct {
	page.LogEntry
	Entry *workflow.LogEntry
}

// records gives the public log, newest first: every act on the process, and of
// its activities what happened since they became public.
func (p *picture) records(b page.Base) []record {
	var out []record
	for i := range p.Log {
		e := &p.Log[i]
		what := p.what(b, *e)
		if what == "" {
			continue
		}
		out = append(out, record{Entry: e, LogEntry: page.LogEntry{
			At: e.At, What: what, Who: office(b, e.Office), Reason: publicReason(*e),
		}})
	}
	if p.PublishedAt != nil {
		out = append(out, record{LogEntry: page.LogEntry{
			At: *p.PublishedAt, What: b.T("portal.log.published"), Who: office(b, process.RolePromoter),
		}})
	}
	slices.SortStableFunc(out, func(x, y record) int { return y.At.Compare(x.At) })
	return out
}

func (p *picture) entries(b page.Base) []page.LogEntry {
	var out []page.LogEntry
	for _, r := range p.records(b) {
		out = append(out, r.LogEntry)
	}
	return out
}

func publicReason(e workflow.LogEntry) string {
	if !e.PublicReason {
		return ""
	}
	return e.Reason
}

// office names who acted, never a person.
func office(b page.Base, role string) string {
	if key := "portal.office." + role; page.Texts().Has(key) {
		return b.T(key)
	}
	return b.T("portal.office.staff")
}

// what says what an entry did; "" keeps it off the public page.
func (p *picture) what(b page.Base, e workflow.LogEntry) string {
	if e.ActivityID == 0 {
		return p.whatOf(b, e, p.Def, "")
	}
	a := p.activity(e.ActivityID)
	if a == nil || !announced(a.Def, e.To) && !announced(a.Def, e.From) {
		return ""
	}
	return p.whatOf(b, e, a.Def, b.T("portal.log.of", "kind", kindWord(b.Lang, a.Kind, "kind", a.Def), "title", a.Title))
}

func (p *picture) whatOf(b page.Base, e workflow.LogEntry, def *definition.Compiled, whose string) string {
	from, _ := def.State(e.From)
	to, _ := def.State(e.To)
	var text string
	switch e.Transition {
	case logCreate:
		text = b.T("portal.log.created", "template", def.Title.In(b.Lang))
	case logExtend:
		text = b.T("portal.log.extended", "what", to.Title.In(b.Lang)) + " " + moved(b, e, "portal.log.dates")
	case logErase:
		text = b.T("portal.log.erased")
	case logReschedule:
		text = b.T("portal.log.rescheduled")
	default:
		text = b.T("portal.log.moved", "from", from.Title.In(b.Lang), "to", to.Title.In(b.Lang))
	}
	if whose == "" {
		return strings.TrimSpace(text)
	}
	return whose + " " + strings.TrimSpace(text)
}

// oldNew are the ends that an extension moved from and to; zero when an entry
// is none.
type oldNew struct{ Old, New time.Time }

func movedDates(e workflow.LogEntry) oldNew {
	var dates oldNew
	if err := json.Unmarshal(e.Facts, &dates); err != nil {
		return oldNew{}
	}
	return dates
}

// moved says from when to when an end was moved, in the words of key; "" when
// the entry has no dates.
func moved(b page.Base, e workflow.LogEntry, key string) string {
	dates := movedDates(e)
	if dates.Old.IsZero() || dates.New.IsZero() {
		return ""
	}
	w := b.Words()
	return b.T(key, "old", w.EndWeekday(dates.Old), "new", w.EndDay(dates.New))
}

// logDownload is the public log as a file, oldest first.
func (h *portal) logDownload(r *site.Request) error {
	p, err := h.paint(r)
	if err != nil {
		return err
	}
	b := r.Base("")
	heads := make([]string, 0, 9)
	for _, name := range []string{"number", "at", "what", "transition", "from", "to", "who", "reason", "hash"} {
		heads = append(heads, b.T("portal.csv."+name))
	}
	lines := [][]string{heads}
	for _, one := range slices.Backward(p.records(b)) {
		lines = append(lines, line(one, b.Location))
	}
	return r.Download("registro-"+p.Slug+".csv", csvfile.Type, func(w io.Writer) error { return csvfile.Write(w, lines) })
}

func line(r record, zone *time.Location) []string {
	cells := []string{"", r.At.In(zone).Format(time.RFC3339), r.What, "publish", "", "", r.Who, r.Reason, ""}
	if e := r.Entry; e != nil {
		cells[0], cells[3], cells[4], cells[5], cells[8] = strconv.FormatInt(e.Seq, 10), e.Transition, e.From, e.To, e.Hash
	}
	return cells
}
