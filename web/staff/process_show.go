package staff

import (
	"slices"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/foresight"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/section"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

type overviewPage struct {
	page.Base
	Process    process.Process
	Sections   []section.Link
	Purpose    string
	Track      page.Track
	Flow       *page.Flow
	Chip       page.Chip
	Over       bool
	Phase      page.Facts
	Todo       []page.Task
	Stopped    []stopped
	Aside      []aside
	Clash      []string // ends that contradict each other
	Mend       page.Link
	Moves      *gate.View
	Change     *gate.Change
	Activities *page.Table
	Documents  []paper
	People     page.Facts
	Log        page.Table
	Past       string // where the state of a past day is shown
	Public     string // the public register
	May        may
}

// may says which of the page's links lead somewhere for this person.
type may struct{ Edit, Activities, People, Away, Outcomes bool }

// stopped is a deadline that a guard met.
type stopped struct {
	At      time.Time
	Label   string
	Reasons []page.Reason
	NoTime  bool // an activity was over before anybody could take part
}

// aside is a deadline that the program cannot carry out.
type aside struct {
	ID    int64
	What  string
	Of    string // the activity, "" for the process
	DueAt time.Time
	Next  time.Time // when it is tried again
	Retry bool      // this person may have it tried at once
	Said  string    // what the program said, for who runs the platform
}

// paper is a document that the present phase asks for.
type paper struct {
	Title, Href string
	Chip        page.Chip
	Required    bool
}

func (a *area) processShow(r *site.Request) error {
	p, err := a.overview(r)
	if err != nil {
		return err
	}
	return r.Page("staff/process", p)
}

// overview gathers a process as its staff see it.
func (a *area) overview(r *site.Request) (*overviewPage, error) {
	proc := r.Gate.Process
	s := &scene{r: r, a: a, w: teller{r.Lang, r.Now}, process: proc}
	if err := s.read(); err != nil {
		return nil, err
	}
	st, _ := s.def.State(s.inst.State)
	p := &overviewPage{
		Base: workspace(r, proc.Title), Process: proc, Sections: section.List(r, section.Overview, nil),
		Purpose: st.Purpose.In(r.Lang), Chip: page.Chip{Label: r.T("staff.chip.draft")},
		Track: page.Track{Steps: steps(r.Lang, s.mine()), Label: r.T("page.track.label")},
		Flow:  flow.Of(s.def, r.Lang, s.inst.State, s.plan),
		Phase: s.phase(st), Activities: s.table(), Public: "/percorsi/" + proc.Slug + "#registro",
		May: may{Edit: s.may(process.ActProcessEdit), Activities: s.may(process.ActActivityEdit), People: s.may(process.ActPeopleEdit), Away: s.may(process.ActAbsenceOwn), Outcomes: s.may(process.ActOutcomeEdit)},
	}
	if proc.Published() {
		p.Chip = page.Chip{State: page.Current, Label: st.Title.In(r.Lang), Icon: "it-clock"}
	}
	if s.inst.Held() {
		p.Chip = gate.Resting(r)
	}
	if st.Final {
		p.Over, p.Chip = true, page.Chip{State: page.Done, Label: st.Title.In(r.Lang)}
	}
	for _, step := range []func(*overviewPage, definition.State) error{s.todo, s.stopped, s.aside, s.clash, s.moves, s.papers, s.people, s.register} {
		if err := step(p, st); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// scene is what the parts of the overview share.
type scene struct {
	r          *site.Request
	a          *area
	w          teller
	process    process.Process
	def        *definition.Compiled
	inst       workflow.Instance
	plan       []workflow.PlannedPhase // as it was promised
	expected   []workflow.PlannedPhase
	activities []process.Activity
	documents  []document.Document
	counts     map[process.ActivityID]map[string]int64
}

func (s *scene) read() (err error) {
	ctx, db, core := s.r.Context(), s.a.core.DB(), s.a.core
	if s.def, s.inst, err = core.Definition(ctx, db, s.process); err != nil {
		return err
	}
	look, err := core.Engine().Outlook(ctx, db, s.process.Ref(), s.r.Now)
	if err != nil {
		return err
	}
	s.plan, s.expected = look.Planned, look.Expected
	if s.activities, err = core.Activities(ctx, s.process.ID); err != nil {
		return err
	}
	s.counts, err = core.Counts(ctx, db, s.process.ID, s.activities)
	return err
}

func (s *scene) may(act process.Act) bool {
	return process.Allow(act, s.r.Gate.Standing, s.r.Gate.At) == nil
}

func (s *scene) mine() cockpit.Mine {
	return cockpit.Mine{Process: s.process, Definition: s.def, Instance: s.inst, Plan: s.plan}
}

// phase says when the present phase began and ends, planned and in fact.
func (s *scene) phase(st definition.State) page.Facts {
	words := s.w.words(s.process)
	var planned workflow.PlannedPhase
	for _, p := range s.plan {
		if p.State == st.Name {
			planned = p
		}
	}
	if st.Final {
		return page.Facts{Items: []page.Fact{
			{Term: s.w.t("staff.phase.name.over"), Text: st.Title.In(s.w.lang)},
			{Term: s.w.t("staff.phase.since"), Text: page.Cap(words.Date(s.inst.EnteredAt))},
		}}
	}
	f := page.Facts{Items: []page.Fact{{Term: s.w.t("staff.phase.name"), Text: st.Title.In(s.w.lang)}}}
	add := func(key, text string) {
		f.Items = append(f.Items, page.Fact{Term: s.w.t("staff.phase." + key), Text: text})
	}
	switch at := s.inst.EnteredAt; {
	case s.inst.Entry == 1 && planned.Start.After(s.r.Now): // the first phase counts from the day that was planned
		add("begins", page.Cap(words.Date(planned.Start)))
	case s.inst.Entry == 1 && planned.Start.After(at):
		add("began", page.Cap(words.Date(planned.Start)))
	case !planned.StartedAt.IsZero() && words.Date(planned.StartedAt) != words.Date(at):
		add("began", page.Cap(words.Date(planned.StartedAt))+", "+s.w.t("staff.phase.again", "day", words.Date(at)))
	case !planned.Start.IsZero() && words.Date(planned.Start) != words.Date(at):
		add("began", page.Cap(words.Date(at))+" "+s.w.t("staff.phase.planned", "day", words.Day(planned.Start)))
	default:
		add("began", page.Cap(words.Date(at)))
	}
	if rests := flow.Rests(words, s.def, s.inst, st.Name); rests != "" {
		add("ends", page.Sentence(page.Cap(rests)))
	} else if flow.Missed(s.def, s.inst) {
		add("ends", s.w.t("staff.phase.missed"))
	} else if !s.inst.DueAt.IsZero() {
		add("ends", s.ends(words, planned.End))
	} else if hangs := flow.Hangs(words, s.def, st); hangs != "" {
		add("ends", page.Cap(hangs)+".")
	}
	signed := slices.ContainsFunc(st.Artefacts, func(a definition.Artefact) bool { return a.Code == definition.CodeSignatures })
	if signed && s.def.Signatures != nil && s.may(process.ActProcessEdit) {
		f.Items = append(f.Items, page.Fact{
			Term: s.w.t("staff.phase.signatures"), Link: page.Link{Label: s.w.t("staff.phase.signatures.count"), Href: gate.Home(s.process.Slug) + "/popolazione#firme"},
		})
	}
	if s.inst.Rests(s.def) {
		return f // what bounds its end moves on while it rests
	}
	if !s.inst.MinAt.IsZero() {
		add("min", page.Cap(words.DateTime(s.inst.MinAt)))
	}
	switch limit := s.inst.Longest(s.def); {
	case !limit.IsZero() && s.inst.DueAt.After(limit):
		add("max", s.w.t("staff.phase.max.passed", "day", page.Cap(words.EndDay(limit))))
	case !limit.IsZero():
		add("max", page.Cap(words.EndDay(limit)))
	}
	return f
}

// stopped are the open incidents, with the reasons that were written down.
func (s *scene) stopped(p *overviewPage, _ definition.State) error {
	incidents, err := s.a.core.Engine().Incidents(s.r.Context(), s.a.core.DB(), int64(s.process.ID))
	for _, i := range incidents {
		var on *process.Activity
		label := s.process.Title
		for k := range s.activities {
			if int64(s.activities[k].ID) == i.ActivityID {
				on, label = &s.activities[k], s.activities[k].Title
			}
		}
		out := stopped{At: i.OpenedAt, Label: label, NoTime: i.Transition == conduct.NoTime}
		for _, b := range i.Blockers {
			reason := page.Reason{Title: b.Explain.In(s.w.lang)}
			if to := gate.Fix(s.process, on, b.Fix); to != "" {
				reason.Action = &page.Action{Label: gate.FixLabel(s.w.lang, b.Fix), Href: to}
			}
			out.Reasons = append(out.Reasons, reason)
		}
		p.Stopped = append(p.Stopped, out)
	}
	return err
}

// aside are the deadlines that the program cannot carry out.
func (s *scene) aside(p *overviewPage, _ definition.State) error {
	list, err := s.a.cockpit.AsideOf(s.r.Context(), s.process)
	for _, d := range list {
		row := aside{
			ID: d.ID, What: s.w.asideName(d), DueAt: d.DueAt, Next: d.RetryAt, Retry: s.may(process.ActDeadlineRetry),
		}
		if d.Activity != nil {
			row.Of = d.Activity.Title
		}
		if s.r.Actor.Administrator {
			row.Said = d.Failure
		}
		p.Aside = append(p.Aside, row)
	}
	return err
}

// deadlineRetry has a deadline tried again at once.
func (a *area) deadlineRetry(r *site.Request) error {
	id, err := strconv.ParseInt(r.Value("deadline"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "")
	}
	if err := a.core.RetryDeadline(r.Context(), r.Gate.Process.ID, r.Actor, id); err != nil {
		return err
	}
	return r.Redirect(gate.Home(r.Gate.Process.Slug), "staff.flash_retried")
}

// clash are the activities whose own ends contradict their phases'.
func (s *scene) clash(p *overviewPage, _ definition.State) error {
	pairs, err := s.a.foresight.Pairs(s.r.Context(), s.process, foresight.Change{})
	p.Clash = gate.Clashes(s.r, pairs)
	if !s.process.Published() {
		p.Mend = page.Link{Label: s.w.t("staff.clash.mend"), Href: gate.Fix(s.process, nil, "deadline")}
	}
	return err
}

// moves is the gate to the next phase, and the place where this one's end changes.
func (s *scene) moves(p *overviewPage, st definition.State) error {
	view, err := s.a.moves(s.r, nil)
	if err != nil || st.Final && !s.r.Gate.Standing.Promotes() {
		return err
	}
	p.Moves = &view
	p.Change, err = gate.ReadChange(s.r, s.a.core, nil)
	return err
}
