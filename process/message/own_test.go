package message_test

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/fixtures"
	"arengo/notify"
	"arengo/notify/templates"
	"arengo/process"
	"arengo/process/processtest"
	"arengo/process/worldtest"
	"arengo/workflow/definition"
)

// ownPath says what it has to say in words of its own: on the way out of a
// state, on the way in, and when deadlines pass.
const ownPath = `
workflow: own-path
version: 3
title: {it: Percorso, en: Process}
timezone: Europe/Rome
roles: [promoter, facilitator, guarantor, deciding-body, participant]
initial: work
dates: [{code: jury, title: {it: Giuria, en: Jury}}, {code: feast, title: {it: Festa, en: Feast}}]
notices:
  account-due:
    subject: {it: "Rendiconto: {process}", en: "Account: {process}"}
    text: {it: "Serve il rendiconto di «{phase}».", en: "The account of “{phase}” is due."}
  work-ended:
    subject: {it: "Finito: {phase}", en: "Ended: {phase}"}
    text: {it: "«{phase}» è finita. Il motivo: {reason}", en: "“{phase}” has ended. The reason: {reason}"}
  validation-requested:
    subject: {it: "Da validare: {process}", en: "To validate: {process}"}
    text:
      it: |
        {organisation} chiede di validare «{process}».

        Va fatto entro {due}. La giuria è {date:jury}, la festa {date:feast}.
      en: |
        {organisation} asks you to validate “{process}”.

        It is due by {due}. The jury is {date:jury}, the feast {date:feast}.
states:
  work:
    title: {it: Lavoro, en: Work}
    term: {length: 20d}
    deadlines:
      - {code: account, title: {it: Rendiconto, en: Account}, after: 10d, of: entry, notice: account-due, to: promoter}
      - {code: nudge, title: {it: Sollecito, en: Nudge}, before: 5d, of: end, escalate: [guarantor, administrator]}
    overdue: [{after: 2d, escalate: facilitator}, {after: 4d, escalate: [deciding-body, administrator]}]
    on_exit: [{notice: work-ended, to: [participant, followers]}]
  validation:
    title: {it: Convalida, en: Validation}
    term: {length: 20d}
    on_enter: [{notice: validation-requested, to: [guarantor, deciding-body]}]
    deadlines:
      - {code: late, title: {it: Ritardo, en: Delay}, after: 30d, of: "state:work", notice: account-due, to: deciding-body}
  over: {title: {it: Concluso, en: Over}, final: true}
transitions:
  - {id: hand-over, event: hand-over, from: [work], to: validation, by: [promoter], reason: optional, title: {it: Consegna, en: Hand over}}
  - {id: end, event: end, from: [validation], to: over, by: [guarantor], title: {it: Valida, en: Validate}}
`

// declare makes a definition with a notice of its own known to the service.
func (b *bundle) declare(code string) *process.OwnNotice {
	b.T.Helper()
	def, problems := definition.Check("own-path.yaml", []byte(ownPath), nil)
	if problems != nil {
		b.T.Fatal(problems)
	}
	_, err := b.Core.Definitions().Keep(def)
	b.Must(err)
	return &process.OwnNotice{Definition: def.Name, Version: def.Version, Code: code}
}

// post is a process whose mail ends in a sink.
type post struct {
	*worldtest.World

	sink    *processtest.Sink
	drainer *notify.Drainer
	people  map[string]process.Actor // by audience
	seen    int
}

// office is a process of ownPath with somebody for each audience that it names.
func office(t *testing.T) *post {
	t.Helper()
	p := &post{World: worldtest.Build(t, worldtest.Config{Template: "own-path", Path: ownPath}), sink: processtest.SMTP(t)}
	p.Settle("promoter@example.org", "Marta Bindi")
	p.drainer = p.Drainer(p.sink)
	p.people = map[string]process.Actor{"promoter": p.Promoter}
	for _, role := range []string{"facilitator", "guarantor", "deciding-body"} {
		p.people[role] = p.Actor(role+"@example.org", "Persona "+role)
		p.Member(p.people[role], role)
	}
	for _, word := range []string{"administrator", "participant", "followers"} {
		p.people[word] = p.Actor(word+"@example.org", "Persona "+word)
	}
	p.Exec(`UPDATE person SET administrator = true WHERE id = ?`, p.people["administrator"].Person)
	p.Exec(`UPDATE person SET locale = 'en' WHERE id IN (?, ?)`, p.people["guarantor"].Person, p.people["followers"].Person)
	p.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, p.Process.ID, p.people["participant"].Person, p.Start)
	p.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?0, ?1, ?2, ?2)`,
		p.Process.ID, p.people["followers"].Person, p.Start)
	p.Publish()
	p.arrived()
	return p
}

// arrived are the mails since the last time, by the mailbox without its domain.
func (p *post) arrived() map[string]*processtest.Message {
	p.T.Helper()
	p.Must(p.drainer.Round(p.T.Context()))
	out := map[string]*processtest.Message{}
	all := p.sink.Messages()
	for _, m := range all[p.seen:] {
		who, _, _ := strings.Cut(m.Recipients[0], "@")
		if out[who] != nil {
			p.T.Errorf("two mails to %s: %q and %q", who, out[who].Subject(), m.Subject())
		}
		out[who] = m
	}
	p.seen = len(all)
	return out
}

// subjects asserts who reads what, after so many days and hours.
func (p *post) subjects(days int, want map[string]string) map[string]*processtest.Message {
	p.T.Helper()
	p.At(p.Start.AddDate(0, 0, days).Add(24 * time.Hour))
	mails, got := p.arrived(), map[string]string{}
	for who, m := range mails {
		got[who] = m.Subject()
	}
	if !maps.Equal(got, want) {
		p.T.Errorf("day %d: got %v, want %v", days, got, want)
	}
	return mails
}

// TestOwnNoticesArrive follows them from the definition to the mailbox, with
// the words, the link and the way out of each reader.
func TestOwnNoticesArrive(t *testing.T) {
	t.Parallel()
	p := office(t)
	p.subjects(10, map[string]string{"promoter": "Rendiconto: Un percorso di prova"})
	p.Exec(`INSERT INTO call_date (process_id, code, day) VALUES (?, 'jury', '2026-05-01')`, p.Process.ID)
	_, err := p.Core.Advance(t.Context(), p.Process.ID, p.Promoter, process.Move{Transition: "hand-over", Reason: "Pronti"})
	p.Must(err)
	mails := p.subjects(10, map[string]string{
		"participant": "Finito: Lavoro", "followers": "Ended: Work",
		"guarantor": "To validate: Un percorso di prova", "deciding-body": "Da validare: Un percorso di prova",
	})
	for who, want := range map[string]struct {
		link, text string
		refusable  bool
	}{
		"participant":   {"/percorsi/", "«Lavoro» è finita. Il motivo: Pronti", true},
		"followers":     {"/percorsi/", "“Work” has ended. The reason: Pronti", true},
		"guarantor":     {"/oggi", "It is due by Thursday 9 April 2026 at 23:59. The jury is Friday 1 May 2026, the feast a date yet to be set.", false},
		"deciding-body": {"/oggi", "Va fatto entro giovedì 9 aprile 2026 alle 23:59. La giuria è venerdì 1° maggio 2026, la festa una data ancora da fissare.", false},
	} {
		m := mails[who]
		if text := strings.Join(strings.Fields(m.Text()), " "); !strings.Contains(text, want.text) {
			t.Errorf("%s: want %q in %s", who, want.text, text)
		}
		if m.Link(worldtest.BaseURL+want.link) == "" || (m.Link("/disiscrivi/") != "") != want.refusable ||
			(m.Header("List-Unsubscribe") != "") != want.refusable {
			t.Errorf("%s: links %v", who, m.Links())
		}
	}
	p.subjects(30, map[string]string{"deciding-body": "Rendiconto: Un percorso di prova"})
}

// What was announced by a phase that is over when the mail goes is headed by that
// phase, not by the one that came after.
func TestANoticeIsHeadedByItsOwnPhase(t *testing.T) {
	t.Parallel()
	p := office(t)
	_, err := p.Core.Advance(t.Context(), p.Process.ID, p.Promoter, process.Move{Transition: "hand-over"})
	p.Must(err)
	_, err = p.Core.Advance(t.Context(), p.Process.ID, p.people["guarantor"], process.Move{Transition: "end"})
	p.Must(err)
	m := p.arrived()["deciding-body"]
	if m == nil || !strings.Contains(m.Text(), "Fase 2 di 2: Convalida") {
		t.Errorf("the message is headed otherwise: %v", m)
	}
}

// Who wants no mail is spared what others say, not what is asked of their office.
func TestOwnNoticesMayBeRefused(t *testing.T) {
	t.Parallel()
	p := office(t)
	for _, who := range []string{"participant", "guarantor"} {
		p.Exec(`INSERT INTO optout (process_id, person_id, created_at) VALUES (?, ?, ?)`, p.Process.ID, p.people[who].Person, p.Start)
	}
	_, err := p.Core.Advance(t.Context(), p.Process.ID, p.Promoter, process.Move{Transition: "hand-over"})
	p.Must(err)
	mails := p.arrived()
	if got := slices.Sorted(maps.Keys(mails)); !slices.Equal(got, []string{"deciding-body", "followers", "guarantor"}) {
		t.Errorf("mails to %v", got)
	}
}

// The chain of escalation, and deadlines beside it, reach each link once.
func TestEscalationReachesItsAudience(t *testing.T) {
	t.Parallel()
	p := office(t)
	asked := func(who string, late bool) string {
		if who != "promoter" && late { // whose step it is
			return "Serve il tuo intervento: Consegna"
		}
		words := map[bool][2]string{true: {"In ritardo: Consegna", "Overdue: Hand over"}, false: {"Da fare: Consegna", "To do: Hand over"}}[late]
		if who == "guarantor" {
			return words[1]
		}
		return words[0]
	}
	for _, step := range []struct {
		days int
		to   []string
	}{
		{10, nil},
		{15, []string{"guarantor", "administrator"}},
		{20, []string{"promoter"}},
		{22, []string{"facilitator"}},
		{24, []string{"deciding-body", "administrator"}},
		{40, nil},
	} {
		want := map[string]string{}
		for _, who := range step.to {
			want[who] = asked(who, step.days >= 20) // the nudge comes before the end
		}
		if step.days == 10 {
			want["promoter"] = "Rendiconto: Un percorso di prova"
		}
		p.subjects(step.days, want)
	}
}

// braces are what a placeholder that nobody filled in leaves behind.
const braces = "{}"

// TestShippedNoticesRender says every notice of every template in both
// languages, with all that is known and with nothing.
func TestShippedNoticesRender(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(fixtures.Files(), "templates/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	rendered := 0
	for _, file := range files {
		source, err := fs.ReadFile(fixtures.Files(), file)
		if err != nil {
			t.Fatal(err)
		}
		def, problems := definition.Check(path.Base(file), source, nil)
		if problems != nil {
			t.Fatal(problems)
		}
		known, unknown := map[string]time.Time{}, map[string]time.Time{}
		for _, d := range def.Dates {
			known[d.Code], unknown[d.Code] = time.Date(2027, time.April, 1, 0, 0, 0, 0, def.Location), time.Time{}
		}
		for _, n := range def.Notices {
			for _, locale := range definition.Locales {
				full := templates.Preview(notify.Announcement, locale)
				full.Own = notify.Own{Subject: n.Subject, Text: n.Text, Dates: known}
				bare := notify.Facts{Recipient: notify.Recipient{Locale: locale}, Own: notify.Own{Subject: n.Subject, Text: n.Text, Dates: unknown}}
				for _, f := range []notify.Facts{full, bare} {
					for _, kind := range []string{notify.Announcement, notify.StaffNotice} {
						page, err := templates.Render(kind, f)
						if err != nil {
							t.Errorf("%s %s %s: %v", file, n.Code, locale, err)
						}
						if all := page.Subject + page.Preview + page.Text + page.HTML; strings.ContainsAny(all, braces) {
							t.Errorf("%s %s %s: braces are left in %s", file, n.Code, locale, all)
						}
						rendered++
					}
				}
			}
		}
	}
	if rendered < 200 {
		t.Errorf("only %d were rendered", rendered)
	}
}
