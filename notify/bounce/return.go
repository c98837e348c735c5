package bounce

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/mail"
	"strings"
)

// The lengths of an address. RFC 5321, 4.5.3.1.1, allows 64 octets before the @;
// two 63-bit numbers and the code take at most 45, and "+b-" three.
const (
	maxLocal = 16
	codeSize = 10 // 80 bits: each guess is a message to us
	mark     = "+b-"
)

var lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Return makes and reads the addresses to which reports about a delivery come
// back, such as bounce+b-abdqk4…@example.org. They are read without regard to
// case, because some servers change it.
type Return struct {
	local, domain string
	keys          [][]byte
}

// NewReturn takes the address of which all others are made and the keys, at
// least one: the first signs, all are accepted. The address is plain ASCII, at
// most 16 characters before the @, without a "+" of its own.
func NewReturn(address string, keys ...string) (*Return, error) {
	if err := CheckAddress(address); err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errors.New("return address: no key")
	}
	r := &Return{}
	r.local, r.domain, _ = strings.Cut(strings.ToLower(address), "@")
	for _, k := range keys {
		r.keys = append(r.keys, []byte(k))
	}
	return r, nil
}

// CheckAddress tells what keeps an address from being one to which reports
// return.
func CheckAddress(address string) error {
	a, err := mail.ParseAddress(address)
	local, domain, _ := strings.Cut(address, "@")
	switch {
	case err != nil || a.Address != address || strings.ContainsAny(address, `"+`):
		return fmt.Errorf("%q is not a plain mail address", address)
	case len(local) > maxLocal:
		return fmt.Errorf("%q has more than %d characters before the @", address, maxLocal)
	case len(domain) > 180 || strings.ContainsFunc(address, func(r rune) bool { return r > '~' }):
		return fmt.Errorf("%q is not a plain mail address", address)
	}
	return nil
}

// Address is where reports about a delivery return to.
func (r *Return) Address(processID, deliveryID int64) string {
	body := binary.AppendUvarint(nil, uint64(processID))
	body = binary.AppendUvarint(body, uint64(deliveryID))
	return r.local + mark + lower.EncodeToString(append(body, code(r.keys[0], body)...)) + "@" + r.domain
}

// Read finds the delivery of a return address; ok is false for an address that
// this program never made.
func (r *Return) Read(address string) (processID, deliveryID int64, ok bool) {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	token, marked := strings.CutPrefix(local, r.local+mark)
	if !marked || domain != r.domain || len(local) > 64 {
		return 0, 0, false
	}
	raw, err := lower.DecodeString(token)
	if err != nil || len(raw) < codeSize+2 || lower.EncodeToString(raw) != token {
		return 0, 0, false
	}
	body, sum := raw[:len(raw)-codeSize], raw[len(raw)-codeSize:]
	for _, k := range r.keys {
		ok = hmac.Equal(sum, code(k, body)) || ok
	}
	if !ok {
		return 0, 0, false
	}
	first, n := binary.Uvarint(body)
	if n <= 0 {
		return 0, 0, false
	}
	second, m := binary.Uvarint(body[n:])
	if m <= 0 || n+m != len(body) {
		return 0, 0, false
	}
	return int64(first), int64(second), true
}

// Is tells whether an address is the one of which all return addresses are made.
func (r *Return) Is(address string) bool { return strings.EqualFold(address, r.local+"@"+r.domain) }

func code(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(body)
	return h.Sum(nil)[:codeSize]
}
