package bounce

import (
	"regexp"
	"strconv"
	"strings"
)

// codePatterns find a server's reply in its words, the surest first: with the
// code of RFC 3463 beside it, then where a reply begins.
var codePatterns = []*regexp.Regexp{
	regexp.MustCompile(`(?m)(?:^|[^\d.])([45][0-5]\d)[ -]+#?([45]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\. )`),
	regexp.MustCompile(`(?m)(?:said|says|reply|replied|response|risposta|ha risposto|error|errore)[^\n]{0,40}?[: (]([45][0-5]\d)[ -]`),
	regexp.MustCompile(`(?m)(?:^|[:;>(])[ \t]*([45][0-5]\d)(?:[ -]|$)`),
}

var statusPattern = regexp.MustCompile(`(?:^|[^\d.])([45]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\. )`)

// codes reads a reply code and a status out of words; 0 and "" when there are
// none.
func codes(text string) (code int, status string) {
	for _, p := range codePatterns {
		m := p.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		code, _ = strconv.Atoi(m[1])
		if len(m) > 2 {
			return code, m[2]
		}
		break
	}
	if m := statusPattern.FindStringSubmatch(text); m != nil {
		status = m[1]
	}
	return code, status
}

// StatusOf is the code of RFC 3463 in a server's reply, or "".
func StatusOf(reply string) string {
	_, status := codes(reply)
	return status
}

// generic are the codes that leave the reason to the words beside them.
func generic(status string) bool {
	_, detail, _ := strings.Cut(status, ".")
	return status == "" || detail == "0.0" || detail == "5.0" || detail == "3.0" || detail == "1.0" || detail == "2.0"
}

// unknown are words for "there is no such mailbox" in the languages of our
// correspondents. They count only where the codes leave it open.
var unknown = regexp.MustCompile(`(?i)user unknown|unknown user|unknown recipient|no such (user|recipient|mailbox|person|account|address)|` +
	`(user|recipient|mailbox|account|address)( was| could)? not (be )?found|does(n't| not) exist|` +
	`no mailbox here|mailbox unavailable|invalid (recipient|mailbox|address)|unrouteable address|recipnotfound|recipientnotfound|` +
	`(account|mailbox|user)( is| has been)? (disabled|inactive|closed|deleted)|host or domain name not found|` +
	`utente sconosciuto|utente non trovato|destinatario (sconosciuto|inesistente)|indirizzo (inesistente|non valido|sconosciuto)|` +
	`casella (inesistente|non trovata|disabilitata|disattivata|chiusa)|dominio inesistente|non esiste|` +
	`adresse inconnue|utilisateur inconnu|empf(ä|ae)nger unbekannt|benutzer unbekannt|existiert nicht`)

// gone tells whether a refusal for good blames the address itself: RFC 3463's
// 1.x but for the two about the sender, a disabled mailbox, a domain that does
// not exist, and what RFC 7293 and Exchange say of owners. A full mailbox, a
// policy, a message too big or a judgement about its content does not: these
// may pass.
func gone(status string, code int, words string) bool {
	if strings.HasPrefix(status, "4.") || status == "" && code > 0 && code < 500 {
		return false
	}
	_, detail, _ := strings.Cut(status, ".")
	switch detail {
	case "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4", "4.310", "7.13", "7.17", "7.18":
		return true
	case "4.1": // Exchange Online, of recipients that its directory does not have
		return strings.Contains(strings.ToLower(words), "recipient address rejected")
	}
	return generic(status) && unknown.MatchString(words)
}

// isStatus tells whether a word is a code of RFC 3463.
func isStatus(word string) bool {
	m := statusPattern.FindStringSubmatch(word)
	return m != nil && m[1] == word || strings.HasPrefix(word, "2.")
}
