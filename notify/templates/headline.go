package templates

import (
	"fmt"
	"strings"

	"arengo/notify/mail"
)

// Headline is the subject of what Render writes, and the line beside it, for where
// several messages are told together. The errors are those of Render.
func Headline(kind string, f Facts) (subject, preview string, err error) {
	letters, err := compiledOnce()
	if err != nil {
		return "", "", err
	}
	f = f.clean()
	f.Recipient.Locale = supported(f.Recipient.Locale)
	l, ok := letters[f.Recipient.Locale+"/"+kind]
	if !ok {
		return "", "", fmt.Errorf("no message of kind %q", kind)
	}
	if f, err = f.typed(l.kind); err != nil {
		return "", "", fmt.Errorf("headline of %s in %s: %w", kind, f.Recipient.Locale, err)
	}
	var first, second strings.Builder
	if err := l.subject.Execute(&first, f); err != nil {
		return "", "", fmt.Errorf("headline of %s in %s: %w", kind, f.Recipient.Locale, err)
	}
	if err := l.preview.Execute(&second, f); err != nil {
		return "", "", fmt.Errorf("headline of %s in %s: %w", kind, f.Recipient.Locale, err)
	}
	return mail.Line(first.String()), mail.Line(second.String()), nil
}
