package roster

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
)

// File is a contact file as it was sent. Sum, on import, is the Report.Sum of
// the dry run that a person saw and confirmed.
type File struct {
	Name string
	Data []byte
	Sum  string
}

// Check is the dry run: it says of every row what Import would do, and changes
// nothing. Refusals are those of Read.
func (s *Service) Check(ctx context.Context, id process.ID, f File) (Report, error) {
	report, _, err := s.prepare(ctx, s.db, id, f)
	return report, err
}

// Import loads the rows that are good in one transaction and reports on all.
// Importing twice, or twice at once, loads once. A person whom we know keeps
// name and language. Refusals: fault.Conflict "roster.csv_changed" when the
// bytes are not those of the dry run, those of Read and those of the policy.
func (s *Service) Import(ctx context.Context, id process.ID, who process.Actor, f File) (Report, error) {
	if f.Sum == "" || Sum(f.Data) != f.Sum {
		return Report{}, errChanged()
	}
	var report Report
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, id, who, process.ActContactImport)
		if err != nil {
			return err
		}
		var entries []entry
		if report, entries, err = s.prepare(ctx, tx, id, f); err != nil {
			return err
		}
		// One order for all: two imports that meet wait and do not deadlock.
		slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.email, b.email) })
		return saveContacts(ctx, tx, saving{id, clip(plain(f.Name)), now}, entries)
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// prepare reads the file and compares it with the database as it stands.
func (s *Service) prepare(ctx context.Context, db bun.IDB, id process.ID, f File) (Report, []entry, error) {
	sheet, err := Read(bytes.NewReader(f.Data), DefaultLimits)
	if err != nil {
		return Report{}, nil, err
	}
	territories, err := listTerritories(ctx, db, id)
	if err != nil {
		return Report{}, nil, err
	}
	report, entries := examine(sheet, newGazetteer(territories))
	known, err := findKnown(ctx, db, id, entries)
	if err != nil {
		return Report{}, nil, err
	}
	report.File = clip(plain(f.Name))
	report.compare(entries, known)
	report.tally()
	return report, entries, nil
}

// Territories lists the municipalities in which contacts of the process may
// live, by name: those of its partners and of its reference population, or all
// there are while it has neither.
func (s *Service) Territories(ctx context.Context, id process.ID) ([]Territory, error) {
	return listTerritories(ctx, s.db, id)
}
