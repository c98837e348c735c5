package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process/processtest"
)

// missing reads pages, each once and without showing it, and lists the links to
// a part of a page that has no such part. How many lead anywhere comes first.
const missing = `(async function(pages) {
	const read = new Map(), out = [];
	const page = async function(address) {
		if (!read.has(address)) {
			const answer = await fetch(address);
			if (!answer.ok) out.push(address);
			read.set(address, new DOMParser().parseFromString(await answer.text(), 'text/html'));
		}
		return read.get(address);
	};
	let parts = 0;
	for (const path of pages) {
		const address = new URL(path, location.href).href, from = await page(address);
		for (const link of new Set([...from.querySelectorAll('main a[href*="#"]')].map(a => new URL(a.getAttribute('href'), address).href))) {
			const [to, part] = link.split('#');
			if (!to.startsWith(location.origin) || !part) continue;
			parts++;
			if (!(await page(to)).getElementById(decodeURIComponent(part))) out.push(address + ' → ' + link);
		}
	}
	return [String(parts), ...out];
})`

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
	follow := func(when, who string) {
		t.Helper()
		p := h.reader(t, desk)
		p.enter(who)
		list, err := json.Marshal(pages)
		if err != nil {
			t.Fatal(err)
		}
		found := eval[[]string](p, missing+"("+string(list)+")")
		if found[0] == "0" {
			t.Errorf("%s, %s: no page links to a part of one", when, who)
		}
		for _, link := range found[1:] {
			t.Errorf("%s, %s: %s is not there", when, who, strings.ReplaceAll(link, h.base, ""))
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
}
