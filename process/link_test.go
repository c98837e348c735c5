package process_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/process"
	"arengo/process/fault"
)

var (
	oldSecret = strings.Repeat("o", 32)
	newSecret = strings.Repeat("n", 32)
)

func links(t testing.TB, secrets ...string) *process.Links {
	t.Helper()
	l, err := process.NewLinks(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLinkReadsBack(t *testing.T) {
	t.Parallel()
	l := links(t, newSecret)
	rapid.Check(t, func(t *rapid.T) {
		want := process.Link{
			Purpose: process.LinkAnswer,
			Process: process.ID(rapid.Int64Min(1).Draw(t, "process")),
			Subject: rapid.Int64Min(1).Draw(t, "subject"),
			Version: rapid.IntRange(1, 1<<20).Draw(t, "version"),
		}
		got, err := l.Read(process.LinkAnswer, l.Token(want))
		if err != nil || got != want {
			t.Fatalf("got %+v, %v; want %+v", got, err, want)
		}
	})
}

func TestLinkRefusals(t *testing.T) {
	t.Parallel()
	l := links(t, newSecret)
	link := process.Link{Purpose: process.LinkAnswer, Process: 7, Subject: 12, Version: 1}
	good := l.Token(link)
	flipped := []byte(good)
	flipped[3] ^= 1
	for name, token := range map[string]string{
		"empty": "", "short": "abc", "not base64": "!!!!" + good, "flipped bit": string(flipped),
		"cut": good[:len(good)-2], "lengthened": good + "AAAA", "huge": strings.Repeat("A", 4096),
		"other secret": links(t, oldSecret).Token(link),
	} {
		if _, err := l.Read(process.LinkAnswer, token); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: error %v, want not found", name, err)
		}
	}
	if _, err := l.Read(process.LinkUnsubscribe, good); !fault.Is(err, fault.NotFound) {
		t.Error("a link for one purpose must be worth nothing for another")
	}
}

func TestLinkSecretsRotate(t *testing.T) {
	t.Parallel()
	link := process.Link{Purpose: process.LinkRegister, Process: 1, Subject: 2, Version: 3}
	before, after := links(t, oldSecret), links(t, newSecret, oldSecret)
	if _, err := after.Read(process.LinkRegister, before.Token(link)); err != nil {
		t.Errorf("a link under the old secret is refused: %v", err)
	}
	if _, err := before.Read(process.LinkRegister, after.Token(link)); err == nil {
		t.Error("the first secret must sign")
	}
	if !after.Signed("form", "x", before.Sign("form", "x")) || after.Signed("form", "x", before.Sign("receipt", "x")) {
		t.Error("codes must follow the secrets and their use")
	}
}

func TestShortSecretIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := process.NewLinks("short"); err == nil {
		t.Error("a short secret was accepted")
	}
	if _, err := process.NewLinks(); err == nil {
		t.Error("no secret was accepted")
	}
}
