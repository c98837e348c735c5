package staff

import (
	"strings"
	"time"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/staff/gate"
	"arengo/workflow/definition"
)

// table lists the activities with state, end and counts; nil when there are
// none.
func (s *scene) table() *page.Table {
	if len(s.activities) == 0 {
		return nil
	}
	t := &page.Table{Caption: s.w.t("staff.activities.title"), HideCaption: true, Stack: true, Heads: []page.Head{
		{Label: s.w.t("staff.activities.name")},
		{Label: s.w.t("staff.activities.phase")},
		{Label: s.w.t("staff.activities.state")},
		{Label: s.w.t("staff.activities.end")},
		{Label: s.w.t("staff.activities.counts")},
	}}
	for _, a := range s.activities {
		chip, end := s.state(a)
		phase, _ := s.def.State(a.Phase)
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: a.Title + " (" + strings.ToLower(kindWord(s.w.lang, a.Kind)) + ")", Href: gate.ActivityPath(s.process.Slug, a)},
			{Text: phase.Title.In(s.w.lang)},
			{Chip: &chip},
			{Text: end},
			{Text: s.numbers(a)},
		}})
	}
	return t
}

// state is the chip of an activity and the end of its term in words.
func (s *scene) state(a process.Activity) (page.Chip, string) {
	chip, end := page.Chip{Label: a.State}, "–"
	def, err := s.a.core.Engine().Resolve(s.r.Context(), s.a.core.DB(), a.Definition, a.Version)
	if err == nil {
		st, _ := def.State(a.State)
		chip.Label = st.Title.In(s.w.lang)
		switch {
		case st.Final:
			chip.State = page.Done
		case a.DueAt != nil:
			chip.State = page.Current
		}
	}
	words := s.w.words(s.process)
	if a.HeldAt != nil {
		return page.Chip{State: page.Late, Label: chip.Label}, page.Sentence(page.Cap(flow.RestsSince(words, *a.HeldAt)))
	}
	if a.DueAt != nil {
		end = words.EndWeekday(*a.DueAt) + ", " + words.Relative(*a.DueAt)
		if a.DueAt.Before(s.w.now) {
			chip.State = page.Late
		}
	}
	return chip, end
}

// numbers are the counts that every kind has, those that are not zero.
func (s *scene) numbers(a process.Activity) string {
	var out []string
	for _, name := range []string{"invited", "answered", "registered", "waiting", "attended", "materials"} {
		if n := s.counts[a.ID][name]; n > 0 {
			out = append(out, s.w.t("staff.count."+name, "n", n, "number", s.w.words(s.process).Num(n, 0)))
		}
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, ", ")
}

// papers are the documents that the present phase asks for.
func (s *scene) papers(p *overviewPage, st definition.State) error {
	list, err := s.a.documents.List(s.r.Context(), s.process, s.w.lang)
	s.documents = list
	for _, d := range list {
		if d.Phase != st.Name || d.Code == "population" {
			continue
		}
		out := paper{Title: d.Title, Required: d.Required, Chip: page.Chip{State: page.Late, Label: s.w.t("staff.document.missing")}}
		if p.May.Edit {
			out.Href = gate.Document(s.process.Slug, d.Code)
		}
		switch {
		case d.PublishedAt != nil:
			out.Chip = page.Chip{State: page.Done, Label: s.w.t("staff.document.public"), Icon: "it-check"}
		case d.Revision > 0:
			out.Chip = page.Chip{Label: s.w.t("staff.document.written")}
		case !d.Required:
			out.Chip.State = page.Next
		}
		p.Documents = append(p.Documents, out)
	}
	return err
}

// people lists who works on the process, by office.
func (s *scene) people(p *overviewPage, _ definition.State) error {
	members, err := s.a.core.Members(s.r.Context(), s.process.ID)
	p.People.Tight = true
	for _, m := range members {
		p.People.Items = append(p.People.Items, page.Fact{Term: page.Cap(s.w.t("staff.role." + m.Role)), Text: named(m.Name, m.Email)})
	}
	return err
}

func named(name, email string) string {
	if name == "" {
		return email
	}
	return name
}

// todo are the near rows of the cockpit about this process.
func (s *scene) todo(p *overviewPage, _ definition.State) error {
	rows, err := s.a.cockpit.Of(s.r.Context(), s.r.Actor, s.process.ID, s.r.Now)
	for _, row := range rows {
		if row.Band != cockpit.Later {
			t := s.w.task(row)
			t.Context = ""
			if row.Activity != nil {
				t.Context = kindWord(s.w.lang, row.Activity.Kind)
			}
			p.Todo = append(p.Todo, t)
		}
	}
	return err
}

// ends says when the present phase ends, how long that is, what the plan said, and
// what then waits for its first possible day.
func (s *scene) ends(words page.Words, planned time.Time) string {
	due := s.inst.DueAt
	text := page.Cap(words.End(due)) + ", " + words.ZoneAt(due.Add(-time.Second)) + ". " + page.Cap(words.Left(due)) + "."
	if !planned.IsZero() && !planned.Equal(due) {
		text += " " + s.w.t("staff.phase.planned.end", "day", words.EndDay(planned))
	}
	if waits := flow.Waits(words, s.expected, s.inst.State); waits != "" {
		text += " " + page.Sentence(waits)
	}
	return text
}
