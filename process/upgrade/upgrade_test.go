package upgrade_test

import (
	"strings"
	"testing"

	"arengo/process/fault"
	"arengo/process/upgrade"
	"arengo/process/worldtest"
)

const path = `
workflow: path
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: listen
states:
  listen: {title: {it: Ascolto, en: Listening}, term: {length: 30d}}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [listen], to: over, by: [promoter]}
`

func world(t *testing.T) *worldtest.World {
	t.Helper()
	w := worldtest.Build(t, worldtest.Config{Template: "path", Path: path})
	w.Settle("marta@comune.example.org", "Marta")
	for name, source := range map[string]string{
		"two":    strings.Replace(path, "version: 1", "version: 2", 1),
		"made":   strings.Replace(path, "workflow: path", "workflow: path-abc", 1),
		"others": strings.Replace(path, "workflow: path", "workflow: other", 1),
	} {
		_, err := w.Core.Definitions().Add(name, []byte(source))
		w.Must(err)
	}
	return w
}

func TestOnlyNewerOfItsOwnAreOffered(t *testing.T) {
	t.Parallel()
	w := world(t)
	got, err := upgrade.Available(t.Context(), w.Core, w.Process)
	w.Must(err)
	if len(got) != 1 || got[0] != (upgrade.Target{Name: "path", Version: 2}) {
		t.Errorf("offered %+v", got)
	}
}

func TestDoAndUndo(t *testing.T) {
	t.Parallel()
	w := world(t)
	do := func(name string, version int, reason string) error {
		return upgrade.Do(t.Context(), w.Core, w.Process.ID, w.Promoter, upgrade.Move{Target: upgrade.Target{Name: name, Version: version}, Reason: reason})
	}
	if err := do("other", 1, "x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a definition of something else: %v", err)
	}
	if err := do("path", 2, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("no reason: %v", err)
	}
	w.Must(do("path", 2, "Così"))
	w.Must(do("path-abc", 1, "Fatta per noi"))
	if err := upgrade.Undo(t.Context(), w.Core, w.Process.ID, w.Stranger, "x", 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger takes it back: %v", err)
	}
	w.Must(upgrade.Undo(t.Context(), w.Core, w.Process.ID, w.Promoter, "Meglio prima", 0))
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	if inst.Definition != "path" || inst.Version != 2 {
		t.Errorf("instance %+v", inst)
	}
	if err := do("path-p987654", 1, "Di un altro percorso"); !fault.Is(err, fault.NotFound) {
		t.Errorf("what another process made for itself: %v", err)
	}
	look, err := upgrade.Look(t.Context(), w.Core, w.Process, upgrade.Move{Target: upgrade.Target{Name: "path-abc", Version: 1}})
	w.Must(err)
	if look.To != "listen" || look.After.Name != "path-abc" {
		t.Errorf("look %+v", look)
	}
}
