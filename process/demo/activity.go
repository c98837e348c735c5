package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/meeting"
)

// planActivities makes the activities and plans what happened in each. Kinds
// that this program does not have are passed over.
func (l *loader) planActivities(ctx context.Context) error {
	have, err := l.core.Activities(ctx, l.process.ID)
	if err != nil {
		return err
	}
	for i, d := range l.data.Activities {
		if !slices.Contains(l.core.Kinds().Names(), d.Kind) {
			l.log.WarnContext(ctx, "demonstration: this program has no such kind of activity", "kind", d.Kind, "activity", d.Code)
			continue
		}
		at := slices.IndexFunc(have, func(a process.Activity) bool { return a.Kind == d.Kind && a.Title == d.Title.It })
		e := &event{loader: l, data: d, offset: 7 * i}
		if at >= 0 {
			e.activity = have[at]
		}
		l.plan(e.made(), "make "+d.Code, e.make)
		if plan, ok := planners[d.Kind]; ok {
			plan(e)
		} else {
			e.planMeeting()
		}
	}
	return nil
}

// planners are the kinds whose story is not that of a meeting.
var planners = map[string]func(*event){
	"questionnaire": planQuestionnaire, "focusgroup": (*event).planGroup, "codesign": (*event).planLab,
}

// event is one activity of the demonstration.
type event struct {
	*loader
	data     fixtures.DemoActivity
	activity process.Activity
	meetings []meeting.Meeting
	offset   int // into the crowd, so that not everybody does the same things
}

// made is when the activity was set up: twenty days before it begins, or last
// week when that is far ahead.
func (e *event) made() time.Time {
	first := e.first()
	if e.data.State == "draft" || first.After(e.today.AddDate(0, 0, 20)) {
		return e.onDay(-8, 11, 0)
	}
	if at := first.AddDate(0, 0, -20); at.After(e.imported()) {
		return at
	}
	return e.imported()
}

// first is the beginning of the activity's first meeting, or its opening.
func (e *event) first() time.Time {
	switch {
	case e.data.Starts != nil:
		return e.at(*e.data.Starts)
	case len(e.data.Sessions) > 0:
		return e.at(e.data.Sessions[0].Starts)
	}
	return e.at(*e.data.Opens)
}

// who runs the activity.
func (e *event) who() process.Actor {
	for _, key := range []string{e.data.Facilitator, e.data.Moderator} {
		if a, ok := e.people[key]; ok {
			return a
		}
	}
	return e.promoter()
}

func (e *event) make(ctx context.Context) (err error) {
	if e.activity.ID == 0 {
		e.activity, err = e.core.CreateActivity(ctx, e.process.ID, e.who(), process.NewActivity{
			Kind: e.data.Kind, Title: e.data.Title.It, Intro: e.data.Summary.It, Phase: e.data.Phase,
		})
	}
	return err
}

func (e *event) move(transition string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := e.core.Advance(ctx, e.process.ID, e.who(), process.Move{
			Activity: e.activity.ID, Transition: transition, Key: "demo." + e.data.Code + "." + transition,
		})
		return err
	}
}

// planMeeting is the story of a gathering: a date, registrations, and, when it
// is over, attendance, materials and the end.
func (e *event) planMeeting() {
	e.plan(e.made(), "schedule "+e.data.Code, e.schedule)
	if e.data.State == "draft" {
		return
	}
	opens, begins := e.made().AddDate(0, 0, 2), e.first()
	if public := e.published().Add(time.Hour); opens.Before(public) {
		opens = public
	}
	e.plan(opens, "open "+e.data.Code, e.move("open"))
	until := begins
	if until.After(e.today) {
		until = e.today
	}
	people := e.some(e.data.Registered, e.offset)
	for i, person := range people {
		at := opens.Add(until.Sub(opens) * time.Duration(i+1) / time.Duration(len(people)+1))
		e.plan(at, "register for "+e.data.Code, func(ctx context.Context) error {
			_, err := e.gatherings().Register(ctx, e.process.ID, e.activity.ID, person)
			return err
		})
	}
	e.plan(begins.Add(10*time.Minute), "attend "+e.data.Code, e.attend(people))
	e.plan(begins.AddDate(0, 0, 2), "publish "+e.data.Code, e.publish)
	if e.data.State == "concluded" {
		e.plan(begins.AddDate(0, 0, 3), "conclude "+e.data.Code, e.move("conclude"))
	}
}

// gatherings is the service of gatherings; event hides it behind its own meetings.
func (e *event) gatherings() *meeting.Service { return e.loader.meetings }

// schedule convenes the meetings that an earlier load did not come to: it did
// so in the order of their beginning.
func (e *event) schedule(ctx context.Context) (err error) {
	if e.meetings, err = e.gatherings().Meetings(ctx, e.process.ID, e.activity.ID); err != nil || len(e.meetings) >= len(e.sittings()) {
		return err
	}
	s, err := e.gatherings().Setting(ctx, e.process.ID, e.activity.ID)
	if err != nil {
		return err
	}
	s.Capacity = max(e.data.Capacity, e.data.Seats)
	if _, err := e.gatherings().SetSetting(ctx, e.process.ID, e.activity.ID, e.who(), s); err != nil {
		return err
	}
	var agenda []string
	for _, a := range e.data.Agenda {
		agenda = append(agenda, a.It)
	}
	for _, sitting := range e.sittings()[len(e.meetings):] {
		begins := e.at(sitting.Starts)
		m, err := e.gatherings().Schedule(ctx, e.process.ID, e.activity.ID, e.who(), meeting.Draft{
			Title: sitting.Title.It, Starts: begins.In(e.zone).Format("2006-01-02T15:04"),
			Ends:  begins.Add(time.Duration(sitting.Minutes) * time.Minute).In(e.zone).Format("2006-01-02T15:04"),
			Place: e.data.Place.It, JoinURL: e.data.JoinURL, Agenda: strings.Join(agenda, "\n"),
		})
		if err != nil {
			return err
		}
		e.meetings = append(e.meetings, m)
	}
	return nil
}

func (e *event) sittings() []fixtures.DemoSession {
	if len(e.data.Sessions) > 0 {
		return e.data.Sessions
	}
	return []fixtures.DemoSession{{Starts: *e.data.Starts, Minutes: e.data.Minutes}}
}

// attend notes the first of those registered.
func (e *event) attend(people []process.PersonID) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, person := range people[:min(e.data.Attended, len(people))] {
			_, err := e.gatherings().Note(ctx, e.process.ID, e.activity.ID, e.who(), meeting.Presence{Meeting: e.meetings[0].ID, Person: person})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func (e *event) publish(ctx context.Context) error {
	have, err := e.gatherings().Materials(ctx, e.process.ID, e.activity.ID)
	if err != nil || len(have) > 0 {
		return err
	}
	var list []meeting.Material
	if e.data.RecordingURL != "" {
		list = append(list, meeting.Material{Kind: meeting.MaterialRecording, Title: "Registrazione", URL: e.data.RecordingURL})
	}
	for _, m := range e.data.Materials {
		list = append(list, meeting.Material{Kind: meeting.MaterialSlides, Title: m.Title.It, URL: m.URL})
	}
	_, err = e.gatherings().Publish(ctx, e.process.ID, e.activity.ID, e.who(), list...)
	return err
}
