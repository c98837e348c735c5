package flow_test

import (
	"encoding/json"
	"testing"
	"time"

	"arengo/fixtures"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// A date of the call is read by its title and its day in the log, and among the
// dates that the public sees; one that is not filled in is not listed, and a
// later definition that knows it no longer leaves its code.
func TestCall(t *testing.T) {
	t.Parallel()
	source, err := fixtures.Template("emilia-romagna")
	if err != nil {
		t.Fatal(err)
	}
	def, bad := definition.Read("emilia-romagna.yaml", source, []string{"questionnaire", "focusgroup", "codesign", "webinar", "assembly"})
	if def == nil {
		t.Fatal(bad)
	}
	code := "request-received"
	facts, err := json.Marshal(map[string]any{"dates": []workflow.DateChange{{Code: code, New: "2026-11-20"}}})
	if err != nil {
		t.Fatal(err)
	}
	words := page.Words{Lang: "it", Zone: def.Location}
	title := ""
	for _, d := range def.Dates {
		if d.Code == code {
			title = d.Title.In("it")
		}
	}
	e := workflow.LogEntry{Transition: definition.ActReschedule, Facts: facts}
	if got, want := flow.Given(words, def, e), "Data del bando. "+title+": 20 novembre 2026."; got != want || title == "" {
		t.Errorf("said %q, want %q", got, want)
	}
	if got, want := flow.Given(words, &definition.Compiled{Location: def.Location}, e), "Data del bando. request-received: 20 novembre 2026."; got != want {
		t.Errorf("without its definition: %q, want %q", got, want)
	}
	if got := flow.Given(words, def, workflow.LogEntry{Transition: definition.ActExtend, Facts: facts}); got != "" {
		t.Errorf("an extension gives %q", got)
	}
	day := time.Date(2026, time.November, 20, 0, 0, 0, 0, def.Location)
	if got := flow.Call(words, def, map[string]time.Time{code: day}).Items; len(got) != 1 || got[0].Term != title || got[0].Text != "venerdì 20 novembre 2026" {
		t.Errorf("listed %+v", got)
	}
}
