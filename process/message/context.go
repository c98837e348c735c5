package message

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/calldate"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// closed says that a process has come to its end.
const closed = "process-closed"

// noticeContext is what all recipients of a notice share.
type noticeContext struct {
	s        *process.Service
	notice   notify.Notice
	payload  process.Payload
	process  *process.Process
	promoter string
	activity *process.Activity
	meeting  *meetingRow
	phase    phaseWords
	titles   definition.Text     // the state that the notice is about
	purpose  definition.Text     // what the phase is for
	own      notify.Own          // what the definition says in words of its own
	act      definition.Text     // the document that decides an exception
	duty     string              // the roles that should make it, parted by commas
	action   definition.Text     // the transition that staff should make
	counts   map[string]int64    // of the activity
	vote     bool                // the state that the notice is about takes votes and nobody new
	entered  time.Time           // when what it is about entered its state
	due      time.Time           // the end that stands, while it is in the state of the notice
	starts   []time.Time         // of a rest or its end: when the activity's meetings to come begin
	along    []notify.Along      // what rests or goes on together with the process
	report   bool                // of the end of a process: its final report is public
	known    map[int64]time.Time // by person: the end they know, of a notice of a changed end
}

// stands takes down where what the notice is about stands.
func (c *noticeContext) stands(inst workflow.Instance) {
	c.entered, c.due = inst.EnteredAt, time.Time{}
	if inst.State == c.payload.State {
		c.due = inst.DueAt
	}
}

type phaseWords struct {
	number, of int
	title      definition.Text
	purpose    definition.Text
}

func (src source) common(ctx context.Context, db bun.IDB, n notify.Notice, payload process.Payload) (*noticeContext, error) {
	c := &noticeContext{s: src.s, notice: n, payload: payload}
	if n.ProcessID == notify.Account {
		return c, nil
	}
	p, err := src.s.LoadProcess(ctx, db, process.ID(n.ProcessID))
	if err != nil {
		return nil, err
	}
	c.process = &p
	if c.promoter, err = organisationName(ctx, db, p.OrganisationID); err != nil {
		return nil, err
	}
	def, inst, err := src.s.Definition(ctx, db, p)
	if err != nil {
		return nil, err
	}
	// What happened belongs to the phase that it happened in, which another may have
	// followed since; an activity's own states are none of them.
	at := inst.State
	if st, ok := def.State(payload.State); ok && n.ActivityID == 0 {
		at = st.Name
	}
	c.phase = wordsOf(def, at)
	c.titles, c.purpose = c.phase.title, c.phase.purpose
	if c.act, err = actTitle(ctx, db, def, n, payload.Extra[process.ExtraAct]); err != nil {
		return nil, err
	}
	c.action, c.duty = nextStep(def, inst.State), strings.Join(def.Responsible(inst.State), ",")
	if c.own, err = src.own(ctx, db, c); err != nil {
		return nil, err
	}
	if c.along, err = src.along(ctx, db, n); err != nil {
		return nil, err
	}
	if n.ActivityID == 0 {
		c.stands(inst)
		if n.Kind == closed {
			c.report, err = reported(ctx, db, p.ID)
		}
		return c, err
	}
	return c, src.activityContext(ctx, db, c)
}

// own finds what a definition said of itself when it announced a notice, nothing
// for the other kinds. The phase is the process's for those of activities.
func (src source) own(ctx context.Context, db bun.IDB, c *noticeContext) (notify.Own, error) {
	said := c.payload.Own
	if said == nil {
		return notify.Own{}, nil
	}
	def, err := src.s.Engine().Resolve(ctx, db, said.Definition, said.Version)
	if err != nil {
		return notify.Own{}, err
	}
	i := slices.IndexFunc(def.Notices, func(o definition.Notice) bool { return o.Code == said.Code })
	if i < 0 {
		return notify.Own{}, fmt.Errorf("notice %q: %s@%d has no notice %q", c.notice.Key, def.Name, def.Version, said.Code)
	}
	out := notify.Own{Subject: def.Notices[i].Subject, Text: def.Notices[i].Text, Phase: c.phase.title}
	if st, ok := def.State(c.payload.State); ok && c.notice.ActivityID == 0 {
		out.Phase = st.Title
	}
	out.Dates, err = calldate.Known(ctx, db, *c.process, def.Dates)
	return out, err
}

func (src source) activityContext(ctx context.Context, db bun.IDB, c *noticeContext) error {
	a, err := src.s.LoadActivity(ctx, db, c.process.ID, process.ActivityID(c.notice.ActivityID))
	if err != nil {
		return err
	}
	c.activity = &a
	inst, err := src.s.Engine().Instance(ctx, db, a.Ref())
	if err != nil {
		return err
	}
	c.stands(inst)
	def, err := src.s.Engine().Resolve(ctx, db, inst.Definition, inst.Version)
	if err != nil {
		return err
	}
	if st, ok := def.State(c.payload.State); ok {
		c.titles = st.Title
	} else if st, ok := def.State(inst.State); ok {
		c.titles = st.Title
	}
	c.action, c.vote = nextStep(def, inst.State), def.Door(c.payload.State) == "vote"
	c.duty = strings.Join(def.Responsible(inst.State), ",")
	if c.counts, err = src.count(ctx, db, c.notice, a); err != nil {
		return err
	}
	if rests[c.notice.Kind] {
		c.starts, err = startsAhead(ctx, db, c.notice)
		return err
	}
	c.meeting, err = noticeMeeting(ctx, db, c.notice, c.payload.Meeting)
	return err
}

// tallies are the notices that say how many answered. For the others nobody is
// counted, which would be done again for every hundred readers.
var tallies = map[string]bool{"activity-closed": true, "results-published": true}

func (src source) count(ctx context.Context, db bun.IDB, n notify.Notice, a process.Activity) (map[string]int64, error) {
	if !tallies[n.Kind] {
		return src.s.OwnCounts(ctx, db, a)
	}
	counts, err := src.s.Counts(ctx, db, a.ProcessID, []process.Activity{a})
	return counts[a.ID], err
}
