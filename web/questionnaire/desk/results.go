package desk

import (
	"io"

	"arengo/process"
	"arengo/process/csvfile"
	"arengo/process/fault"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/questionnaire/result"
	"arengo/web/page"
	"arengo/web/site"
)

// resultsShow is the results for staff. Until the questionnaire is closed it
// shows no figure, to them neither: whoever watches answers come in may be
// tempted to steer them.
func (h *staff) resultsShow(r *site.Request) error {
	p, err := h.results(r)
	if err != nil {
		return err
	}
	return r.Page("questionnaire/results", p)
}

func (h *staff) results(r *site.Request) (*resultsPage, error) {
	a, err := r.Activity(Kind)
	if err != nil {
		return nil, err
	}
	q, err := h.q.Load(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return nil, err
	}
	p := &resultsPage{
		Base: frame(r, a, r.T("results.title")+", "+a.Title, r.T("results.crumb")), Heading: a.Title, Root: Root(r, a) + "/risultati",
		Staff: true, Public: publicOf(r, a), Closed: closed(a), PublishedAt: q.ResultsPublishedAt, ClosesAt: a.DueAt,
		Run: process.Allow(process.ActActivityEnd, r.Gate.Standing, r.Gate.At) == nil,
	}
	if p.Track, err = h.phases(r); err != nil || !p.Closed {
		return p, err
	}
	if err := h.figures(r, a, p); err != nil {
		return nil, err
	}
	d, err := h.q.ResultsText(r.Context(), a.ProcessID, a.ID)
	p.Form = publishForm(r, a, d)
	return p, err
}

// closed reports whether no more answers can come.
func closed(a process.Activity) bool { return a.State == "closed" }

// resultsPublish makes the results public, with a title and a comment.
func (h *staff) resultsPublish(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	err = h.q.PublishResults(r.Context(), a.ProcessID, a.ID, r.Actor, questionnaire.Publication{
		Title: r.Value("title"), Body: r.Value("body"), Revision: revision(r),
	})
	if err == nil {
		return r.Redirect(Root(r, a)+"/risultati", "results.flash.published")
	}
	if !refused(err) {
		return err
	}
	p, again := h.results(r)
	if again != nil {
		return again
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	if p.Form != nil {
		p.Form.keep(r)
	}
	return r.PageStatus(page.Status(err), "questionnaire/results", p)
}

// early is why nothing can be read or downloaded before the close.
func early() error { return fault.New(fault.Closed, "results.early") }

// answersDownload is every response as CSV, without identity: for staff only.
func (h *staff) answersDownload(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	if !closed(a) {
		return early()
	}
	return r.Download("risposte-"+a.PublicID+".csv", csvfile.Type, func(w io.Writer) error {
		return h.q.WriteAnswers(r.Context(), w, a.ProcessID, a.ID, words(r))
	})
}

// tablesDownload is every table of the page as CSV.
func (h *staff) tablesDownload(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	if !closed(a) {
		return early()
	}
	return h.tables(r, a)
}

func (h *staff) tables(r *site.Request, a process.Activity) error {
	res, err := h.q.Results(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	if res.Few() {
		return fault.New(fault.Closed, "answer.results_few", "min", res.MinCell())
	}
	var tables []result.Table
	w := words(r)
	for _, item := range res.Items(r.Query("comune")) {
		title := r.T("results.question", "number", item.Page.Number, "text", item.Page.Item.Text.In(r.Lang))
		t := w.Table(item)
		t.Caption = title + " (" + base(r, item) + ")"
		if len(t.Rows) > 0 {
			tables = append(tables, t)
		}
		s := w.Summary(item)
		s.Caption = title
		tables = append(tables, s)
	}
	return r.Download("tabelle-"+a.PublicID+".csv", csvfile.Type, func(w io.Writer) error {
		return result.WriteTables(w, tables...)
	})
}

func words(r *site.Request) result.Words { return result.Words{Lang: r.Lang, T: page.T} }

// publicTables is tablesDownload for everybody, once the results are public.
func (h *staff) publicTables(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	q, err := h.q.Load(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	if !closed(a) || q.ResultsPublishedAt == nil {
		return early()
	}
	return h.tables(r, a)
}

// publicShow is the activity for everybody: what is asked and until when, and
// what people said once that is published.
func (h *staff) publicShow(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	q, err := h.q.Load(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	process := r.Gate.Process
	b := r.Base(a.Title)
	b.Crumbs = []page.Crumb{{Label: process.Title, Href: "/percorsi/" + process.Slug}, {Label: a.Title}}
	b.Section = "processes"
	if closed(a) && q.ResultsPublishedAt != nil {
		b.Title = r.T("results.title") + ", " + a.Title
		p := &resultsPage{Base: b, Heading: a.Title, Root: publicOf(r, a), Closed: true, PublishedAt: q.ResultsPublishedAt}
		if p.Track, err = h.phases(r); err != nil {
			return err
		}
		if err := h.figures(r, a, p); err != nil {
			return err
		}
		if err := h.comment(r, a, p); err != nil {
			return err
		}
		return r.Page("questionnaire/results", p)
	}
	p := publicPage{Base: b, Heading: a.Title, Intro: a.Intro, Contact: process.ContactEmail, Process: "/percorsi/" + process.Slug}
	if p.Track, err = h.phases(r); err != nil {
		return err
	}
	p.fill(r, a, q)
	return r.Page("questionnaire/public", p)
}

// comment puts the words with which the results were published above them.
func (h *staff) comment(r *site.Request, a process.Activity, p *resultsPage) error {
	d, err := h.q.ResultsText(r.Context(), a.ProcessID, a.ID)
	if err != nil || d.PublishedAt == nil {
		return err
	}
	p.Heading, p.Comment = d.Title, d.Body
	return nil
}

// publicPage presents a questionnaire whose results are not public.
type publicPage struct {
	page.Base
	Heading string
	Intro   string
	State   string // the sentence that says where it stands
	Now     *page.Now
	Facts   page.Facts
	Track   page.Track
	Process string
	Contact string
}

func (p *publicPage) fill(r *site.Request, a process.Activity, q questionnaire.Questionnaire) {
	fact := func(name, text string) {
		p.Facts.Items = append(p.Facts.Items, page.Fact{Term: r.T("results.public." + name), Text: text})
	}
	if q.Published != nil {
		def := q.Published.Definition
		if intro := def.Intro.In(r.Lang); intro != "" {
			p.Intro = intro
		}
		fact("length", r.T("results.public.length.text", "n", questions(&def), "minutes", def.Minutes()))
	}
	fact("who", r.T("results.public.who.text"))
	fact("answers", r.T("results.public.answers.text"))
	fact("then", r.T("results.public.then.text"))
	open := a.State == "open" && !a.Held() && a.DueAt != nil && r.Now.Before(*a.DueAt)
	switch {
	case open:
		p.State = r.T("results.public.open")
		p.Now = &page.Now{
			ID: "adesso", Chip: &page.Chip{State: page.Current, Label: r.T("results.public.chip")},
			Heading: r.T("questionnaire.call"), Deadline: &page.Deadline{Lead: r.T("results.public.closes"), At: *a.DueAt},
			Text: []string{r.T("results.public.how")},
		}
	case a.Held():
		p.State = r.T("page.held", "since", p.Words().Date(*a.HeldAt))
	case a.State == "draft" || a.State == "ready":
		p.State = r.T("results.public.soon")
	case a.State == "cancelled":
		p.State = r.T("results.public.cancelled")
	default:
		p.State = r.T("results.public.over")
	}
}

func questions(d *form.Definition) int { return len(numbers(d)) }
