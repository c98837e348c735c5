package questionnaire

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/questionnaire/form"
	"arengo/process/questionnaire/result"
)

// evidence words each question's figures as they read on the day, in the
// language that outcomes are written in.
func evidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	// Before the close nobody sees a figure, and one that was cited would stay.
	state, err := process.StateOf(ctx, db, id, activity)
	if err != nil || state != stateClosed {
		return nil, err
	}
	s := &Service{forms: newCache[formKey, *form.Form](8)}
	r, err := s.tabulate(ctx, db, id, activity)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []process.Evidence
	for _, item := range r.Items("") {
		out = append(out, process.Evidence{
			Ref:   itemRef(item.Page),
			Label: asked(item.Page) + ": " + finding(item),
		})
	}
	return out, nil
}

// reserved is nil once the results are public.
func reserved(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (process.Wording, error) {
	state, err := process.StateOf(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	q, err := loadQuestionnaire(ctx, db, id, activity)
	if err != nil || (state == stateClosed && q.ResultsPublishedAt != nil) {
		return nil, err
	}
	out := map[string]string{}
	wording := func(e process.Evidence) string { return out[e.Ref] }
	s := &Service{forms: newCache[formKey, *form.Form](1)}
	f, _, err := s.compiled(ctx, db, formKey{id, activity, 0})
	if fault.Is(err, fault.NotFound) {
		return wording, nil
	}
	if err != nil {
		return nil, err
	}
	for _, page := range f.Pages() {
		out[itemRef(page)] = asked(page)
	}
	return wording, nil
}

func itemRef(p form.Page) string { return "item/" + p.Item.Code }

func asked(p form.Page) string { return fmt.Sprintf("Domanda %d: %s", p.Number, p.Item.Label("it")) }

// finding is the one figure that says most of an item, and of how many.
func finding(item result.Item) string {
	if item.Answered.Protected {
		return fmt.Sprintf("meno di %d risposte", item.MinCell)
	}
	return fmt.Sprintf("%s (n = %d)", telling(item), item.Answered.N)
}

func telling(item result.Item) string {
	switch {
	case item.Page.Item.Type.Textual():
		return "risposte a parole"
	case item.Summary != nil && item.Page.Item.Type == form.Number:
		return "mediana " + comma(item.Summary.Median.Value)
	case item.Summary != nil && item.Summary.Mean.Exists:
		return fmt.Sprintf("media %s su %d", comma(item.Summary.Mean.Value), item.Page.Item.Scale.Max)
	case len(item.Cells) == 0:
		return "nessuna risposta"
	}
	most := item.Cells[0]
	for _, c := range item.Cells {
		if c.Count.N > most.Count.N {
			most = c
		}
	}
	return fmt.Sprintf("%.0f\u00a0%% ‘%s’", most.Share*100, most.Label.In("it"))
}

func comma(v float64) string {
	s := strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	return strings.Replace(s, ".", ",", 1)
}
