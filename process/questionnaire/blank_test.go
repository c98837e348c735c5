package questionnaire_test

import (
	"strings"
	"testing"

	"arengo/process/fault"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
)

// Nothing is required here, so that only the lack of any answer refuses.
func TestNothingAtAllIsNotSent(t *testing.T) {
	t.Parallel()
	w := draft(t, 1)
	q, err := w.service.Load(t.Context(), w.Process.ID, w.activity.ID)
	w.Must(err)
	q.Definition, err = form.ParseYAML([]byte(strings.Replace(definition, "required: true, ", "", 1)))
	w.Must(err)
	q, err = w.service.Save(t.Context(), w.Promoter, q)
	w.Must(err)
	_, err = w.service.PublishDefinition(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, q.Revision)
	w.Must(err)
	_, err = w.roster.Invite(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
	w.Must(err)
	w.Must(w.Advance(w.activity, "prepare", ""))
	w.Must(w.Advance(w.activity, "open", ""))
	token := w.token(0)
	for _, item := range []string{"link", "trust"} {
		_, err = w.save(token, item, "")
		w.Must(err)
	}
	_, err = w.service.Submit(t.Context(), token)
	wantKey(t, err, fault.Invalid, "answer.nothing")
	w.mustSave(token, "trust", "3")
	_, err = w.service.Submit(t.Context(), token)
	w.Must(err)
}
