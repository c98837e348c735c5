package ical_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"arengo/notify/ical"
)

func event() ical.Event {
	return ical.Event{
		Method: "REQUEST", UID: "a1@example.org", Sequence: 2,
		Stamp:   time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Start:   time.Date(2026, 12, 1, 17, 0, 0, 0, time.UTC),
		End:     time.Date(2026, 12, 1, 19, 0, 0, 0, time.UTC),
		Summary: "Muoversi nell’Area vasta; trasporti, strade", Location: "Biblioteca, Siena",
		Organizer: ical.Person{Name: "Next Generation Siena", Address: "ascolto@example.org"},
		Attendee:  ical.Person{Name: "Rossi, Mario: d'Acqua", Address: "mario@example.net"},
	}
}

// unfold undoes RFC 5545's folding and splits into lines.
func unfold(t *testing.T, data []byte) []string {
	t.Helper()
	if !bytes.HasSuffix(data, []byte("\r\n")) || bytes.Contains(bytes.ReplaceAll(data, []byte("\r\n"), nil), []byte("\n")) {
		t.Fatalf("line ends are not all CRLF: %q", data)
	}
	for _, line := range strings.Split(string(data), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("line of %d octets: %q", len(line), line)
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n ", ""), "\r\n"), "\r\n")
}

func encode(t *testing.T, e ical.Event) []string {
	t.Helper()
	data, err := ical.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	return unfold(t, data)
}

func count(lines []string, prefix string) (n int) {
	for _, l := range lines {
		if strings.HasPrefix(l, prefix+":") || strings.HasPrefix(l, prefix+";") {
			n++
		}
	}
	return n
}

func has(t *testing.T, lines []string, want ...string) {
	t.Helper()
	all := strings.Join(lines, "\n") + "\n"
	for _, w := range want {
		if !strings.Contains(all, w+"\n") {
			t.Errorf("no line %q in\n%s", w, all)
		}
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	lines := encode(t, event())
	has(t, lines, "METHOD:REQUEST", "UID:a1@example.org", "SEQUENCE:2", "DTSTAMP:20261122T100000Z",
		"DTSTART;TZID=Europe/Rome:20261201T180000", "DTEND;TZID=Europe/Rome:20261201T200000",
		`SUMMARY:Muoversi nell’Area vasta\; trasporti\, strade`, `LOCATION:Biblioteca\, Siena`,
		`ATTENDEE;CN="Rossi, Mario: d'Acqua";PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:mario@example.net`,
		"ORGANIZER;CN=Next Generation Siena:mailto:ascolto@example.org")
	for name, want := range map[string]int{
		"METHOD": 1, "UID": 1, "DTSTAMP": 1, "ORGANIZER": 1, "SUMMARY": 1, "SEQUENCE": 1, "ATTENDEE": 1, "DTEND": 1,
		"DTSTART": 3, // with the two of the zone
	} {
		if n := count(lines, name); n != want {
			t.Errorf("%d × %s, want %d", n, name, want)
		}
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	has(t, encode(t, event()),
		"BEGIN:VTIMEZONE\nTZID:Europe/Rome",
		"BEGIN:DAYLIGHT\nDTSTART:19960331T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nTZNAME:CEST\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT",
		"BEGIN:STANDARD\nDTSTART:19961027T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nTZNAME:CET\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD")

	t.Run("summer", func(t *testing.T) {
		e := event()
		e.Start, e.End = e.Start.AddDate(0, 6, 0), e.End.AddDate(0, 6, 0)
		has(t, encode(t, e), "DTSTART;TZID=Europe/Rome:20270601T190000")
	})
	t.Run("a zone without Europe's rules is written in UTC", func(t *testing.T) {
		e := event()
		e.Zone = "Asia/Tokyo"
		lines := encode(t, e)
		has(t, lines, "DTSTART:20261201T170000Z")
		if all := strings.Join(lines, "\n"); strings.Contains(all, "TZID") {
			t.Errorf("a TZID without its VTIMEZONE:\n%s", all)
		}
	})
	t.Run("London", func(t *testing.T) {
		e := event()
		e.Zone = "Europe/London"
		has(t, encode(t, e), "DTSTART;TZID=Europe/London:20261201T170000", "DTSTART:19960331T010000", "DTSTART:19961027T020000")
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	e := event()
	e.Method, e.Sequence, e.Cancelled = "CANCEL", 3, true
	lines := encode(t, e)
	has(t, lines, "METHOD:CANCEL", "SEQUENCE:3", "STATUS:CANCELLED", "UID:a1@example.org")
	e.Cancelled = false // only this person's place
	if n := count(encode(t, e), "STATUS"); n != 0 {
		t.Error("a place given up cancels the whole meeting")
	}
}

func TestPublishNamesNobody(t *testing.T) {
	t.Parallel()
	e := event()
	e.Method = "PUBLISH"
	lines := encode(t, e)
	has(t, lines, "METHOD:PUBLISH", "STATUS:CONFIRMED", "UID:"+e.UID)
	if count(lines, "ATTENDEE") != 0 || count(lines, "ORGANIZER") != 1 {
		t.Errorf("a published event names an attendee, or no organiser: %q", lines)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*ical.Event){
		"method":    func(e *ical.Event) { e.Method = "COUNTER" },
		"UID":       func(e *ical.Event) { e.UID = "" },
		"end":       func(e *ical.Event) { e.End = e.Start },
		"sequence":  func(e *ical.Event) { e.Sequence = -1 },
		"attendee":  func(e *ical.Event) { e.Attendee.Address = "a@b\r\nX:y" },
		"organiser": func(e *ical.Event) { e.Organizer.Address = "" },
		"summary":   func(e *ical.Event) { e.Summary = " " },
		"zone":      func(e *ical.Event) { e.Zone = "Europe/Atlantide" },
	} {
		e := event()
		spoil(&e)
		if _, err := ical.Encode(e); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestNobodyInjects writes events with arbitrary text and finds only the lines
// that the event has.
func TestNobodyInjects(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"x\r\nATTENDEE:mailto:evil@example.org", "a\nb", `"; X="`, "è" + strings.Repeat("ù", 200), `\n\,;`, "\u2028",
	}))
	rapid.Check(t, func(rt *rapid.T) {
		e := event()
		e.Summary = "s" + text.Draw(rt, "summary")
		e.Location, e.Details = text.Draw(rt, "location"), text.Draw(rt, "details")
		e.Attendee.Name, e.Organizer.Name = text.Draw(rt, "attendee"), text.Draw(rt, "organizer")
		data, err := ical.Encode(e)
		if err != nil {
			rt.Fatal(err)
		}
		for name, want := range map[string]int{"ATTENDEE": 1, "ORGANIZER": 1, "UID": 1, "SUMMARY": 1, "END": 5} {
			if n := count(unfold(t, data), name); n != want {
				rt.Fatalf("%d × %s, want %d:\n%s", n, name, want, data)
			}
		}
		back, err := ical.Decode(bytes.NewReader(data))
		if err != nil || len(back.Events()) != 1 {
			rt.Fatalf("does not parse back: %v\n%s", err, data)
		}
	})
}

func TestDecodeNeverPanics(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"parameter without colon": "BEGIN:VCALENDAR\r\nATTENDEE;CN=x\r\nEND:VCALENDAR\r\n",
		"empty":                   "",
		"too large":               strings.Repeat("x", ical.MaxSize+1),
		"cut":                     "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
	} {
		if _, err := ical.Decode(strings.NewReader(in)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		_, _ = ical.Decode(strings.NewReader(rapid.String().Draw(rt, "input")))
	})
}

// TestStrictJudge asks python-icalendar, which is strict on parameters, where
// it is installed; the rules above stand without it.
func TestStrictJudge(t *testing.T) {
	t.Parallel()
	if exec.Command("python3", "-c", "import icalendar").Run() != nil {
		t.Log("no python3-icalendar here; the other tests stand alone")
		return
	}
	data, err := ical.Encode(event())
	if err != nil {
		t.Fatal(err)
	}
	judge := exec.Command("python3", "-c", `import sys, icalendar
c = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
e = c.walk("VEVENT")[0]
assert not c.errors and not e.errors, (c.errors, e.errors)
assert e["ATTENDEE"].params["CN"] == "Rossi, Mario: d'Acqua", e["ATTENDEE"].params`)
	judge.Stdin = bytes.NewReader(data)
	if out, err := judge.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
