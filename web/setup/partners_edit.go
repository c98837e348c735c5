package setup

import (
	"slices"
	"strconv"
	"strings"

	"arengo/process"
	"arengo/process/place"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// partnersPage chooses the organisations beside the lead: municipalities from
// the territory data, firms and associations in rows of text.
type partnersPage struct {
	page.Base
	Frame     wizard.Frame
	Action    string
	Lead      string
	Seen      string
	Provinces *page.Field // nil when all municipalities are in one
	Province  string
	Zones     []zone
	Chosen    int
	Firms     []firmRow
	Conflict  *wizard.Conflict
	Draft     bool
	Closed    *page.Field // days on which the lead is closed, nil for who may not say
	WhyClosed page.Field

	ClosedTrace []string // how they changed
}

// zone is a group of municipalities with its own "all of these" button.
type zone struct {
	Name, Key string
	Choices   []page.Choice
}

// firmRow is a partner in words; Part is what it answers for.
type firmRow struct {
	Number           int
	Name, Part, Kind string
	Kinds            []page.Choice
}

// firmKinds are the kinds that a row of text can have.
var firmKinds = []string{"firm", "association", "public_body"}

const (
	spareRows = 3
	maxFirms  = 60
)

// partnerForm is what the form holds: territories by identifier, and rows.
type partnerForm struct {
	seen     string
	province string
	ticked   map[process.TerritoryID]bool
	firms    []firmRow
}

func (a *area) partnersShow(r *site.Request) error {
	partners, err := a.core.Partners(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return err
	}
	p, err := a.partnersView(r, savedPartners(partners))
	if err != nil {
		return err
	}
	return r.Page("setup/partners", p)
}

func savedPartners(partners []process.Partner) partnerForm {
	f := partnerForm{seen: process.PartnersDigest(partners), ticked: map[process.TerritoryID]bool{}}
	for _, p := range partners {
		if p.Kind == place.Municipality && p.Territory != 0 {
			f.ticked[p.Territory] = true
			continue
		}
		f.firms = append(f.firms, firmRow{Name: p.Name, Part: p.Part, Kind: p.Kind})
	}
	return f
}

func readPartners(r *site.Request) partnerForm {
	f := partnerForm{seen: r.Value("seen"), province: r.Value("province"), ticked: map[process.TerritoryID]bool{}}
	for _, v := range r.Values("municipality") {
		if id, err := strconv.ParseInt(v, 10, 64); err == nil {
			f.ticked[process.TerritoryID(id)] = true
		}
	}
	parts, kinds := r.Values("part"), r.Values("kind")
	for i, name := range r.Values("firm") {
		row := firmRow{Name: strings.Join(strings.Fields(name), " ")}
		if i < len(parts) {
			row.Part = strings.TrimSpace(parts[i])
		}
		if i < len(kinds) {
			row.Kind = kinds[i]
		}
		if row.Name != "" || row.Part != "" {
			f.firms = append(f.firms, row)
		}
	}
	return f
}

func (a *area) partnersView(r *site.Request, f partnerForm) (partnersPage, error) {
	base, fr, err := wizard.Workspace(a.core, r, r.T("setup.partners.title"), section.Partners)
	if err != nil {
		return partnersPage{}, err
	}
	g, err := a.grounds(r.Context(), r.Gate.Process)
	if err != nil {
		return partnersPage{}, err
	}
	p := partnersPage{
		Base: base, Frame: fr, Action: wizard.Home(r.Gate.Process) + "/" + section.Partners, Lead: g.lead.Name, Seen: f.seen,
		Draft: !r.Gate.Process.Published(), Province: f.province,
	}
	if p.Province == "" || !slices.ContainsFunc(g.parents, func(t place.Territory) bool { return t.Code == p.Province }) {
		p.Province = g.province()
	}
	if len(g.parents) > 1 {
		p.Provinces = &page.Field{Name: "province", Label: r.T("setup.partners.province"), Type: "select", Required: true}
		for _, t := range g.parents {
			p.Provinces.Choices = append(p.Provinces.Choices, page.Choice{Value: t.Code, Label: t.Name, Selected: t.Code == p.Province})
		}
	}
	p.Zones, p.Chosen = g.zones(r, p.Province, f.ticked)
	p.Firms = rows(r, f.firms)
	if p.Closed, err = a.closedField(r); err != nil {
		return p, err
	}
	p.WhyClosed = whyClosed(r, "")
	p.ClosedTrace, err = a.closedTrace(r)
	return p, err
}

func rows(r *site.Request, firms []firmRow) []firmRow {
	out := append(slices.Clone(firms), make([]firmRow, spareRows)...)
	for i := range out {
		out[i].Number = i + 1
		for _, k := range firmKinds {
			out[i].Kinds = append(out[i].Kinds, page.Choice{Value: k, Label: r.T("setup.kind." + k), Selected: out[i].Kind == k})
		}
	}
	return out
}

func (a *area) partnersSave(r *site.Request) error {
	f := readPartners(r)
	if do := r.Value("fai"); do != "" && do != "salva" {
		return a.partnersTick(r, f, do)
	}
	err := a.savePartners(r, f)
	if err == nil {
		return r.Redirect(wizard.Onward(r.Gate.Process, section.Partners, section.Population), "setup.flash.partners")
	}
	if !wizard.Shown(err) {
		return err
	}
	var saved []process.Partner
	if wizard.Stale(err) {
		var failed error
		if saved, failed = a.core.Partners(r.Context(), r.Gate.Process.ID); failed != nil {
			return failed
		}
		f.seen = process.PartnersDigest(saved)
	}
	p, failed := a.partnersView(r, f)
	if failed != nil {
		return failed
	}
	if wizard.Stale(err) {
		met := &wizard.Conflict{}
		met.Add(r.T("setup.partners.title"), partnerNames(saved), p.names())
		p.Conflict = met
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/partners", p)
}

// partnersTick answers the buttons that only change the form: another
// province, or all municipalities of a zone.
func (a *area) partnersTick(r *site.Request, f partnerForm, do string) error {
	p, err := a.partnersView(r, f)
	if err != nil {
		return err
	}
	key, all := strings.CutPrefix(do, "zona:")
	for _, z := range p.Zones {
		for _, c := range z.Choices {
			id, err := strconv.ParseInt(c.Value, 10, 64)
			if err == nil && (do == "tutti" || all && z.Key == key) {
				f.ticked[process.TerritoryID(id)] = true
			}
		}
	}
	if p, err = a.partnersView(r, f); err != nil {
		return err
	}
	return r.Page("setup/partners", p)
}

func partnerNames(partners []process.Partner) string {
	names := make([]string, len(partners))
	for i, p := range partners {
		names[i] = p.Name
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// names lists what the form chooses, as partnerNames does.
func (p partnersPage) names() string {
	var names []string
	for _, z := range p.Zones {
		for _, c := range z.Choices {
			if c.Selected {
				names = append(names, municipalityName(c.Label))
			}
		}
	}
	for _, f := range p.Firms {
		if f.Name != "" {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// municipalityName is what the organisation of a municipality is called when
// we add it: an official name, so not a matter of the reader's language.
func municipalityName(territory string) string { return "Comune di " + territory }
