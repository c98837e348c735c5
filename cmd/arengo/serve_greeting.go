package main

import (
	"fmt"
	"io"
	"strings"

	"arengo/fixtures"
)

// roleNames are the roles as the terminal says them.
var roleNames = map[string]string{
	"promoter": "promotrice del percorso", "facilitator": "facilitazione", "editor": "redazione",
	"expert": "analisi", "administrator": "amministrazione della piattaforma",
}

// greet tells the person at the terminal where everything is.
func greet(out io.Writer, s *ownServers) {
	var b strings.Builder
	fmt.Fprintf(&b, "\nArengo è pronto.\n\n")
	fmt.Fprintf(&b, "  Sito           %s\n", s.config.BaseURL)
	fmt.Fprintf(&b, "  Posta di prova %s  (i messaggi restano qui, nessuno viene spedito)\n\n", s.mailboxURL)
	if d, err := fixtures.LoadDemo("siena"); err == nil {
		fmt.Fprintf(&b, "Per entrare: apri %s/accedi, scrivi uno di questi indirizzi,\n", s.config.BaseURL)
		fmt.Fprintf(&b, "poi apri il link che arriva nella posta di prova.\n\n")
		for _, p := range d.People {
			names := make([]string, len(p.Roles))
			for i, r := range p.Roles {
				names[i] = roleNames[r]
			}
			fmt.Fprintf(&b, "  %-32s %s, %s\n", p.Email, p.Name, strings.Join(names, ", "))
		}
	}
	fmt.Fprintf(&b, "\nI dati sono in %s. Ctrl-C per fermare.\n\n", s.servers.Dir())
	_, _ = io.WriteString(out, b.String()) // a closed terminal is no reason to stop
}
