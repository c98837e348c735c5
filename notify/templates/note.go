package templates

import (
	"fmt"
	"strings"

	"arengo/notify/mail"
)

// Note is a message without the frame of an e-mail, for where the reader is known
// already: a page of the site, a line on a telephone.
type Note struct {
	Subject string // one line
	Preview string // one line, "" where the source has none
	// Text is plain: paragraphs parted by empty lines, "- " before the items of a
	// list, and a button as its label with a colon, the address on the next line.
	Text string
}

// Short writes a message of the kind as a note, in the recipient's locale. Its errors
// are those of Render.
func Short(kind string, f Facts) (Note, error) {
	l, f, err := open(kind, f)
	if err != nil {
		return Note{}, err
	}
	var note Note
	var out strings.Builder
	for _, part := range []struct {
		template textPart
		into     *string
		then     func(string) string
	}{
		{textPart{l.subject}, &note.Subject, mail.Line},
		{textPart{l.preview}, &note.Preview, mail.Line},
		{textPart{l.body}, &note.Text, squeeze},
	} {
		out.Reset()
		if err := part.template.Execute(&out, f); err != nil {
			return Note{}, fmt.Errorf("render %s in %s: %w", kind, f.Recipient.Locale, err)
		}
		*part.into = part.then(out.String())
	}
	return note, nil
}

// squeeze leaves one empty line between paragraphs, and breaks no line.
func squeeze(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " ")
		if line != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, line)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
