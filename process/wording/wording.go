// Package wording keeps what a process says in words of its own: for the kinds of
// notice that may be adapted a subject and a body in each language, with every
// version that there ever was. What was not adapted, or not in a language, is said
// as the catalogue says it.
package wording

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/notify/catalogue"
	"arengo/notify/templates"
	"arengo/process"
	"arengo/process/fault"
)

// Trial is the kind of notice by which somebody sends themselves what they adapt.
const Trial = "text-trial"

// Service holds the use cases.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// Entry is a kind of notice that may be adapted, and what the process says in its
// place, by locale.
type Entry struct {
	notify.Kind

	Adapted map[string]Version
}

// List gives the kinds that may be adapted, in the order of the catalogue.
func (s *Service) List(ctx context.Context, id process.ID) ([]Entry, error) {
	rows, err := listAll(ctx, s.core.DB(), id)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, k := range notify.Kinds() {
		if !k.Adaptable {
			continue
		}
		e := Entry{Kind: k, Adapted: map[string]Version{}}
		for _, v := range rows {
			if v.Kind == k.Name && !v.Standard() {
				e.Adapted[v.Locale] = v
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// Text is one text as a form shows it: the newest version, zero when there never
// was one, what the form begins with, and the versions before, the newest first.
type Text struct {
	Current Version
	Words   templates.Wording
	Before  []Version
}

// Find gives one text. fault.NotFound "wording.not_found" for a kind that may not be
// adapted and a language that nothing is written in.
func (s *Service) Find(ctx context.Context, id process.ID, kind, locale string) (Text, error) {
	if err := known(kind, locale); err != nil {
		return Text{}, err
	}
	all, err := listVersions(ctx, s.core.DB(), id, kind, locale)
	if err != nil {
		return Text{}, err
	}
	var out Text
	if len(all) > 0 {
		out.Current, out.Before = all[0], all[1:]
	}
	if out.Words = out.Current.Wording(); out.Current.Standard() {
		out.Words, err = templates.Draft(kind, locale)
	}
	return out, err
}

func known(kind, locale string) error {
	if k, ok := notify.KindNamed(kind); !ok || !k.Adaptable || !slices.Contains(templates.Locales(), locale) {
		return fault.New(fault.NotFound, "wording.not_found")
	}
	return nil
}

// Change is what somebody wants a kind to say in one language. Revision is that of
// the version which the form was made from, 0 for none.
type Change struct {
	Kind, Locale string
	Revision     int
	Words        templates.Wording
}

// Save makes a new version. Refusals: fault.Invalid at "subject" or "body" with the
// keys of templates.Problem and its Line, Word and Near as "line", "word" and "near",
// fault.Conflict "form.stale" when somebody else saved first, fault.NotFound
// "wording.not_found", and those of Begin for process.ActMessageAdapt.
func (s *Service) Save(ctx context.Context, id process.ID, who process.Actor, c Change) error {
	if _, err := vet(c); err != nil {
		return err
	}
	return s.write(ctx, id, who, c)
}

// Restore goes back to the kind's own text; what stood there stays among the
// versions. The refusals are those of Save.
func (s *Service) Restore(ctx context.Context, id process.ID, who process.Actor, c Change) error {
	if err := known(c.Kind, c.Locale); err != nil {
		return err
	}
	c.Words = templates.Wording{}
	return s.write(ctx, id, who, c)
}

func (s *Service) write(ctx context.Context, id process.ID, who process.Actor, c Change) error {
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.core.Begin(ctx, tx, id, who, process.ActMessageAdapt)
		if err != nil {
			return err
		}
		all, err := listVersions(ctx, tx, id, c.Kind, c.Locale)
		if err != nil {
			return err
		}
		if len(all) > 0 && all[0].Revision != c.Revision || len(all) == 0 && c.Revision != 0 {
			return fault.New(fault.Conflict, "form.stale")
		}
		if len(all) > 0 && all[0].Wording() == c.Words || len(all) == 0 && c.Words.Body == "" {
			return nil // nothing that a version would tell
		}
		return insert(ctx, tx, Version{
			ProcessID: int64(id), Kind: c.Kind, Locale: c.Locale, Revision: c.Revision + 1,
			Subject: c.Words.Subject, Body: c.Words.Body, At: now, By: who.Person,
		})
	})
}

// vet finds what is wrong with the words of a change, which become tidy.
func vet(c Change) (*templates.Adapted, error) {
	if err := known(c.Kind, c.Locale); err != nil {
		return nil, err
	}
	a, problems, err := templates.Adapt(c.Kind, c.Locale, c.Words)
	if err != nil {
		return nil, err
	}
	var bad fault.List
	for _, p := range problems {
		bad = append(bad, refusal(p))
	}
	return a, bad.Err()
}

// refusal says a problem; one with a guess has a key of its own.
func refusal(p templates.Problem) *fault.Error {
	key := p.Key
	if p.Near != "" {
		key += "_near"
	}
	return fault.Field(p.Field, key, "line", p.Line, "word", p.Word, "near", p.Near,
		"chars", templates.MostSubject, "bytes", templates.MostBody>>10)
}

// Preview writes a message with the words of a change, as a reader of a process by
// that title would see it; the other values are those of the catalogue. The refusals
// are those of Save.
func (s *Service) Preview(p process.Process, c Change) (templates.Page, error) {
	a, err := vet(c)
	if err != nil {
		return templates.Page{}, err
	}
	f := Example(p, s.core.BaseURL(), c.Kind, c.Locale)
	f.Wordings = templates.Wordings{c.Locale: a}
	return templates.Render(c.Kind, f)
}

// Example gives the facts of a preview in a process.
func Example(p process.Process, base, kind, locale string) notify.Facts {
	f := templates.Preview(kind, locale)
	page := base + "/percorsi/" + p.Slug
	f.Process.ID, f.Process.Title, f.Process.ContactName, f.Process.ContactEmail = int64(p.ID), p.Title, p.ContactName, p.ContactEmail
	f.Process.ContactPhone, f.Process.ContactHours = "", ""
	f.Process.URL, f.Process.PrivacyURL, f.Process.AccessibilityURL = page, base+"/privacy", base+"/accessibilita"
	f.Process.Zone = p.Zone
	f.Recipient.Link = page
	if f.Recipient.UnsubscribeURL != "" {
		f.Recipient.UnsubscribeURL = page
	}
	return f
}

// trials is how many trials a person gets in an hour.
const trials = 20

// Try sends the words of a change to whoever asks, as they stand and saved or not.
// The refusals are those of Save, and fault.TooMany "wording.trials".
func (s *Service) Try(ctx context.Context, id process.ID, who process.Actor, c Change) error {
	if _, err := vet(c); err != nil {
		return err
	}
	payload, err := json.Marshal(process.Payload{Trial: &process.TrialText{
		Process: id, Kind: c.Kind, Locale: c.Locale, Subject: c.Words.Subject, Body: c.Words.Body,
	}})
	if err != nil {
		return fmt.Errorf("payload of a trial: %w", err)
	}
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.core.Begin(ctx, tx, id, who, process.ActMessageAdapt)
		if err != nil {
			return err
		}
		n, err := trialsSince(ctx, tx, who.Person, now.Add(-time.Hour))
		if err != nil {
			return err
		}
		if n >= trials {
			return fault.New(fault.TooMany, "wording.trials", "n", trials)
		}
		return s.core.Outbox().Add(ctx, tx, notify.Notice{
			ProcessID: notify.Account, Key: fmt.Sprintf("trial/%d/%d/%d", who.Person, now.UnixMicro(), n), Kind: Trial,
			PersonID: int64(who.Person), Payload: payload, DueAt: now, CreatedAt: now,
		})
	})
}

// Variables lists what may be put into a text of the kind.
func Variables(kind string) []catalogue.Variable { return catalogue.Variables(kind) }

// Trialled gives what a trial says: the facts of the preview, with its words, whose
// subject says that it is one. A trial that is not good any more says so itself.
func Trialled(p process.Process, base string, t process.TrialText) notify.Facts {
	f := Example(p, base, t.Kind, t.Locale)
	f.Kind, f.Recipient.UnsubscribeURL = t.Kind, ""
	a, problems, err := templates.Adapt(t.Kind, t.Locale, templates.Wording{Subject: t.Subject, Body: t.Body})
	if err == nil && len(problems) == 0 {
		a, err = a.Marked(mark.In(t.Locale))
	}
	if err != nil || len(problems) > 0 {
		f.Kind = Trial
		return f
	}
	f.Wordings = templates.Wordings{t.Locale: a}
	return f
}

// mark is what the subject of a trial begins with.
var mark = catalogue.Text{"it": "[Prova]", "en": "[Trial]", "de": "[Probe]", "fr": "[Essai]"}
