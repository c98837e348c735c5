package setup_test

import (
	"net/http"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/worldtest"
	"arengo/web/setup"
	"arengo/web/webtest"
)

// theirs is a process whose first document is another office's, and is asked for
// by the first move.
const theirs = `
workflow: theirs
version: 1
title: {it: Di altri, en: Theirs}
timezone: Europe/Rome
roles: [promoter, facilitator, guarantor]
initial: asked
states:
  asked:
    title: {it: Richiesta, en: Asked}
    allows: [edit]
    artefacts: [{code: resolution, title: {it: Delibera, en: Resolution}, public: true, by: [guarantor]}]
  running: {title: {it: In corso, en: Running}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - id: admit
    event: admit
    from: [asked]
    to: running
    by: [promoter]
    title: {it: Ammetti, en: Admit}
    requires: [{code: resolution-public, guard: 'artefacts.published("resolution")', fix: documents, explain: {it: Manca la delibera, en: The resolution is missing}}]
  - {id: end, event: end, from: [running], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// After the end who does not promote reads the documents, and is told whose they are.
func TestDocumentsAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "theirs", Path: strings.Replace(theirs, "event: end, from: [running]", "event: end, from: [asked, running]", 1)})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	site := webtest.Serve(w, "setup/documents setup/document", setup.Routes)
	fac := w.Actor("fac@example.org", "Fac")
	w.Member(fac, process.RoleFacilitator)
	const write, add = "form:has(textarea[name=body])", "a[href$='/documenti/nuovo']"
	list := "/gestione/" + w.Process.Slug + "/documenti"
	promoter, facilitator := site.SignedIn(w.Promoter), site.SignedIn(fac)
	facilitator.Submit(facilitator.Page(list+"/nuovo"), write, "title", "Appunti", "body", "Uno", "fai", "salva").To(list)
	w.Publish()
	if text := promoter.Page(list).Text("main"); !strings.Contains(text, "Da scrivere") {
		t.Errorf("while it runs: %q", text)
	}
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "end"})
	w.Must(err)
	if text := promoter.Page(list).Text("main"); strings.Contains(text, "Da scrivere") || strings.Contains(text, "Il modello lo vuole pubblico") || !strings.Contains(text, "Non scritto") || !strings.Contains(text, "Il percorso è finito: nessuna fase chiede più documenti") || strings.Contains(text, "Obbligatorio") || !strings.Contains(text, "puoi ancora scriverli") {
		t.Errorf("after the end: %q", text)
	}
	if text := facilitator.Page(list).Text("main"); strings.Contains(text, "puoi ancora scriverli") {
		t.Errorf("who may not write any more reads %q", text)
	}
	for who, c := range map[*webtest.Browser]int{promoter: 1, facilitator: 0} {
		if n := who.Page(list).Find(add).Length(); n != c {
			t.Errorf("%d ways to a new document, want %d", n, c)
		}
		if n := who.Page(list + "/appunti").Find(write).Length(); n != c {
			t.Errorf("%d forms, want %d", n, c)
		}
	}
	if text := facilitator.Page(list + "/appunti").Text("main"); !strings.Contains(text, "chi ha questo ruolo: promotore") || !strings.Contains(text, "Uno") {
		t.Errorf("the facilitator reads %q", text)
	}
}

// Who may not write a document reads it and is told whose it is; who may is told
// when it can no longer be taken back.
func TestDocumentOfAnotherOffice(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "theirs", Path: theirs})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	site := webtest.Serve(w, "setup/documents setup/document", setup.Routes)
	authority := w.Actor("autorita@example.org", "Autorità")
	w.Member(authority, process.RoleGuarantor)
	const write = "form:has(textarea[name=body])"
	list := "/gestione/" + w.Process.Slug + "/documenti"
	at := list + "/resolution"
	promoter, guarantor := site.SignedIn(w.Promoter), site.SignedIn(authority)
	if text := promoter.Page(list).Find(".ar-task").First().Text(); !strings.Contains(text, "Lo scrive: garante") || strings.Contains(text, "Leggi") {
		t.Errorf("the list says %q", text)
	}
	if page := promoter.Page(at); page.Find(write).Length() != 0 || !strings.Contains(page.Text("main"), "chi ha questo ruolo: garante") {
		t.Errorf("the promoter sees %q", page.Text("main"))
	}
	guarantor.Submit(guarantor.Page(at), write, "body", "Si apre", "fai", "pubblica").To(list)
	if text := promoter.Page(list).Find(".ar-task").First().Text(); !strings.Contains(text, "Leggi") {
		t.Errorf("the list leads nowhere: %q", text)
	}
	if got := promoter.Page(at).Text("main"); !strings.Contains(got, "Si apre") {
		t.Errorf("the promoter does not read it: %q", got)
	}
	if n := guarantor.Page(at).Find("button[value=ritira]").Length(); n != 1 {
		t.Errorf("%d ways to take it back", n)
	}
	w.Publish()
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "admit"})
	w.Must(err)
	relied := guarantor.Page(at)
	if relied.Find("button[value=ritira]").Length() != 0 || !strings.Contains(relied.Text("main"), "puoi correggerlo, non ritirarlo") {
		t.Errorf("it can be taken back: %q", relied.Text("main"))
	}
	refused := guarantor.Submit(relied, write, "fai", "ritira", "body", "Un altro testo").Refused(http.StatusConflict, "")
	if !strings.Contains(refused.Text("main"), "non ritirarlo") || !strings.Contains(refused.Find("textarea[name=body]").Text(), "Un altro testo") {
		t.Errorf("taken back by hand: %q", refused.Text("main"))
	}
	if got := promoter.Page(at).Text("main"); !strings.Contains(got, "Si apre") || strings.Contains(got, "Un altro testo") {
		t.Errorf("the refusal left %q", got)
	}
}
