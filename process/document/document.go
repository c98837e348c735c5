// Package document holds the documents of a process: what its phases ask for,
// written in Markdown, public once published.
package document

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
	"arengo/workflow/definition"
)

const (
	maxTitle = 200
	maxBody  = 200_000
)

// Document is one document. Body is Markdown; PublishedAt is nil while only
// staff can read it. A document that nobody wrote yet has Revision 0.
type Document struct {
	ProcessID   process.ID
	Code        string
	Title       string
	Body        string
	Revision    int64
	UpdatedAt   time.Time
	PublishedAt *time.Time

	Phase    string // the state that asks for it, "" when none does
	Required bool
	Public   bool     // the definition wants it public
	By       []string `bun:"-"` // the roles that alone write it, none for all who write documents

	Turn    Turn   `bun:"-"` // what saving it does besides
	FormKey string `bun:"-"` // of the form that makes it, see package once
	Already bool   `bun:"-"` // that form had made it before
}

// Turn is what becomes of a document when it is saved: "" leaves it public, or
// not, as it was.
type Turn string

// What a document may turn into.
const (
	Show Turn = "public"
	Hide Turn = "withdrawn"
)

// Service holds the use cases of documents.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// List gives the documents that the definition asks for, in order and empty
// where nobody wrote them yet, then the others.
func (s *Service) List(ctx context.Context, p process.Process, locale string) ([]Document, error) {
	def, _, err := s.core.Definition(ctx, s.core.DB(), p)
	if err != nil {
		return nil, err
	}
	written, err := list(ctx, s.core.DB(), p.ID)
	if err != nil {
		return nil, err
	}
	var out []Document
	for _, st := range def.States {
		for _, a := range st.Artefacts {
			out = append(out, merge(&written, a, st.Name, p.ID, locale))
		}
	}
	return append(out, written...), nil
}

// merge takes what was written for an artefact out of written.
func merge(written *[]Document, a definition.Artefact, phase string, id process.ID, locale string) Document {
	d := Document{ProcessID: id, Code: a.Code, Title: a.Title.In(locale)}
	if i := slices.IndexFunc(*written, func(w Document) bool { return w.Code == a.Code }); i >= 0 {
		d = (*written)[i]
		*written = slices.Delete(*written, i, i+1)
	}
	d.Phase, d.Required, d.Public, d.By = phase, a.Required, a.Public, a.By
	return d
}

// Published lists what the public can read.
func (s *Service) Published(ctx context.Context, p process.Process) ([]Document, error) {
	all, err := list(ctx, s.core.DB(), p.ID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d Document) bool { return d.PublishedAt == nil }), nil
}

// Load gives one document, from the definition's words when nobody wrote it
// yet; fault.NotFound "document.not_found" when neither knows it.
func (s *Service) Load(ctx context.Context, p process.Process, code, locale string) (Document, error) {
	all, err := s.List(ctx, p, locale)
	if err != nil {
		return Document{}, err
	}
	if i := slices.IndexFunc(all, func(d Document) bool { return d.Code == code }); i >= 0 {
		return all[i], nil
	}
	return Document{}, fault.New(fault.NotFound, "document.not_found")
}

// Save writes a document, and publishes it or takes it back with that text, as
// its Turn says: all of it or nothing. d.Revision is the one that the form was made
// from, 0 for a new one. Refusals: fault.Invalid at "title", "body" or "code",
// fault.Conflict "form.stale" when somebody else saved first, and those of Publish.
func (s *Service) Save(ctx context.Context, who process.Actor, d Document) error {
	return s.write(ctx, who, d, func(_ context.Context, _ bun.IDB, _ Document, put func() error) error { return put() })
}

// Add writes a new document and gives it. A form that the actor sent before
// changes nothing and gives the code that it made, Already. Refusals: as Save.
func (s *Service) Add(ctx context.Context, who process.Actor, d Document) (Document, error) {
	d.Revision = 0
	form := once.Form{Process: int64(d.ProcessID), Person: int64(who.Person), Name: "document", Key: d.FormKey}
	code, already := "", false
	err := s.write(ctx, who, d, func(ctx context.Context, tx bun.IDB, d Document, put func() error) (err error) {
		code, already, err = once.Do(ctx, tx, form, d.UpdatedAt, func() (string, error) { return d.Code, put() })
		return err
	})
	d.Code, d.Already = code, already
	return d, err
}

// write opens a use case that writes a document by calling put, once the text is
// found good.
func (s *Service) write(ctx context.Context, who process.Actor, d Document, do func(_ context.Context, _ bun.IDB, _ Document, put func() error) error) error {
	d.Title, d.Body = strings.TrimSpace(d.Title), strings.TrimSpace(d.Body)
	if err := check(d); err != nil {
		return err
	}
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := s.core.Begin(ctx, tx, d.ProcessID, who, process.ActDocumentEdit)
		if err != nil {
			return err
		}
		d.UpdatedAt = now
		return noted(ctx, tx, s.core, p, who, d.Code, func() error {
			return do(ctx, tx, d, func() error {
				if err := save(ctx, tx, d, who.Person); err != nil {
					return err
				}
				return s.turn(ctx, tx, p, d)
			})
		})
	})
}

func check(d Document) error {
	var bad fault.List
	if d.Title == "" {
		bad = append(bad, fault.Field("title", "form.required"))
	}
	if len([]rune(d.Title)) > maxTitle {
		bad = append(bad, fault.Field("title", "form.too_long", "max", maxTitle))
	}
	if d.Body == "" {
		bad = append(bad, fault.Field("body", "form.required"))
	}
	if len([]rune(d.Body)) > maxBody {
		bad = append(bad, fault.Field("body", "form.too_long", "max", maxBody))
	}
	if !validCode(d.Code) {
		bad = append(bad, fault.Field("code", "document.code_bad"))
	}
	return bad.Err()
}

// validCode holds codes to what an address can show.
func validCode(code string) bool {
	if code == "" || len(code) > 60 {
		return false
	}
	for _, r := range code {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

// Publish makes a written document public, or takes it back; the log of the
// process tells of those that its definition asks for. Publishing twice keeps the
// first date. Refusals: fault.NotFound when nobody wrote it, fault.Conflict
// "document.relied" to take back what a move or an end that was moved rests on, and
// those of process.Service.Document.
func (s *Service) Publish(ctx context.Context, who process.Actor, id process.ID, code string, public bool) error {
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := s.core.Begin(ctx, tx, id, who, process.ActDocumentEdit)
		if err != nil {
			return err
		}
		d := Document{Code: code, UpdatedAt: now, Turn: Hide}
		if public {
			d.Turn = Show
		}
		return noted(ctx, tx, s.core, p, who, code, func() error { return s.turn(ctx, tx, p, d) })
	})
}

// turn makes a document that stands public, or takes it back.
func (s *Service) turn(ctx context.Context, tx bun.IDB, p process.Process, d Document) error {
	switch d.Turn {
	case Show:
		return publish(ctx, tx, p.ID, d.Code, &d.UpdatedAt)
	case Hide:
		if relied, err := Relied(ctx, tx, s.core, p, d.Code); err != nil || relied {
			return cmp.Or(err, error(fault.New(fault.Conflict, "document.relied")))
		}
		return publish(ctx, tx, p.ID, d.Code, nil)
	}
	return nil
}
