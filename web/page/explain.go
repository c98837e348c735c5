package page

import (
	"bytes"
	"errors"
	"html"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"arengo/process/fault"
)

// Explain is the text that a person reads for err, in lang: the refusal's own
// key, or the generic text of its code when the key is empty or unknown. An
// internal fault gives the generic text of a 500, never its details.
func Explain(lang string, err error) string {
	e, ok := fault.As(err)
	if !ok {
		return T(lang, "fault.internal", nil)
	}
	if e.Key == "" || !Texts().Has(e.Key) {
		Texts().reportMissing(lang, e.Key)
		return T(lang, "fault.code."+string(e.Code), nil)
	}
	return T(lang, e.Key, e.Args)
}

func (c *Catalogue) reportMissing(lang, key string) {
	if key != "" {
		c.missing(lang, key)
	}
}

// FieldErrors turns a refusal, or a fault.List, into the error summary of a
// form, in order. It is nil when err holds no refusal.
func FieldErrors(lang string, err error) []FieldError {
	var list fault.List
	if errors.As(err, &list) {
		out := make([]FieldError, len(list))
		for i, e := range list {
			out[i] = FieldError{Field: e.Field, Message: Explain(lang, e)}
		}
		return out
	}
	e, ok := fault.As(err)
	if !ok {
		return nil
	}
	return []FieldError{{Field: e.Field, Message: Explain(lang, e)}}
}

// Status is the HTTP status of err: the refusal's, or 500.
func Status(err error) int {
	if e, ok := fault.As(err); ok {
		return e.Status()
	}
	return http.StatusInternalServerError
}

var (
	summaryPart  = regexp.MustCompile(`(?s)<div class="ar-errors".*?</ul></div>`)
	asideOfLabel = regexp.MustCompile(`(?s)<span class="fw-normal ar-muted">.*?</span>`)
	tag          = regexp.MustCompile(`(?s)<[^>]*>`)
)

// maxLabel is the longest label, in bytes, that names its field in the summary.
const maxLabel = 80

// nameErrors puts the label of its field before each message of the summary
// that does not say what it is about, such as “it is missing”. Beside the field
// such a message is enough; above the form it is not. The label is the one that
// the page shows, so that no form has to name its fields twice.
func (s *scope) nameErrors(out *bytes.Buffer) {
	if len(s.base.Errors) == 0 {
		return
	}
	text := out.String()
	at := summaryPart.FindStringIndex(text)
	if at == nil {
		return
	}
	summary := text[at[0]:at[1]]
	for _, e := range s.base.Errors {
		said := s.named(e, labelOf(text[at[1]:], e.Field))
		link := `<a href="#` + html.EscapeString(e.Field) + `">`
		summary = strings.Replace(summary, link+html.EscapeString(e.Message)+`</a>`, link+said+`</a>`, 1)
	}
	out.Reset()
	out.WriteString(text[:at[0]] + summary + text[at[1]:])
}

// named is the message of a summary with the label of its field, as HTML.
func (s *scope) named(e FieldError, label string) string {
	tooLong, _, _ := strings.Cut(s.text("form.too_long", "max", ""), ":")
	plain := html.EscapeString(e.Message)
	switch {
	case label == "":
		return plain
	case e.Message == s.text("form.required"):
		return s.text("page.error.missing", "field", label)
	case strings.HasPrefix(e.Message, tooLong+":"):
		first, size := utf8.DecodeRuneInString(plain)
		return label + ": " + string(unicode.ToLower(first)) + plain[size:]
	}
	return plain
}

// labelOf is the text of a control's label, or of its group's legend, as HTML;
// "" when there is none or it is too long to name anything.
func labelOf(text, id string) string {
	if id == "" {
		return ""
	}
	quoted := regexp.QuoteMeta(html.EscapeString(id))
	found := regexp.MustCompile(`(?s)<label[^>]*\bfor="` + quoted + `"[^>]*>(.*?)</label>|<fieldset[^>]*\bid="` + quoted + `"[^>]*>\s*<legend[^>]*>(.*?)</legend>`).FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	label := tag.ReplaceAllString(asideOfLabel.ReplaceAllString(found[1]+found[2], ""), "")
	if label = strings.Join(strings.Fields(label), " "); len(label) > maxLabel {
		return ""
	}
	return label
}
