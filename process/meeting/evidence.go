package meeting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
)

// Counts gives, for each activity asked about, "minutes" (saved with a text),
// "minutes_published" and "agendas" (meetings, not cancelled, that have one).
func Counts(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	return countPapers(ctx, db, id, activities)
}

// MaterialEvidence lists an activity's materials as evidence.
func MaterialEvidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	list, err := listMaterials(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	out := make([]process.Evidence, len(list))
	for i, m := range list {
		out[i] = process.Evidence{Ref: fmt.Sprintf("material/%d", m.ID), Label: m.Title}
	}
	return out, nil
}

// AttendanceEvidence lists the meetings that somebody attended, with the date
// in the process's zone and how many: "Title, 24/03/2026 (n = 42)".
func AttendanceEvidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	rows, err := countAttendance(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	out := make([]process.Evidence, len(rows))
	for i, r := range rows {
		out[i] = process.Evidence{
			Ref:   fmt.Sprintf("attendance/%d", r.MeetingID),
			Label: fmt.Sprintf("%s, %s (n = %d)", r.Title, r.Day, r.N),
		}
	}
	return out, nil
}

// AgendaEvidence lists the points of the agendas, one a line.
func AgendaEvidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	meetings, err := liveMeetings(ctx, db, id, activity)
	if err != nil {
		return nil, err
	}
	var out []process.Evidence
	for _, m := range meetings {
		for _, point := range Points(m.Agenda) {
			out = append(out, process.Evidence{Ref: fmt.Sprintf("agenda/%d/%s", m.ID, mark(point)), Label: point})
		}
	}
	return out, nil
}

// MinutesEvidence lists the headings of the minutes, or their first line when
// they have none; nothing before there are minutes.
func MinutesEvidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	m, err := loadMinutes(ctx, db, id, activity)
	if err != nil || m.Body == "" {
		return nil, err
	}
	var out []process.Evidence
	seen := map[string]bool{}
	for line := range strings.Lines(m.Body) {
		text := strings.TrimSpace(strings.TrimLeft(line, "#"))
		if strings.HasPrefix(line, "#") && text != "" && !seen[text] {
			seen[text] = true
			out = append(out, process.Evidence{Ref: "minutes/" + mark(text), Label: text})
		}
	}
	if len(out) == 0 {
		first, _, _ := strings.Cut(m.Body, "\n")
		out = append(out, process.Evidence{Ref: "minutes", Label: shortened(first, 120)})
	}
	return out, nil
}

// Points splits an agenda into its points: one a line, without numbers or
// bullets before them.
func Points(agenda string) []string {
	var out []string
	for line := range strings.Lines(agenda) {
		line = strings.TrimLeft(strings.TrimSpace(line), "0123456789.)-–*• \t")
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

// mark identifies a text by its words: a reference survives reordering, and
// another text is another reference.
func mark(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

func shortened(s string, limit int) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return strings.TrimSpace(s)
}
