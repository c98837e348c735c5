package message

import (
	"strings"

	"arengo/process"
	"arengo/workflow/definition"
)

// own finds the notice of a definition that a payload names; nil when it names
// none.
func own(def *definition.Compiled, payload process.Payload) *definition.Notice {
	for i := range def.Notices {
		if code := payload.Extra[process.ExtraNotice]; code != "" && def.Notices[i].Code == code {
			return &def.Notices[i]
		}
	}
	return nil
}

// announcement puts the words of a definition's own notice where the template
// of every announcement takes them from. One whose definition no longer has it
// says the title of the process.
func (c *noticeContext) announcement(extra map[string]string, locale string) {
	extra["subject"], extra["text"] = c.process.Title, ""
	if c.own == nil {
		return
	}
	due := map[string]string{"it": "una data da fissare", "en": "a date to be set"}[locale]
	if !c.payload.DueAt.IsZero() {
		due = endWords(c.payload.DueAt, c.process.Location(), locale)
	}
	fill := strings.NewReplacer(
		"{process}", c.process.Title, "{phase}", c.titles[locale], "{due}", due,
		"{organisation}", c.promoter, "{reason}", c.payload.Reason,
	)
	extra["subject"], extra["text"] = fill.Replace(c.own.Subject.In(locale)), fill.Replace(c.own.Text.In(locale))
}
