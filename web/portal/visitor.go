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
// of page and the number, nothing of who voted and no text that they sent.
func (h *portal) rate(r *site.Request) error {
	from := r.Value("pagina")
	if n, err := strconv.Atoi(r.Value("voto")); err == nil && n >= 1 && n <= 5 {
		h.log.InfoContext(r.Context(), "page rated", "page", sort(from), "vote", n)
		return r.Redirect(from, "portal.flash_rated")
	}
	return r.Redirect(from, "portal.flash_unrated")
}

// sorts are the kinds of page that a vote is about, by how addresses begin.
var sorts = []string{
	"percorsi", "i", "q", "r", "gestione", "oggi", "accedi", "privacy", "note-legali", "accessibilita", "faq", "segnala", "miei-dati",
}

// sort names a kind of page in words of ours, whatever the address is.
func sort(path string) string {
	path, _, _ = strings.Cut(strings.TrimPrefix(path, "/"), "?")
	first, _, _ := strings.Cut(path, "/")
	if i := slices.Index(sorts, first); i >= 0 {
		return sorts[i]
	}
	if first == "" {
		return "home"
	}
	return "other"
}
