// Package process is the domain of Arengo: participatory processes, the
// activities inside them, the people who run them and those who take part.
//
// A process and each of its activities are instances of the workflow engine;
// this package owns what surrounds them: titles, roles, contacts, invitations,
// meetings, documents and outcomes, and the transactions in which they change.
// Every exported Service method is one use case and begins its own transaction.
package process

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"arengo/workflow"
)

// ID identifies a process inside the database; pages use its slug.
type ID int64

// ActivityID identifies an activity within its process; pages use its public
// identifier.
type ActivityID int64

// PersonID identifies a person.
type PersonID int64

// OrganisationID identifies an organisation.
type OrganisationID int64

// TerritoryID identifies a territory.
type TerritoryID int64

// Process is what a promoter set up. Its state lives in the workflow instance
// (ID, 0). StartsOn is a civil date in Zone; zero while not chosen.
type Process struct {
	ID             ID
	Slug           string
	Title          string
	Summary        string
	OrganisationID OrganisationID
	Zone           string
	StartsOn       *time.Time
	ContactName    string
	ContactEmail   string
	Decider        string
	Revision       int64
	CreatedBy      PersonID
	CreatedAt      time.Time
	PublishedAt    *time.Time
	KeepDays       int // after its end, until names are erased (package retention)
	ErasedAt       *time.Time
}

// Ref is the workflow instance of the process.
func (p Process) Ref() workflow.Ref { return workflow.Ref{ProcessID: int64(p.ID)} }

// Location is the process's time zone; UTC when the name is unknown, which the
// database's own check on creation prevents.
func (p Process) Location() *time.Location { return location(p.Zone) }

// Published reports whether the public can see the process.
func (p Process) Published() bool { return p.PublishedAt != nil }

func location(zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// slugged turns a title into the words of an address: lower case, ASCII,
// hyphens, at most 60 characters.
func slugged(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(title)) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			gap = true
		}
		if b.Len() >= 60 {
			break
		}
	}
	slug := strings.TrimSuffix(b.String(), "-")
	if slug == "" || slug == "nuovo" { // /gestione/nuovo is the wizard
		return strings.TrimSuffix("percorso-"+slug, "-")
	}
	return slug
}
