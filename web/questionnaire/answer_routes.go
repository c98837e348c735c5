package questionnaire

import (
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/questionnaire"
	"arengo/web/page"
	"arengo/web/site"
)

// The pages of somebody who answers. What follows the token is an item's code,
// or a word with a hyphen, which no code has.
const (
	answerRoot   = "/i/questionnaire/:token"
	answerReview = "/rileggi-e-invia"
	answerOpened = "/ha-aperto"
	answerDraft  = "/bozza-automatica"
	previewRoot  = "/gestione/:process/questionnaire/:activity/anteprima"
)

// participant serves the pages on which people answer.
type participant struct {
	core *process.Service
	q    *questionnaire.Service
}

func answerRoutes(s *site.Site, q *questionnaire.Service) []site.Route {
	h := &participant{core: s.Core, q: q}
	return []site.Route{
		site.Hold("GET", answerRoot, h.answerStart),
		site.Hold("POST", answerRoot+answerOpened, h.answerOpen),
		site.Hold("GET", answerRoot+answerReview, h.answerReview),
		ownClock(site.Hold("POST", answerRoot+answerReview, h.answerSend)),
		site.Hold("GET", answerRoot+"/:item", h.answerShow),
		site.Hold("POST", answerRoot+"/:item", h.answerSave),
		site.Hold("POST", answerRoot+"/:item"+answerDraft, h.answerKeep),
		site.Get(previewRoot, process.ActProcessPreview, h.previewStart),
		site.Post(previewRoot, process.ActProcessPreview, h.previewNext),
	}
}

// ownClock spares the busiest form a question to the database: sending reads
// the clock itself, after its locks.
func ownClock(r site.Route) site.Route {
	r.OwnClock = true
	return r
}

// answerURL is the address of a page under a token; what is "" or begins with a
// slash.
func answerURL(token, what string) string { return "/i/questionnaire/" + token + what }

// answering is one request of somebody who answers.
type answering struct {
	*site.Request
	h     *participant
	visit questionnaire.Visit
	token string
}

func (h *participant) visit(r *site.Request) (*answering, error) {
	token := r.Param("token")
	v, err := h.q.Visit(r.Context(), token)
	return &answering{Request: r, h: h, visit: v, token: token}, err
}

// frame is the bare frame of a page that a mail leads to, which nothing keeps.
func (a *answering) frame(title string) page.Base {
	b := a.Base(title)
	p := a.visit.Process
	b.Bare, b.Narrow, b.NoRating, b.NoIndex, b.CacheControl = true, true, true, true, "no-store"
	b.Location, b.Now = p.Location(), a.visit.Now
	b.Owner = page.Link{Label: p.Title, Href: "/percorsi/" + p.Slug}
	if p.ContactEmail != "" {
		b.Contact = &page.Contact{Text: p.ContactName, Email: p.ContactEmail}
	}
	return b
}

// track is the process's phases; strong says where in the questionnaire.
func (a *answering) track(strong string) (page.Track, error) {
	def, inst, err := a.h.core.Definition(a.Context(), a.h.core.DB(), a.visit.Process)
	if err != nil {
		return page.Track{}, err
	}
	return page.Track{Steps: phaseSteps(def, inst.State, a.Lang), Strong: strong}, nil
}

// answerable reports whether questions may be shown; otherwise another page
// says why not.
func (a *answering) answerable() bool {
	v := a.visit
	return v.Receipt == nil && v.Form != nil && (v.Phase == questionnaire.PhaseOpen || v.Phase == questionnaire.PhaseGrace)
}

// refused turns what forbids an act into the page that explains it.
func (h *participant) refused(r *site.Request, err error) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	switch e.Key {
	case "answer.sent":
		return r.Redirect(answerURL(r.Param("token"), ""), "")
	case "answer.over", "answer.early", "answer.cancelled", "activity.held":
		a, again := h.visit(r)
		if again != nil {
			return again
		}
		return a.showShut(e.Status())
	}
	return err
}
