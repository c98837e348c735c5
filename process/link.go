package process

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"

	"arengo/process/fault"
)

// Purpose says what a link lets its bearer do; a link for one purpose is worth
// nothing for another.
type Purpose byte

// The purposes.
const (
	LinkAnswer      Purpose = 'a' // Subject is an invitation: answer a questionnaire
	LinkRegister    Purpose = 'r' // Subject is a registration: see, join or leave a meeting
	LinkInvited     Purpose = 'i' // Subject is an invitation to a gathering
	LinkConfirm     Purpose = 'c' // Subject is a request: confirm a registration
	LinkFollow      Purpose = 'f' // Subject is a person: confirm following a process
	LinkUnsubscribe Purpose = 'u' // Subject is a person: no more messages of a process
	LinkSignIn      Purpose = 's' // Subject is a sign-in request; Process is 0
)

// Link is what a personal address says. Version is the subject's own: raising
// it makes earlier links worthless.
type Link struct {
	Purpose Purpose
	Process ID
	Subject int64
	Version int
}

const macSize = 15 // 120 bits: whole base64 groups, far beyond guessing

// Links derives and reads personal addresses. Nothing is stored: a reminder
// can repeat the link of the invitation, and a stolen database has none.
type Links struct{ secrets [][]byte }

// NewLinks takes the secrets, at least one: the first signs, all are accepted.
func NewLinks(secrets ...string) (*Links, error) {
	l := &Links{}
	for _, s := range secrets {
		if len(s) < 32 {
			return nil, errors.New("a secret needs at least 32 characters")
		}
		l.secrets = append(l.secrets, []byte(s))
	}
	if len(l.secrets) == 0 {
		return nil, errors.New("no secret")
	}
	return l, nil
}

// Token writes a link as text of about 30 URL-safe characters.
func (l *Links) Token(link Link) string {
	body := []byte{byte(link.Purpose)}
	body = binary.AppendUvarint(body, uint64(link.Process))
	body = binary.AppendUvarint(body, uint64(link.Subject))
	body = binary.AppendUvarint(body, uint64(link.Version))
	return base64.RawURLEncoding.EncodeToString(append(body, mac(l.secrets[0], body)...))
}

// Read checks a token and its purpose. Every failure is the same
// fault.NotFound "link.bad": a forger learns nothing.
func (l *Links) Read(purpose Purpose, token string) (Link, error) {
	link, ok := l.open(token)
	if !ok || link.Purpose != purpose {
		return Link{}, fault.New(fault.NotFound, "link.bad")
	}
	return link, nil
}

// Genuine reports whether a token is one of ours, for whatever purpose and
// whether or not it still opens anything.
func (l *Links) Genuine(token string) bool {
	_, ok := l.open(token)
	return ok
}

func (l *Links) open(token string) (Link, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	// The decoder passes over line ends and spare bits: a link has one form only.
	if err != nil || len(raw) < macSize+4 || len(token) > 80 || base64.RawURLEncoding.EncodeToString(raw) != token {
		return Link{}, false
	}
	body, sum := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	known := false
	for _, secret := range l.secrets {
		known = known || hmac.Equal(sum, mac(secret, body))
	}
	link, ok := parse(body)
	return link, known && ok
}

// Sign derives a code of 26 characters from a text, for uses other than links:
// form tokens, receipt codes.
func (l *Links) Sign(use, text string) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac(l.secrets[0], signed(use, text)))
}

// Signed reports whether code is what Sign gives for the text under any secret.
func (l *Links) Signed(use, text, code string) bool {
	ok := false
	for _, secret := range l.secrets {
		want := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac(secret, signed(use, text)))
		ok = ok || hmac.Equal([]byte(want), []byte(code))
	}
	return ok
}

// Derived gives 256 bits for a text under each secret, the first first, as
// URL-safe text: secrets that somebody else is given and that nobody has to keep.
func (l *Links) Derived(use, text string) []string {
	out := make([]string, len(l.secrets))
	for i, secret := range l.secrets {
		h := hmac.New(sha256.New, secret)
		h.Write(signed(use, text))
		out[i] = base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	}
	return out
}

// signed begins with a byte that no Purpose has, so that no code is a link.
func signed(use, text string) []byte { return []byte("\x00" + use + "\x00" + text) }

func parse(body []byte) (Link, bool) {
	link := Link{Purpose: Purpose(body[0])}
	rest := body[1:]
	for _, set := range []func(uint64){
		func(n uint64) { link.Process = ID(n) },
		func(n uint64) { link.Subject = int64(n) },
		func(n uint64) { link.Version = int(n) },
	} {
		n, size := binary.Uvarint(rest)
		if size <= 0 {
			return Link{}, false
		}
		set(n)
		rest = rest[size:]
	}
	return link, len(rest) == 0
}

func mac(secret, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(body)
	return h.Sum(nil)[:macSize]
}

// PublicID makes an identifier for addresses: 10 characters, lower case, no
// look-alikes worth worrying about, 50 bits of chance.
func PublicID() string {
	var raw [7]byte
	rand.Read(raw[:]) // never fails: crypto/rand crashes the program instead
	return encoding.EncodeToString(raw[:])[:10]
}

var encoding = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)
