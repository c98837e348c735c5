package setup

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
)

// tableInput is a plan beside the one that it would replace.
type tableInput struct {
	def           *definition.Compiled
	inst          workflow.Instance
	before, after []workflow.PlannedPhase
	asked         schedule
	days          map[string]civil.Date // of the call, by code
}

func tableOf(r *site.Request, base page.Base, in tableInput) []dateRow {
	words := base.Words()
	old := make(map[string]workflow.PlannedPhase, len(in.before))
	for _, ph := range in.before {
		old[ph.State] = ph
	}
	out := make([]dateRow, 0, len(in.after))
	waited, waits := outlook.Awaiting(in.before), outlook.Awaiting(in.after)
	number := 0
	for _, ph := range in.after {
		if ph.Gone {
			out = append(out, goneRow(r, words, ph))
			continue
		}
		st, _ := in.def.State(ph.State)
		number++
		row := dateRow{
			Number: number, Title: st.Title.In(r.Lang), ID: "days." + ph.State, Days: in.asked.days[ph.State],
			From: words.Short(ph.Start), Until: last(words, ph.End), Source: termSource(r, in.def, st),
			Label: r.T("setup.dates.daysof", "phase", st.Title.In(r.Lang)), Low: 1,
		}
		row.Waits = flow.Waits(words, in.after, ph.State)
		if !ph.EndedAt.IsZero() || ph.State == in.inst.State && length(st) > 0 {
			row.Lasted = flow.Days(ph, in.def.Location)
		}
		if was, ok := old[ph.State]; ok && waited[ph.State] == "" {
			if !was.Start.Equal(ph.Start) {
				row.Was = words.Short(was.Start)
			}
			if !was.End.Equal(ph.End) {
				row.WasUntil = last(words, was.End)
			}
		}
		if after, _ := in.def.State(waits[ph.State]); after.Title != nil {
			if row.FromWords = r.T("setup.dates.after", "phase", after.Title.In(r.Lang)); !ends(ph) {
				row.UntilWords = r.T("setup.dates.depends")
			}
		}
		if row.Until == "" && row.UntilWords == "" {
			row.UntilWords = flow.Hangs(words, in.def, st)
		}
		if length(st) == 0 {
			row.Days, row.Fixed = "", r.T("setup.dates.open")
			if other := otherSpan(st); other != "" {
				row.Fixed, row.Limits = st.Term.Length.Words(r.Lang), otherLimits(r, in.def, st.Term)
				row.Extension = extensionSource(st.Term)
			}
			if st.Term.Dated() {
				if row.Fixed = r.T("setup.dates.bydate"); row.Until == "" && row.UntilWords == "" {
					row.UntilWords = r.T("setup.call.none")
				}
				if _, code := definition.SplitAnchor(st.Term.Until); in.days[code] != (civil.Date{}) && ph.EndedAt.IsZero() {
					day := in.days[code].Start(in.def.Location)
					row.Until, row.UntilWords, ph.End = words.Short(day), "", day.AddDate(0, 0, 1) // a plan that is kept ends no phase before it begins
				}
			}
		} else {
			row.Asks = true
			row.Low, row.High = max(1, st.Term.Min.Days), st.Term.Max.Days
			row.Limits = limits(r, in.def, st.Term)
			row.Extension = extensionSource(st.Term)
		}
		missed := ph.State == in.inst.State && flow.Missed(in.def, in.inst)
		if never := flow.Never(words, ph); missed || !ph.End.IsZero() && !ph.End.After(ph.Start) && ph.StartedAt.IsZero() { // it lasts nothing, or has no term
			row.Until, row.WasUntil, row.UntilWords = "", "", never
		}
		if missed {
			row.UntilWords = r.T("page.phase.missed")
		}
		row.rest(r, in, ph.State, flow.Rests(words, in.def, in.inst, ph.State))
		out = append(out, row)
	}
	return out
}

// byTheMinute reports that a phase ends at a time of its own, and not with a day.
func byTheMinute(def *definition.Compiled) bool {
	return slices.ContainsFunc(def.States, func(s definition.State) bool { return s.Term.Exact() })
}

// rest leaves out the dates of a phase that nobody knows before the process goes on,
// and says why; the present one has begun.
func (row *dateRow) rest(r *site.Request, in tableInput, state, rests string) {
	if rests == "" {
		return
	}
	row.Until, row.WasUntil, row.UntilWords, row.Waits = "", "", rests, ""
	if state == in.inst.State {
		row.Lasted, row.Days, row.Fixed = 0, "", r.T("setup.dates.stopped")
	} else {
		row.From, row.Was, row.FromWords, row.UntilWords = "", "", rests, r.T("setup.dates.depends")
	}
}

// ends reports that the end of a phase is known whenever it begins.
func ends(ph workflow.PlannedPhase) bool {
	return !ph.End.IsZero() && (ph.Fixed || ph.Source == outlook.SourceAnchor)
}

// last is the last day of a half-open term, with the time of one that ends within
// it; "" when it has no end yet.
func last(words page.Words, end time.Time) string {
	if end.IsZero() {
		return ""
	}
	day := words.Short(end.Add(-time.Second))
	if words.Within(end) {
		return day + ", " + words.EndClock(end)
	}
	return day
}

// otherSpan is the unit of a length that is not counted in civil days: "wd" for
// working days, "h" for hours, "m" for minutes; "" for one in days, or none. It
// stays as it was written: an override in civil days would forget the calendar.
func otherSpan(st definition.State) string {
	switch {
	case st.Term == nil || st.Term.Until != "":
		return ""
	case st.Term.Length.WorkDays > 0:
		return "wd"
	case st.Term.Length.Hours > 0:
		return "h"
	case st.Term.Length.Minutes > 0:
		return "m"
	}
	return ""
}

// otherLimits are the bounds of such a length in its own unit, and the rest of
// what limits says.
func otherLimits(r *site.Request, def *definition.Compiled, t *definition.Term) string {
	low, high := t.Min, t.Max
	bare := *t
	bare.Min, bare.Max = civil.Span{}, civil.Span{}
	text := ""
	switch {
	case !low.IsZero() && !high.IsZero():
		text = r.T("setup.dates.bound.between", "min", low, "max", high)
	case !low.IsZero():
		text = r.T("setup.dates.bound.least", "min", low)
	case !high.IsZero():
		text = r.T("setup.dates.bound.most", "max", high)
	}
	return strings.TrimSpace(text + " " + limits(r, def, &bare))
}

// limits is "Da 21 a 60 giorni. Contati dall’inizio di “Avvio”. Una proroga, di
// 30 giorni al massimo.", as far as the term has bounds.
func limits(r *site.Request, def *definition.Compiled, t *definition.Term) string {
	var out []string
	low, high := t.Min.Days, t.Max.Days
	switch {
	case low > 0 && high > 0:
		out = append(out, r.T("setup.dates.between", "min", low, "max", high))
	case high > 0:
		out = append(out, r.T("setup.dates.most", "max", high))
	case low > 0:
		out = append(out, r.T("setup.dates.least", "min", low))
	}
	if kind, name := definition.SplitAnchor(t.From); kind == definition.AnchorState {
		from, _ := def.State(name)
		out = append(out, r.T("setup.dates.counted", "phase", from.Title.In(r.Lang)))
	} else if kind == definition.AnchorActivity {
		out = append(out, r.T("setup.dates.counted.activity", "kind", r.T(name+".kinds")))
	}
	if x := t.Extend; x != nil {
		words := r.T("setup.dates.extensions")
		if x.Times > 0 {
			words = r.T("setup.dates.extension", "n", x.Times)
		}
		if !x.Max.IsZero() {
			words += r.T("setup.dates.extension.most", "span", x.Max.Words(r.Lang))
		}
		if x.Act {
			words += r.T("setup.dates.extension.act")
		}
		out = append(out, words+".")
	}
	return strings.Join(out, " ")
}

// extensionSource is where the bounds of an extension come from, nil when it
// is where the term itself does.
func extensionSource(t *definition.Term) *page.Source {
	if t.Extend == nil || t.Extend.Law == nil || t.Law != nil && *t.Extend.Law == *t.Law {
		return nil
	}
	s := lawSource(t.Extend.Law)
	return &s
}

// previewOf says in words what moves.
func previewOf(r *site.Request, words page.Words, before, after []workflow.PlannedPhase) *datesPreview {
	old := make(map[string]workflow.PlannedPhase, len(before))
	for _, ph := range before {
		old[ph.State] = ph
	}
	dates, phases := 0, 0
	for _, ph := range after {
		was, known := old[ph.State]
		n := 0
		if !known || !was.Start.Equal(ph.Start) {
			n++
		}
		if !known || !was.End.Equal(ph.End) {
			n++
		}
		dates += n
		phases += min(n, 1)
	}
	p := &datesPreview{Nothing: dates == 0, Heading: r.T("setup.dates.same")}
	if dates == 0 || len(after) == 0 {
		return p
	}
	p.Heading = r.T("setup.dates.move", "n", dates)
	p.Lines = append(p.Lines, r.T("setup.dates.phases", "n", phases, "total", strconv.Itoa(len(after))))
	if len(before) == 0 {
		return p
	}
	if from, to := before[0].Start, after[0].Start; !from.Equal(to) {
		p.Heading = r.T("setup.dates.start", "date", words.Day(to)) + " " + r.T("setup.dates.startmove", "n", dates)
		p.Lines = append(p.Lines, r.T("setup.dates.first", "old", words.Date(from), "new", words.Date(to)))
	}
	from, to := end(before), end(after)
	if !from.Equal(to) {
		p.Lines = append(p.Lines, r.T("setup.dates.last", "old", words.EndDay(from), "new", words.EndDay(to)))
	}
	was, is := span(before[0].Start, from), span(after[0].Start, to)
	if was == is {
		p.Lines = append(p.Lines, r.T("setup.dates.keeps", "n", is))
	} else {
		p.Lines = append(p.Lines, r.T("setup.dates.lasts", "n", is, "old", strconv.Itoa(was)))
	}
	p.Lines = append(p.Lines, r.T("setup.dates.nothing"))
	return p
}

// choiceYears is for how long the days of a date are offered.
const choiceYears = 3

// callField asks for a date: any, or one of the days on which it may fall.
func callField(r *site.Request, pr process.Process, d calldate.Date) page.Field {
	f := page.Field{Name: "day." + d.Code, Label: d.Title.In(r.Lang), Type: "date"}
	if d.Required {
		f.Note = r.T("setup.field.topublish")
	}
	if len(d.Days) > 0 {
		f.Type, f.Empty = "select", r.T("setup.call.choose")
		from := civil.DateOf(r.Now, pr.Location())
		if pr.StartsOn != nil && civil.DateOf(*pr.StartsOn, time.UTC).Before(from) {
			from = civil.DateOf(*pr.StartsOn, time.UTC)
		}
		if d.Day != (civil.Date{}) && d.Day.Before(from) {
			from = d.Day
		}
		for day := d.Days.Next(from); day.Before(from.Add(choiceYears * 366)); day = d.Days.Next(day.Add(1)) {
			f.Choices = append(f.Choices, page.Choice{Value: day.String(), Label: dayWords(r, day)})
		}
	}
	if d.Day != (civil.Date{}) {
		retype(r, &f, d.Day.String())
	}
	return f
}
