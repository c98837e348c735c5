package staff

import (
	"arengo/process"
	"arengo/web/site"
	"arengo/web/staff/gate"
)

// Section is a page of a process in the list that all of them carry.
type Section struct {
	Label, Href string
	Current     bool
}

// The names of the sections: the last word of their address, and the end of
// their locale key "staff.section.<name>".
var sectionActs = []struct {
	name string
	act  process.Act
}{
	{"panoramica", process.ActProcessPreview},
	{"attivita", process.ActActivityEdit},
	{"documenti", process.ActDocumentEdit},
	{"contatti", process.ActContactImport},
	{"esiti", process.ActOutcomeEdit},
	{"persone", process.ActPeopleEdit},
	{"date", process.ActProcessEdit},
	{"popolazione", process.ActProcessEdit},
	{"ente", process.ActProcessEdit},
	{"impostazioni", process.ActProcessEdit},
	{"pubblica", process.ActProcessPublish},
}

// Sections lists the pages of the process of a request that the person may
// open; active is one of their names, such as "panoramica" or "esiti". The
// partial "sections" shows them.
func Sections(r *site.Request, active string) []Section {
	p := r.Gate.Process
	var out []Section
	for _, s := range sectionActs {
		if process.Allow(s.act, r.Gate.Standing, r.Gate.At) != nil || s.name == "pubblica" && p.Published() {
			continue
		}
		href := gate.Home(p.Slug)
		if s.name != "panoramica" {
			href += "/" + s.name
		}
		out = append(out, Section{Label: r.T("staff.section." + s.name), Href: href, Current: s.name == active})
	}
	return out
}
