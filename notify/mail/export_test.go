package mail

// What tests hold against the standard library and against go-mail.
var (
	Quoted = quoted
	Stuff  = stuff
)

// Series writes messages as a connection does.
type Series struct{ inner series }

// Write gives a message, and whether it was filled into what the last ones had in
// common.
func (s *Series) Write(m Message) (written []byte, filled bool, err error) {
	written, err = s.inner.write(m)
	return written, s.inner.sheet != nil, err
}
