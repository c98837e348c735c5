package questionnaire

import (
	"context"
	"net/url"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
)

// Phase says what the bearer of a link can do now.
type Phase string

// The phases. Grace is the time after the end in which somebody who had begun
// before it may still send; Held is until a suspension ends.
const (
	PhaseEarly     Phase = "early"
	PhaseOpen      Phase = "open"
	PhaseGrace     Phase = "grace"
	PhaseOver      Phase = "over"
	PhaseHeld      Phase = "held"
	PhaseCancelled Phase = "cancelled"
)

// Visit is what a page shows to the bearer of a link. Form is nil while nothing
// is published, and Receipt until the answers are sent; then the answers are no
// longer shown. ClosesAt is the end, half-open, zero while unknown; SendBy is
// the last instant at which this person can send, the grace included.
type Visit struct {
	Process    process.Process
	Activity   process.Activity
	Invitation roster.Invitation
	Promoter   string // the organisation that asks
	Partners   int    // how many organisations ask with it

	Form     *form.Form
	Version  int
	Answers  form.Answers
	Position string     // the item last saved, "" before
	SavedAt  *time.Time // nil while there is no draft

	Phase    Phase
	ClosesAt time.Time
	SendBy   time.Time
	Receipt  *Receipt
	Results  bool // are public, of a visit with a receipt
	Now      time.Time
}

// Receipt proves that answers arrived; it says nothing of what they were.
type Receipt struct {
	Code string
	At   time.Time
}

// Visit reads what a link leads to and changes nothing. Refusals: those of
// roster.ByToken, and fault.NotFound "link.bad" for a link to another kind.
func (s *Service) Visit(ctx context.Context, token string) (Visit, error) {
	var v Visit
	var err error
	db := s.core.DB()
	if v.Invitation, err = s.roster.ByToken(ctx, token, process.LinkAnswer); err != nil {
		return v, err
	}
	id := v.Invitation.Process
	if v.Activity, err = s.core.LoadActivity(ctx, db, id, v.Invitation.Activity); err != nil {
		return v, err
	}
	if v.Activity.Kind != (Kind{}).Name() {
		return v, fault.New(fault.NotFound, "link.bad")
	}
	if v.Process, err = s.core.LoadProcess(ctx, db, id); err != nil {
		return v, err
	}
	if v.Promoter, v.Partners, err = organisations(ctx, db, v.Process); err != nil {
		return v, err
	}
	at, err := readSituation(ctx, db, id, v.Invitation.ID)
	if err != nil {
		return v, err
	}
	if v.Now, err = s.core.Now(ctx, db); err != nil {
		return v, err
	}
	return v, s.fill(ctx, db, &v, at)
}

// fill adds the form, the draft and the clock to a visit.
func (s *Service) fill(ctx context.Context, db bun.IDB, v *Visit, at situation) (err error) {
	if v.Receipt = at.receipt(); v.Receipt != nil {
		if v.Results, err = resultsPublic(ctx, db, v.Activity.ProcessID, v.Activity.ID); err != nil {
			return err
		}
	}
	v.Answers, v.Position, v.SavedAt = form.Answers{}, at.Position, at.UpdatedAt
	if at.begun() && v.Receipt == nil {
		if v.Answers, err = at.answers(); err != nil {
			return err
		}
	}
	flow, err := s.core.Engine().Resolve(ctx, db, at.Definition, at.DefinitionVersion)
	if err != nil {
		return err
	}
	if v.Phase, v.ClosesAt, v.SendBy, err = phase(flow, at, v.Now); err != nil {
		return err
	}
	v.Form, v.Version, err = s.compiled(ctx, db, formKey{v.Activity.ProcessID, v.Activity.ID, at.pinned()})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Saved is what SaveAnswer did. Problems are what is wrong with the answer that
// was kept; Answers are all those of the draft, this one included.
type Saved struct {
	Form     *form.Form
	Answers  form.Answers
	Problems fault.List
	At       time.Time
}

// SaveAnswer keeps the posted answer to one item in the draft, also one with
// problems, so that it can be mended; the last write of an item wins. The first
// one begins the draft. Refusals: fault.NotFound "link.bad" or
// "answer.item_unknown", fault.Closed "link.withdrawn", "link.replaced",
// "answer.early", "answer.over", "answer.cancelled" or "answer.sent".
func (s *Service) SaveAnswer(ctx context.Context, token, code string, values url.Values) (Saved, error) {
	return s.save(ctx, token, func(f *form.Form) (form.Answers, fault.List) {
		answer, problems := f.Parse(code, values)
		return form.Answers{code: answer}, problems
	})
}

// SaveAnswers keeps several answers at once, such as those given on paper.
// Problems and refusals are those of SaveAnswer.
func (s *Service) SaveAnswers(ctx context.Context, token string, answers form.Answers) (Saved, error) {
	return s.save(ctx, token, func(f *form.Form) (form.Answers, fault.List) {
		var problems fault.List
		for code, a := range answers {
			problems = append(problems, f.ValidateItem(code, a)...)
		}
		return answers, problems
	})
}

func (s *Service) save(ctx context.Context, token string, read func(*form.Form) (form.Answers, fault.List)) (Saved, error) {
	var out Saved
	err := s.answering(ctx, token, true, func(ctx context.Context, tx pg.Tx, a attempt) error {
		if err := s.mayAnswer(a, false); err != nil {
			return err
		}
		f, version, err := s.compiled(ctx, tx, a.key())
		if err != nil {
			return err
		}
		answers, problems := read(f)
		if out.Answers, err = a.at.answers(); err != nil {
			return err
		}
		out.Form, out.Problems, out.At = f, problems, a.now
		k := kept{version: version, answers: answers}
		for _, p := range f.Pages() {
			if answer, ok := answers[p.Item.Code]; ok {
				out.Answers[p.Item.Code], k.position, k.known = answer, p.Item.Code, k.known+1
			}
		}
		if k.known == 0 || k.known < len(answers) {
			return fault.New(fault.NotFound, "answer.item_unknown")
		}
		return saveAnswers(ctx, tx, a, k)
	})
	return out, err
}

// MarkOpened notes that a person, not a program, looked at the first question.
// Errors are those of roster.ByToken.
func (s *Service) MarkOpened(ctx context.Context, token string) error {
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		inv, err := s.roster.ReadToken(ctx, tx, token, process.LinkAnswer)
		if err != nil || inv.OpenedAt != nil {
			return err
		}
		now, err := s.core.Now(ctx, tx)
		if err != nil {
			return err
		}
		_, err = roster.MarkOpened(ctx, tx, inv, now)
		return err
	})
}

// Organisations gives the name of the one that leads a process, which is the
// one that asks, and how many ask with it.
func (s *Service) Organisations(ctx context.Context, p process.Process) (leader string, partners int, err error) {
	return organisations(ctx, s.core.DB(), p)
}
