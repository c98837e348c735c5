package definition_test

import (
	"fmt"
	"strings"
	"testing"

	"arengo/workflow/definition"
)

// stored is a process as one was published before what it says was refused: the
// heads of HEAD, and PLACE in its one phase.
const stored = `
workflow: stored
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter]
HEAD
initial: a
states:
  a:
    title: {it: A, en: A}
    term: {length: 30d}
    at_end: {event: close}
PLACE
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: close, from: [a], to: z, by: [promoter, timer]THEN}
`

// reads asks that a stored definition is read whole, with the notice, although
// nobody may write it any more.
func reads(t *testing.T, head, place, then, refusal string) {
	t.Helper()
	source := []byte(strings.NewReplacer("HEAD\n", head, "PLACE\n", place, "THEN", then).Replace(stored))
	c, problems := definition.Read("stored@1", source, nil)
	if len(problems) > 0 {
		t.Errorf("it is not read: %v\n%s", problems, source)
	} else if _, ok := c.State("a"); !ok || c.Name != "stored" {
		t.Errorf("read as %+v", c.Definition)
	}
	for name, now := range map[string]definition.Problems{
		"check": second(definition.Check("s.yaml", source, nil)), "draft": second(definition.Draft("s.yaml", source, nil)),
	} {
		if len(now) == 0 || !strings.Contains(now.In("en").Error(), refusal) {
			t.Errorf("%s says %v, want %q", name, now, refusal)
		}
	}
}

func second[T any](_ T, problems definition.Problems) definition.Problems { return problems }

// Processes could announce what speaks of an activity, wherever notices stand.
func TestStoredNoticesOfActivities(t *testing.T) {
	t.Parallel()
	for _, notice := range definition.ActivityNotices {
		said := fmt.Sprintf("{notice: %s, to: followers}", notice)
		refusal := fmt.Sprintf("notice %q speaks of an activity", notice)
		for _, place := range []string{
			"    on_enter: [" + said + "]\n",
			"    on_exit: [" + said + "]\n",
			"    reminders: [{before: 2d, notice: " + notice + ", to: followers}]\n",
			"    deadlines: [{code: d, title: {it: D, en: D}, after: 2d, of: entry, notice: " + notice + ", to: promoter}]\n",
		} {
			reads(t, "", place, "", refusal)
		}
		reads(t, "", "", ", then: ["+said+"]", refusal)
	}
}

// A notice of a definition's own may bear a name that every definition has come to
// know since.
func TestStoredNoticesOfANameTaken(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"held", "resumed", "reopened", "deadline-shortened"} {
		reads(t, "notices: {"+name+": {subject: {it: Detto, en: Said}, text: {it: Detto., en: Said.}}}\n",
			"    on_enter: [{notice: "+name+", to: followers}]\n", "", "every definition knows a notice of that name")
	}
}
