package ledger

import (
	"regexp"
	"strconv"
	"strings"
)

// Answer is what the other side said, for people. Word is the last part of a locale
// key; Mark quotes the codes, "550 5.1.1", and is "" where there are none.
type Answer struct{ Word, Mark string }

// Retried is the reply of the event by which somebody had a delivery tried again.
const Retried = "retry"

// enhanced finds the status code of RFC 3463 in a reply.
var enhanced = regexp.MustCompile(`\b([245])\.([0-9]{1,3})\.([0-9]{1,3})\b`)

// subjects are the words for subject and detail of an enhanced status code, after
// RFC 3463 and the registry that follows it.
var subjects = map[string]string{
	"1.0": "no_address", "1.1": "no_address", "1.2": "no_domain", "1.3": "no_address", "1.6": "moved", "1.10": "no_domain",
	"2.0": "mailbox", "2.1": "mailbox", "2.2": "full", "2.3": "large", "2.4": "mailbox",
	"3.1": "full", "3.2": "busy", "3.4": "large", "4.1": "silent", "4.2": "silent", "4.3": "silent", "4.4": "no_domain", "4.7": "late",
	"7.0": "policy", "7.1": "policy", "7.26": "policy", "7.28": "often",
}

// plainCodes are the words for replies without one, after RFC 5321.
var plainCodes = map[int]string{421: "busy", 450: "mailbox", 452: "full", 550: "no_address", 551: "moved", 552: "full", 553: "no_address"}

// ours are replies that this program writes itself.
var ours = map[string]string{
	"internal error, see the log":      "internal",
	"given up after too many attempts": "given_up",
	"unknown kind of notice":           "internal",
	Retried:                            "retry",
}

// Read says in words what a reply means; an empty one has no words.
func Read(code int, reply string) Answer {
	if word, ok := ours[reply]; ok {
		return Answer{Word: word}
	}
	var mark []string
	if code != 0 {
		mark = append(mark, strconv.Itoa(code))
	}
	found := enhanced.FindStringSubmatch(reply)
	if found != nil {
		mark = append(mark, found[0])
	}
	out := Answer{Mark: strings.Join(mark, " ")}
	switch {
	case found != nil && found[1] == "2", code >= 200 && code < 300:
		out.Word = "taken"
	case found != nil && subjects[found[2]+"."+found[3]] != "":
		out.Word = subjects[found[2]+"."+found[3]]
	case found != nil && found[2] == "7":
		out.Word = "policy"
	case plainCodes[code] != "" && found == nil:
		out.Word = plainCodes[code]
	case code >= 500 || found != nil && found[1] == "5":
		out.Word = "refused"
	case code >= 400 || found != nil:
		out.Word = "deferred"
	case reply != "":
		out.Word = "broken"
	}
	return out
}
