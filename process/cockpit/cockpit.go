// Package cockpit answers "what do I do first?": the rows of "Da fare oggi",
// derived from the workflow's own terms, plans and incidents and from facts
// that every kind of activity has. Nothing is stored: doing what a row asks
// takes the facts away that it was made of, and the row with them.
package cockpit

import (
	"cmp"
	"context"
	"slices"
	"time"

	"arengo/process"
	"arengo/process/subscription"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Service reads the cockpit of a person.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// Window is how many civil days after today the cockpit looks ahead.
const Window = 7

// Band is the stretch of the cockpit that a row stands in.
type Band string

// The bands. Later is shown only as what comes after.
const (
	Late  Band = "late"
	Now   Band = "now"
	Next  Band = "next"
	Later Band = "later"
)

// What a row asks for. The locale keys are "staff.task.<what>.verb", ".object"
// and ".button", with the row's Args.
const (
	WhatAdvance  = "advance"  // move a process or an activity on: label, state
	WhatDecide   = "decide"   // let its term end, or extend it: label
	WhatResume   = "resume"   // end a suspension, or call it all off: state, since
	WhatResolve  = "resolve"  // remove what stopped a deadline: reason
	WhatLost     = "lost"     // reopen an activity that nobody had time for
	WhatMissed   = "missed"   // the same of one that cannot be reopened
	WhatWrite    = "write"    // a document of the phase: title
	WhatRelease  = "release"  // publish such a document: title
	WhatAppoint  = "appoint"  // somebody to see to such a document: title, roles
	WhatPrepare  = "prepare"  // an activity that the template asks for: kind, n
	WhatConvene  = "convene"  // complete a meeting: title
	WhatMeet     = "meet"     // hold a meeting: title
	WhatBounced  = "bounced"  // mend addresses: n
	WhatGap      = "gap"      // before publication: code
	WhatPublish  = "publish"  // the process itself
	WhatResults  = "results"  // publish what an activity came to
	PageMoves    = "moves"    // Page of a row that asks for a transition
	PagePublish  = "publish"  // Page that publishes the process
	PageBounced  = "bounced"  // Page of the addresses that were refused
	PageResults  = "answers"  // Page of an activity's results, below its own
	PageDocument = "document" // Page of the document Code
	PagePeople   = "people"   // Page of those who work on the process
)

// Phrase is a text by its key "staff.then.<Key>" and arguments, which may be
// definition.Text, numbers, instants or strings.
type Phrase struct {
	Key  string
	Args map[string]any
}

// Source says where a term comes from: a law, else the template's length.
type Source struct {
	Law    *definition.Law
	Length civil.Span
}

// Row is one thing to do. Key names it from one reading to the next. Due is
// half-open and zero when nothing sets an end. Page is one of the Page words or
// of definition.Fixes, on the activity when there is one.
type Row struct {
	Key        string
	Process    process.Process
	Activity   *process.Activity
	What       string
	Args       map[string]any
	Due        time.Time
	Band       Band
	Then       []Phrase
	Source     *Source
	Page       string
	Code       string // of the document, with PageDocument
	Transition string // that it asks for, with PageMoves
}

// Board is a person's cockpit, each band in order of due instant; a day's
// terms of law come first.
type Board struct {
	Late, Now, Next, Later []Row
	Mine                   []Mine
	Stopped                []subscription.Stopped // programs that somebody asked to be told and that are not
	Aside                  []Aside                // deadlines that the program cannot carry out
	Unread                 []Unread               // processes of which nothing can be said
	Done, DoneBefore       int                    // moves by the person this week and the week before
}

// Open counts the rows that the person should see to within the window.
func (b Board) Open() int {
	return len(b.Unread) + len(b.Aside) + len(b.Stopped) + len(b.Late) + len(b.Now) + len(b.Next)
}

// Mine is a process that the person works on, with where it stands.
type Mine struct {
	Process    process.Process
	Roles      []string
	Definition *definition.Compiled
	Instance   workflow.Instance
	Plan       []workflow.PlannedPhase
}

// Over reports whether the process has ended.
func (m Mine) Over() bool { return m.Definition.Final(m.Instance.State) }

// Today gives the cockpit of a person at now, over every process in which they
// hold a role; administrators see those that they are members of.
func (s *Service) Today(ctx context.Context, who process.Actor, now time.Time) (Board, error) {
	views, left, err := s.read(ctx, who, now)
	if err != nil {
		return Board{}, err
	}
	board := Board{Unread: left}
	for _, v := range views {
		board.Mine = append(board.Mine, v.mine())
	}
	rows, err := s.rows(ctx, views)
	if err != nil {
		return Board{}, err
	}
	if err := s.foresee(ctx, rows, who); err != nil {
		return Board{}, err
	}
	for _, r := range rows {
		switch r.Band {
		case Late:
			board.Late = append(board.Late, r)
		case Now:
			board.Now = append(board.Now, r)
		case Next:
			board.Next = append(board.Next, r)
		default:
			board.Later = append(board.Later, r)
		}
	}
	if board.Stopped, err = subscription.StoppedOf(ctx, s.core.DB(), who.Person); err != nil {
		return board, err
	}
	if board.Aside, err = s.aside(ctx, who, views); err != nil {
		return board, err
	}
	week, err := monday(now)
	if err != nil {
		return board, err
	}
	board.Done, board.DoneBefore, err = countDone(ctx, s.core.DB(), who.Person, week)
	return board, err
}

// Count is the number of rows of Today but Later. It asks no guard but those of
// open incidents, and reads all of a person's processes in a handful of statements.
func (s *Service) Count(ctx context.Context, who process.Actor, now time.Time) (int, error) {
	views, left, err := s.read(ctx, who, now)
	if err != nil {
		return 0, err
	}
	rows, err := s.rows(ctx, views)
	n := len(left)
	for _, r := range rows {
		if r.Band != Later {
			n++
		}
	}
	if err != nil {
		return n, err
	}
	stopped, err := subscription.StoppedOf(ctx, s.core.DB(), who.Person)
	if err != nil {
		return n, err
	}
	aside, err := s.aside(ctx, who, views)
	return n + len(stopped) + len(aside), err
}

// Of gives the rows of one process, as Today does.
func (s *Service) Of(ctx context.Context, who process.Actor, id process.ID, now time.Time) ([]Row, error) {
	views, _, err := s.read(ctx, who, now)
	if err != nil {
		return nil, err
	}
	views = slices.DeleteFunc(views, func(v *view) bool { return v.process.ID != id })
	rows, err := s.rows(ctx, views)
	if err != nil {
		return nil, err
	}
	return rows, s.foresee(ctx, rows, who)
}

func (s *Service) rows(ctx context.Context, views []*view) ([]Row, error) {
	var rows []Row
	for _, v := range views {
		if v.def.Final(v.inst.State) {
			continue
		}
		own, err := s.rowsOf(ctx, v)
		if err != nil {
			return nil, err
		}
		rows = append(rows, own...)
	}
	slices.SortStableFunc(rows, before)
	return rows, nil
}

// before orders rows by instant, those without one last; on one day a term of
// law comes first.
func before(a, b Row) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		return truth(a.Due.IsZero()) - truth(b.Due.IsZero())
	}
	if !a.Due.Equal(b.Due) && dayNumber(a.Due, a.Process.Location()) != dayNumber(b.Due, b.Process.Location()) {
		return a.Due.Compare(b.Due)
	}
	return cmp.Or(truth(b.lawful())-truth(a.lawful()), a.Due.Compare(b.Due), cmp.Compare(a.Process.ID, b.Process.ID))
}

func (r Row) lawful() bool { return r.Source != nil && r.Source.Law != nil }

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// foresee adds to the near rows what would block their transition today.
func (s *Service) foresee(ctx context.Context, rows []Row, who process.Actor) error {
	seen := map[workflow.Ref][]workflow.Option{}
	for i := range rows {
		r := &rows[i]
		if r.Transition == "" || r.Band == Later || r.What == WhatResolve {
			continue
		}
		options, err := s.options(ctx, seen, r, who)
		if err != nil {
			return err
		}
		for _, o := range options {
			if n := len(o.Blockers); o.Transition.ID == r.Transition && n > 0 {
				r.Then = append(r.Then, Phrase{"blocked", map[string]any{"n": n}})
			}
		}
	}
	return nil
}

func (s *Service) options(ctx context.Context, seen map[workflow.Ref][]workflow.Option, r *Row, who process.Actor) ([]workflow.Option, error) {
	ref, id := r.Process.Ref(), process.ActivityID(0)
	if r.Activity != nil {
		ref, id = r.Activity.Ref(), r.Activity.ID
	}
	if options, ok := seen[ref]; ok {
		return options, nil
	}
	options, err := s.core.Explain(ctx, r.Process.ID, id, who)
	seen[ref] = options
	return options, err
}
