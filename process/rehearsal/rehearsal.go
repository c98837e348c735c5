// Package rehearsal lets the processes of this program be rehearsed: it gives
// workflow/rehearse the kinds of activity with what the model supposes of them,
// and the words of the real messages.
package rehearsal

import (
	"slices"

	"arengo/notify"
	"arengo/notify/templates"
	"arengo/process"
	"arengo/workflow/definition"
	"arengo/workflow/rehearse"
)

// What the model supposes of an activity: how many are invited by name to one
// that they register for, how many of them come, and how many register by
// themselves for one that is open to all.
const (
	named      = 12
	namedRate  = 0.8
	registered = 40
)

// Kinds are the kinds of activity in the versions that this program ships, in
// the order of its list. The error is a workflow that does not compile.
func Kinds(kinds *process.Kinds, lang string) ([]rehearse.Kind, error) {
	var out []rehearse.Kind
	for _, name := range kinds.Names() {
		kind, err := kinds.Get(name)
		if err != nil {
			return nil, err
		}
		def, problems := definition.Check(name+"/workflow.yaml", kind.Workflow(), nil)
		if problems != nil {
			return nil, problems
		}
		out = append(out, supposed(def, lang))
	}
	return out, nil
}

// supposed is a kind with what the model supposes of it, by what it counts:
// everybody is invited to what nobody registers for, some by name to what they
// are invited to and register for, and the rest come by themselves.
func supposed(def *definition.Compiled, lang string) rehearse.Kind {
	k := rehearse.Kind{Definition: def, Title: def.Title.In(lang)}
	invites, registers := slices.Contains(def.Counts, "invited"), slices.Contains(def.Counts, "registered")
	switch {
	case invites && registers:
		k.Invited, k.Rate = named, namedRate
	case invites:
		k.Invited = rehearse.Everyone
	case registers:
		k.Registered = registered
	}
	return k
}

// Voice writes messages with the templates of production.
type Voice struct{}

// Write renders a notice; one of the definition's own with its own words.
func (Voice) Write(t rehearse.Telling) (rehearse.Words, error) {
	name, f := t.Kind, facts(t)
	if t.Notice != nil {
		name = notify.Announcement
		f.Own = templates.Own{Subject: t.Notice.Subject, Text: t.Notice.Text, Phase: map[string]string{t.Lang: t.Phase}, Dates: t.Dates}
	}
	kind, _ := notify.KindNamed(name)
	page, err := templates.Render(name, f)
	return rehearse.Words{Subject: page.Subject, Keeps: kind.TimeToLive}, err
}

func facts(t rehearse.Telling) templates.Facts {
	f := templates.Facts{
		Process:   templates.Process{ID: 1, Title: t.Process, Promoter: t.Promoter, Phase: templates.Phase{Title: t.Phase}, Zone: t.Zone.String()},
		Activity:  templates.Activity{Title: t.Activity, Kind: t.ActivityOf},
		Recipient: templates.Recipient{Locale: t.Lang},
		Deadline:  templates.Deadline{At: t.Due, Zone: t.Zone.String()},
		Extra:     map[string]string{"action": t.Action, "state": t.Phase},
	}
	if t.Reason != "" {
		f.Extra["reason"] = t.Reason
	}
	if !t.Meeting.Start.IsZero() {
		f.Meeting = templates.Meeting{Title: t.Activity, Start: t.Meeting.Start, End: t.Meeting.End}
	}
	return f
}
