package desk

import (
	"html/template"
	"math"
	"slices"
	"strings"

	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/definition"
)

// numbers fills the funnel and the sentence under it.
func (s *showing) numbers() {
	f := s.funnel.Stage
	t := s.r.T
	notSent := f.Invited - f.Answered
	s.page.Funnel = page.NewFunnel(
		page.FunnelStep{Label: t("activity.funnel.invited"), Count: f.Invited},
		page.FunnelStep{Label: t("activity.funnel.opened"), Count: f.Opened},
		page.FunnelStep{Label: t("activity.funnel.drafted"), Count: f.Drafted},
		page.FunnelStep{Label: t("activity.funnel.answered"), Count: f.Answered},
		page.FunnelStep{Label: t("activity.funnel.not_sent"), Count: notSent, Silent: true},
	)
	var parts []string
	for _, part := range []struct {
		key string
		n   int
	}{{"drafted", f.Drafted - f.Answered}, {"opened", f.Opened - f.Drafted}, {"unopened", f.Invited - f.Opened}} {
		if part.n > 0 {
			parts = append(parts, t("activity.detail."+part.key, "n", part.n))
		}
	}
	if len(parts) > 0 {
		s.page.Detail = t("activity.detail", "n", notSent, "parts", strings.Join(parts, ", "))
	}
	if f.Bounced > 0 {
		s.page.Detail += " " + t("activity.detail.bounced", "n", f.Bounced)
	}
	if f.OptedOut > 0 {
		s.page.Detail += " " + t("activity.detail.opted_out", "n", f.OptedOut)
	}
	s.page.Detail += " " + t("activity.detail.updated", "time", s.page.Words().Clock(s.r.Now))
	if len(s.funnel.Zones) > 1 {
		s.page.Zones = s.zones()
	}
}

func (s *showing) zones() *page.Table {
	t := s.r.T
	table := &page.Table{
		Caption: t("activity.zones.caption"), HideCaption: true, Stack: true,
		Heads: []page.Head{{Label: t("activity.zone")}, {Label: t("activity.answers")}, {Label: t("activity.rate")}},
	}
	for _, z := range s.funnel.Zones {
		name := z.Zone
		if name == "" {
			name = t("activity.no_zone")
		}
		table.Rows = append(table.Rows, page.Row{Cells: []page.Cell{
			{Text: name}, {Text: t("activity.of", "n", z.Answered, "total", z.Invited)}, s.rate(z.Stage),
		}})
	}
	return table
}

// meterFull is the rate at the right end of a meter, so that the target stands
// at two thirds of it as long as no rate is far beyond.
func (s *showing) meterFull() float64 {
	most := s.h.target * 1.5
	for _, p := range s.funnel.Places {
		most = max(most, p.Rate())
	}
	return min(most, 1)
}

func (s *showing) rate(stage roster.Stage) page.Cell {
	return page.Cell{
		Text:  s.page.Words().Pct(stage.Rate()),
		Meter: &page.Meter{Rate: stage.Rate(), Target: s.h.target, Full: s.meterFull()},
	}
}

// places fills the two tables of municipalities.
func (s *showing) places() {
	below, reached := s.funnel.Below(s.h.target)
	words := s.page.Words()
	pct := whole(words, s.h.target)
	heads := []page.Head{
		{Label: s.r.T("activity.place")},
		{Label: s.r.T("activity.invited"), Right: true},
		{Label: s.r.T("activity.answered"), Right: true},
		{Label: s.r.T("activity.rate_target", "target", pct), Short: s.r.T("activity.rate")},
		{Label: s.r.T("activity.to_target")},
	}
	table := func(list []roster.PlaceStage) page.Table {
		t := page.Table{Heads: heads, Stack: true}
		for _, p := range list {
			mark := page.Cell{HTML: markHTML("ok", s.r.T("activity.reached"))}
			if n := p.Missing(s.h.target); n > 0 {
				mark = page.Cell{HTML: markHTML("no", s.r.T("activity.missing_n", "n", n))}
			}
			t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
				{Text: placeName(s.r, p.Name)}, {Text: words.Num(p.Invited, 0)}, {Text: words.Num(p.Answered, 0)}, s.rate(p.Stage), mark,
			}})
		}
		return t
	}
	s.page.Below, s.page.BelowCount = table(below), len(below)
	s.page.Below.Caption = s.r.T("activity.below.caption", "target", pct, "full", whole(words, s.meterFull()))
	s.page.Reached, s.page.ReachedRows = table(reached), len(reached)
	s.page.Reached.Caption, s.page.Reached.HideCaption = s.r.T("activity.reached.caption", "target", pct), true
	s.page.Total = page.Texts().HTML(s.r.Lang, "activity.places.total", map[string]any{
		"invited": s.funnel.Invited, "answered": s.funnel.Answered, "rate": words.Pct(s.funnel.Rate()),
	})
}

// whole writes a share without decimals: "40 %".
func whole(w page.Words, share float64) string {
	return w.T("page.number.percent", "n", w.Num(math.Round(share*100), 0))
}

func markHTML(look, text string) template.HTML {
	return template.HTML(`<span class="ar-mark ar-mark--` + look + `">` + template.HTMLEscapeString(text) + `</span>`) // escaped
}

// began reads when the state began the first time: what was opened again counts the
// answers of before too.
func (s *showing) began() error {
	plan, err := s.h.core.Engine().Plan(s.r.Context(), s.h.core.DB(), s.a.Ref())
	for _, p := range plan {
		if p.State == s.a.State {
			s.first = p.StartedAt
		}
	}
	return err
}

// track lays the phases of the process flat.
func (s *showing) track() error {
	var err error
	s.page.Track, err = s.h.phases(s.r)
	return err
}

// phases is the process's main path with the present phase; empty when it has
// none.
func (h *staff) phases(r *site.Request) (page.Track, error) {
	def, inst, err := h.core.Definition(r.Context(), h.core.DB(), r.Gate.Process)
	if err != nil {
		return page.Track{}, err
	}
	return page.Track{Steps: PhaseSteps(def, inst.State, r.Lang)}, nil
}

// PhaseSteps lays the main path of a process flat, at a state.
func PhaseSteps(def *definition.Compiled, state, lang string) []page.Step {
	names := def.MainPath()
	now := slices.Index(names, state)
	out := make([]page.Step, len(names))
	for i, name := range names {
		st, _ := def.State(name)
		out[i] = page.Step{Name: st.Title.In(lang), State: page.Next}
		switch {
		case i == now:
			out[i].State = page.Current
		case def.Aborts(state):
			out[i].State = page.Stopped
		case i < now || now < 0 && def.Final(state):
			out[i].State = page.Done
		}
	}
	return out
}

// lead is the first sentence: the numbers that matter now.
func (s *showing) lead() {
	words := s.page.Words()
	html := func(key string, pairs ...any) template.HTML {
		args := map[string]any{}
		for i := 0; i+1 < len(pairs); i += 2 {
			args[pairs[i].(string)] = pairs[i+1] // ours
		}
		return page.Texts().HTML(s.r.Lang, key, args)
	}
	f := s.funnel
	rate := html("activity.lead.rate", "n", f.Answered, "invited", s.r.T("activity.lead.invites", "n", f.Invited), "rate", words.Pct(f.Rate()))
	switch {
	case s.page.Setup:
		s.page.Lead = html("activity.lead.setup")
		return
	case !s.page.Counted:
		s.page.Lead = html("activity.lead.nobody")
		return
	case s.page.Closed || s.page.Closing:
		s.page.Lead = html("activity.lead.closed") + " " + rate + "."
		return
	case s.a.State == "cancelled":
		s.page.Lead = html("activity.lead.cancelled")
		return
	}
	s.page.Lead = html("activity.lead.open", "day", words.Day(s.a.EnteredAt)) + " " + rate
	if first := words.Day(s.first); !s.first.IsZero() && first != words.Day(s.a.EnteredAt) {
		s.page.Lead = html("activity.lead.reopened", "day", first, "again", words.Date(s.a.EnteredAt)) + " " + rate
	}
	target := whole(words, s.h.target)
	if n := f.Missing(s.h.target); n > 0 {
		s.page.Lead += html("activity.lead.missing", "n", n, "target", target)
	} else {
		s.page.Lead += html("activity.lead.reached", "target", target)
	}
	if s.page.BelowCount > 0 {
		s.page.Lead += " " + html("activity.lead.below", "n", s.page.BelowCount, "total", len(f.Places))
	}
}

// byName is a copy in the order of an index.
func byName(places []roster.PlaceStage) []roster.PlaceStage {
	out := slices.Clone(places)
	slices.SortFunc(out, func(a, b roster.PlaceStage) int { return strings.Compare(a.Name, b.Name) })
	return out
}
