package setup

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/place"
	"arengo/web/page"
	"arengo/web/site"
)

// grounds is the territory data as the page of partners needs it.
type grounds struct {
	lead           place.Organisation
	municipalities []place.Territory
	parents        []place.Territory // those that contain municipalities, by name
}

func (a *area) grounds(ctx context.Context, p process.Process) (grounds, error) {
	var g grounds
	all, err := place.Organisations(ctx, a.core.DB(), 0)
	if err != nil {
		return g, err
	}
	if i := slices.IndexFunc(all, func(o place.Organisation) bool { return o.ID == p.OrganisationID }); i >= 0 {
		g.lead = all[i]
	}
	if g.municipalities, err = place.Territories(ctx, a.core.DB(), place.Municipality, ""); err != nil {
		return g, err
	}
	for _, kind := range []string{"province", "region", "country"} {
		list, err := place.Territories(ctx, a.core.DB(), kind, "")
		if err != nil {
			return g, err
		}
		for _, t := range list {
			if slices.ContainsFunc(g.municipalities, func(m place.Territory) bool { return m.Parent == t.ID }) {
				g.parents = append(g.parents, t)
			}
		}
	}
	return g, nil
}

// province is the code of the one that the lead lies in, or is; the first
// otherwise.
func (g grounds) province() string {
	in := g.lead.Territory
	for _, m := range g.municipalities {
		if m.ID == in {
			in = m.Parent
			break
		}
	}
	for _, t := range g.parents {
		if t.ID == in {
			return t.Code
		}
	}
	if len(g.parents) > 0 {
		return g.parents[0].Code
	}
	return ""
}

// zones groups the municipalities of a province, the lead's left out; those
// chosen elsewhere come first, so that none is lost from sight.
func (g grounds) zones(r *site.Request, province string, ticked map[process.TerritoryID]bool) ([]zone, int) {
	var parent process.TerritoryID
	for _, t := range g.parents {
		if t.Code == province {
			parent = t.ID
		}
	}
	elsewhere := zone{Name: r.T("setup.partners.elsewhere"), Key: "altrove"}
	var out []zone
	chosen := 0
	for _, m := range g.municipalities {
		if m.ID == g.lead.Territory {
			continue
		}
		choice := page.Choice{Value: strconv.FormatInt(int64(m.ID), 10), Label: m.Name, Selected: ticked[m.ID]}
		if choice.Selected {
			chosen++
		}
		if m.Parent != parent {
			if choice.Selected {
				elsewhere.Choices = append(elsewhere.Choices, choice)
			}
			continue
		}
		i := slices.IndexFunc(out, func(z zone) bool { return z.Key == m.Zone })
		if i < 0 {
			i = len(out)
			name := m.Zone
			if name == "" {
				name = r.T("setup.partners.nozone")
			}
			out = append(out, zone{Name: name, Key: m.Zone})
		}
		out[i].Choices = append(out[i].Choices, choice)
	}
	slices.SortStableFunc(out, func(x, y zone) int { return strings.Compare(x.Name, y.Name) })
	if len(elsewhere.Choices) > 0 {
		out = append([]zone{elsewhere}, out...)
	}
	return out, chosen
}

// savePartners makes a list of what was ticked and written.
func (a *area) savePartners(r *site.Request, f partnerForm) error {
	if err := checkFirms(f.firms); err != nil {
		return err
	}
	g, err := a.grounds(r.Context(), r.Gate.Process)
	if err != nil {
		return err
	}
	list := place.PartnerList{Seen: f.seen}
	for _, m := range g.municipalities {
		if f.ticked[m.ID] && m.ID != g.lead.Territory {
			list.Named = append(list.Named, place.Named{Organisation: place.Organisation{Name: municipalityName(m.Name), Kind: place.Municipality, Territory: m.ID}})
		}
	}
	for _, row := range f.firms {
		list.Named = append(list.Named, place.Named{Organisation: place.Organisation{Name: row.Name, Kind: row.Kind}, Part: row.Part})
	}
	return place.SetPartners(r.Context(), a.core, r.Gate.Process.ID, r.Actor, list)
}

func checkFirms(firms []firmRow) error {
	var bad fault.List
	if len(firms) > maxFirms {
		bad = append(bad, fault.Field("firm-1", "setup.error.firms", "max", maxFirms))
	}
	for i, row := range firms {
		id := fmt.Sprintf("firm-%d", i+1)
		switch {
		case row.Name == "":
			bad = append(bad, fault.Field(id, "setup.error.firm"))
		case len([]rune(row.Name)) > maxTitle:
			bad = append(bad, fault.Field(id, "setup.error.long", "max", maxTitle))
		case len([]rune(row.Part)) > maxWords:
			bad = append(bad, fault.Field(fmt.Sprintf("part-%d", i+1), "setup.error.long", "max", maxWords))
		case !slices.Contains(firmKinds, row.Kind) && row.Kind != "region" && row.Kind != place.Municipality:
			bad = append(bad, fault.Field(fmt.Sprintf("kind-%d", i+1), "setup.error.kind"))
		}
	}
	return bad.Err()
}
