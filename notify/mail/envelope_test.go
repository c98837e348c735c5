package mail_test

import (
	"strings"
	"testing"

	"arengo/notify/mail"
	"arengo/process/processtest"
)

// The sender of the envelope is for servers: readers see the one of the header.
func TestEnvelope(t *testing.T) {
	t.Parallel()
	sink := processtest.SMTP(t)
	relay, err := mail.ParseRelay(sink.URL())
	if err != nil {
		t.Fatal(err)
	}
	conn := mail.NewPool(relay).Get()
	defer conn.Close()
	m := message()
	for _, envelope := range []string{"", "bounce+b-abc234@example.org"} {
		m.Envelope = envelope
		if got := conn.Send(t.Context(), m); got.Outcome != mail.Delivered {
			t.Fatalf("%+v", got)
		}
	}
	list := sink.Messages()
	if len(list) != 2 || list[0].From != m.From || list[1].From != m.Envelope {
		t.Fatalf("envelopes of %+v", list)
	}
	if strings.Contains(string(list[1].Raw), "bounce+") || headerRaw(t, list[1], "From") != headerRaw(t, list[0], "From") {
		t.Errorf("the envelope shows in\n%s", list[1].Raw)
	}
	m.Envelope = "x@example.org\r\nRCPT TO:<y@example.org>"
	if got := conn.Send(t.Context(), m); got.Outcome != mail.Refused {
		t.Errorf("%+v", got)
	}
}
