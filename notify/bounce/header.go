package bounce

import (
	"mime"
	"net/mail"
	"strings"
)

// header holds fields by their lower-case names. Reports are often not quite in
// order, so that nothing here fails: what is no field is passed over.
type header map[string][]string

// maxFields bounds the fields that are looked at in one header.
const maxFields = 500

// split divides a message, or a part of one, into header and body. Lines may end
// either way. A mailbox's "From " line and what has no colon is passed over.
func split(text string) (header, string) {
	h := header{}
	name := ""
	for n := 0; text != ""; n++ {
		line, rest, _ := strings.Cut(text, "\n")
		line = strings.TrimRight(line, "\r")
		if strings.TrimSpace(line) == "" {
			return h, rest
		}
		text = rest
		if n > maxFields {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			h.prolong(name, line)
			continue
		}
		key, value, found := strings.Cut(line, ":")
		if key = strings.ToLower(strings.TrimSpace(key)); !found || key == "" || strings.ContainsAny(key, " \t") {
			name = ""
			continue
		}
		name = key
		h[name] = append(h[name], strings.TrimSpace(value))
	}
	return h, ""
}

// maxValue bounds what one field may grow to.
const maxValue = 4000

func (h header) prolong(name, line string) {
	values := h[name]
	if len(values) == 0 || len(values[len(values)-1]) > maxValue {
		return
	}
	values[len(values)-1] += " " + strings.TrimSpace(line)
}

// get is the first value of a field, or "".
func (h header) get(name string) string {
	if len(h[name]) == 0 {
		return ""
	}
	return h[name][0]
}

// words is the first value of a field with its encoded words read.
func (h header) words(name string) string {
	text, err := new(mime.WordDecoder).DecodeHeader(h.get(name))
	if err != nil {
		return h.get(name)
	}
	return text
}

// media is the type of a body and its parameters; text/plain when it says
// nothing that can be understood.
func (h header) media() (string, map[string]string) {
	kind, params, err := mime.ParseMediaType(h.get("content-type"))
	if kind == "" || err != nil && params == nil && !strings.Contains(kind, "/") {
		return "text/plain", map[string]string{}
	}
	return kind, params
}

// addresses are all that stand in the named fields, whole or in a list, with or
// without angle brackets.
func (h header) addresses(names ...string) []string {
	var out []string
	for _, name := range names {
		for _, value := range h[name] {
			if list, err := mail.ParseAddressList(value); err == nil {
				for _, a := range list {
					out = append(out, a.Address)
				}
				continue
			}
			out = append(out, strings.Fields(strings.NewReplacer("<", " ", ">", " ", ",", " ", ";", " ").Replace(value))...)
		}
	}
	return out
}

// identifier is the first thing in angle brackets, or the whole value.
func identifier(value string) string {
	if _, after, ok := strings.Cut(value, "<"); ok {
		value, _, _ = strings.Cut(after, ">")
	}
	if value = strings.TrimSpace(value); len(value) > 250 || strings.ContainsAny(value, " \t") {
		return ""
	}
	return line(value, 250)
}
