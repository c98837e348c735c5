package demo

import (
	"bytes"
	"context"
	"encoding/csv"

	"arengo/fixtures"
	invent "arengo/fixtures/demo"
	"arengo/process"
	"arengo/process/roster"
)

// loadCrowd invents the contacts and imports them from a file, as a promoter
// would.
func (l *loader) loadCrowd(ctx context.Context) error {
	people, err := l.invent()
	if err != nil {
		return err
	}
	file := roster.File{Name: "contatti.csv", Data: sheet(people)}
	file.Sum = roster.Sum(file.Data)
	l.clock.set(l.imported())
	report, err := l.roster.Import(ctx, l.process.ID, l.promoter(), file)
	if err != nil {
		return err
	}
	if report.Rejected() > 0 {
		l.log.WarnContext(ctx, "demonstration: contacts were rejected", "count", report.Rejected())
	}
	known, err := l.contacts(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		if id := known[p.Email]; id != 0 {
			l.crowd = append(l.crowd, id)
		}
	}
	return nil
}

// contacts finds the people of the list by their addresses.
func (l *loader) contacts(ctx context.Context) (map[string]process.PersonID, error) {
	const size = 500
	known := map[string]process.PersonID{}
	for offset := 0; ; offset += size {
		page, err := l.roster.Contacts(ctx, l.process.ID, roster.ContactFilter{Offset: offset, Limit: size})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Contacts {
			known[c.Email] = c.Person
		}
		if len(page.Contacts) < size {
			return known, nil
		}
	}
}

func (l *loader) invent() ([]invent.Person, error) {
	territories, err := fixtures.Territories()
	if err != nil {
		return nil, err
	}
	by := map[fixtures.TerritoryRef]fixtures.Territory{}
	for _, t := range territories {
		by[t.Ref()] = t
	}
	var places []invent.Place
	for _, s := range l.data.Population.By {
		_, code := s.Territory.Split()
		places = append(places, invent.Place{Code: code, Zone: string(by[s.Territory].Zone), Population: s.Units})
	}
	return invent.People(l.data.Crowd.Seed, places, l.data.Crowd.Contacts)
}

// sheet writes contacts as a spreadsheet would.
func sheet(people []invent.Person) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	rows := [][]string{{"nome", "cognome", "email", "codice istat", "lingua"}}
	for _, p := range people {
		rows = append(rows, []string{p.First, p.Last, p.Email, p.Place, p.Lang})
	}
	_ = w.WriteAll(rows) // into memory
	return b.Bytes()
}

// some picks n people of the crowd, evenly spread over the municipalities, and
// others for each offset.
func (l *loader) some(n, offset int) []process.PersonID {
	n = min(n, len(l.crowd))
	out := make([]process.PersonID, 0, n)
	for i := range n {
		out = append(out, l.crowd[(i*len(l.crowd)/n+offset)%len(l.crowd)])
	}
	return out
}
