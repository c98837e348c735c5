package message_test

import (
	"strings"
	"testing"

	"arengo/notify"
	"arengo/notify/templates"
)

// The end of a process promises a report only where one is public, and leads to it.
func TestTheEndNamesAReportOnlyWhereOneIsPublic(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := b.notice("process-closed", "")
	n.ActivityID, n.PersonID, n.Payload = notify.Account, 0, []byte(`{}`)
	says := func(promises bool) {
		t.Helper()
		facts, err := b.source.Facts(t.Context(), b.DB, n, []int64{int64(b.guests[0])})
		b.Must(err)
		f := facts[int64(b.guests[0])]
		page, err := templates.Render("process-closed", f)
		b.Must(err)
		for part, text := range map[string]string{"text": page.Text, "HTML": page.HTML, "preview": page.Preview} {
			if strings.Contains(text, "eport") != promises {
				t.Errorf("a report is public: %t; the %s says %s", promises, part, text)
			}
		}
		if strings.HasSuffix(f.Recipient.Link, "/report") != promises {
			t.Errorf("it leads to %s", f.Recipient.Link)
		}
	}
	says(false)
	b.Exec(`INSERT INTO artefact (process_id, code, title, body, updated_at) VALUES (?, 'final-report', 'Report', 'Testo', ?)`, b.Process.ID, b.Start)
	says(false)
	b.Exec(`UPDATE artefact SET published_at = ? WHERE process_id = ?`, b.Start, b.Process.ID)
	says(true)
}
