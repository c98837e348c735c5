package flow

import (
	"slices"
	"strings"
	"time"

	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Given says which dates of the call an entry of the log gave, by the definition
// of its time: "Data del bando. Ultimo giorno: 20 marzo 2027."; "" for an entry of
// another act.
func Given(w page.Words, def *definition.Compiled, e workflow.LogEntry) string {
	var out []string
	for _, c := range workflow.DatesOf(e) {
		day, err := civil.ParseDate(c.New)
		if err != nil {
			continue
		}
		title := c.Code
		if i := slices.IndexFunc(def.Dates, func(d definition.Date) bool { return d.Code == c.Code }); i >= 0 {
			title = def.Dates[i].Title.In(w.Lang)
		}
		out = append(out, w.T("page.log.call", "title", title, "day", w.Day(day.Start(def.Location))))
	}
	return strings.Join(out, " ")
}

// Call lists the dates of the call that are filled in, in file order, by their
// first instants.
func Call(w page.Words, def *definition.Compiled, days map[string]time.Time) page.Facts {
	out := page.Facts{Tight: true}
	for _, d := range def.Dates {
		if at, ok := days[d.Code]; ok {
			out.Items = append(out.Items, page.Fact{Term: d.Title.In(w.Lang), Text: w.Date(at)})
		}
	}
	return out
}
