package portal

import (
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
)

type followPage struct {
	page.Base
	Address string // where the form goes
	Process process.Process
	Email   page.Field
}

// linkPage asks the bearer of a link in a message what they want; its GET
// changes nothing, since mail filters open links.
type linkPage struct {
	page.Base
	Process process.Process
	Email   string
	Heading string
	Text    []string
	Actions []page.Action
	Back    page.Link
}

func followField(b page.Base, value string) page.Field {
	return page.Field{
		ID: "email", Name: "email", Type: "email", Required: true, Complete: "email", Mode: "email", Max: 254,
		Label: b.T("portal.follow.email"), Hint: b.T("portal.follow.hint"), Value: value,
	}
}

// followRequest sends a link to confirm. Whoever follows already reads the same
// answer, so that nobody learns who does.
func (h *portal) followRequest(r *site.Request) error {
	proc := r.Gate.Process
	err := h.roster.Follow(r.Context(), proc.ID, roster.Visitor{Email: r.Value("email"), Locale: r.LetterLang()})
	if fault.Is(err, fault.Invalid) {
		p := &picture{Process: proc}
		if p.Owner, _ = h.public.Owner(r.Context(), proc.OrganisationID); p.Owner == "" {
			p.Owner = proc.Title
		}
		b := p.base(r, r.T("portal.follow.title"), page.Crumb{Label: r.T("portal.follow.title")})
		b.Path, b.Errors, b.Narrow = processURL(proc.Slug), page.FieldErrors(r.Lang, err), true
		return r.PageStatus(page.Status(err), "portal/follow", followPage{
			Base: b, Address: processURL(proc.Slug) + "/segui", Process: proc, Email: followField(b, r.Value("email")),
		})
	}
	if err != nil {
		return err
	}
	return r.Redirect(processURL(proc.Slug), "portal.flash_follow")
}

// linked is the frame of a page reached by a link in a message.
func (h *portal) linked(r *site.Request, f roster.Followed, title string) (linkPage, error) {
	proc, err := h.core.LoadProcess(r.Context(), h.core.DB(), f.Process)
	if err != nil {
		return linkPage{}, err
	}
	b := r.Base(r.T(title, "title", proc.Title))
	b.NoIndex, b.NoRating, b.Location, b.Narrow = true, true, proc.Location(), true
	b.Bare, b.Viewer = true, nil // its form token is the link's, so the menu's own form could not work
	return linkPage{
		Base: b, Process: proc, Email: f.Email, Heading: b.Title,
		Back: page.Link{Label: r.T("portal.link.process"), Href: processURL(proc.Slug)},
	}, nil
}

func (h *portal) followShow(r *site.Request) error {
	f, err := h.roster.FollowLink(r.Context(), r.Param("token"))
	if err != nil {
		return err
	}
	p, err := h.linked(r, f, "portal.link.follow_title")
	if err != nil {
		return err
	}
	p.Text = []string{r.T("portal.link.follow_text", "email", f.Email)}
	p.Actions = []page.Action{
		{Label: r.T("portal.link.follow"), Href: r.Path(), Post: true, Primary: true, Large: true, Name: "scelta", Value: "segui"},
		{Label: r.T("portal.link.stop"), Href: r.Path(), Post: true, Name: "scelta", Value: "smetti"},
	}
	return r.Page("portal/link", p)
}

// followConfirm makes the bearer a follower, or ends it when the second button
// was used.
func (h *portal) followConfirm(r *site.Request) error {
	act, flash := h.roster.Confirm, "portal.flash_following"
	if r.Value("scelta") == "smetti" {
		act, flash = h.roster.StopFollowing, "portal.flash_stopped"
	}
	f, err := act(r.Context(), r.Param("token"))
	if err != nil {
		return err
	}
	proc, err := h.core.LoadProcess(r.Context(), h.core.DB(), f.Process)
	if err != nil {
		return err
	}
	return r.Redirect(processURL(proc.Slug), flash)
}

func (h *portal) leaveShow(r *site.Request) error {
	f, err := h.roster.UnsubscribeLink(r.Context(), r.Param("token"))
	if err != nil {
		return err
	}
	p, err := h.linked(r, f, "portal.link.leave_title")
	if err != nil {
		return err
	}
	p.Text = []string{r.T("portal.link.leave_text", "email", f.Email), r.T("portal.link.leave_rest")}
	p.Actions = []page.Action{
		{Label: r.T("portal.link.leave"), Href: r.Path(), Post: true, Primary: true, Large: true, Name: "scelta", Value: "esci"},
		{Label: r.T("portal.link.back"), Href: r.Path(), Post: true, Name: "scelta", Value: "torna"},
	}
	return r.Page("portal/link", p)
}

// leave ends the messages that may be refused, or takes that back. It answers
// on the link's own page, where the other button still stands.
func (h *portal) leave(r *site.Request) error {
	if r.OneClick() {
		if _, err := h.roster.OptOut(r.Context(), r.Param("token")); err != nil {
			return err
		}
		return r.OK()
	}
	act, flash := h.roster.OptOut, "portal.flash_left"
	if r.Value("scelta") == "torna" {
		act, flash = h.roster.OptIn, "portal.flash_back"
	}
	if _, err := act(r.Context(), r.Param("token")); err != nil {
		return err
	}
	return r.Redirect("/disiscrivi/"+r.Param("token"), flash)
}
