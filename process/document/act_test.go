package document_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/history"
)

// offices is a process whose first phase waits for the act of another office.
const offices = `
workflow: offices
version: 1
title: {it: Uffici, en: Offices}
timezone: Europe/Rome
roles: [promoter, facilitator, guarantor]
initial: asked
states:
  asked:
    title: {it: Richiesta, en: Asked}
    allows: [edit]
    artefacts:
      - {code: resolution, title: {it: Delibera, en: Resolution}, required: true, public: true, by: [guarantor]}
      - {code: sheet, title: {it: Scheda, en: Sheet}, public: true}
  running: {title: {it: In corso, en: Running}, term: {length: 30d, max: 60d}, allows: [edit, extend]}
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

// acts are the rows of the log about documents, each as "act code".
func acts(t *testing.T, w *worldtest.World) (out []string) {
	t.Helper()
	log, err := w.Core.Engine().Log(t.Context(), w.DB, int64(w.Process.ID), 0, 0)
	w.Must(err)
	for _, e := range log {
		if d := workflow.DocumentOf(e); d.Code != "" {
			if len(d.Digest) != 64 {
				t.Errorf("digest %q", d.Digest)
			}
			out = append(out, e.Transition+" "+d.Code)
		}
	}
	w.Must(history.Verify(t.Context(), history.In(w.DB), int64(w.Process.ID)))
	return out
}

// An act that the definition gives to an office is theirs alone, and the log tells
// what of it was public and when; what a move or an end rests on is not taken back.
func TestActsAreTheirs(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "offices", Path: offices})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	s := document.New(w.Core)
	authority, facilitator := w.Actor("autorita@example.org", "Autorità"), w.Actor("fac@example.org", "Fac")
	w.Member(authority, process.RoleGuarantor)
	w.Member(facilitator, process.RoleFacilitator)
	save := func(who process.Actor, code, body string) error {
		d, err := s.Load(t.Context(), w.Process, code, "it")
		if fault.Is(err, fault.NotFound) {
			d = document.Document{ProcessID: w.Process.ID, Code: code, Title: code}
		}
		d.Body = body
		return s.Save(t.Context(), who, d)
	}
	publish := func(who process.Actor, code string, public bool) error {
		return s.Publish(t.Context(), who, w.Process.ID, code, public)
	}
	key := func(err error) string {
		e, _ := fault.As(err)
		if e == nil {
			return ""
		}
		return e.Key
	}
	for _, who := range []process.Actor{w.Promoter, facilitator} {
		if got := key(save(who, "resolution", "Si apre")); got != "document.by" {
			t.Errorf("%s writes the resolution: %q", who.Name, got)
		}
	}
	w.Must(save(authority, "resolution", "Si apre"))
	if got := key(publish(facilitator, "resolution", true)); got != "document.by" {
		t.Errorf("the facilitator publishes the resolution: %q", got)
	}
	w.Must(publish(authority, "resolution", true))
	w.Must(publish(authority, "resolution", true)) // nothing new
	w.Must(save(authority, "resolution", "Si apre con una condizione"))
	w.Must(publish(authority, "resolution", false))
	w.Must(save(authority, "resolution", "Si apre"))
	w.Must(publish(authority, "resolution", true))
	w.Must(save(facilitator, "sheet", "Uno"))
	w.Must(publish(facilitator, "sheet", true))
	w.Must(save(facilitator, "notes", "Appunti"))
	w.Must(publish(facilitator, "notes", true)) // the definition knows nothing of them
	const on, off = definition.ActPublishDocument, definition.ActWithdrawDocument
	want := []string{on + " resolution", on + " resolution", off + " resolution", on + " resolution", on + " sheet"}
	if got := acts(t, w); !slices.Equal(got, want) {
		t.Errorf("the log tells %v, want %v", got, want)
	}

	w.Publish()
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "admit"})
	w.Must(err)
	if got := key(publish(authority, "resolution", false)); got != "document.relied" {
		t.Errorf("what a move rests on is taken back: %q", got)
	}
	w.Must(save(authority, "resolution", "Si apre, corretto"))
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: inst.DueAt.AddDate(0, 0, 5), Reason: "Maltempo", Act: "notes"})
	w.Must(err)
	if got := key(publish(facilitator, "notes", false)); got != "document.relied" {
		t.Errorf("what an end rests on is taken back: %q", got)
	}
	w.Must(publish(facilitator, "sheet", false))
	if got, more := acts(t, w), append(want, on+" resolution", off+" sheet"); !slices.Equal(got, more) {
		t.Errorf("the log tells %v, want %v", got, more)
	}
}

// A text that is saved as its document is taken back was never public, in the log
// neither; what cannot be taken back keeps the text that it had, and a form sent
// twice publishes once.
func TestSaveAndTurn(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "offices", Path: offices})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	s := document.New(w.Core)
	d := document.Document{ProcessID: w.Process.ID, Code: "sheet", Title: "Scheda", Body: "Uno", Turn: document.Show, FormKey: "a"}
	for range 2 {
		_, err := s.Add(t.Context(), w.Promoter, d)
		w.Must(err)
	}
	d.Body, d.Turn, d.Revision = "Riservato", document.Hide, 1
	w.Must(s.Save(t.Context(), w.Promoter, d))
	const on, off = definition.ActPublishDocument, definition.ActWithdrawDocument
	if got := acts(t, w); !slices.Equal(got, []string{on + " sheet", off + " sheet"}) {
		t.Errorf("the log tells %v", got)
	}
	log, err := w.Core.Engine().Log(t.Context(), w.DB, int64(w.Process.ID), 0, 0)
	w.Must(err)
	if first, last := workflow.DocumentOf(log[len(log)-2]), workflow.DocumentOf(log[len(log)-1]); first.Digest != last.Digest {
		t.Errorf("published %s, withdrew %s", first.Digest, last.Digest)
	}

	d.Turn, d.Revision = document.Show, 2
	w.Must(s.Save(t.Context(), w.Promoter, d))
	w.Publish()
	authority := w.Actor("autorita@example.org", "Autorità")
	w.Member(authority, process.RoleGuarantor)
	act := document.Document{ProcessID: w.Process.ID, Code: "resolution", Title: "Delibera", Body: "Si apre", Turn: document.Show}
	w.Must(s.Save(t.Context(), authority, act))
	_, err = w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "admit"})
	w.Must(err)
	act.Body, act.Turn, act.Revision = "Altro", document.Hide, 1
	if err := s.Save(t.Context(), authority, act); !fault.Is(err, fault.Conflict) {
		t.Errorf("what a move rests on: %v", err)
	}
	if got, err := s.Load(t.Context(), w.Process, "resolution", "it"); err != nil || got.Body != "Si apre" || got.PublishedAt == nil {
		t.Errorf("the refusal left %+v, %v", got, err)
	}
}

// After the end the promoter writes, and an office what the definition gives to it;
// the others read.
func TestWhoWritesAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "offices", Path: strings.Replace(offices, "event: end, from: [running]", "event: end, from: [asked, running]", 1)})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	s := document.New(w.Core)
	authority, facilitator := w.Actor("autorita@example.org", "Autorità"), w.Actor("fac@example.org", "Fac")
	w.Member(authority, process.RoleGuarantor)
	w.Member(facilitator, process.RoleFacilitator)
	w.Must(s.Save(t.Context(), facilitator, document.Document{ProcessID: w.Process.ID, Code: "sheet", Title: "Scheda", Body: "Uno", Turn: document.Show}))
	w.Publish()
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "end"})
	w.Must(err)
	for name, c := range map[string]struct {
		who       process.Actor
		code, key string
	}{
		"facilitator, old":         {facilitator, "sheet", "policy.ended"},
		"facilitator, new":         {facilitator, "notes", "policy.ended"},
		"facilitator, an office’s": {facilitator, "resolution", "document.by"},
		"office, another’s":        {authority, "notes", "policy.ended"},
		"office, its own":          {authority, "resolution", ""},
		"promoter, old":            {w.Promoter, "sheet", ""},
		"promoter, new":            {w.Promoter, "act", ""},
		"promoter, an office’s":    {w.Promoter, "resolution", "document.by"},
	} {
		d, err := s.Load(t.Context(), w.Process, c.code, "it")
		if fault.Is(err, fault.NotFound) {
			d = document.Document{ProcessID: w.Process.ID, Code: c.code, Title: c.code}
		}
		d.Body = name
		err = s.Save(t.Context(), c.who, d)
		if e, _ := fault.As(err); c.key == "" && err != nil || c.key != "" && (e == nil || e.Key != c.key) {
			t.Errorf("%s: %v, want %q", name, err, c.key)
		}
	}
	if err := s.Publish(t.Context(), facilitator, w.Process.ID, "sheet", false); !fault.Is(err, fault.Closed) {
		t.Errorf("the facilitator withdraws: %v", err)
	}
}
