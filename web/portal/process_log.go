package portal

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/csvfile"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// entries gives the public log, newest first: every act on the process, and of
// its activities what happened since they became public.
func (p *picture) entries(b page.Base) []page.LogEntry {
	var out []page.LogEntry
	noted := false
	for i := range p.Log {
		e := &p.Log[i]
		what := p.what(b, *e)
		if what == "" {
			continue
		}
		noted = noted || e.Transition == definition.ActPublish
		if e.Late() {
			what += " " + b.T("portal.log.late", "when", b.Words().Stamp(e.EffectiveAt))
		}
		out = append(out, page.LogEntry{
			Number: e.Seq, At: e.At, What: what, Who: office(b, e.Office), Reason: publicReason(*e), Hash: e.Hash, Digest: workflow.DocumentOf(*e).Digest,
			Act: p.act(b, *e),
		})
	}
	if p.PublishedAt != nil && !noted { // published by a program that did not note it
		out = append(out, page.LogEntry{
			At: *p.PublishedAt, What: b.T("portal.log.published"), Who: office(b, process.RolePromoter),
		})
	}
	slices.SortStableFunc(out, func(x, y page.LogEntry) int {
		return cmp.Or(y.At.Compare(x.At), cmp.Compare(y.Number, x.Number))
	})
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
	before, after := cmp.Or(p.Olds[e.FromPin], def), cmp.Or(p.Olds[e.ToPin], def)
	from, _ := before.State(e.From)
	to, _ := after.State(e.To)
	text := flow.Document(b.Words(), before, e)
	if text != "" {
		return text
	}
	switch e.Transition {
	case definition.ActChangePhase:
		text = flow.Seat(b.Words(), e, append([]*definition.Compiled{p.Def}, slices.Collect(maps.Values(p.Olds))...)...)
	case definition.ActCreate:
		text = b.T("portal.log.created", "template", after.Title.In(b.Lang))
	case definition.ActExtend:
		text = b.T("portal.log.extended", "what", to.Title.In(b.Lang)) + " " + moved(b, e, "portal.log.dates")
		if flow.EndsOf(e).Exception {
			text += " " + exception(b, e, to)
		}
	case definition.ActShorten:
		text = b.T("portal.log.shortened", "what", to.Title.In(b.Lang)) + " " + moved(b, e, "portal.log.dates")
		if n := flow.EndsOf(e).Returned; n > 0 {
			text += " " + b.T("portal.log.returned", "n", n)
		}
	case definition.ActSuspend, definition.ActResume:
		text = b.T("portal.log."+e.Transition, "what", to.Title.In(b.Lang))
	case definition.ActMigrate, definition.ActRevert:
		text = flow.Follows(b.Words(), after, e.Transition)
	case definition.ActErase:
		text = b.T("portal.log.erased")
	case definition.ActPublish:
		text = b.T("portal.log.published")
	case definition.ActReschedule:
		if text = flow.Given(b.Words(), before, e); text == "" {
			text = rescheduled(b, e, to)
		}
	default:
		key := "portal.log.moved"
		if flow.Reopens(before, e) {
			key = "portal.log.reopened"
		}
		text = b.T(key, "from", from.Title.In(b.Lang), "to", to.Title.In(b.Lang))
		if flow.EndsOf(e).Exception {
			text += " " + exception(b, e, to)
		}
	}
	if whose == "" {
		return strings.TrimSpace(text)
	}
	return whose + " " + strings.TrimSpace(text)
}

// rescheduled says which dates were moved: of the process, of a meeting or of
// the end of an activity.
func rescheduled(b page.Base, e workflow.LogEntry, st definition.State) string {
	key := "portal.log.replanned"
	if d := flow.EndsOf(e); d.Exception && d.Old.Equal(d.New) {
		return b.T("portal.log.beyond", "day", b.Words().EndDay(d.New)) + " " + exception(b, e, st)
	}
	switch {
	case e.ActivityID == 0:
	case st.Term != nil && st.Term.Until != "":
		key = "portal.log.rescheduled"
	default:
		key = "portal.log.closing"
	}
	return b.T(key) + " " + moved(b, e, "portal.log.fromto")
}

// exception says what an end is an exception to: the law of its state's term, or
// the maximum of its definition.
func exception(b page.Base, e workflow.LogEntry, st definition.State) string {
	if law := flow.EndsOf(e).Law(st); law != nil {
		return b.T("portal.log.exception.law", "article", law.Article, "source", law.Source)
	}
	return b.T("portal.log.exception")
}

// act is the document by which an extension was decided; its title is nobody's
// business until it is published.
func (p *picture) act(b page.Base, e workflow.LogEntry) page.Link {
	code := flow.EndsOf(e).Act
	if code == "" {
		return page.Link{}
	}
	for _, d := range p.Documents {
		if d.Code == code {
			return page.Link{Label: b.T("portal.log.act", "title", d.Title), Href: documentURL(p.Slug, code)}
		}
	}
	return page.Link{Label: b.T("portal.log.act_waits")}
}

// moved says from when to when an end was moved, in the words of key; "" when
// the entry has no dates.
func moved(b page.Base, e workflow.LogEntry, key string) string {
	dates := flow.EndsOf(e)
	if !dates.Moved() {
		return ""
	}
	w := b.Words()
	return b.T(key, "old", w.EndDay(dates.Old), "new", w.EndDay(dates.New))
}

// logDownload is the public log as a file, oldest first.
func (h *portal) logDownload(r *site.Request) error {
	p, err := h.paint(r)
	if err != nil {
		return err
	}
	b := r.Base("")
	heads := make([]string, 0, 7)
	for _, name := range []string{"number", "at", "what", "who", "reason", "hash", "digest"} {
		heads = append(heads, b.T("portal.csv."+name))
	}
	lines := [][]string{heads}
	for _, one := range slices.Backward(p.entries(b)) {
		lines = append(lines, line(one, b.Location))
	}
	return r.Download("registro-"+p.Slug+".csv", csvfile.Type, func(w io.Writer) error { return csvfile.Write(w, lines) })
}

// line has the columns of the page, in its words: number, time, what, who,
// reason, fingerprint and the digest of a document. An entry without a number is not of the chain.
func line(e page.LogEntry, zone *time.Location) []string {
	number := ""
	if e.Number > 0 {
		number = strconv.FormatInt(e.Number, 10)
	}
	what := strings.TrimSpace(e.What + " " + e.Act.Label)
	return []string{number, e.At.In(zone).Format(time.RFC3339), what, e.Who, e.Reason, e.Hash, e.Digest}
}
