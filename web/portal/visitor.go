package portal

import (
	"slices"
	"strconv"
	"strings"

	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
)

// languageSwitch remembers a language and goes back to the page that asked.
func languageSwitch(r *site.Request) error {
	if !slices.Contains(page.Languages, r.Param("lang")) {
		return fault.New(fault.NotFound, "")
	}
	r.SetLanguage(r.Param("lang"))
	return r.Redirect(r.Query("da"), "")
}

// rate takes a vote on how clear a page is. It goes to the log alone: the kind
// of page and the number, nothing of who voted.
func (h *portal) rate(r *site.Request) error {
	from := r.Value("pagina")
	if n, err := strconv.Atoi(r.Value("voto")); err == nil && n >= 1 && n <= 5 {
		h.log.InfoContext(r.Context(), "page rated", "page", sort(from), "vote", n)
		return r.Redirect(from, "portal.flash_rated")
	}
	return r.Redirect(from, "portal.flash_unrated")
}

// sort names a kind of page by its address without what may be somebody's own:
// the first part, and for a process its slug.
func sort(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if parts[0] == "percorsi" && len(parts) > 1 {
		return "/percorsi/" + clip(parts[1])
	}
	return "/" + clip(parts[0])
}

func clip(s string) string { return s[:min(len(s), 60)] }
