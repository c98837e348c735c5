package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process/processtest"
)

// missing lists those of the page's links to a part of a page that have no such
// part, "" for none; parts is how many there are.
const missing = `(async function() {
	const links = [...new Set([...document.querySelectorAll('main a[href*="#"]')].filter(a => a.origin === location.origin && a.hash.length > 1).map(a => a.href))];
	const pages = new Map(), out = [String(links.length)];
	for (const link of links) {
		const [page, part] = link.split('#');
		if (!pages.has(page)) pages.set(page, new DOMParser().parseFromString(await (await fetch(page)).text(), 'text/html'));
		if (!pages.get(page).getElementById(decodeURIComponent(part))) out.push(link);
	}
	return out;
})()`

// TestLinksLeadToTheirParts follows what blockers, tasks and pages link to within
// a page: in the demonstration as it stands, with everything suspended that can
// be, and when all of its terms are over.
func TestLinksLeadToTheirParts(t *testing.T) {
	t.Parallel()
	h := open(t)
	var activities []string
	if err := h.db.NewRaw(`SELECT '/gestione/' || p.slug || '/' || a.kind || '/' || a.public_id FROM activity a JOIN process p ON p.id = a.process_id
		ORDER BY a.process_id, a.id`).Scan(t.Context(), &activities); err != nil {
		t.Fatal(err)
	}
	pages := slices.Concat([]string{"/oggi", "/gestione", "/gestione/" + siena, "/gestione/" + siena + "/attivita", "/percorsi/" + siena}, activities)
	parts := 0
	follow := func(when, who string) {
		t.Helper()
		p := h.reader(t, desk)
		p.enter(who)
		for _, page := range pages {
			p.visit(page)
			found := eval[[]string](p, missing)
			parts += len(found[0]) // none is "0": what counts is that some page has some
			for _, link := range found[1:] {
				t.Errorf("%s, %s: %s links to %s, which is not there", when, who, page, strings.TrimPrefix(link, h.base))
			}
		}
	}
	follow("as it stands", promoter)
	if _, err := h.db.Exec(`UPDATE workflow_instance SET held_at = (SELECT now() - interval '1 hour') WHERE state IN ('open', 'exploration')`); err != nil {
		t.Fatal(err)
	}
	follow("suspended", facilitator)
	if _, err := h.db.Exec(`UPDATE workflow_instance SET held_at = NULL WHERE held_at IS NOT NULL`); err != nil {
		t.Fatal(err)
	}
	h.ahead(60 * 24 * time.Hour)
	processtest.Eventually(t, "the phase ends", func() bool {
		return h.count(`SELECT count(*) FROM workflow_instance WHERE state = 'analysis'`) > 0
	})
	follow("overdue", facilitator)
	if parts == 0 {
		t.Error("no page links to a part of one")
	}
}
