// Package section lists the pages of a process in the workspace: every page of
// staff, the wizard's included, carries the same list.
package section

import (
	"arengo/process"
	"arengo/web/site"
	"arengo/web/staff/gate"
)

// The pages of a process, by the last word of their address. Their names are
// the texts "staff.section.<word>".
const (
	Overview   = "panoramica"
	Activities = "attivita"
	Documents  = "documenti"
	Contacts   = "contatti"
	Messages   = "messaggi"
	Outcomes   = "esiti"
	People     = "persone"
	Dates      = "date"
	Phases     = "fasi"
	Population = "popolazione"
	Partners   = "ente"
	Settings   = "impostazioni"
	Rehearsal  = "prova"
	Publish    = "pubblica"
	Version    = "versione"
)

// pages is the list, with what a person must be allowed to open each.
var pages = []struct {
	name string
	act  process.Act
}{
	{Overview, process.ActProcessPreview},
	{Activities, process.ActActivityEdit},
	{Documents, process.ActDocumentEdit},
	{Contacts, process.ActContactImport},
	{Messages, process.ActLedgerRead},
	{Outcomes, process.ActOutcomeEdit},
	{People, process.ActPeopleEdit},
	{Dates, process.ActProcessEdit},
	{Phases, process.ActPhaseEdit},
	{Population, process.ActProcessEdit},
	{Partners, process.ActProcessEdit},
	{Settings, process.ActProcessEdit},
	{Rehearsal, process.ActProcessEdit},
	{Publish, process.ActProcessPublish},
	{Version, process.ActProcessMigrate},
}

// Link is a line of the list. Missing says that publication waits for the page.
type Link struct {
	Label, Href string
	Current     bool
	Missing     bool
}

// List is the pages of the process of a request that the person may open;
// current is the word of the page that shows it. The partial "sections" is its
// form, or "setupnav" in the wizard.
func List(r *site.Request, current string, missing map[string]bool) []Link {
	p := r.Gate.Process
	var out []Link
	for _, s := range pages {
		if process.Allow(s.act, r.Gate.Standing, r.Gate.At) != nil || s.name == Publish && p.Published() && current != Publish {
			continue
		}
		out = append(out, Link{
			Label: r.T("staff.section." + s.name), Href: Path(p, s.name), Current: s.name == current, Missing: missing[s.name],
		})
	}
	return out
}

// Path is the address of a page.
func Path(p process.Process, name string) string {
	if name == Overview {
		return gate.Home(p.Slug)
	}
	return gate.Home(p.Slug) + "/" + name
}
