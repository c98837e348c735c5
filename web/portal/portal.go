// Package portal holds the pages that everybody can read: the list of
// processes, each process with its phases, documents, outcomes, report and
// public log, the way to follow it, and the pages that every site owes its
// readers.
package portal

import (
	"log/slog"
	"net/http"
	"time"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/outcome"
	"arengo/process/public"
	"arengo/process/roster"
	"arengo/web/site"
)

// portal holds what the handlers work with.
type portal struct {
	core      *process.Service
	documents *document.Service
	outcomes  *outcome.Service
	public    *public.Service
	roster    *roster.Service
	log       *slog.Logger
}

// fresh is how long an anonymous reader may be shown what another was shown.
const fresh = time.Second

// Routes lists the public pages.
func Routes(s *site.Site) []site.Route {
	h := &portal{
		core: s.Core, documents: document.New(s.Core), outcomes: outcome.New(s.Core),
		public: public.New(s.Core), roster: roster.New(s.Core), log: s.Log,
	}
	routes := []site.Route{
		kept(site.Open("/", h.home)),
		kept(site.Get("/percorsi/:process", process.ActProcessView, h.processShow)),
		site.Get("/percorsi/:process/registro.csv", process.ActProcessView, h.logDownload),
		kept(site.Get("/percorsi/:process/documenti/:code", process.ActProcessView, h.documentShow)),
		kept(site.Get("/percorsi/:process/report", process.ActProcessView, h.reportShow)),
		kept(site.Get("/percorsi/:process/esiti", process.ActProcessView, h.outcomesShow)),
		follow(h),
		site.Hold(http.MethodGet, "/segui/:token", h.followShow),
		site.Hold(http.MethodPost, "/segui/:token", h.followConfirm),
		site.Hold(http.MethodGet, "/disiscrivi/:token", h.leaveShow),
		oneClick(site.Hold(http.MethodPost, "/disiscrivi/:token", h.leave)),
		site.Open("/lingua/:lang", languageSwitch),
		site.Send("/voto", site.LimitPublic, h.rate),
	}
	for _, name := range texts {
		routes = append(routes, kept(site.Open("/"+name, h.text(name))))
	}
	return append(routes, kept(site.Open("/miei-dati", h.data)))
}

// oneClick marks the form whose address stands in the headers of mails.
func oneClick(r site.Route) site.Route {
	r.OneClick = true
	return r
}

// kept marks a page whose anonymous answer may be repeated for a moment.
func kept(r site.Route) site.Route {
	r.Cache = fresh
	return r
}

// follow is a form for everybody about one process, hence gated and limited.
func follow(h *portal) site.Route {
	r := site.Post("/percorsi/:process/segui", process.ActProcessView, h.followRequest)
	r.Limit = site.LimitMail
	return r
}

// home of a process, and of what hangs from it.
func processURL(slug string) string { return "/percorsi/" + slug }

func activityURL(slug, kind, publicID string) string {
	return processURL(slug) + "/" + kind + "/" + publicID
}
