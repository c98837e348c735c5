package demo

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/place"
)

// loadPlaces adds the territories. Zones are no territories of their own in
// the database but a word of each municipality.
func (l *loader) loadPlaces(ctx context.Context) error {
	all, err := fixtures.Territories()
	if err != nil {
		return err
	}
	zones := map[fixtures.TerritoryRef]string{}
	var list []place.Territory
	var parents []string
	for _, t := range all {
		if t.Kind == "zone" {
			zones[t.Ref()] = t.Name
			continue
		}
		_, parent := t.Parent.Split()
		list = append(list, place.Territory{
			Scheme: scheme(t.Scheme), Code: t.Code, Kind: t.Kind, Name: t.Name, Zone: zones[t.Zone], Population: int64(t.Population),
		})
		parents = append(parents, parent)
	}
	if err := l.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return place.AddTerritories(ctx, tx, list, parents)
	}); err != nil {
		return err
	}
	l.places = map[fixtures.TerritoryRef]process.TerritoryID{}
	found, err := place.Territories(ctx, l.core.DB(), "municipality", "")
	for _, t := range found {
		l.places[fixtures.TerritoryRef(t.Scheme+":"+t.Code)] = t.ID
	}
	return err
}

// scheme puts the country, whose code is ISO's, beside its own parts.
func scheme(s string) string {
	if s == "iso" {
		return "istat"
	}
	return s
}

// loadPeople adds the organisations, and those who can sign in.
func (l *loader) loadPeople(ctx context.Context) error {
	l.orgs, l.people = map[string]process.OrganisationID{}, map[string]process.Actor{}
	begun := l.at(l.data.Starts).AddDate(0, 0, -7)
	return l.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, o := range l.data.Organisations {
			id, err := place.FindOrAdd(ctx, tx, place.Organisation{Name: o.Name, Kind: o.Kind, Territory: l.places[o.Territory]}, begun)
			if err != nil {
				return err
			}
			l.orgs[o.Key] = id
		}
		for _, p := range l.data.People {
			who := process.Person{Email: p.Email, Name: p.Name, Locale: p.Lang, Administrator: has(p, "administrator")}
			id, err := process.FindOrAddPerson(ctx, tx, who, begun)
			if err != nil {
				return err
			}
			if has(p, process.RolePromoter) {
				if err := place.AddPromoter(ctx, tx, l.orgs[p.Organisation], id, begun); err != nil {
					return err
				}
			}
			if l.people[p.Key], err = process.LoadActor(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func has(p fixtures.DemoPerson, role string) bool {
	for _, r := range p.Roles {
		if r == role {
			return true
		}
	}
	return false
}
