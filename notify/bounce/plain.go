package bounce

import (
	"regexp"
	"strings"
)

// daemons are the names under which servers write.
var daemons = regexp.MustCompile(`(?i)^(mailer-?daemon|mail-daemon|postmaster|mdaemon|microsoftexchange[0-9a-f]*|maildelivery|mail\.delivery)\b`)

// fromServer tells whether a server wrote the message, and not a person or a
// program on a person's behalf.
func (m message) fromServer() bool {
	if m.head.get("x-failed-recipients") != "" {
		return true
	}
	for _, a := range m.head.addresses("from") {
		if daemons.MatchString(a) {
			return true
		}
	}
	return false
}

// away are the subjects of those who are away, in four languages.
var away = regexp.MustCompile(`(?i)^\W*(re: *|r: *)?(auto(matic|mated)?[- ]?(reply|response|risposta)|autoreply|out of (the )?office|risposta automatica|` +
	`fuori (sede|ufficio)|assen(te|za)|in ferie|abwesenheit|automatische antwort|réponse automatique|absen(t|ce)|on (vacation|leave|holiday))`)

// answer recognises what a program writes for a person. A server's report may
// carry the same marks, and is none.
func (m message) answer() []Report {
	automatic := strings.HasPrefix(strings.ToLower(m.head.get("auto-submitted")), "auto-")
	for _, name := range []string{"x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation", "x-auto-response-suppress", "x-mail-autoreply"} {
		automatic = automatic || m.head.get(name) != ""
	}
	precedence := strings.ToLower(m.head.get("precedence"))
	automatic = automatic || strings.HasPrefix(precedence, "auto")
	if away.MatchString(m.head.words("subject")) || automatic && !m.fromServer() && !qmail.MatchString(m.text()) {
		return []Report{{Kind: AutoReply}}
	}
	return nil
}

// What marks a report in words alone, and a late one among these.
var (
	failure = regexp.MustCompile(`(?i)undeliver|not (be )?delivered|non-?delivery|deliver(y|ing) (status|failure|failed|error|problem|has failed)|` +
		`failure notice|returned (mail|to sender)|mail delivery (failed|system|subsystem)|failed to deliver|permanent error|` +
		`mancat[ao] (consegna|recapito)|non (è stato )?(possibile )?(consegna|recapita)|impossibile (consegnare|recapitare|inviare)|` +
		`messaggio (respinto|rifiutato|non)|unzustellbar|nicht zugestellt|non remis|échec de (la )?remise`)
	late = regexp.MustCompile(`(?i)\bdelayed\b|delay (notice|notification)|not yet been delivered|will (be retried|continue|keep trying|retry)|still (being )?(tried|trying)|` +
		`\bwarning:|no action is required|in ritardo|ritardat[ao]|(non è stat[ao]|non ancora) (ancora )?consegnat|verrà ritentat|nuovi? tentativ|verzögert|retardé`)
	final = regexp.MustCompile(`(?i)giv(en|ing) up|permanent(ly)? (error|failed|failure)|retry time(out)? exceeded|too long`)
	// qmail is the first line of reports in QSBMF, the format of qmail.
	qmail = regexp.MustCompile(`(?m)\A\s*Hi\. This is the `)
	// mailbox is a mail address in running text.
	mailbox = regexp.MustCompile(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
	// copies are the lines after which the returned message stands.
	copies = regexp.MustCompile(`(?im)^(-{2,} ?below this line is a copy.*|-{2,} ?this is a copy of .*|-{3,} ?(original message|messaggio originale|message header|returned message|transcript ends).*|` +
		`.{0,40}(copy of (your|the) message|il messaggio originale).{0,40}:?)$`)
)

// returned divides the text of a report from the message that it returns.
func returned(text string) (report, original string, found bool) {
	at := copies.FindStringIndex(text)
	if at == nil {
		return text, "", false
	}
	return text[:at[0]], text[at[1]:], true
}

// plain reads a report that is words only: qmail's, Exim's of before, and what
// gateways and providers write. It needs a server as author and a word for
// failure; an address or a code alone proves nothing.
func (m message) plain() []Report {
	text, _, _ := returned(m.text())
	subject := m.head.words("subject")
	if !qmail.MatchString(text) && (!m.fromServer() || !failure.MatchString(subject+"\n"+text) && !late.MatchString(subject)) {
		return nil
	}
	r := Report{Recipient: m.failed(text), Diagnostic: reason(text)}
	r.Code, r.Status = codes(text)
	if late.MatchString(subject) || r.Code < 500 && late.MatchString(text) && !final.MatchString(text) {
		r.judge("delayed")
	} else {
		r.judge("failed")
	}
	return []Report{r}
}

// failed is the address that a report in words is about.
func (m message) failed(text string) string {
	if list := m.head.addresses("x-failed-recipients"); len(list) > 0 {
		return address(list[0])
	}
	for _, a := range mailbox.FindAllString(text, 20) {
		if a = address(a); a != "" && !strings.Contains(a, mark) && !daemons.MatchString(a) {
			return a
		}
	}
	return ""
}

// reason is the paragraph that holds a server's reply, or the last of the text.
func reason(text string) string {
	best := ""
	for p := range strings.SplitSeq(text, "\n\n") {
		if strings.TrimSpace(p) == "" {
			continue
		}
		if best = p; codePatterns[0].MatchString(p) || unknown.MatchString(p) {
			return p
		}
	}
	return best
}
