package questionnaire

import (
	"net/http"
	"strings"

	"arengo/process/fault"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/web/page"
	"arengo/web/site"
)

// reviewPage is everything that somebody is about to send. Missing are the
// questions that still stand in the way.
type reviewPage struct {
	page.Base
	Track    page.Track
	Visit    questionnaire.Visit
	Progress form.Progress
	Answers  page.Answers
	Missing  []page.Link
	Action   string
	Back     string
	Saved    *page.Saved
	Grace    bool
	Trial    bool // a preview: nothing can be sent
}

// Empty reports that no question at all has an answer: there is nothing to send.
func (p reviewPage) Empty() bool { return p.Progress.Answered == 0 }

// receiptPage proves that the answers arrived.
type receiptPage struct {
	page.Base
	Track   page.Track
	Receipt questionnaire.Receipt
	Address string // masked
	Open    bool
	Ends    bool
	Steps   page.Spine
	Visit   questionnaire.Visit
	Process string
	Results string // address of the public results, "" before
}

// shutPage says why nothing can be answered now. Late is the answer that was
// refused for it, nil when none was sent.
type shutPage struct {
	page.Base
	Heading string
	Text    []string
	Visit   questionnaire.Visit
	Over    bool
	Process string
	Late    *lateAnswer
}

func (h *participant) answerReview(r *site.Request) error {
	a, err := h.visit(r)
	if err != nil {
		return err
	}
	if !a.answerable() || a.visit.SavedAt == nil {
		return r.Redirect(answerURL(a.token, ""), "")
	}
	return a.showReview(http.StatusOK, nil)
}

// answerSend sends; a second click finds the receipt of the first.
func (h *participant) answerSend(r *site.Request) error {
	token := r.Param("token")
	_, err := h.q.Submit(r.Context(), token)
	e, refusal := fault.As(err)
	switch {
	case err == nil:
		return r.Redirect(answerURL(token, ""), "")
	case refusal && e.Code == fault.Invalid:
		a, again := h.visit(r)
		if again != nil {
			return again
		}
		if a.visit.SavedAt == nil { // nothing was ever written
			return r.Redirect(answerURL(token, ""), "")
		}
		return a.showReview(page.Status(err), err)
	}
	return h.refused(r, err)
}

func (a *answering) showReview(status int, refused error) error {
	view, err := a.review(true)
	if err != nil {
		return err
	}
	if refused != nil {
		view.Errors = []page.FieldError{{Field: "mancano", Message: a.T("answer.review.incomplete", "n", len(view.Missing))}}
		if view.Empty() {
			view.Errors = []page.FieldError{{Field: "niente", Message: page.Explain(a.Lang, refused)}}
		}
	}
	view.Action, view.Back = answerURL(a.token, answerReview), answerURL(a.token, "/")
	last, ok, err := a.visit.Form.Prev("", a.visit.Answers)
	if err != nil {
		return err
	}
	if ok {
		view.Back += last.Item.Code
	}
	if a.visit.SavedAt != nil {
		words := view.Words()
		view.Saved = &page.Saved{Text: a.T("answer.review.saved", "time", words.Clock(*a.visit.SavedAt))}
	}
	return a.PageStatus(status, "questionnaire/review", view)
}

// review lists the answers; with edit each has the address that changes it.
func (a *answering) review(edit bool) (reviewPage, error) {
	v := a.visit
	view := reviewPage{Base: a.frame(a.T("answer.review.title") + ", " + v.Form.Title(a.Lang)), Visit: v, Grace: v.Phase == questionnaire.PhaseGrace}
	var err error
	if view.Progress, err = v.Form.Progress(v.Answers); err != nil {
		return view, err
	}
	shown, err := v.Form.Relevant(v.Answers)
	if err != nil {
		return view, err
	}
	section := ""
	for _, p := range v.Form.Pages() {
		if p.Item.Type == form.Note || !shown[p.Item.Code] {
			continue
		}
		if p.Section.Code != section || len(view.Answers.Groups) == 0 {
			section = p.Section.Code
			view.Answers.Groups = append(view.Answers.Groups, page.AnswerGroup{Heading: p.Section.Title.In(a.Lang)})
		}
		answer := page.Answer{Number: p.Number, Question: p.Item.Label(a.Lang), Text: answerText(view.Base, p.Item, v.Answers[p.Item.Code])}
		href := answerURL(a.token, "/"+p.Item.Code+"?torna=riepilogo")
		if edit {
			answer.Edit = href
		}
		group := &view.Answers.Groups[len(view.Answers.Groups)-1]
		group.Items = append(group.Items, answer)
		if edit && len(v.Form.ValidateItem(p.Item.Code, v.Answers[p.Item.Code])) > 0 {
			view.Missing = append(view.Missing, page.Link{Label: a.T("answer.review.missing_item", "n", p.Number, "question", answer.Question), Href: href})
		}
	}
	if view.Track, err = a.track(a.T("answer.review.step")); err != nil {
		return view, err
	}
	view.Track.Inside, view.Track.Share = true, 1
	return view, nil
}

func (a *answering) showReceipt() error {
	v := a.visit
	view := receiptPage{
		Base: a.frame(a.T("answer.receipt.title")), Receipt: *v.Receipt, Visit: v, Address: masked(v.Invitation.Email),
		Process: "/percorsi/" + v.Process.Slug, Open: v.Phase == questionnaire.PhaseOpen, Ends: !v.ClosesAt.IsZero(),
	}
	view.NoRating = false
	if v.Results {
		view.Results = view.Process + "/questionnaire/" + v.Activity.PublicID
	}
	var err error
	if view.Track, err = a.track(a.T("answer.receipt.done")); err != nil {
		return err
	}
	view.Steps = ahead(view.Base, v, view.Track)
	return a.Page("questionnaire/receipt", view)
}

// ahead is what follows for somebody who has answered: the end of the
// collecting, and the phases still to come.
func ahead(b page.Base, v questionnaire.Visit, t page.Track) page.Spine {
	collecting := page.Phase{Title: b.T("answer.receipt.collecting"), State: page.Current}
	if !v.ClosesAt.IsZero() {
		collecting.When = b.T("answer.receipt.until", "end", b.Words().End(v.ClosesAt))
	}
	if v.Phase != questionnaire.PhaseOpen && v.Phase != questionnaire.PhaseHeld {
		collecting.Title, collecting.State = b.T("answer.receipt.collected"), page.Done
	}
	s := page.Spine{Phases: []page.Phase{collecting}}
	for i, step := range t.Steps {
		if step.State == page.Next && len(s.Phases) < 4 {
			s.Phases = append(s.Phases, page.Phase{Number: i + 1, Title: step.Name, State: page.Next})
		}
	}
	return s
}

// masked shows enough of an address to know it by.
func masked(address string) string {
	name, domain, ok := strings.Cut(address, "@")
	if !ok || name == "" {
		return ""
	}
	return string([]rune(name)[:1]) + "•••@" + domain
}

func (a *answering) showShut(status int) error {
	v := a.visit
	phase := string(v.Phase)
	if v.Phase == questionnaire.PhaseOpen || v.Phase == questionnaire.PhaseGrace { // it opened again meanwhile
		return a.Redirect(answerURL(a.token, ""), "")
	}
	view := shutPage{
		Base: a.frame(a.T("answer.shut." + phase)), Visit: v, Process: "/percorsi/" + v.Process.Slug,
		Over: v.Phase == questionnaire.PhaseOver, Late: a.late(),
	}
	view.Heading = view.Title
	view.Text = []string{a.T("answer.shut." + phase + "_text")}
	if since := v.Activity.HeldAt; v.Phase == questionnaire.PhaseHeld && since != nil {
		view.Text = []string{a.T("answer.shut.held_text", "since", view.Words().Date(*since))}
		if v.SavedAt != nil {
			view.Text = append(view.Text, a.T("answer.shut.held_draft"))
		}
	}
	if view.Over && v.SavedAt != nil {
		view.Text = append(view.Text, a.T("answer.shut.draft"))
	}
	return a.PageStatus(status, "questionnaire/closed", view)
}
