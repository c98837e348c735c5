package questionnaire

import (
	"encoding/json"
	"net/http"

	"arengo/process/fault"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/web/site"
)

// preview begins a walk through the working copy as somebody who answers would
// see it. Nothing is stored: the answers travel in the form.
func (h *participant) preview(r *site.Request) (*answering, error) {
	act, err := r.Activity(kind)
	if err != nil {
		return nil, err
	}
	a := &answering{Request: r, h: h, visit: questionnaire.Visit{
		Process: r.Gate.Process, Activity: act, Phase: questionnaire.PhaseOpen, Now: r.Now, Answers: form.Answers{},
	}}
	if a.visit.Form, err = h.q.Preview(r.Context(), r.Gate.Process.ID, act.ID); err != nil {
		return nil, err
	}
	a.visit.Promoter, a.visit.Partners, err = h.q.Organisations(r.Context(), r.Gate.Process)
	if act.DueAt != nil {
		a.visit.ClosesAt, a.visit.SendBy = *act.DueAt, *act.DueAt
	}
	return a, err
}

func (h *participant) previewStart(r *site.Request) error {
	a, err := h.preview(r)
	if err != nil {
		return err
	}
	p, ok := a.visit.Form.Page(r.Query("domanda"))
	if !ok {
		if p, ok, err = a.visit.Form.Next("", a.visit.Answers); err != nil {
			return err
		}
	}
	if !ok {
		return a.previewReview()
	}
	return a.previewQuestion(http.StatusOK, p, nil)
}

func (h *participant) previewNext(r *site.Request) error {
	a, err := h.preview(r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(r.Value("-risposte")), &a.visit.Answers); err != nil || a.visit.Answers == nil {
		a.visit.Answers = form.Answers{}
	}
	f, code := a.visit.Form, r.Value("-domanda")
	p, ok := f.Page(code)
	if !ok { // the question is gone from the working copy
		return h.previewStart(r)
	}
	answer, problems := f.Parse(code, r.Form())
	a.visit.Answers[code] = answer
	step := f.Next
	if r.Value("-vai") == "indietro" {
		step = f.Prev
	} else if len(problems) > 0 {
		return a.previewQuestion(http.StatusUnprocessableEntity, p, problems)
	}
	p, ok, err = step(code, a.visit.Answers)
	switch {
	case err != nil:
		return err
	case !ok:
		return a.previewReview()
	}
	return a.previewQuestion(http.StatusOK, p, nil)
}

func (a *answering) previewQuestion(status int, p form.Page, problems fault.List) error {
	view, err := a.question(p)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(a.visit.Answers)
	if err != nil {
		return err
	}
	view.mark(problems)
	view.Answers = string(raw)
	view.Preview, view.Action = a.T("answer.preview"), a.previewURL()
	return a.PageStatus(status, "questionnaire/question", view)
}

func (a *answering) previewReview() error {
	view, err := a.review(false)
	if err != nil {
		return err
	}
	view.Preview, view.Action, view.Trial = a.T("answer.preview"), a.previewURL(), true
	view.Back = rootOf(a.Request, a.visit.Activity)
	return a.Page("questionnaire/review", view)
}

func (a *answering) previewURL() string { return rootOf(a.Request, a.visit.Activity) + "/anteprima" }
