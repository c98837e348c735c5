package bounce

import (
	"regexp"
	"strings"
)

// receipts are what certified mail (PEC) says about a message in X-Ricevuta, and
// what that means; see the technical rules of certified mail, decree of
// 2 November 2005, 6.3-6.5. The others, such as avvenuta-consegna, are good news.
var receipts = map[string]Kind{
	"errore-consegna":           Permanent,
	"non-accettazione":          Permanent,
	"rilevazione-virus":         Permanent,
	"preavviso-errore-consegna": Temporary,
}

// The fields of the XML beside a receipt that interest us.
var (
	extended  = regexp.MustCompile(`(?s)<errore-esteso>(.*?)</errore-esteso>`)
	consigned = regexp.MustCompile(`(?s)<consegna>(.*?)</consegna>`)
	blame     = regexp.MustCompile(`<postacert[^>]*\berrore="(no-dest|no-dominio)"`)
)

// receipt reads what a provider of certified mail tells.
func (m message) receipt() []Report {
	word := strings.ToLower(strings.TrimSpace(m.head.get("x-ricevuta")))
	if word == "" {
		return nil
	}
	r := Report{Kind: Ignored, Diagnostic: word}
	if kind, known := receipts[word]; known {
		r.Kind = kind
	}
	xml, _ := m.body("application/xml", "text/xml")
	if found := extended.FindStringSubmatch(xml); found != nil {
		r.Diagnostic = found[1]
		r.Code, r.Status = codes(found[1])
	}
	if found := consigned.FindStringSubmatch(xml); found != nil {
		r.Recipient = address(found[1])
	}
	r.Gone = r.Kind == Permanent && (blame.MatchString(xml) || gone(r.Status, r.Code, r.Diagnostic))
	return []Report{r}
}
