package mail

import (
	"bytes"
)

// stuff appends a message to b as SMTP wants it after DATA: every line ends with
// CRLF, one that begins with a dot has another before it, and a lone dot is the end
// (RFC 5321, section 4.5.2).
func stuff(b, message []byte) []byte {
	for len(message) > 0 {
		if message[0] == '.' {
			b = append(b, '.')
		}
		i := bytes.IndexByte(message, '\n')
		if i < 0 {
			b = append(b, message...)
			b = append(b, '\r', '\n')
			break
		}
		line := message[:i]
		if i > 0 && line[i-1] == '\r' {
			line = line[:i-1]
		}
		b = append(b, line...)
		b = append(b, '\r', '\n')
		message = message[i+1:]
	}
	return append(b, '.', '\r', '\n')
}

// longest is how many characters a quoted-printable line may have before the
// "=" that goes on with it on the next: RFC 2045, section 6.7.
const longest = 75

const hexadecimal = "0123456789ABCDEF"

// quoted appends a text in quoted-printable to b. It writes what the standard
// library's writer does, a line at a time and not a byte at a time: most of a
// message needs no encoding, and writing it was a tenth of sending one.
func quoted(b []byte, text string) []byte {
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && text[end] != '\n' && text[end] != '\r' {
			end++
		}
		b = quotedLine(b, text[i:end])
		if end == len(text) {
			return b
		}
		b = append(b, '\r', '\n')
		if text[end] == '\r' && end+1 < len(text) && text[end+1] == '\n' {
			end++
		}
		i = end + 1
	}
	return b
}

// quotedLine appends one line, broken softly where it is too long. A space or tab
// at its end is encoded, as one that stood there would be lost on its way.
func quotedLine(b []byte, line string) []byte {
	column := 0
	last := len(line) - 1
	for i := 0; i <= last; {
		n := i
		for n <= last && literal[line[n]] {
			n++
		}
		if n > last && n > i && blank(line[last]) {
			n--
		}
		for i < n {
			if column == longest {
				b, column = append(b, '=', '\r', '\n'), 0
			}
			some := min(n-i, longest-column)
			b = append(b, line[i:i+some]...)
			i, column = i+some, column+some
		}
		if i > last {
			break
		}
		// One that stood at the end of a whole line takes a place of its own there.
		if longest-column < 3 {
			b, column = append(b, '=', '\r', '\n'), 0
		}
		b = append(b, '=', hexadecimal[line[i]>>4], hexadecimal[line[i]&15])
		i, column = i+1, column+3
	}
	return b
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// literal are the bytes that stand for themselves.
var literal = func() (set [256]bool) {
	for c := '!'; c <= '~'; c++ {
		set[c] = c != '='
	}
	set[' '], set['\t'] = true, true
	return set
}()
