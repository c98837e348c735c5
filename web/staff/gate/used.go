package gate

import (
	"strings"
	"time"

	"arengo/process"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/history"
)

// extendedAt is when the last extension of the present term was given that counts as
// used; zero when none was.
func extendedAt(r *site.Request, core *process.Service, i workflow.Instance) (time.Time, error) {
	granted, err := history.Granted(r.Context(), history.In(core.DB()), i.Ref, i.State)
	if err != nil || len(granted) == 0 {
		return time.Time{}, err
	}
	return granted[len(granted)-1].At, nil
}

// Used says how another end counts against the extensions that there are: that a
// later one uses one of them, and that an earlier one gives it back or does not; ""
// where they are not counted, or where an exception goes beyond them.
func Used(r *site.Request, def *definition.Compiled, was workflow.Instance, change workflow.Extension) string {
	st, _ := def.State(was.State)
	if st.Term == nil || st.Term.Extend == nil || st.Term.Extend.Times == 0 {
		return ""
	}
	times, used := st.Term.Extend.Times, was.Extensions-len(change.Back)
	var out []string
	switch later := change.New.After(change.Old); {
	case later && used < times:
		out = append(out, r.T("staff.change.uses", "n", times, "nth", used+1))
		if def.Allows(st.Name, "shorten") {
			out = append(out, r.T("staff.change.uses.back"))
		}
	case later:
	case len(change.Back) > 0:
		until := history.ToldAt(change.Back[0].At, change.Back[0].New)
		out = append(out, r.T("staff.change.returns", "n", len(change.Back), "time", until.In(def.Location).Format(time.TimeOnly)))
	case used > 0:
		out = append(out, r.T("staff.change.used", "n", used))
	}
	return strings.Join(out, " ")
}
