// Package connect is where a promoter lets other programs take part: the tokens
// of the API and the webhooks of an organisation, each shown once, and what
// became of what was told.
package connect

import (
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/subscription"
	"arengo/process/token"
	"arengo/web/page"
	"arengo/web/site"
)

// pathHome begins the pages of an organisation in the workspace.
const pathHome = "/gestione/ente/:organisation"

// area is what the handlers of this package work with.
type area struct {
	core   *process.Service
	tokens *token.Service
	hooks  *subscription.Service
}

// Routes are the pages about other programs.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, tokens: token.New(s.Core), hooks: subscription.New(s.Core)}
	const pathHook = pathHome + "/webhook/:hook"
	return []site.Route{
		site.Get(pathHome, process.ActConnect, a.homeShow),
		site.Post(pathHome+"/token", process.ActConnect, a.tokenMake),
		site.Post(pathHome+"/token/revoca", process.ActConnect, a.tokenRevoke),
		site.Post(pathHome+"/webhook", process.ActConnect, a.hookAdd),
		site.Get(pathHook, process.ActConnect, a.hookShow),
		site.Post(pathHook+"/prova", process.ActConnect, a.hookDo(a.hooks.Test, "connect.flash_tested")),
		site.Post(pathHook+"/sospendi", process.ActConnect, a.hookDo(a.hooks.Pause, "connect.flash_paused")),
		site.Post(pathHook+"/riprendi", process.ActConnect, a.hookDo(a.hooks.Resume, "connect.flash_resumed")),
		site.Post(pathHook+"/segreto", process.ActConnect, a.hookSecret),
		site.Post(pathHook+"/ripeti", process.ActConnect, a.deliveryAgain),
		site.Post(pathHook+"/togli", process.ActConnect, a.hookRemove),
	}
}

// Home is the address of an organisation's page about other programs.
func Home(publicID string) string { return "/gestione/ente/" + publicID }

// workspace fills the base of a page below the organisation's; the last crumb is
// here.
func workspace(r *site.Request, title string, here ...page.Crumb) page.Base {
	crumbs := []page.Crumb{{Label: r.T("staff.crumb.all"), Href: "/gestione"}, {Label: r.Organisation.Name, Href: Home(r.Organisation.PublicID)}}
	if len(here) == 0 {
		crumbs[1].Href = ""
	}
	return r.Workspace(title, "manage", append(crumbs, here...)...)
}

// secretPage shows what is shown once.
type secretPage struct {
	page.Base
	Token  bool // else the secret of a webhook
	Secret string
	Back   page.Link
	Site   string
}

func (a *area) secret(r *site.Request, key, secret string, isToken bool, back string) error {
	title := r.T(key)
	base := workspace(r, title, page.Crumb{Label: title})
	base.Path = back // the switch of language cannot come back to what is shown once
	return r.Page("connect/secret", secretPage{
		Base: base, Token: isToken, Secret: secret, Site: a.core.BaseURL(),
		Back: page.Link{Label: r.T("connect.secret.back"), Href: back},
	})
}

// shown reports whether a refusal belongs on the form that caused it.
func shown(err error) bool { return fault.Is(err, fault.Invalid) }
