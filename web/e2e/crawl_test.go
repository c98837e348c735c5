package e2e

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"arengo/process"
)

// TestEveryPageIsAccessible follows every link that each role can see, at the
// width of a phone and of a desk, and holds each page to WCAG 2.2 AA.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	h := open(t, true)
	public := map[string]int{} // what everybody sees is looked at once
	for _, who := range []struct {
		name, email string
		least       int // pages that must be found, so that the walk cannot be empty
	}{
		{"Visitor", "", 12},
		{"Promoter", "lucia.ferri@example.org", 15},
		{"Facilitator", "marta.bindi@example.org", 12},
		{"Administrator", "irene.salvi@example.org", 2},
		{"Participant", "participant", 1},
	} {
		t.Run(who.name, func(t *testing.T) {
			p := h.sit(t, desk, true)
			var start []string
			switch who.email {
			case "":
				start = []string{"/"}
			case "participant":
				start = []string{h.invitation(t)}
			default:
				p.enter(who.email)
				start = []string{"/oggi"}
			}
			if n := p.crawl(start, public); n < who.least {
				t.Errorf("%d pages found, want at least %d", n, who.least)
			}
		})
	}
}

// invitation is the personal address of somebody who has not begun.
func (h *house) invitation(t *testing.T) string {
	t.Helper()
	var row struct{ ProcessID, ID, Version int64 }
	err := h.db.NewRaw(`SELECT i.process_id, i.id, i.version FROM invitation i
		JOIN activity a ON a.process_id = i.process_id AND a.id = i.activity_id AND a.kind = 'questionnaire'
		WHERE i.opened_at IS NULL AND i.drafted_at IS NULL AND i.answered_at IS NULL ORDER BY i.id LIMIT 1`).Scan(t.Context(), &row)
	if err != nil {
		t.Fatalf("nobody is invited: %v", err)
	}
	links, err := process.NewLinks(secret)
	if err != nil {
		t.Fatal(err)
	}
	return "/i/questionnaire/" + links.Token(process.Link{
		Purpose: process.LinkAnswer, Process: process.ID(row.ProcessID), Subject: row.ID, Version: int(row.Version),
	})
}

// crawl looks at every kind of page that can be reached from start and returns
// how many there were.
func (p *person) crawl(start []string, public map[string]int) int {
	p.t.Helper()
	queue := start
	own := map[string]int{}
	count := 0
	for len(queue) > 0 && count < 150 {
		path := queue[0]
		queue = queue[1:]
		seen := public
		if strings.HasPrefix(path, "/gestione") || strings.HasPrefix(path, "/oggi") {
			seen = own
		}
		pattern := shape(path)
		if seen[pattern] > 0 || skipped(path) {
			continue
		}
		seen[pattern]++
		p.visit(path)
		if status := eval[int](p, "performance.getEntriesByType('navigation')[0].responseStatus"); status >= 400 {
			p.fail("%s answers %d", path, status)
		}
		count++
		for _, width := range []int64{desk, phone} {
			p.resize(width)
			p.accessible()
			p.picture("crawl" + strings.ReplaceAll(shape(path), "/", "_"))
		}
		p.resize(desk)
		queue = append(queue, eval[[]string](p, `[...new Set([...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin).map(a => a.pathname + a.search))]`)...)
	}
	return count
}

var identifier = regexp.MustCompile(`^([a-z0-9]{10}|[0-9]+|q[0-9]+|[A-Za-z0-9_-]{24,})$`)

// shape is an address without what tells one thing from another of its sort.
func shape(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	parts := strings.Split(u.Path, "/")
	for i, part := range parts {
		if identifier.MatchString(part) {
			parts[i] = "*"
		}
	}
	var keys []string
	for key := range u.Query() {
		keys = append(keys, key)
	}
	return strings.Join(parts, "/") + "?" + strings.Join(keys, "&")
}

// skipped are files, and the switch of language.
func skipped(path string) bool {
	u, err := url.Parse(path)
	return err != nil || strings.HasPrefix(u.Path, "/lingua/") || strings.HasPrefix(u.Path, "/static/") ||
		strings.HasSuffix(u.Path, ".csv") || strings.HasSuffix(u.Path, ".ics")
}
