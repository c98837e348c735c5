package e2e

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"arengo/process"
)

// TestEveryPageIsAccessible follows every link that each role can see, and looks
// at each page. Then it sends every form that was found with fields full of
// nonsense.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	h := open(t)
	found := map[string][]sight{} // by who reads them
	for _, who := range []struct {
		name, email string
		start       []string
		least       int // pages that must be found, so that the walk cannot be empty
	}{
		{"Visitor", "", []string{"/", "/accedi"}, 12},
		{"Promoter", promoter, []string{"/oggi", "/gestione/nuovo", "/gestione/" + siena + "/proroga"}, 60},
		{"Facilitator", facilitator, []string{"/oggi"}, 35},
		{"Editor", "giulia.damico@example.org", []string{"/oggi"}, 30},
		{"Expert", "niccolo.vanni@example.org", []string{"/oggi"}, 22},
		{"Administrator", "irene.salvi@example.org", []string{"/oggi"}, 15},
		{"Participant", "", []string{h.invitation(t)}, 12},
		{"EnglishVisitor", "", []string{"/"}, 12},
	} {
		t.Run(who.name, func(t *testing.T) {
			p := h.reader(t, desk)
			if who.email != "" {
				p.enter(who.email)
			}
			if who.name == "EnglishVisitor" {
				p.visit("/lingua/en?da=/")
			}
			alike := sort
			if who.email == promoter {
				alike = shape // each question in the builder, each document
			}
			found[who.name] = p.crawl(who.start, alike)
			if n := len(found[who.name]); n < who.least {
				t.Errorf("%d pages found, want at least %d", n, who.least)
			}
		})
	}
	t.Run("Nonsense", func(t *testing.T) {
		h.refusesNonsense(t, found)
	})
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
	return "/i/questionnaire/" + h.token(t, process.Link{
		Purpose: process.LinkAnswer, Process: process.ID(row.ProcessID), Subject: row.ID, Version: int(row.Version),
	})
}

// token is a personal link as the program signs it.
func (h *house) token(t *testing.T, link process.Link) string {
	t.Helper()
	links, err := process.NewLinks(secret)
	if err != nil {
		t.Fatal(err)
	}
	return links.Token(link)
}

// sight is a page that a walk has come to.
type sight struct {
	path  string
	forms []string // their addresses
}

// crawl looks at every kind of page that can be reached from start. alike says
// which addresses lead to the same kind.
func (p *person) crawl(start []string, alike func(string) string) (pages []sight) {
	p.t.Helper()
	queue := start
	seen := map[string]int{}
	for len(queue) > 0 {
		if len(pages) == 200 {
			p.fail("more than 200 kinds of page: the walk does not tell them apart")
		}
		path := queue[0]
		queue = queue[1:]
		pattern := alike(path)
		if seen[pattern] > 0 || skipped(path) {
			continue
		}
		seen[pattern]++
		p.visit(path)
		if status := eval[int](p, "performance.getEntriesByType('navigation')[0].responseStatus"); status >= 400 {
			p.t.Errorf("%s answers %d", path, status)
			continue
		}
		pages = append(pages, sight{path, p.forms()})
		queue = append(queue, eval[[]string](p, `[...new Set([...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin).map(a => a.pathname + a.search))]`)...)
	}
	return pages
}

var identifier = regexp.MustCompile(`^([a-z0-9]{10}|[a-z2-7]{16}|[0-9]+|q[0-9]+|[A-Za-z0-9_-]{24,})$`)

// named is followed, in an address, by the name of one thing among many.
var named = map[string]bool{"percorsi": true, "gestione": true, "domande": true, "sezione": true, "documenti": true, "fase": true, "messaggi": true}

// shape is an address without what tells one thing from another of its sort.
func shape(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	parts := strings.Split(u.Path, "/")
	for i, part := range parts {
		if identifier.MatchString(part) && part != "focusgroup" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/") + "?" + strings.Join(slices.Sorted(maps.Keys(u.Query())), "&")
}

// sort is a shape without the names of things.
func sort(path string) string {
	address, query, _ := strings.Cut(shape(path), "?")
	parts := strings.Split(address, "/")
	for i := 1; i < len(parts); i++ {
		if named[parts[i-1]] && parts[i] != "nuovo" && parts[i] != "ente" {
			parts[i] = "*"
		}
	}
	if len(parts) == 5 && parts[1] == "i" { // a question
		parts[4] = "*"
	}
	return strings.Join(parts, "/") + "?" + query
}

// skipped are files, and the switch of language.
func skipped(path string) bool {
	u, err := url.Parse(path)
	return err != nil || strings.HasPrefix(u.Path, "/lingua/") || strings.HasPrefix(u.Path, "/static/") ||
		strings.HasSuffix(u.Path, ".csv") || strings.HasSuffix(u.Path, ".yaml") || strings.HasSuffix(u.Path, ".json") || strings.HasSuffix(u.Path, ".ics") ||
		strings.HasSuffix(u.Path, ".atom") || strings.HasPrefix(u.Path, "/messaggi/") && strings.HasSuffix(u.Path, "/vai")
}
