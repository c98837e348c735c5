package ledger

import (
	"cmp"
	"context"
	"regexp"
	"strings"

	"arengo/notify/templates"
	"arengo/process"
)

// Text is what a message says, as it would be written now. Body has lines of the
// length of a mail.
type Text struct{ Subject, Body string }

var emptyLines = regexp.MustCompile(`\n[ \t]*\n`)

// Paragraphs are those of the body, each one line; the lines of a list stay apart.
func (t Text) Paragraphs() []string {
	var out []string
	for _, p := range emptyLines.Split(strings.TrimSpace(t.Body), -1) {
		for i, line := range strings.Split(strings.TrimSpace(p), "\n") {
			line = strings.TrimSpace(line)
			if i == 0 || strings.HasPrefix(line, "- ") {
				out = append(out, line)
			} else {
				out[len(out)-1] += " " + line
			}
		}
	}
	return out
}

// Sample writes a notice to many as one of those who got it reads it, in their
// language, without name and without personal links; as reader does when nobody has
// got it yet. It is the zero Text of what is said to one person, which may hold
// what is theirs alone, and of what cannot be written any more.
func (s *Service) Sample(ctx context.Context, id process.ID, n Notice, reader process.PersonID) (Text, error) {
	if n.PersonID != 0 {
		return Text{}, nil
	}
	got, err := whoGot(ctx, s.core.DB(), id, n.ID)
	if err != nil {
		return Text{}, err
	}
	f, ok, err := s.core.Outbox().Sample(ctx, s.core.DB(), n.Notice, cmp.Or(got, int64(reader)))
	if err != nil || !ok {
		s.core.Log().InfoContext(ctx, "a notice cannot be shown", "process_id", id, "notice_id", n.ID, "error", err)
		return Text{}, ctx.Err()
	}
	f.Recipient.Name, f.Recipient.Link, f.Recipient.UnsubscribeURL = "", "", ""
	page, err := templates.Render(cmp.Or(f.Kind, n.Kind), f)
	if err != nil {
		s.core.Log().InfoContext(ctx, "a notice cannot be shown", "process_id", id, "notice_id", n.ID, "error", err)
		return Text{}, ctx.Err()
	}
	return Text{Subject: page.Subject, Body: page.Text}, nil
}
