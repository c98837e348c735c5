package setup

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"arengo/process"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// populationPage says how many people the process speaks to, municipality by
// municipality.
type populationPage struct {
	page.Base
	Frame    wizard.Frame
	Action   string
	Partners string // the page that chooses the municipalities
	Seen     string
	Rows     []populationRow
	Total    int64
	Proposed bool // the numbers are those of the territory data, not saved yet
	Conflict *wizard.Conflict
	Draft    bool

	Signatures *signaturesPanel // nil where the template asks for none
}

// populationRow is a municipality; Units is the text in the field.
type populationRow struct {
	Name, Zone, Units string
	Label, ID         string
	Known             int64 // residents in the territory data
	Error             string
	territory         process.TerritoryID
}

func (a *area) populationShow(r *site.Request) error {
	p, err := a.populationView(r, nil)
	if err != nil {
		return err
	}
	p.Signatures, err = a.signatures(r, p.Total)
	if err == nil {
		return r.Page("setup/population", p)
	}
	if !wizard.Shown(err) {
		return err
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/population", p)
}

// populationView lists the municipalities of lead and partners, and those that
// are saved already. typed gives the text of a field; nil takes what is saved,
// or proposes the residents when nothing is.
func (a *area) populationView(r *site.Request, typed func(field string) string) (populationPage, error) {
	base, f, err := wizard.Workspace(a.core, r, r.T("setup.population.title"), section.Population)
	if err != nil {
		return populationPage{}, err
	}
	pr := r.Gate.Process
	saved, err := a.core.Population(r.Context(), pr.ID)
	if err != nil {
		return populationPage{}, err
	}
	partners, err := a.core.Partners(r.Context(), pr.ID)
	if err != nil {
		return populationPage{}, err
	}
	g, err := a.grounds(r.Context(), pr)
	if err != nil {
		return populationPage{}, err
	}
	units, wanted := map[process.TerritoryID]int64{}, map[process.TerritoryID]bool{g.lead.Territory: true}
	for _, u := range saved {
		units[u.Territory], wanted[u.Territory] = u.Units, true
	}
	for _, p := range partners {
		wanted[p.Territory] = true
	}
	p := populationPage{
		Base: base, Frame: f, Action: wizard.Home(pr) + "/" + section.Population, Partners: wizard.Home(pr) + "/" + section.Partners,
		Seen: process.PopulationDigest(saved), Proposed: len(saved) == 0 && typed == nil, Draft: !pr.Published(),
	}
	for _, m := range g.municipalities {
		if !wanted[m.ID] {
			continue
		}
		row := populationRow{
			Name: m.Name, Zone: m.Zone, Known: m.Population, territory: m.ID,
			ID: "units." + strconv.FormatInt(int64(m.ID), 10), Label: r.T("setup.population.of", "name", m.Name),
		}
		n := units[m.ID]
		if len(saved) == 0 {
			n = m.Population
		}
		if n > 0 {
			row.Units = strconv.FormatInt(n, 10)
		}
		if typed != nil {
			row.Units = typed(row.ID)
		}
		if n, err := parseUnits(row.Units); err == nil {
			p.Total += n
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

const mostUnits = 100_000_000

// thousands are digits, in groups of three where they are parted. What parts two
// digits from another is no such mark: 12,5 are not 125 people.
var thousands = regexp.MustCompile(`^(\d+|\d{1,3}([., \x{a0}\x{202f}’']\d{3})+)$`)

// parseUnits reads a number of people as people write it: 53.900, 53 900,
// 53900, or nothing for none.
func parseUnits(s string) (int64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", ",", "", " ", "", "\u00a0", "", "\u202f", "", "’", "", "'", "").Replace(s), 10, 64)
	if err != nil || n > mostUnits || !thousands.MatchString(s) {
		return 0, fmt.Errorf("%q is no number of people", s)
	}
	return n, nil
}

func (a *area) populationSave(r *site.Request) error {
	p, err := a.populationView(r, r.Value)
	if err != nil {
		return err
	}
	var bad fault.List
	var units []process.PopulationUnit
	for _, row := range p.Rows {
		n, err := parseUnits(row.Units)
		if err != nil {
			bad = append(bad, fault.Field(row.ID, "setup.error.units", "value", row.Units, "name", row.Name))
		} else if n > 0 {
			units = append(units, process.PopulationUnit{Territory: row.territory, Units: n})
		}
	}
	if err = bad.Err(); err == nil {
		err = a.core.ReplacePopulation(r.Context(), r.Gate.Process.ID, r.Actor, r.Value("seen"), units)
	}
	if err == nil {
		return r.Redirect(wizard.Onward(r.Gate.Process, section.Population, section.Dates), "setup.flash.population")
	}
	if wizard.Stale(err) {
		saved, failed := a.core.Population(r.Context(), r.Gate.Process.ID)
		if failed != nil {
			return failed
		}
		p.Seen, p.Conflict = process.PopulationDigest(saved), populationConflict(p, saved)
	}
	return a.populationRefuse(r, p, err)
}

func (a *area) populationRefuse(r *site.Request, p populationPage, err error) error {
	if !wizard.Shown(err) {
		return err
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	for i := range p.Rows {
		p.Rows[i].Error = p.ErrorOf(p.Rows[i].ID)
	}
	return r.PageStatus(page.Status(err), "setup/population", p)
}

func populationConflict(p populationPage, saved []process.PopulationUnit) *wizard.Conflict {
	c := &wizard.Conflict{}
	kept := map[process.TerritoryID]int64{}
	for _, u := range saved {
		kept[u.Territory] = u.Units
	}
	for _, row := range p.Rows {
		have := ""
		if n := kept[row.territory]; n > 0 {
			have = strconv.FormatInt(n, 10)
		}
		c.Add(row.Name, have, row.Units)
	}
	return c
}
