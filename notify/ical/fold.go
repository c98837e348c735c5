package ical

import (
	"bytes"
	"unicode/utf8"
)

// limit is RFC 5545's longest line in octets, its CRLF excluded.
const limit = 75

// fold breaks long lines: CRLF and one space, never inside a UTF-8 sequence.
func fold(flat []byte) []byte {
	out := make([]byte, 0, len(flat)+len(flat)/16)
	for line := range bytes.SplitSeq(bytes.TrimRight(flat, "\r\n"), []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		room := limit
		for len(line) > room {
			cut := room
			for !utf8.RuneStart(line[cut]) {
				cut--
			}
			out = append(out, line[:cut]...)
			out = append(out, "\r\n "...)
			line, room = line[cut:], limit-1
		}
		out = append(out, line...)
		out = append(out, "\r\n"...)
	}
	return out
}
