package foresight

import (
	"context"
	"time"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Closing is an activity that a move closes. Unsent are those invited who have
// not sent, Drafts those of them who have begun, Told those who get a mail about
// it. Answers is false for an activity that asks nobody for answers. Grace is how
// long those who have begun can still send; zero when they cannot.
type Closing struct {
	Activity       process.Activity
	Answers        bool
	Early          bool // before the activity's own end
	Unsent, Drafts int64
	Told           int
	Grace          civil.Span
	Dates          []workflow.Date // of the activity's own, that fall away or are set
}

// Opening is an activity that a move opens. Told are those who get a mail about
// it; Tells is false when its opening tells nobody.
type Opening struct {
	Activity process.Activity
	Tells    bool
	Told     int
	Dates    []workflow.Date // of the activity's own, that fall away or are set
}

// Outlook is what a move does beside changing the state. Ends is the end of the
// phase that it begins, Planned the one that was expected until now; zero when
// there is none. Stays are the activities that take people in and go on after a move that
// ends the process, until their own meetings.
type Outlook struct {
	Ends, Planned time.Time
	Later         []workflow.Date        // ends of the phases after it, which follow
	Waits         *workflow.PlannedPhase // what then comes on its first possible day, nil for nothing
	Opens         []Opening
	Closes        []Closing
	Stays         []process.Activity
	Pairs         []Pair
	Missed        time.Time // the end that the phase it begins had by a date that has gone by, half-open; mostly zero
	Lacks         []Lack    // of the phase that it leaves, where it leads on
}

// Moves foresees each option of a process, or of one of its activities, by the
// name of its transition. What a guard blocks is foreseen too.
func (s *Service) Moves(ctx context.Context, p process.Process, on *process.Activity, options []workflow.Option, now time.Time) (map[string]Outlook, error) {
	out := make(map[string]Outlook, len(options))
	if on != nil {
		return out, s.own(ctx, *on, options, out, now)
	}
	b, err := s.read(ctx, p)
	if err != nil {
		return nil, err
	}
	lacks, err := s.lacks(ctx, b)
	if err != nil {
		return nil, err
	}
	for _, o := range options {
		look := Outlook{Ends: o.Ends, Planned: o.Planned, Later: o.Later, Waits: o.Waits}
		if b.onward(o) {
			look.Lacks = lacks
		}
		look.Missed = b.missed(o, now)
		if look.Opens, err = s.openings(ctx, b, o, now); err != nil {
			return nil, err
		}
		if err = s.closings(ctx, b, o, now, &look); err != nil {
			return nil, err
		}
		if look.Pairs, err = s.after(ctx, b, o, now); err != nil {
			return nil, err
		}
		out[o.Transition.ID] = look
	}
	return out, nil
}

// missed is the end by a date of the call of the phase that an option begins, where
// that is over.
func (b board) missed(o workflow.Option, now time.Time) time.Time {
	if !o.To.Term.Dated() || !o.To.Term.Called() {
		return time.Time{}
	}
	for _, p := range b.plan {
		if p.State == o.To.Name && p.StartedAt.IsZero() && !p.End.After(now) {
			return p.End
		}
	}
	return time.Time{}
}

// own foresees the moves of one activity: those that take the door away.
func (s *Service) own(ctx context.Context, a process.Activity, options []workflow.Option, out map[string]Outlook, now time.Time) error {
	def, err := s.core.Engine().Resolve(ctx, s.core.DB(), a.Definition, a.Version)
	if err != nil || def.Door(a.State) == "" {
		return err
	}
	for _, o := range options {
		if def.Door(o.To.Name) != "" {
			continue
		}
		c, err := s.closing(ctx, def, a, o.Transition, now)
		if err != nil {
			return err
		}
		out[o.Transition.ID] = Outlook{Closes: []Closing{c}}
	}
	return nil
}

// openings are the activities that entering an option's state opens, as far as
// they are ready to.
func (s *Service) openings(ctx context.Context, b board, o workflow.Option, now time.Time) ([]Opening, error) {
	var out []Opening
	for _, a := range b.activities {
		if !opens(b.def, o.To.Name, a.Kind) {
			continue
		}
		def, err := s.core.Engine().Resolve(ctx, s.core.DB(), a.Definition, a.Version)
		if err != nil {
			return nil, err
		}
		t, ok := process.Opens(def, a)
		if !ok {
			continue
		}
		one := Opening{Activity: a}
		to, _ := def.State(t.To)
		for _, x := range to.OnEnter {
			if x.Notice == "" {
				continue
			}
			told, err := s.Reached(ctx, Notice{Ref: a.Ref(), Action: x, State: t.To, At: now})
			if err != nil {
				return nil, err
			}
			one.Tells, one.Told = true, one.Told+told
		}
		if one.Dates, err = s.dates(ctx, b, a, t); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// closings are the activities that entering an option's state closes: all that
// are still open when it ends the process, as far as a process can close them.
func (s *Service) closings(ctx context.Context, b board, o workflow.Option, now time.Time, out *Outlook) error {
	for _, a := range b.activities {
		if !o.To.Final && !closes(b.def, o.To.Name, a.Kind) {
			continue
		}
		def, err := s.core.Engine().Resolve(ctx, s.core.DB(), a.Definition, a.Version)
		if err != nil {
			return err
		}
		t, ok := process.Closes(def, a, now)
		if !ok {
			if o.To.Final && def.Door(a.State) != "" {
				out.Stays = append(out.Stays, a)
			}
			continue
		}
		c, err := s.closing(ctx, def, a, t, now)
		if err != nil {
			return err
		}
		if c.Dates, err = s.dates(ctx, b, a, t); err != nil {
			return err
		}
		out.Closes = append(out.Closes, c)
	}
	return nil
}

// dates are what a transition does to the dates of an activity that the process
// moves. Each activity is looked at once a page.
func (s *Service) dates(ctx context.Context, b board, a process.Activity, t definition.Transition) (out []workflow.Date, err error) {
	options, seen := b.options[a.ID]
	if !seen {
		if options, err = s.core.Engine().Explain(ctx, s.core.DB(), a.Ref(), workflow.System()); err != nil {
			return nil, err
		}
		b.options[a.ID] = options
	}
	for _, o := range options {
		if o.Transition.ID == t.ID {
			out = o.Dates
		}
	}
	return out, nil
}

func (s *Service) closing(ctx context.Context, def *definition.Compiled, a process.Activity, t definition.Transition, now time.Time) (Closing, error) {
	c := Closing{Activity: a, Answers: def.Allows(a.State, "respond"), Early: a.DueAt != nil && now.Before(*a.DueAt)}
	counts, err := s.core.Counts(ctx, s.core.DB(), a.ProcessID, []process.Activity{a})
	if err != nil {
		return c, err
	}
	if to, _ := def.State(t.To); to.Term != nil && def.Allows(t.To, "respond") {
		c.Grace = to.Term.Length
	}
	n := counts[a.ID]
	c.Unsent, c.Drafts = n["invited"]-n["answered"], n["drafted"]-n["answered"]
	for _, x := range t.Then {
		if x.Notice == "" {
			continue
		}
		told, err := s.Reached(ctx, Notice{Ref: a.Ref(), Action: x, State: t.To, At: now})
		if err != nil {
			return c, err
		}
		c.Told += told
	}
	return c, nil
}

// after compares the ends of the activities of the phase that an option begins
// with the end that it would have.
func (s *Service) after(ctx context.Context, b board, o workflow.Option, now time.Time) ([]Pair, error) {
	if o.To.Final {
		return nil, nil
	}
	b.inst.State, b.inst.EnteredAt, b.inst.DueAt = o.To.Name, now, o.Ends
	var out []Pair
	for _, a := range b.activities {
		if a.Phase != o.To.Name {
			continue
		}
		pair, ok, err := s.pair(ctx, b, a)
		if err != nil {
			return nil, err
		}
		if ok && !pair.End.IsZero() {
			out = append(out, pair)
		}
	}
	return out, nil
}
