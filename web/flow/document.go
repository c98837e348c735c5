package flow

import (
	"strings"

	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Document says which document an entry of the log published or withdrew, by the
// definition of its time: "Documento pubblicato: Rapporto finale."; "" for an entry
// of another act.
func Document(w page.Words, def *definition.Compiled, e workflow.LogEntry) string {
	d := workflow.DocumentOf(e)
	if d.Code == "" {
		return ""
	}
	title := d.Code
	if a, ok := def.Artefact(d.Code); ok {
		title = a.Title.In(w.Lang)
	}
	key := "page.log.document"
	if e.Transition == definition.ActWithdrawDocument {
		key = "page.log.withdrawn"
	}
	return w.T(key, "title", title, "digest", d.Digest[:min(12, len(d.Digest))])
}

// Writers names the roles that alone write a document, joined; "" where the
// definition names none.
func Writers(lang string, roles []string) string {
	var out []string
	for _, role := range roles {
		out = append(out, definition.RoleWords[role].In(lang))
	}
	return strings.Join(out, ", ")
}
