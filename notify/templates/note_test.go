package templates_test

import (
	"strings"
	"testing"

	"arengo/notify/templates"
)

// A note says what the mail says, with none of its frame; the button's address stands
// on a line of its own, after its label.
func TestNotes(t *testing.T) {
	t.Parallel()
	const link = "/messaggi/abc/vai"
	buttons := 0
	for _, locale := range templates.Locales() {
		for _, name := range templates.Names() {
			f := templates.Preview(name, locale)
			f.Recipient.Link, f.Recipient.Shared, f.Recipient.UnsubscribeURL = link, true, ""
			note, err := templates.Short(name, f)
			if err != nil {
				t.Errorf("%s/%s: %v", locale, name, err)
				continue
			}
			mail, err := templates.Render(name, f)
			if err != nil || mail.Subject != note.Subject || mail.Preview != note.Preview {
				t.Errorf("%s/%s: %q %q, the mail %q %q, %v", locale, name, note.Subject, note.Preview, mail.Subject, mail.Preview, err)
			}
			all := note.Subject + note.Preview + note.Text
			if unresolved.MatchString(all) || note.Text == "" || strings.Contains(note.Text, "\n\n\n") {
				t.Errorf("%s/%s: %q", locale, name, note.Text)
			}
			for _, frame := range []string{f.Process.PrivacyURL, f.Process.AccessibilityURL, f.Recipient.Why, f.Process.ContactPhone} {
				if frame != "" && strings.Contains(all, frame) {
					t.Errorf("%s/%s says %q of the frame", locale, name, frame)
				}
			}
			lines := strings.Split(note.Text, "\n")
			for i, line := range lines {
				if strings.Contains(line, link) {
					buttons++
					if line != link || i == 0 || !strings.HasSuffix(lines[i-1], ":") {
						t.Errorf("%s/%s: the button is %q after %q", locale, name, line, lines[max(0, i-1)])
					}
				}
			}
		}
	}
	if buttons < 40 {
		t.Errorf("%d buttons", buttons)
	}
	if _, err := templates.Short("no-such", templates.Facts{}); err == nil {
		t.Error("a note of an unknown kind")
	}
}
