package embedded

import "fmt"

// Trouble is why the servers cannot be had, with what the operator can do about
// it.
type Trouble struct {
	it, en string
	err    error // what it comes from, if anything
}

// trouble makes one of two formats over the same arguments.
func trouble(err error, it, en string, args ...any) *Trouble {
	return &Trouble{fmt.Sprintf(it, args...), fmt.Sprintf(en, args...), err}
}

// Error is the sentence in English.
func (t *Trouble) Error() string { return t.en }

// Unwrap gives what it comes from.
func (t *Trouble) Unwrap() error { return t.err }

// Say is the sentence in the reader's language.
func (t *Trouble) Say(say func(it, en string) string) string { return say(t.it, t.en) }
