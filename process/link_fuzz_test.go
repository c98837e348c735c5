package process_test

import (
	"math"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/fault"
)

// A link has one way of being written, and what was not written here is not
// accepted: whoever changes a character holds nothing.
func FuzzRead(f *testing.F) {
	links, err := process.NewLinks(strings.Repeat("fuzz-of-links-", 3))
	if err != nil {
		f.Fatal(err)
	}
	foreign, err := process.NewLinks(strings.Repeat("other-secrets-", 3))
	if err != nil {
		f.Fatal(err)
	}
	whole := process.Link{Purpose: process.LinkAnswer, Process: 7, Subject: 1234, Version: 1}
	for _, token := range []string{
		links.Token(whole), links.Token(whole) + "\n", links.Token(whole) + "=", foreign.Token(whole),
		links.Token(process.Link{Purpose: process.LinkAnswer, Process: math.MaxInt64, Subject: math.MaxInt64, Version: math.MaxInt32}),
		links.Token(process.Link{Purpose: process.LinkAnswer}), "", "====", strings.Repeat("A", 81),
	} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		link, err := links.Read(process.LinkAnswer, token)
		if err != nil {
			if !fault.Is(err, fault.NotFound) || link != (process.Link{}) {
				t.Errorf("%q: %v, %+v", token, err, link)
			}
			return
		}
		if links.Token(link) != token {
			t.Errorf("%q is accepted for %+v, which is written %q", token, link, links.Token(link))
		}
		for _, other := range []process.Purpose{process.LinkRegister, process.LinkSignIn, process.LinkUnsubscribe} {
			if _, err := links.Read(other, token); err == nil {
				t.Errorf("%q is accepted for another purpose", token)
			}
		}
	})
}
