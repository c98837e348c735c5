package ledger

import (
	"context"

	"arengo/process"
)

// Person is somebody to whom a process has sent messages, or who stands on its list.
type Person struct {
	ID          process.PersonID
	PublicID    string
	Name, Email string
	Listed      bool // as a contact of the process
}

// Called is the person's name, or the address of who has none.
func (p Person) Called() string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

// Person finds one by public identifier. Refusal: fault.NotFound
// "ledger.person_gone", also for people with whom the process has nothing to do.
func (s *Service) Person(ctx context.Context, id process.ID, publicID string) (Person, error) {
	return loadPerson(ctx, s.core.DB(), id, publicID)
}
