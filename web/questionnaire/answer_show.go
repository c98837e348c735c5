package questionnaire

import (
	"net/http"

	"arengo/process/fault"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/web/page"
	"arengo/web/site"
)

// questionPage is one question. First marks the page that also says who asks;
// Answers carries the answers of a preview, which stores none.
type questionPage struct {
	page.Base
	Track    page.Track
	First    *page.Facts
	Intro    string
	Control  control
	Action   string
	Autosave string
	Next     string
	Back     bool
	Return   string
	Item     string
	Section  string // its title, "" when it has none
	Answers  string
	Saved    *page.Saved
	Visit    questionnaire.Visit
	Grace    bool
}

// answerStart shows where the bearer stands: the first question to answer, the
// review, the receipt, or why nothing can be done.
func (h *participant) answerStart(r *site.Request) error {
	a, err := h.visit(r)
	switch {
	case err != nil:
		return err
	case a.visit.Receipt != nil:
		return a.showReceipt()
	case !a.answerable():
		return a.showShut(http.StatusOK)
	}
	p, ok, err := a.visit.Form.FirstUnanswered(a.visit.Answers)
	if err != nil {
		return err
	}
	if !ok {
		return a.showReview(http.StatusOK, nil)
	}
	return a.showQuestion(http.StatusOK, p, nil)
}

// answerShow shows one question; one that does not concern the person leads to
// where they stand.
func (h *participant) answerShow(r *site.Request) error {
	a, err := h.visit(r)
	if err != nil {
		return err
	}
	if !a.answerable() {
		return r.Redirect(answerURL(a.token, ""), "")
	}
	p, ok := a.visit.Form.Page(r.Param("item"))
	if !ok {
		return fault.New(fault.NotFound, "answer.item_unknown")
	}
	shown, err := a.visit.Form.Relevant(a.visit.Answers)
	if err != nil {
		return err
	}
	if !shown[p.Item.Code] {
		return r.Redirect(answerURL(a.token, ""), "")
	}
	return a.showQuestion(http.StatusOK, p, nil)
}

// answerSave keeps an answer and goes on, or back; an answer with a problem is
// kept too and shown again with what to mend.
func (h *participant) answerSave(r *site.Request) error {
	token, code := r.Param("token"), r.Param("item")
	saved, err := h.q.SaveAnswer(r.Context(), token, code, r.Form())
	if err != nil {
		return h.refused(r, err)
	}
	back := r.Value("-vai") == "indietro"
	if len(saved.Problems) > 0 && !back {
		a, err := h.visit(r)
		if err != nil {
			return err
		}
		p, _ := saved.Form.Page(code)
		return a.showQuestion(http.StatusUnprocessableEntity, p, saved.Problems)
	}
	to, err := following(saved, code, back, r.Value("-torna") != "")
	if err != nil {
		return err
	}
	return r.Redirect(answerURL(token, to), "")
}

// following is the page after the item: the one before, the next, or, for
// somebody who mends an answer from the review, the review, unless the change
// opened a question that was never seen.
func following(saved questionnaire.Saved, code string, back, review bool) (string, error) {
	step := saved.Form.Next
	switch {
	case back:
		step = saved.Form.Prev
	case review:
		step = func(_ string, a form.Answers) (form.Page, bool, error) { return saved.Form.FirstUnanswered(a) }
	}
	p, ok, err := step(code, saved.Answers)
	switch {
	case err != nil:
		return "", err
	case ok:
		return "/" + p.Item.Code, nil
	case back:
		return "/" + code, nil
	}
	return answerReview, nil
}

// answerKeep is the script's saving between two steps.
func (h *participant) answerKeep(r *site.Request) error {
	saved, err := h.q.SaveAnswer(r.Context(), r.Param("token"), r.Param("item"), r.Form())
	if err != nil {
		return err
	}
	v, err := h.q.Visit(r.Context(), r.Param("token"))
	if err != nil {
		return err
	}
	words := page.Words{Lang: r.Lang, Zone: v.Process.Location(), Now: saved.At}
	return r.JSON(map[string]string{"message": words.T("page.saved.at", "time", words.Clock(saved.At))})
}

// answerOpen notes that a person saw a page; the script sends it, which mail
// filters do not run.
func (h *participant) answerOpen(r *site.Request) error {
	if err := h.q.MarkOpened(r.Context(), r.Param("token")); err != nil {
		return err
	}
	return r.Done()
}

func (a *answering) showQuestion(status int, p form.Page, problems fault.List) error {
	view, err := a.question(p)
	if err != nil {
		return err
	}
	view.mark(problems)
	view.Opened = answerURL(a.token, answerOpened)
	if a.visit.Invitation.OpenedAt != nil {
		view.Opened = ""
	}
	view.Action = answerURL(a.token, "/"+p.Item.Code)
	view.Autosave = view.Action + answerDraft
	view.Saved = &page.Saved{}
	if at := a.visit.SavedAt; at != nil {
		view.Saved.At = *at
	}
	if a.Query("torna") != "" || a.Value("-torna") != "" {
		view.Return, view.Next = "riepilogo", a.T("answer.save_return")
	}
	return a.PageStatus(status, "questionnaire/question", view)
}

// question fills what a real page and a preview have in common.
func (a *answering) question(p form.Page) (questionPage, error) {
	v, lang := a.visit, a.Lang
	place := a.T("answer.note")
	if p.Number > 0 {
		place = a.T("answer.place", "n", p.Number, "total", v.Form.Questions())
	}
	view := questionPage{
		Base: a.frame(place + ", " + v.Form.Title(lang)), Visit: v, Next: a.T("answer.next"),
		Grace: v.Phase == questionnaire.PhaseGrace, Item: p.Item.Code, Section: p.Section.Title.In(lang),
	}
	view.Control = newControl(view.Base, p.Item, v.Answers[p.Item.Code])
	_, before, err := v.Form.Prev(p.Item.Code, v.Answers)
	if err != nil {
		return view, err
	}
	view.Back = before
	if !before {
		view.First, view.Intro = a.facts(), v.Form.Intro(lang)
	}
	view.Track, err = a.track(place)
	view.Track.Inside, view.Track.Share = true, float64(v.Form.Share(p))/100
	return view, err
}

// facts say, before the first question, who asks, why, how long it takes and
// what becomes of the data.
func (a *answering) facts() *page.Facts {
	v := a.visit
	who := v.Promoter
	if v.Partners > 0 {
		who = a.T("answer.facts.partners", "promoter", v.Promoter, "n", v.Partners)
	}
	return &page.Facts{Tight: true, Items: []page.Fact{
		{Term: a.T("answer.facts.who"), Text: who},
		{Term: a.T("answer.facts.why"), Text: a.T("answer.facts.process", "title", v.Process.Title)},
		{Term: a.T("answer.facts.time"), Text: a.T("answer.facts.minutes", "n", v.Form.Minutes())},
		{
			Term: a.T("answer.facts.data"), Text: a.T("answer.facts.kept", "n", v.Process.KeepDays),
			Link: page.Link{Label: a.T("answer.facts.privacy"), Href: "/privacy"},
		},
	}}
}

// mark shows the problems of the answer, in the summary and at its control.
func (p *questionPage) mark(problems fault.List) {
	p.Errors = page.FieldErrors(p.Lang, problems.Err())
	for i := range p.Errors {
		p.Errors[i].Field = controlID(p.Errors[i].Field)
	}
	if in := p.Control.Input; in != nil {
		in.Error = p.ErrorOf(in.Key)
	}
}
